-- What people say about tasks and who follows them, and tickets for the socket. The same file exists under
-- migrations/postgres.

CREATE TABLE task_comments (
    -- Order of writing, which for one task is the order accepted.
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    task_id    TEXT NOT NULL REFERENCES workflow_tasks (task_id),
    author     TEXT NOT NULL,
    text       TEXT NOT NULL,
    mentions   TEXT NOT NULL DEFAULT '[]',
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX task_comments_task ON task_comments (task_id, seq);

CREATE TABLE task_watchers (
    task_id  TEXT NOT NULL REFERENCES workflow_tasks (task_id),
    name     TEXT NOT NULL,
    since    TEXT NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (task_id, name)
) STRICT;
CREATE INDEX task_watchers_name ON task_watchers (name, task_id);

-- Who watched the task when the event was written: filtered by like `matches`, which the change itself decides.
ALTER TABLE workflow_events ADD COLUMN watchers TEXT NOT NULL DEFAULT '[]';

CREATE INDEX workflow_patterns_support ON workflow_patterns (support DESC, signature);

-- Each opens one socket. Of the ticket only the SHA-256 is here, so that who reads the table cannot use it.
CREATE TABLE ws_tickets (
    hash       TEXT PRIMARY KEY,
    principal  TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX ws_tickets_expires ON ws_tickets (expires_at);
