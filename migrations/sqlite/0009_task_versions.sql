-- Tasks as they were before each change, so that a task and the figures can be read as of an instant. The same file
-- exists under migrations/postgres.
--
-- A row is what a change replaced, and holds from its updated_at until valid_to; what a task is by now is in
-- workflow_tasks alone. Nothing has to be filled in for old tasks: since when their past is known is in task_past.
-- A column that is added to workflow_tasks is added here too, but for those that follow from others.

-- Differs because SQLite has no LIKE: the columns come with a query that finds nothing.
CREATE TABLE task_versions AS SELECT *, updated_at AS valid_to FROM workflow_tasks WHERE 0;
ALTER TABLE task_versions DROP COLUMN priority_rank;
ALTER TABLE task_versions DROP COLUMN search_text;
CREATE UNIQUE INDEX task_versions_version ON task_versions (task_id, version);
CREATE INDEX task_versions_valid_to ON task_versions (valid_to);

-- One row: the instant from which on every version is kept.
CREATE TABLE task_past (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    since TEXT NOT NULL
) STRICT;
INSERT INTO task_past (one, since) VALUES (1, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'));

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
       unixepoch(substr(created_at, 1, 19)) AS created,
       unixepoch(substr(sla_deadline, 1, 19)) AS due,
       CASE WHEN task_status = 'COMPLETED' THEN unixepoch(substr(completion_date, 1, 19)) END AS done,
       CASE WHEN task_status = 'COMPLETED' AND completion_date <= sla_deadline THEN 1 ELSE 0 END AS met,
       CASE WHEN task_status = 'COMPLETED'
            THEN (unixepoch(substr(completion_date, 1, 19)) - unixepoch(substr(created_at, 1, 19))) * 1000
                 + CAST(substr(completion_date, 21, 3) AS INTEGER) - CAST(substr(created_at, 21, 3) AS INTEGER)
       END AS spent_ms
FROM task_versions
WHERE deleted_at IS NULL;
