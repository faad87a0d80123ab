-- What operators set on queues, schedules and workers, and what the engine needs to obey it. The same file exists under
-- migrations/sqlite.

-- A cancelled job is cancelled at once: its lease is worth nothing from then on.
ALTER TABLE jobs DROP COLUMN cancel_requested_at;
-- Jobs of one key share the limits per key of their queue.
ALTER TABLE jobs ADD COLUMN limit_key TEXT COLLATE "C";
-- States in which the job holds its unique key: available 1, scheduled 2, pending 4, running 8, retryable 16,
-- completed 32, cancelled 64, discarded 128.
ALTER TABLE jobs ADD COLUMN unique_states SMALLINT NOT NULL DEFAULT 31;
-- How often its worker went silent while it ran.
ALTER TABLE jobs ADD COLUMN rescues SMALLINT NOT NULL DEFAULT 0;
-- Whether it runs as the only suspect of its worker: if that one dies now, it is to blame.
ALTER TABLE jobs ADD COLUMN alone BOOLEAN NOT NULL DEFAULT FALSE;
-- The schedule that made it.
ALTER TABLE jobs ADD COLUMN schedule TEXT COLLATE "C";

DROP INDEX jobs_unique;
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key)
    WHERE unique_key IS NOT NULL
      AND (unique_states & CASE state WHEN 'available' THEN 1 WHEN 'scheduled' THEN 2 WHEN 'pending' THEN 4
                                      WHEN 'running' THEN 8 WHEN 'retryable' THEN 16 WHEN 'completed' THEN 32
                                      WHEN 'cancelled' THEN 64 ELSE 128 END) <> 0;
-- Retention differs by state.
DROP INDEX jobs_finished;
CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE finished_at IS NOT NULL;
-- What an operator looks at first, and the past of one task.
CREATE INDEX jobs_failed ON jobs (state, seq) WHERE state IN ('retryable', 'cancelled', 'discarded');
CREATE INDEX jobs_task ON jobs (order_key, seq) WHERE order_key IS NOT NULL AND finished_at IS NOT NULL;
CREATE INDEX jobs_schedule ON jobs (schedule, seq) WHERE schedule IS NOT NULL;
CREATE INDEX job_attempts_finished ON job_attempts (finished_at);

-- Limits over all workers; null for none. Rates are jobs started in so many seconds.
ALTER TABLE queues ADD COLUMN concurrency BIGINT CHECK (concurrency >= 1);
ALTER TABLE queues ADD COLUMN rate BIGINT CHECK (rate >= 1);
ALTER TABLE queues ADD COLUMN rate_seconds BIGINT CHECK (rate_seconds >= 1);
ALTER TABLE queues ADD COLUMN key_concurrency BIGINT CHECK (key_concurrency >= 1);
ALTER TABLE queues ADD COLUMN key_rate BIGINT CHECK (key_rate >= 1);
ALTER TABLE queues ADD COLUMN key_rate_seconds BIGINT CHECK (key_rate_seconds >= 1);

-- Token buckets of the rates. The empty key is the queue's own.
CREATE TABLE rate_buckets (
    queue     TEXT COLLATE "C" NOT NULL,
    key       TEXT COLLATE "C" NOT NULL,
    tokens    DOUBLE PRECISION NOT NULL,
    filled_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (queue, key)
);

-- The job a tick makes, so that any process can make it.
ALTER TABLE schedules ADD COLUMN queue TEXT COLLATE "C" NOT NULL DEFAULT 'maintenance';
ALTER TABLE schedules ADD COLUMN priority SMALLINT NOT NULL DEFAULT 2;
ALTER TABLE schedules ADD COLUMN max_attempts SMALLINT NOT NULL DEFAULT 3;
ALTER TABLE schedules ADD COLUMN args JSONB NOT NULL DEFAULT '{}';
-- What happens to ticks nobody was there for: none is made up for, one for all of them, or all.
ALTER TABLE schedules ADD COLUMN catch_up TEXT NOT NULL DEFAULT 'one' CHECK (catch_up IN ('skip', 'one', 'all'));
ALTER TABLE schedules ADD COLUMN paused_by TEXT;
ALTER TABLE schedules ADD COLUMN reason TEXT;
ALTER TABLE schedules ADD COLUMN last_job BIGINT;

ALTER TABLE workers ADD COLUMN kinds JSONB NOT NULL DEFAULT '[]';
-- Jobs of one queue it runs at once, and what an operator asked for.
ALTER TABLE workers ADD COLUMN concurrency BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workers ADD COLUMN wanted_concurrency BIGINT;
ALTER TABLE workers ADD COLUMN draining BOOLEAN NOT NULL DEFAULT FALSE;
-- 95th percentile of the last claims.
ALTER TABLE workers ADD COLUMN claim_p95_ms DOUBLE PRECISION;

CREATE INDEX audit_object ON audit (object, id);

-- What a job over many things did to each of them.
CREATE TABLE job_items (
    job_seq BIGINT NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    item    TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    detail  TEXT,
    PRIMARY KEY (job_seq, item)
);
