-- Models of how long tasks take, and what ranks open tasks by what they put at risk. The same file exists under
-- migrations/postgres.

CREATE TABLE forecast_models (
    revision    INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What was known at this instant; one model an instant, so that a job that runs twice leaves one.
    fitted_at   TEXT NOT NULL UNIQUE,
    window_from TEXT NOT NULL,
    tasks       INTEGER NOT NULL,
    completed   INTEGER NOT NULL,
    -- Null if the history was too short to hold a part of it out.
    calibration TEXT,
    document    TEXT NOT NULL
) STRICT;

-- Open tasks by value: what a ranking by expected dollars walks down.
CREATE INDEX workflow_tasks_stakes ON workflow_tasks (dollar_value, task_id)
    WHERE deleted_at IS NULL AND task_status <> 'COMPLETED' AND sla_deadline IS NOT NULL;
-- Open tasks by owner: how busy each is.
CREATE INDEX workflow_tasks_load ON workflow_tasks (current_owner)
    WHERE deleted_at IS NULL AND task_status <> 'COMPLETED';
