-- Tasks, their history, mail, jobs and events. Text that is sorted or matched is COLLATE "C", so that both databases
-- order it by bytes. Money is integer cents. The same file exists under migrations/sqlite.

CREATE TABLE workflow_tasks (
    task_id              TEXT COLLATE "C" PRIMARY KEY,
    email_id             TEXT,
    conversation_id      TEXT,
    workflow_category    TEXT COLLATE "C" NOT NULL,
    secondary_categories JSONB NOT NULL DEFAULT '[]',
    workflow_state       TEXT COLLATE "C" NOT NULL CHECK (workflow_state IN ('START_POINT', 'IN_PROGRESS', 'COMPLETION')),
    task_status          TEXT COLLATE "C" NOT NULL CHECK (task_status IN ('RED', 'YELLOW', 'GREEN', 'COMPLETED')),
    -- What a person or the mail said; task_status is the worse of this and what the SLA says.
    manual_status        TEXT COLLATE "C" NOT NULL CHECK (manual_status IN ('RED', 'YELLOW', 'GREEN', 'COMPLETED')),
    -- Whose word manual_status is: a principal, or mail. Mail never improves on what a person said.
    manual_by            TEXT NOT NULL DEFAULT 'mail',
    title                TEXT NOT NULL,
    description          TEXT,
    priority             TEXT COLLATE "C" NOT NULL CHECK (priority IN ('CRITICAL', 'HIGH', 'MEDIUM', 'NORMAL')),
    priority_rank        SMALLINT NOT NULL GENERATED ALWAYS AS
                         (CASE priority WHEN 'CRITICAL' THEN 0 WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END) STORED,
    current_owner        TEXT COLLATE "C",
    owner_email          TEXT COLLATE "C",
    assigned_date        TIMESTAMPTZ,
    entities             JSONB NOT NULL DEFAULT '{}',
    dollar_value         BIGINT NOT NULL DEFAULT 0 CHECK (dollar_value >= 0),
    currency             TEXT NOT NULL DEFAULT 'USD',
    created_at           TIMESTAMPTZ NOT NULL,
    updated_at           TIMESTAMPTZ NOT NULL,
    received_at          TIMESTAMPTZ,
    sla_deadline         TIMESTAMPTZ,
    sla_policy           TEXT,
    sla_state            TEXT COLLATE "C" NOT NULL,
    sla_warned_at        TIMESTAMPTZ,
    sla_violated_at      TIMESTAMPTZ,
    -- Hours of the target the deadline was computed from; null for a deadline given as an instant.
    sla_hours            DOUBLE PRECISION,
    -- The next instant at which the passing of time changes something; null if none. The sweep reads nothing else.
    sla_next_at          TIMESTAMPTZ,
    -- Highest level announced and alerted for this deadline: 0 none, 1 warning, 2 critical, 3 violated.
    sla_announced        SMALLINT NOT NULL DEFAULT 0,
    sla_alerted          SMALLINT NOT NULL DEFAULT 0,
    completion_date      TIMESTAMPTZ,
    mailbox_source       TEXT COLLATE "C",
    group_name           TEXT,
    tags                 JSONB NOT NULL DEFAULT '[]',
    confidence_score     DOUBLE PRECISION,
    processing_time      BIGINT,
    analysis             JSONB NOT NULL DEFAULT '{}',
    batch_id             TEXT COLLATE "C",
    -- Lower-case title, owner, description and entities, for the q filter.
    search_text          TEXT COLLATE "C" NOT NULL DEFAULT '',
    version              BIGINT NOT NULL,
    deleted_at           TIMESTAMPTZ
) WITH (fillfactor = 80);

CREATE INDEX workflow_tasks_created ON workflow_tasks (created_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_updated ON workflow_tasks (updated_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_deadline ON workflow_tasks (sla_deadline, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_value ON workflow_tasks (dollar_value, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_priority ON workflow_tasks (priority_rank, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_status ON workflow_tasks (task_status, created_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_owner ON workflow_tasks (current_owner, created_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_sweep ON workflow_tasks (sla_next_at) WHERE sla_next_at IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE workflow_status_history (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id       TEXT COLLATE "C" NOT NULL,
    field         TEXT NOT NULL,
    old_value     TEXT,
    new_value     TEXT,
    changed_by    TEXT NOT NULL,
    change_reason TEXT,
    changed_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX workflow_status_history_task ON workflow_status_history (task_id, id);

-- Append-only in the database itself, whoever connects.
CREATE FUNCTION workflow_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'workflow_status_history is append-only';
END $$;
CREATE TRIGGER workflow_status_history_append_only
    BEFORE UPDATE OR DELETE ON workflow_status_history
    FOR EACH ROW EXECUTE FUNCTION workflow_history_is_append_only();

CREATE TABLE batches (
    id          TEXT COLLATE "C" PRIMARY KEY,
    mailbox     TEXT COLLATE "C",
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'processing', 'completed', 'failed')),
    job_seq     BIGINT,
    received    BIGINT NOT NULL,
    error       TEXT,
    created_at  TIMESTAMPTZ NOT NULL,
    started_at  TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
);
CREATE INDEX batches_created ON batches (created_at, id);

CREATE TABLE emails (
    id          TEXT COLLATE "C" PRIMARY KEY,
    batch_id    TEXT COLLATE "C" NOT NULL REFERENCES batches (id),
    position    BIGINT NOT NULL,
    mailbox     TEXT COLLATE "C" NOT NULL,
    -- Where it came from, as the uploader named it: a file name, or mbox#3.
    source      TEXT,
    -- What the bytes are: rfc822, json, or head (only the first part of a mail too large to keep).
    format      TEXT NOT NULL CHECK (format IN ('rfc822', 'json', 'head')),
    size        BIGINT NOT NULL,
    sha256      TEXT COLLATE "C" NOT NULL,
    -- created, updated, noise, duplicate, quarantined; pending until processed.
    outcome     TEXT COLLATE "C" NOT NULL DEFAULT 'pending'
                CHECK (outcome IN ('pending', 'created', 'updated', 'noise', 'duplicate', 'quarantined')),
    reason      TEXT,
    message_id  TEXT COLLATE "C",
    fingerprint TEXT COLLATE "C",
    subject     TEXT,
    sender      TEXT,
    recipients  JSONB NOT NULL DEFAULT '[]',
    sent_at     TIMESTAMPTZ,
    received_at TIMESTAMPTZ NOT NULL,
    attachments JSONB NOT NULL DEFAULT '[]',
    task_id     TEXT COLLATE "C",
    duplicate_of TEXT COLLATE "C",
    UNIQUE (batch_id, position)
);
CREATE INDEX emails_pending ON emails (batch_id, position) WHERE outcome = 'pending';
CREATE INDEX emails_task ON emails (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX emails_message ON emails (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX emails_sha256 ON emails (sha256);
CREATE INDEX emails_fingerprint ON emails (fingerprint) WHERE fingerprint IS NOT NULL;

-- The bytes as received, apart from the columns that lists read.
CREATE TABLE email_contents (
    email_id TEXT COLLATE "C" PRIMARY KEY REFERENCES emails (id),
    raw      BYTEA NOT NULL
);

-- What later mail finds a task by: message ids, subject, numbers.
CREATE TABLE email_links (
    key      TEXT COLLATE "C" NOT NULL,
    task_id  TEXT COLLATE "C" NOT NULL,
    email_id TEXT COLLATE "C" NOT NULL,
    people   JSONB NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (key, task_id, email_id)
);

CREATE TABLE workflow_patterns (
    id                       TEXT COLLATE "C" PRIMARY KEY,
    signature                TEXT COLLATE "C" NOT NULL UNIQUE,
    workflow_category        TEXT COLLATE "C" NOT NULL,
    support                  BIGINT NOT NULL,
    lift                     DOUBLE PRECISION NOT NULL,
    first_seen               TIMESTAMPTZ NOT NULL,
    last_seen                TIMESTAMPTZ NOT NULL,
    trend                    DOUBLE PRECISION NOT NULL,
    total_value              BIGINT NOT NULL,
    success_rate             DOUBLE PRECISION,
    average_completion_hours DOUBLE PRECISION,
    examples                 JSONB NOT NULL DEFAULT '[]'
);

CREATE TABLE jobs (
    seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         TEXT COLLATE "C" NOT NULL,
    queue        TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN
                 ('available', 'scheduled', 'pending', 'running', 'retryable', 'completed', 'cancelled', 'discarded')),
    -- 1 is most urgent, 4 least.
    priority     SMALLINT NOT NULL,
    args         JSONB NOT NULL,
    -- Jobs of one key run one at a time, in the order accepted; for mutations the task's id.
    order_key    TEXT COLLATE "C",
    -- At most one unfinished job holds a key.
    unique_key   TEXT COLLATE "C",
    attempt      SMALLINT NOT NULL DEFAULT 0,
    max_attempts SMALLINT NOT NULL,
    run_at       TIMESTAMPTZ NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    started_at   TIMESTAMPTZ,
    finished_at  TIMESTAMPTZ,
    -- From the first failure of an ordered job: after it the job is discarded, so that it stops holding back its key.
    give_up_at   TIMESTAMPTZ,
    -- Grows with every transition: whoever holds an older one can no longer write.
    lease_token  BIGINT NOT NULL DEFAULT 0,
    leased_until TIMESTAMPTZ,
    worker_id    TEXT COLLATE "C",
    cancel_requested_at TIMESTAMPTZ,
    progress     JSONB,
    result       JSONB,
    principal    TEXT NOT NULL,
    trace_id     TEXT
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX jobs_claim ON jobs (queue, priority, run_at, seq) WHERE state = 'available';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state IN ('scheduled', 'retryable');
CREATE INDEX jobs_lease ON jobs (leased_until) WHERE state = 'running';
CREATE INDEX jobs_order ON jobs (order_key, seq)
    WHERE order_key IS NOT NULL AND state IN ('available', 'scheduled', 'pending', 'running', 'retryable');
CREATE INDEX jobs_pending ON jobs (order_key, seq) WHERE state = 'pending';
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('available', 'scheduled', 'pending', 'running', 'retryable');
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- Attempts that did not succeed; the attempt that did is the job row itself.
CREATE TABLE job_attempts (
    job_seq     BIGINT NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    attempt     SMALLINT NOT NULL,
    started_at  TIMESTAMPTZ,
    finished_at TIMESTAMPTZ NOT NULL,
    worker      TEXT,
    error       TEXT NOT NULL,
    trace_id    TEXT
);
CREATE INDEX job_attempts_job ON job_attempts (job_seq);

CREATE TABLE queues (
    name      TEXT COLLATE "C" PRIMARY KEY,
    paused_at TIMESTAMPTZ,
    paused_by TEXT,
    reason    TEXT,
    until     TIMESTAMPTZ
);

CREATE TABLE schedules (
    name        TEXT COLLATE "C" PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    cron        TEXT NOT NULL,
    tz          TEXT NOT NULL,
    paused      BOOLEAN NOT NULL DEFAULT FALSE,
    last_run_at TIMESTAMPTZ,
    next_run_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE workers (
    id           TEXT COLLATE "C" PRIMARY KEY,
    host         TEXT NOT NULL,
    version      TEXT NOT NULL,
    queues       JSONB NOT NULL,
    started_at   TIMESTAMPTZ NOT NULL,
    heartbeat_at TIMESTAMPTZ NOT NULL,
    running      BIGINT NOT NULL
);

-- Written in the transaction of the change; id is given in commit order by the relay, without holes.
CREATE TABLE workflow_events (
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         BIGINT,
    event      TEXT COLLATE "C" NOT NULL,
    task_id    TEXT COLLATE "C",
    data       JSONB NOT NULL,
    -- Old and new status, owner and category: what subscribers filter by.
    matches    JSONB NOT NULL DEFAULT '{}',
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX workflow_events_id ON workflow_events (id) WHERE id IS NOT NULL;
CREATE INDEX workflow_events_unnumbered ON workflow_events (seq) WHERE id IS NULL;
CREATE INDEX workflow_events_created ON workflow_events (created_at);

-- One row: the last id given. Its lock is what puts relays one behind the other.
CREATE TABLE event_cursor (
    one     SMALLINT PRIMARY KEY CHECK (one = 1),
    last_id BIGINT NOT NULL
);
INSERT INTO event_cursor (one, last_id) VALUES (1, 0);

-- One row: names this database, so that two of them can share one Redis.
CREATE TABLE installation (
    one SMALLINT PRIMARY KEY CHECK (one = 1),
    id  TEXT NOT NULL
);
INSERT INTO installation (one, id) VALUES (1, gen_random_uuid()::text);

CREATE TABLE idempotency (
    principal  TEXT COLLATE "C" NOT NULL,
    operation  TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    body_hash  TEXT NOT NULL,
    job_seq    BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (principal, operation, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE audit (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        TIMESTAMPTZ NOT NULL,
    principal TEXT NOT NULL,
    action    TEXT NOT NULL,
    object    TEXT NOT NULL,
    detail    JSONB NOT NULL DEFAULT '{}'
);
