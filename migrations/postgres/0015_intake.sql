-- Mailboxes: what is known of each, where its mail is fetched from, and how far that has come. What becomes of mail that
-- was kept apart. The same file exists under migrations/sqlite.

CREATE TABLE mailboxes (
    -- As in emails.mailbox and workflow_tasks.mailbox_source.
    name                TEXT COLLATE "C" PRIMARY KEY,
    display             TEXT,
    default_owner       TEXT,
    default_owner_email TEXT,
    own_domains         JSONB NOT NULL,
    category            TEXT COLLATE "C",
    category_use        TEXT NOT NULL CHECK (category_use IN ('default', 'forced')),
    review_below        DOUBLE PRECISION NOT NULL CHECK (review_below >= 0 AND review_below <= 1),
    -- Mails an hour from one sender about one subject; 0 for any number.
    flood_per_hour      BIGINT NOT NULL CHECK (flood_per_hour >= 0),
    enabled             BOOLEAN NOT NULL,
    -- Names the environment variable or the file that holds a password, never the password.
    source              JSONB NOT NULL,
    version             BIGINT NOT NULL,
    updated_at          TIMESTAMPTZ NOT NULL,
    -- How far fetching has come.
    last_polled_at      TIMESTAMPTZ,
    last_success_at     TIMESTAMPTZ,
    last_error          TEXT,
    failures            BIGINT NOT NULL DEFAULT 0,
    next_poll_at        TIMESTAMPTZ,
    uidvalidity         BIGINT,
    last_uid            BIGINT NOT NULL DEFAULT 0,
    -- Mails that are in a batch, of which the server was not told yet: their UIDs.
    unacknowledged      JSONB NOT NULL DEFAULT '[]',
    fetched             BIGINT NOT NULL DEFAULT 0,
    last_batch_id       TEXT COLLATE "C"
);

-- Files of a watched folder: as they looked at the last poll, and whether their mail is in a batch.
CREATE TABLE mailbox_files (
    mailbox     TEXT COLLATE "C" NOT NULL REFERENCES mailboxes (name) ON DELETE CASCADE,
    name        TEXT COLLATE "C" NOT NULL,
    size        BIGINT NOT NULL,
    modified_ms BIGINT NOT NULL,
    taken       BOOLEAN NOT NULL,
    PRIMARY KEY (mailbox, name)
);

-- How a batch came in.
ALTER TABLE batches ADD COLUMN origin TEXT COLLATE "C" NOT NULL DEFAULT 'upload';

-- Sender and subject, hashed, and the instant a mail counts at.
ALTER TABLE emails ADD COLUMN flood_key TEXT COLLATE "C";
ALTER TABLE emails ADD COLUMN flood_at TIMESTAMPTZ;
-- How often it was put back to work after it had been kept apart.
ALTER TABLE emails ADD COLUMN replays BIGINT NOT NULL DEFAULT 0;
CREATE INDEX emails_flood ON emails (mailbox, flood_key, flood_at) WHERE flood_key IS NOT NULL;
CREATE INDEX emails_quarantined ON emails (received_at, batch_id, position) WHERE outcome = 'quarantined';
