-- Which tasks were merged into which, and which mails were split off, so that it can be undone and late readers are led
-- to the task that is left. The same file exists under migrations/sqlite.

CREATE TABLE regroupings (
    id        TEXT COLLATE "C" PRIMARY KEY,
    -- merge or split.
    kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('merge', 'split')),
    -- The task that is left, or that was split.
    task_id   TEXT COLLATE "C" NOT NULL,
    -- Tasks that were merged into it, or the one that was split off.
    others    JSONB NOT NULL,
    -- Mails and comments that moved, each with the task it was taken from.
    emails    JSONB NOT NULL DEFAULT '[]',
    comments  JSONB NOT NULL DEFAULT '[]',
    -- Fields of task_id that it replaced, and what it put there.
    was       JSONB NOT NULL,
    became    JSONB NOT NULL,
    reason    TEXT,
    made_by   TEXT NOT NULL,
    made_at   TIMESTAMPTZ NOT NULL,
    undone_by TEXT,
    undone_at TIMESTAMPTZ
);
CREATE INDEX regroupings_task ON regroupings (task_id, made_at);

-- Where a task that is gone went. A task that comes back leaves this table.
CREATE TABLE merged_tasks (
    task_id     TEXT COLLATE "C" PRIMARY KEY,
    into_task   TEXT COLLATE "C" NOT NULL,
    regrouping  TEXT COLLATE "C" NOT NULL REFERENCES regroupings (id)
);

CREATE INDEX email_links_task ON email_links (task_id, email_id);
