-- Mail to people about deadlines: who wants what, what waits for them, and each mail. The same file exists under
-- migrations/postgres.

CREATE TABLE notification_recipients (
    id         TEXT PRIMARY KEY,
    address    TEXT NOT NULL,
    name       TEXT,
    -- Lists of values of which a task must have one each; an empty list means any.
    owners     TEXT NOT NULL DEFAULT '[]',
    categories TEXT NOT NULL DEFAULT '[]',
    mailboxes  TEXT NOT NULL DEFAULT '[]',
    -- `warning`, `breach`, `alert`, `escalated`.
    events     TEXT NOT NULL,
    mode       TEXT NOT NULL CHECK (mode IN ('immediate', 'digest')),
    -- When digests are sent, and the zone it is read in.
    cron       TEXT,
    tz         TEXT,
    -- `from`, `to` and `tz` of the hours without mail.
    quiet      TEXT,
    paused     INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- A mail to one recipient, planned for one instant.
CREATE TABLE digests (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient_id TEXT NOT NULL REFERENCES notification_recipients (id) ON DELETE CASCADE,
    at           TEXT NOT NULL,
    -- `waiting` takes further lines; `sending` does no more.
    state        TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'dead', 'dropped')),
    job_seq      INTEGER,
    last_error   TEXT,
    finished_at  TEXT,
    UNIQUE (recipient_id, at)
) STRICT;
CREATE INDEX digests_finished ON digests (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE digest_lines (
    recipient_id TEXT NOT NULL REFERENCES notification_recipients (id) ON DELETE CASCADE,
    event_id     INTEGER NOT NULL,
    digest_seq   INTEGER NOT NULL REFERENCES digests (seq) ON DELETE CASCADE,
    kind         TEXT NOT NULL,
    task_id      TEXT NOT NULL,
    title        TEXT NOT NULL,
    owner        TEXT,
    deadline     TEXT,
    at           TEXT NOT NULL,
    PRIMARY KEY (recipient_id, event_id)
) STRICT;
CREATE INDEX digest_lines_digest ON digest_lines (digest_seq, event_id);

-- One row: the last event of which it has been decided who is told by mail. None of those before the migration.
CREATE TABLE notification_cursor (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    last_id INTEGER NOT NULL
) STRICT;
INSERT INTO notification_cursor (one, last_id) SELECT 1, last_id FROM event_cursor WHERE one = 1;
