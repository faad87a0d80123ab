-- What could recur in each mail, which patterns a task bears, by what tasks are related, and what was found to be wrong
-- with them. Filled by the job mine-patterns; nothing has to be filled in for old mail. The same file exists under
-- migrations/sqlite.

CREATE TABLE email_structures (
    email_id   TEXT COLLATE "C" PRIMARY KEY REFERENCES emails (id),
    -- Edition of the reading; mails of an older one are read again.
    edition    SMALLINT NOT NULL,
    structures JSONB NOT NULL
);

-- Ids of workflow_patterns, the one that says most first.
CREATE TABLE task_patterns (
    task_id  TEXT COLLATE "C" PRIMARY KEY,
    patterns JSONB NOT NULL
);

-- Numbers, customers and people of a task in normal form, such as po:45018823, as of the last time it was looked at.
CREATE TABLE task_traits (
    trait   TEXT COLLATE "C" NOT NULL,
    task_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (trait, task_id)
);
CREATE INDEX task_traits_task ON task_traits (task_id);

CREATE TABLE workflow_findings (
    id           TEXT COLLATE "C" PRIMARY KEY,
    -- duplicate-order or po-conflict.
    kind         TEXT COLLATE "C" NOT NULL,
    -- open, dismissed, or resolved because it no longer holds.
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'dismissed', 'resolved')),
    task_ids     JSONB NOT NULL,
    -- One sentence for people.
    detail       TEXT NOT NULL,
    found_at     TIMESTAMPTZ NOT NULL,
    dismissed_by TEXT,
    dismissed_at TIMESTAMPTZ,
    reason       TEXT
);
CREATE INDEX workflow_findings_found ON workflow_findings (found_at, id);

CREATE TABLE finding_tasks (
    task_id    TEXT COLLATE "C" NOT NULL,
    finding_id TEXT COLLATE "C" NOT NULL REFERENCES workflow_findings (id),
    PRIMARY KEY (task_id, finding_id)
);

-- How far the job has looked: tasks changed up to an instant, and what the patterns were last found in.
CREATE TABLE mining_state (
    one        SMALLINT PRIMARY KEY CHECK (one = 1),
    traits_to  TIMESTAMPTZ,
    mined      TEXT
);
INSERT INTO mining_state (one) VALUES (1);
