-- Models of how long tasks take, and what ranks open tasks by what they put at risk. The same file exists under
-- migrations/sqlite.

CREATE TABLE forecast_models (
    revision    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What was known at this instant; one model an instant, so that a job that runs twice leaves one.
    fitted_at   TIMESTAMPTZ NOT NULL UNIQUE,
    window_from TIMESTAMPTZ NOT NULL,
    tasks       BIGINT NOT NULL,
    completed   BIGINT NOT NULL,
    -- Null if the history was too short to hold a part of it out.
    calibration JSONB,
    document    JSONB NOT NULL
);

-- Open tasks by value: what a ranking by expected dollars walks down.
CREATE INDEX workflow_tasks_stakes ON workflow_tasks (dollar_value, task_id)
    WHERE deleted_at IS NULL AND task_status <> 'COMPLETED' AND sla_deadline IS NOT NULL;
-- Open tasks by owner: how busy each is.
CREATE INDEX workflow_tasks_load ON workflow_tasks (current_owner)
    WHERE deleted_at IS NULL AND task_status <> 'COMPLETED';
