-- How the queues stood and what ended in them, minute by minute. The same file exists under migrations/postgres.
--
-- A minute is the number of minutes since 1970. A queue has a row for each minute that somebody looked at, and for others
-- in which something ended: what is missing is not known.

CREATE TABLE queue_minutes (
    minute INTEGER NOT NULL,
    queue  TEXT NOT NULL,
    -- Jobs by state as they stood when the minute was over, and how long the oldest available one had waited; null in a
    -- minute whose end nobody saw.
    available INTEGER,
    scheduled INTEGER,
    pending   INTEGER,
    running   INTEGER,
    retryable INTEGER,
    oldest_ms INTEGER,
    -- Jobs that were completed in the minute, attempts that failed in it, jobs that failed for good in it.
    completed INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    discarded INTEGER NOT NULL,
    -- How long they waited for their first attempt, and how long their attempts ran: milliseconds and how many, such as
    -- '12:3 80:1'. Percentiles of several minutes or queues cannot be made of percentiles.
    waits     TEXT NOT NULL,
    runs      TEXT NOT NULL,
    PRIMARY KEY (minute, queue)
) STRICT, WITHOUT ROWID;
