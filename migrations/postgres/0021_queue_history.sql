-- How the queues stood and what ended in them, minute by minute. The same file exists under migrations/sqlite.
--
-- A minute is the number of minutes since 1970. A queue has a row for each minute that somebody looked at, and for others
-- in which something ended: what is missing is not known.

CREATE TABLE queue_minutes (
    minute BIGINT NOT NULL,
    queue  TEXT COLLATE "C" NOT NULL,
    -- Jobs by state as they stood when the minute was over, and how long the oldest available one had waited; null in a
    -- minute whose end nobody saw.
    available BIGINT,
    scheduled BIGINT,
    pending   BIGINT,
    running   BIGINT,
    retryable BIGINT,
    oldest_ms BIGINT,
    -- Jobs that were completed in the minute, attempts that failed in it, jobs that failed for good in it.
    completed BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    discarded BIGINT NOT NULL,
    -- How long they waited for their first attempt, and how long their attempts ran: milliseconds and how many, such as
    -- '12:3 80:1'. Percentiles of several minutes or queues cannot be made of percentiles.
    waits     TEXT COLLATE "C" NOT NULL,
    runs      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (minute, queue)
);
