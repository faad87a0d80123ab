-- What reads of figures and changes of tasks cost. The same file exists under migrations/sqlite.

-- The tasks that a cut of deadlines leaves to be counted one by one: all that is asked of them is here.
DROP INDEX workflow_tasks_deadline;
CREATE INDEX workflow_tasks_deadline ON workflow_tasks (sla_deadline, task_id)
    INCLUDE (task_status, workflow_category, current_owner, owner_email)
    WHERE deleted_at IS NULL;

-- The open tasks of an owner are found by workflow_tasks_owner_value as well.
DROP INDEX workflow_tasks_open_owner;
