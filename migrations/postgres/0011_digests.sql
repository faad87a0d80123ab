-- Mail to people about deadlines: who wants what, what waits for them, and each mail. The same file exists under
-- migrations/sqlite.

CREATE TABLE notification_recipients (
    id         TEXT COLLATE "C" PRIMARY KEY,
    address    TEXT COLLATE "C" NOT NULL,
    name       TEXT,
    -- Lists of values of which a task must have one each; an empty list means any.
    owners     JSONB NOT NULL DEFAULT '[]',
    categories JSONB NOT NULL DEFAULT '[]',
    mailboxes  JSONB NOT NULL DEFAULT '[]',
    -- `warning`, `breach`, `alert`, `escalated`.
    events     JSONB NOT NULL,
    mode       TEXT COLLATE "C" NOT NULL CHECK (mode IN ('immediate', 'digest')),
    -- When digests are sent, and the zone it is read in.
    cron       TEXT,
    tz         TEXT,
    -- `from`, `to` and `tz` of the hours without mail.
    quiet      JSONB,
    paused     BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMPTZ NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- A mail to one recipient, planned for one instant.
CREATE TABLE digests (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient_id TEXT COLLATE "C" NOT NULL REFERENCES notification_recipients (id) ON DELETE CASCADE,
    at           TIMESTAMPTZ NOT NULL,
    -- `waiting` takes further lines; `sending` does no more.
    state        TEXT COLLATE "C" NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'dead', 'dropped')),
    job_seq      BIGINT,
    last_error   TEXT,
    finished_at  TIMESTAMPTZ,
    UNIQUE (recipient_id, at)
);
CREATE INDEX digests_finished ON digests (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE digest_lines (
    recipient_id TEXT COLLATE "C" NOT NULL REFERENCES notification_recipients (id) ON DELETE CASCADE,
    event_id     BIGINT NOT NULL,
    digest_seq   BIGINT NOT NULL REFERENCES digests (seq) ON DELETE CASCADE,
    kind         TEXT COLLATE "C" NOT NULL,
    task_id      TEXT COLLATE "C" NOT NULL,
    title        TEXT NOT NULL,
    owner        TEXT,
    deadline     TIMESTAMPTZ,
    at           TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (recipient_id, event_id)
);
CREATE INDEX digest_lines_digest ON digest_lines (digest_seq, event_id);

-- One row: the last event of which it has been decided who is told by mail. None of those before the migration.
CREATE TABLE notification_cursor (
    one     SMALLINT PRIMARY KEY CHECK (one = 1),
    last_id BIGINT NOT NULL
);
INSERT INTO notification_cursor (one, last_id) SELECT 1, last_id FROM event_cursor WHERE one = 1;
