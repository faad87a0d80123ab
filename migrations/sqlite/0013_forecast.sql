-- Models of how long tasks take. The same file exists under
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
