-- What reads of figures and changes of tasks cost. The same file exists under migrations/postgres.

-- Differs by necessity: PostgreSQL has no tables in the order of their key. A range of cells is read as one piece, and not
-- cell by cell through an index. There are far fewer cells than tasks.
CREATE TABLE task_rollups_by_key (
    series      TEXT NOT NULL,
    width       INTEGER NOT NULL,
    status      TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    category    TEXT NOT NULL,
    priority    TEXT NOT NULL,
    owner       TEXT NOT NULL,
    owner_email TEXT NOT NULL,
    n           INTEGER NOT NULL,
    cents       INTEGER NOT NULL,
    red         INTEGER NOT NULL,
    done        INTEGER NOT NULL,
    -- Completed ones with a deadline, and those of them that met it.
    due         INTEGER NOT NULL,
    met         INTEGER NOT NULL,
    -- Completed ones whose completion is dated, and what they took.
    timed       INTEGER NOT NULL,
    spent_ms    INTEGER NOT NULL,
    PRIMARY KEY (series, width, status, bucket, category, priority, owner, owner_email)
) STRICT, WITHOUT ROWID;
INSERT INTO task_rollups_by_key
SELECT series, width, status, bucket, category, priority, owner, owner_email, n, cents, red, done, due, met, timed,
       spent_ms
FROM task_rollups
ORDER BY series, width, status, bucket, category, priority, owner, owner_email;
DROP TABLE task_rollups;
ALTER TABLE task_rollups_by_key RENAME TO task_rollups;

-- The tasks that a cut of deadlines leaves to be counted one by one: all that is asked of them is here.
DROP INDEX workflow_tasks_deadline;
CREATE INDEX workflow_tasks_deadline ON workflow_tasks
    (sla_deadline, task_id, task_status, workflow_category, current_owner, owner_email)
    WHERE deleted_at IS NULL;

-- The open tasks of an owner are found by workflow_tasks_owner_value as well.
DROP INDEX workflow_tasks_open_owner;
