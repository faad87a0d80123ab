-- What could recur in each mail, which patterns a task bears, by what tasks are related, and what was found to be wrong
-- with them. Filled by the job mine-patterns; nothing has to be filled in for old mail. The same file exists under
-- migrations/postgres.

CREATE TABLE email_structures (
    email_id   TEXT PRIMARY KEY REFERENCES emails (id),
    -- Edition of the reading; mails of an older one are read again.
    edition    INTEGER NOT NULL,
    structures TEXT NOT NULL
) STRICT;

-- Ids of workflow_patterns, the one that says most first.
CREATE TABLE task_patterns (
    task_id  TEXT PRIMARY KEY,
    patterns TEXT NOT NULL
) STRICT;

-- Numbers, customers and people of a task in normal form, such as po:45018823, as of the last time it was looked at.
CREATE TABLE task_traits (
    trait   TEXT NOT NULL,
    task_id TEXT NOT NULL,
    PRIMARY KEY (trait, task_id)
) STRICT;
CREATE INDEX task_traits_task ON task_traits (task_id);

CREATE TABLE workflow_findings (
    id           TEXT PRIMARY KEY,
    -- duplicate-order or po-conflict.
    kind         TEXT NOT NULL,
    -- open, dismissed, or resolved because it no longer holds.
    state        TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'resolved')),
    task_ids     TEXT NOT NULL,
    -- One sentence for people.
    detail       TEXT NOT NULL,
    found_at     TEXT NOT NULL,
    dismissed_by TEXT,
    dismissed_at TEXT,
    reason       TEXT
) STRICT;
CREATE INDEX workflow_findings_found ON workflow_findings (found_at, id);

CREATE TABLE finding_tasks (
    task_id    TEXT NOT NULL,
    finding_id TEXT NOT NULL REFERENCES workflow_findings (id),
    PRIMARY KEY (task_id, finding_id)
) STRICT;

-- How far the job has looked: tasks changed up to an instant, and what the patterns were last found in.
CREATE TABLE mining_state (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    traits_to  TEXT,
    mined      TEXT
) STRICT;
INSERT INTO mining_state (one) VALUES (1);
