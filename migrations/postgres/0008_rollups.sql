-- Sums that the figures are read from, so that a read costs the same at any number of tasks. The same file exists under
-- migrations/sqlite.
--
-- The key of a cell is a function of the task alone, never of the time of the read: what enters and what leaves a cell
-- commute, and a rebuild gives the same table. A figure about 'now' is the sum of the whole buckets inside its span; the
-- two that its edges cut are counted from workflow_tasks, through the index of that instant.
--
-- A series says which columns of the key a cell has; the others are ''. all: by category, status and priority.
-- created, completed: by category and bucket. due: by category, fate (in status) and bucket. owner: open tasks by
-- owner, category and status. owner_due: open tasks by owner and bucket. A bucket is the second since 1970 it begins
-- at, width its seconds. An owner that is not there is ''.

CREATE TABLE task_rollups (
    series      TEXT COLLATE "C" NOT NULL,
    width       BIGINT NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    bucket      BIGINT NOT NULL,
    category    TEXT COLLATE "C" NOT NULL,
    priority    TEXT COLLATE "C" NOT NULL,
    owner       TEXT COLLATE "C" NOT NULL,
    owner_email TEXT COLLATE "C" NOT NULL,
    n           BIGINT NOT NULL,
    cents       BIGINT NOT NULL,
    red         BIGINT NOT NULL,
    done        BIGINT NOT NULL,
    -- Completed ones with a deadline, and those of them that met it.
    due         BIGINT NOT NULL,
    met         BIGINT NOT NULL,
    -- Completed ones whose completion is dated, and what they took.
    timed       BIGINT NOT NULL,
    spent_ms    BIGINT NOT NULL,
    PRIMARY KEY (series, width, status, bucket, category, priority, owner, owner_email)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- What changes do to the cells: -1 for the task as it was, 1 as it is. Written with the change, so that no two changes
-- wait for one cell; a job adds them up. What is read is the cells and these.
CREATE TABLE rollup_deltas (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sign        BIGINT NOT NULL,
    category    TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    priority    TEXT COLLATE "C" NOT NULL,
    owner       TEXT COLLATE "C" NOT NULL,
    owner_email TEXT COLLATE "C" NOT NULL,
    cents       BIGINT NOT NULL,
    -- Seconds since 1970.
    created     BIGINT NOT NULL,
    due         BIGINT,
    done        BIGINT,
    met         BIGINT NOT NULL,
    spent_ms    BIGINT
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- One row: whose lock lets one fold at a time, and what the last comparison with the tasks found.
CREATE TABLE rollup_state (
    one           SMALLINT PRIMARY KEY CHECK (one = 1),
    -- Comparisons so far: whoever repairs must be the first to do so since it looked.
    comparisons   BIGINT NOT NULL,
    reconciled_at TIMESTAMPTZ,
    result        JSONB
);
INSERT INTO rollup_state (one, comparisons) VALUES (1, 0);

-- For the edges of spans of completion, and for the extremes, which no sum can give.
CREATE INDEX workflow_tasks_completed ON workflow_tasks (completion_date, task_id)
    WHERE deleted_at IS NULL AND completion_date IS NOT NULL;
CREATE INDEX workflow_tasks_category_value ON workflow_tasks (workflow_category, dollar_value)
    WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_owner_value ON workflow_tasks
    (COALESCE(current_owner, ''), COALESCE(owner_email, ''), dollar_value)
    WHERE deleted_at IS NULL AND task_status IN ('RED', 'YELLOW', 'GREEN');
CREATE INDEX workflow_tasks_owner_deadline ON workflow_tasks
    (COALESCE(current_owner, ''), COALESCE(owner_email, ''), sla_deadline)
    WHERE deleted_at IS NULL AND task_status IN ('RED', 'YELLOW', 'GREEN');

-- What of a live task counts.
CREATE VIEW task_marks AS
SELECT task_id,
       version,
       created_at,
       updated_at,
       sla_deadline,
       completion_date,
       1 AS sign,
       workflow_category AS category,
       task_status AS status,
       priority,
       COALESCE(current_owner, '') AS owner,
       COALESCE(owner_email, '') AS owner_email,
       dollar_value AS cents,
       CAST(FLOOR(EXTRACT(EPOCH FROM created_at)) AS BIGINT) AS created,
       CAST(FLOOR(EXTRACT(EPOCH FROM sla_deadline)) AS BIGINT) AS due,
       CASE WHEN task_status = 'COMPLETED'
            THEN CAST(FLOOR(EXTRACT(EPOCH FROM completion_date)) AS BIGINT) END AS done,
       CASE WHEN task_status = 'COMPLETED' AND completion_date <= sla_deadline THEN 1 ELSE 0 END AS met,
       -- Both instants have whole milliseconds, so rounding takes away only what a float added.
       CASE WHEN task_status = 'COMPLETED'
            THEN CAST(ROUND(EXTRACT(EPOCH FROM completion_date - created_at) * 1000) AS BIGINT) END AS spent_ms
FROM workflow_tasks
WHERE deleted_at IS NULL;

-- The cells of every live task, and below those of every delta.
CREATE VIEW task_cells AS
WITH kinds (series, width) AS (
    VALUES ('all', 0), ('created', 900), ('created', 86400), ('completed', 900), ('completed', 86400), ('due', 900),
           ('due', 86400), ('owner', 0), ('owner_due', 3600), ('owner_due', 86400)
)
SELECT kinds.series,
       CAST(kinds.width AS BIGINT) AS width,
       CASE WHEN kinds.series IN ('all', 'owner') THEN marks.status
            WHEN kinds.series <> 'due' THEN ''
            WHEN marks.status <> 'COMPLETED' THEN 'open'
            WHEN marks.done IS NULL THEN 'undated'
            WHEN marks.met = 1 THEN 'met'
            ELSE 'missed' END AS status,
       CASE kinds.series WHEN 'created' THEN marks.created / kinds.width * kinds.width
                         WHEN 'completed' THEN marks.done / kinds.width * kinds.width
                         WHEN 'due' THEN marks.due / kinds.width * kinds.width
                         WHEN 'owner_due' THEN marks.due / kinds.width * kinds.width
                         ELSE 0 END AS bucket,
       CASE WHEN kinds.series = 'owner_due' THEN '' ELSE marks.category END AS category,
       CASE WHEN kinds.series = 'all' THEN marks.priority ELSE '' END AS priority,
       CASE WHEN kinds.series IN ('owner', 'owner_due') THEN marks.owner ELSE '' END AS owner,
       CASE WHEN kinds.series IN ('owner', 'owner_due') THEN marks.owner_email ELSE '' END AS owner_email,
       marks.sign AS n,
       marks.sign * marks.cents AS cents,
       CASE WHEN marks.status = 'RED' THEN marks.sign ELSE 0 END AS red,
       CASE WHEN marks.status = 'COMPLETED' THEN marks.sign ELSE 0 END AS done,
       CASE WHEN marks.status = 'COMPLETED' AND marks.due IS NOT NULL THEN marks.sign ELSE 0 END AS due,
       marks.sign * marks.met AS met,
       CASE WHEN marks.done IS NOT NULL THEN marks.sign ELSE 0 END AS timed,
       marks.sign * COALESCE(marks.spent_ms, 0) AS spent_ms
FROM task_marks AS marks
CROSS JOIN kinds
WHERE CASE kinds.series WHEN 'completed' THEN marks.done IS NOT NULL
                        WHEN 'due' THEN marks.due IS NOT NULL
                        WHEN 'owner' THEN marks.status <> 'COMPLETED'
                        WHEN 'owner_due' THEN marks.status <> 'COMPLETED' AND marks.due IS NOT NULL
                        ELSE TRUE END;

CREATE VIEW rollup_delta_cells AS
WITH kinds (series, width) AS (
    VALUES ('all', 0), ('created', 900), ('created', 86400), ('completed', 900), ('completed', 86400), ('due', 900),
           ('due', 86400), ('owner', 0), ('owner_due', 3600), ('owner_due', 86400)
)
SELECT marks.id,
       kinds.series,
       CAST(kinds.width AS BIGINT) AS width,
       CASE WHEN kinds.series IN ('all', 'owner') THEN marks.status
            WHEN kinds.series <> 'due' THEN ''
            WHEN marks.status <> 'COMPLETED' THEN 'open'
            WHEN marks.done IS NULL THEN 'undated'
            WHEN marks.met = 1 THEN 'met'
            ELSE 'missed' END AS status,
       CASE kinds.series WHEN 'created' THEN marks.created / kinds.width * kinds.width
                         WHEN 'completed' THEN marks.done / kinds.width * kinds.width
                         WHEN 'due' THEN marks.due / kinds.width * kinds.width
                         WHEN 'owner_due' THEN marks.due / kinds.width * kinds.width
                         ELSE 0 END AS bucket,
       CASE WHEN kinds.series = 'owner_due' THEN '' ELSE marks.category END AS category,
       CASE WHEN kinds.series = 'all' THEN marks.priority ELSE '' END AS priority,
       CASE WHEN kinds.series IN ('owner', 'owner_due') THEN marks.owner ELSE '' END AS owner,
       CASE WHEN kinds.series IN ('owner', 'owner_due') THEN marks.owner_email ELSE '' END AS owner_email,
       marks.sign AS n,
       marks.sign * marks.cents AS cents,
       CASE WHEN marks.status = 'RED' THEN marks.sign ELSE 0 END AS red,
       CASE WHEN marks.status = 'COMPLETED' THEN marks.sign ELSE 0 END AS done,
       CASE WHEN marks.status = 'COMPLETED' AND marks.due IS NOT NULL THEN marks.sign ELSE 0 END AS due,
       marks.sign * marks.met AS met,
       CASE WHEN marks.done IS NOT NULL THEN marks.sign ELSE 0 END AS timed,
       marks.sign * COALESCE(marks.spent_ms, 0) AS spent_ms
FROM rollup_deltas AS marks
CROSS JOIN kinds
WHERE CASE kinds.series WHEN 'completed' THEN marks.done IS NOT NULL
                        WHEN 'due' THEN marks.due IS NOT NULL
                        WHEN 'owner' THEN marks.status <> 'COMPLETED'
                        WHEN 'owner_due' THEN marks.status <> 'COMPLETED' AND marks.due IS NOT NULL
                        ELSE TRUE END;

-- An existing database has its sums before the first process that reads them.
INSERT INTO task_rollups
SELECT series, width, status, bucket, category, priority, owner, owner_email, SUM(n), SUM(cents), SUM(red), SUM(done),
       SUM(due), SUM(met), SUM(timed), SUM(spent_ms)
FROM task_cells
GROUP BY series, width, status, bucket, category, priority, owner, owner_email;
