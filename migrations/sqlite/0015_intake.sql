-- Mailboxes: what is known of each, where its mail is fetched from, and how far that has come. What becomes of mail that
-- was kept apart. The same file exists under migrations/postgres.

CREATE TABLE mailboxes (
    -- As in emails.mailbox and workflow_tasks.mailbox_source.
    name                TEXT PRIMARY KEY,
    display             TEXT,
    default_owner       TEXT,
    default_owner_email TEXT,
    own_domains         TEXT NOT NULL,
    category            TEXT,
    category_use        TEXT NOT NULL CHECK (category_use IN ('default', 'forced')),
    review_below        REAL NOT NULL CHECK (review_below >= 0 AND review_below <= 1),
    -- Mails an hour from one sender about one subject; 0 for any number.
    flood_per_hour      INTEGER NOT NULL CHECK (flood_per_hour >= 0),
    enabled             INTEGER NOT NULL,
    -- Names the environment variable or the file that holds a password, never the password.
    source              TEXT NOT NULL,
    version             INTEGER NOT NULL,
    updated_at          TEXT NOT NULL,
    -- How far fetching has come.
    last_polled_at      TEXT,
    last_success_at     TEXT,
    last_error          TEXT,
    failures            INTEGER NOT NULL DEFAULT 0,
    next_poll_at        TEXT,
    uidvalidity         INTEGER,
    last_uid            INTEGER NOT NULL DEFAULT 0,
    -- Mails that are in a batch, of which the server was not told yet: their UIDs.
    unacknowledged      TEXT NOT NULL DEFAULT '[]',
    fetched             INTEGER NOT NULL DEFAULT 0,
    last_batch_id       TEXT
) STRICT;

-- Files of a watched folder: as they looked at the last poll, and whether their mail is in a batch.
CREATE TABLE mailbox_files (
    mailbox     TEXT NOT NULL REFERENCES mailboxes (name) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    size        INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    taken       INTEGER NOT NULL,
    PRIMARY KEY (mailbox, name)
) STRICT;

-- How a batch came in.
ALTER TABLE batches ADD COLUMN origin TEXT NOT NULL DEFAULT 'upload';

-- Sender and subject, hashed, and the instant a mail counts at.
ALTER TABLE emails ADD COLUMN flood_key TEXT;
ALTER TABLE emails ADD COLUMN flood_at TEXT;
-- How often it was put back to work after it had been kept apart.
ALTER TABLE emails ADD COLUMN replays INTEGER NOT NULL DEFAULT 0;
CREATE INDEX emails_flood ON emails (mailbox, flood_key, flood_at) WHERE flood_key IS NOT NULL;
CREATE INDEX emails_quarantined ON emails (received_at, batch_id, position) WHERE outcome = 'quarantined';
