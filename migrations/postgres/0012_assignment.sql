-- People, teams, and the indexes by which open tasks are counted and given out. The same file exists under
-- migrations/sqlite.

CREATE TABLE teams (
    name       TEXT COLLATE "C" PRIMARY KEY,
    strategy   TEXT NOT NULL CHECK (strategy IN ('round_robin', 'least_loaded')),
    -- What it serves; an empty list is everything.
    categories JSONB NOT NULL,
    mailboxes  JSONB NOT NULL,
    -- Teams are asked in this order.
    position   BIGINT NOT NULL,
    reassign_on_absence BOOLEAN NOT NULL,
    version    BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE people (
    -- As in workflow_tasks.current_owner.
    name       TEXT COLLATE "C" PRIMARY KEY,
    email      TEXT,
    team       TEXT COLLATE "C" REFERENCES teams (name),
    capacity   BIGINT NOT NULL CHECK (capacity >= 0),
    skills     JSONB NOT NULL,
    absences   JSONB NOT NULL,
    zone       TEXT,
    active     BOOLEAN NOT NULL,
    -- Grows with each task that is given out; 0 before the first.
    last_turn  BIGINT NOT NULL DEFAULT 0,
    version    BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX people_team ON people (team);

-- An open task is in one of these two.
CREATE INDEX workflow_tasks_open_owner ON workflow_tasks (current_owner)
    WHERE current_owner IS NOT NULL AND task_status <> 'COMPLETED' AND deleted_at IS NULL;
CREATE INDEX workflow_tasks_waiting
    ON workflow_tasks (workflow_category, priority_rank, (sla_deadline IS NULL), sla_deadline, created_at, task_id)
    WHERE current_owner IS NULL AND task_status <> 'COMPLETED' AND deleted_at IS NULL;
