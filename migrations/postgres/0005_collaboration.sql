-- What people say about tasks and who follows them, and tickets for the socket. The same file exists under
-- migrations/sqlite.

CREATE TABLE task_comments (
    -- Order of writing, which for one task is the order accepted.
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         TEXT COLLATE "C" NOT NULL UNIQUE,
    task_id    TEXT COLLATE "C" NOT NULL REFERENCES workflow_tasks (task_id),
    author     TEXT COLLATE "C" NOT NULL,
    text       TEXT NOT NULL,
    mentions   JSONB NOT NULL DEFAULT '[]',
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX task_comments_task ON task_comments (task_id, seq);

CREATE TABLE task_watchers (
    task_id  TEXT COLLATE "C" NOT NULL REFERENCES workflow_tasks (task_id),
    name     TEXT COLLATE "C" NOT NULL,
    since    TIMESTAMPTZ NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (task_id, name)
);
CREATE INDEX task_watchers_name ON task_watchers (name, task_id);

-- Who watched the task when the event was written: filtered by like `matches`, which the change itself decides.
ALTER TABLE workflow_events ADD COLUMN watchers JSONB NOT NULL DEFAULT '[]';

CREATE INDEX workflow_patterns_support ON workflow_patterns (support DESC, signature);

-- Each opens one socket. Of the ticket only the SHA-256 is here, so that who reads the table cannot use it.
CREATE TABLE ws_tickets (
    hash       TEXT COLLATE "C" PRIMARY KEY,
    principal  TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ws_tickets_expires ON ws_tickets (expires_at);
