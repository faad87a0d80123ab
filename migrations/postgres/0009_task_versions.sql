-- Tasks as they were before each change, so that a task and the figures can be read as of an instant. The same file
-- exists under migrations/sqlite.
--
-- A row is what a change replaced, and holds from its updated_at until valid_to; what a task is by now is in
-- workflow_tasks alone. Nothing has to be filled in for old tasks: since when their past is known is in task_past.
-- A column that is added to workflow_tasks is added here too, but for those that follow from others.

CREATE TABLE task_versions (LIKE workflow_tasks);
ALTER TABLE task_versions DROP COLUMN priority_rank;
ALTER TABLE task_versions DROP COLUMN search_text;
ALTER TABLE task_versions ADD COLUMN valid_to TIMESTAMPTZ NOT NULL;
ALTER TABLE task_versions ADD PRIMARY KEY (task_id, version);
CREATE INDEX task_versions_valid_to ON task_versions (valid_to);

-- One row: the instant from which on every version is kept.
CREATE TABLE task_past (
    one   SMALLINT PRIMARY KEY CHECK (one = 1),
    since TIMESTAMPTZ NOT NULL
);
INSERT INTO task_past (one, since) VALUES (1, DATE_TRUNC('milliseconds', CURRENT_TIMESTAMP));

-- What of a version counted while it held.
CREATE VIEW version_marks AS
SELECT task_id,
       version,
       created_at,
       updated_at,
       sla_deadline,
       completion_date,
       valid_to,
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
       CASE WHEN task_status = 'COMPLETED'
            THEN CAST(ROUND(EXTRACT(EPOCH FROM completion_date - created_at) * 1000) AS BIGINT) END AS spent_ms
FROM task_versions
WHERE deleted_at IS NULL;
