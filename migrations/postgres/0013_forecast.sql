-- Models of how long tasks take. The same file exists under
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
