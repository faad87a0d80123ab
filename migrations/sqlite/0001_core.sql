-- Tasks, their history, mail, jobs and events. Instants are RFC 3339 text in UTC, whose
-- order is the order of time. Money is integer cents. The same file exists under migrations/postgres.

CREATE TABLE workflow_tasks (
    task_id              TEXT PRIMARY KEY,
    email_id             TEXT,
    conversation_id      TEXT,
    workflow_category    TEXT NOT NULL,
    secondary_categories TEXT NOT NULL DEFAULT '[]',
    workflow_state       TEXT NOT NULL CHECK (workflow_state IN ('START_POINT', 'IN_PROGRESS', 'COMPLETION')),
    task_status          TEXT NOT NULL CHECK (task_status IN ('RED', 'YELLOW', 'GREEN', 'COMPLETED')),
    -- What a person or the mail said; task_status is the worse of this and what the SLA says.
    manual_status        TEXT NOT NULL CHECK (manual_status IN ('RED', 'YELLOW', 'GREEN', 'COMPLETED')),
    -- Whose word manual_status is: a principal, or mail. Mail never improves on what a person said.
    manual_by            TEXT NOT NULL DEFAULT 'mail',
    title                TEXT NOT NULL,
    description          TEXT,
    priority             TEXT NOT NULL CHECK (priority IN ('CRITICAL', 'HIGH', 'MEDIUM', 'NORMAL')),
    priority_rank        INTEGER NOT NULL GENERATED ALWAYS AS
                         (CASE priority WHEN 'CRITICAL' THEN 0 WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END) STORED,
    current_owner        TEXT,
    owner_email          TEXT,
    assigned_date        TEXT,
    entities             TEXT NOT NULL DEFAULT '{}',
    dollar_value         INTEGER NOT NULL DEFAULT 0 CHECK (dollar_value >= 0),
    currency             TEXT NOT NULL DEFAULT 'USD',
    created_at           TEXT NOT NULL,
    updated_at           TEXT NOT NULL,
    received_at          TEXT,
    sla_deadline         TEXT,
    sla_policy           TEXT,
    sla_state            TEXT NOT NULL,
    sla_warned_at        TEXT,
    sla_violated_at      TEXT,
    -- Hours of the target the deadline was computed from; null for a deadline given as an instant.
    sla_hours            REAL,
    -- The next instant at which the passing of time changes something; null if none. The sweep reads nothing else.
    sla_next_at          TEXT,
    -- Highest level announced and alerted for this deadline: 0 none, 1 warning, 2 critical, 3 violated.
    sla_announced        INTEGER NOT NULL DEFAULT 0,
    sla_alerted          INTEGER NOT NULL DEFAULT 0,
    completion_date      TEXT,
    mailbox_source       TEXT,
    group_name           TEXT,
    tags                 TEXT NOT NULL DEFAULT '[]',
    confidence_score     REAL,
    processing_time      INTEGER,
    analysis             TEXT NOT NULL DEFAULT '{}',
    batch_id             TEXT,
    -- Lower-case title, owner, description and entities, for the q filter.
    search_text          TEXT NOT NULL DEFAULT '',
    version              INTEGER NOT NULL,
    deleted_at           TEXT
) STRICT;

CREATE INDEX workflow_tasks_created ON workflow_tasks (created_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_updated ON workflow_tasks (updated_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_deadline ON workflow_tasks (sla_deadline, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_value ON workflow_tasks (dollar_value, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_priority ON workflow_tasks (priority_rank, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_status ON workflow_tasks (task_status, created_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_owner ON workflow_tasks (current_owner, created_at, task_id) WHERE deleted_at IS NULL;
CREATE INDEX workflow_tasks_sweep ON workflow_tasks (sla_next_at) WHERE sla_next_at IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE workflow_status_history (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id       TEXT NOT NULL,
    field         TEXT NOT NULL,
    old_value     TEXT,
    new_value     TEXT,
    changed_by    TEXT NOT NULL,
    change_reason TEXT,
    changed_at    TEXT NOT NULL,
    version       INTEGER NOT NULL
) STRICT;
CREATE INDEX workflow_status_history_task ON workflow_status_history (task_id, id);

-- Append-only in the database itself, whoever connects.
CREATE TRIGGER workflow_status_history_no_update BEFORE UPDATE ON workflow_status_history
BEGIN
    SELECT RAISE(ABORT, 'workflow_status_history is append-only');
END;
CREATE TRIGGER workflow_status_history_no_delete BEFORE DELETE ON workflow_status_history
BEGIN
    SELECT RAISE(ABORT, 'workflow_status_history is append-only');
END;

CREATE TABLE batches (
    id          TEXT PRIMARY KEY,
    mailbox     TEXT,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'completed', 'failed')),
    job_seq     INTEGER,
    received    INTEGER NOT NULL,
    error       TEXT,
    created_at  TEXT NOT NULL,
    started_at  TEXT,
    finished_at TEXT
) STRICT;
CREATE INDEX batches_created ON batches (created_at, id);

CREATE TABLE emails (
    id          TEXT PRIMARY KEY,
    batch_id    TEXT NOT NULL REFERENCES batches (id),
    position    INTEGER NOT NULL,
    mailbox     TEXT NOT NULL,
    -- Where it came from, as the uploader named it: a file name, or mbox#3.
    source      TEXT,
    -- What the bytes are: rfc822, json, or head (only the first part of a mail too large to keep).
    format      TEXT NOT NULL CHECK (format IN ('rfc822', 'json', 'head')),
    size        INTEGER NOT NULL,
    sha256      TEXT NOT NULL,
    -- created, updated, noise, duplicate, quarantined; pending until processed.
    outcome     TEXT NOT NULL DEFAULT 'pending'
                CHECK (outcome IN ('pending', 'created', 'updated', 'noise', 'duplicate', 'quarantined')),
    reason      TEXT,
    message_id  TEXT,
    fingerprint TEXT,
    subject     TEXT,
    sender      TEXT,
    recipients  TEXT NOT NULL DEFAULT '[]',
    sent_at     TEXT,
    received_at TEXT NOT NULL,
    attachments TEXT NOT NULL DEFAULT '[]',
    task_id     TEXT,
    duplicate_of TEXT,
    UNIQUE (batch_id, position)
) STRICT;
CREATE INDEX emails_pending ON emails (batch_id, position) WHERE outcome = 'pending';
CREATE INDEX emails_task ON emails (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX emails_message ON emails (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX emails_sha256 ON emails (sha256);
CREATE INDEX emails_fingerprint ON emails (fingerprint) WHERE fingerprint IS NOT NULL;

-- The bytes as received, apart from the columns that lists read.
CREATE TABLE email_contents (
    email_id TEXT PRIMARY KEY REFERENCES emails (id),
    raw      BLOB NOT NULL
) STRICT;

-- What later mail finds a task by: message ids, subject, numbers.
CREATE TABLE email_links (
    key      TEXT NOT NULL,
    task_id  TEXT NOT NULL,
    email_id TEXT NOT NULL,
    people   TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (key, task_id, email_id)
) STRICT;

CREATE TABLE workflow_patterns (
    id                       TEXT PRIMARY KEY,
    signature                TEXT NOT NULL UNIQUE,
    workflow_category        TEXT NOT NULL,
    support                  INTEGER NOT NULL,
    lift                     REAL NOT NULL,
    first_seen               TEXT NOT NULL,
    last_seen                TEXT NOT NULL,
    trend                    REAL NOT NULL,
    total_value              INTEGER NOT NULL,
    success_rate             REAL,
    average_completion_hours REAL,
    examples                 TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE TABLE jobs (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    queue        TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN
                 ('available', 'scheduled', 'pending', 'running', 'retryable', 'completed', 'cancelled', 'discarded')),
    -- 1 is most urgent, 4 least.
    priority     INTEGER NOT NULL,
    args         TEXT NOT NULL,
    -- Jobs of one key run one at a time, in the order accepted; for mutations the task's id.
    order_key    TEXT,
    -- At most one unfinished job holds a key.
    unique_key   TEXT,
    attempt      INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    run_at       TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    started_at   TEXT,
    finished_at  TEXT,
    -- From the first failure of an ordered job: after it the job is discarded, so that it stops holding back its key.
    give_up_at   TEXT,
    -- Grows with every transition: whoever holds an older one can no longer write.
    lease_token  INTEGER NOT NULL DEFAULT 0,
    leased_until TEXT,
    worker_id    TEXT,
    cancel_requested_at TEXT,
    progress     TEXT,
    result       TEXT,
    principal    TEXT NOT NULL,
    trace_id     TEXT
) STRICT;
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
    job_seq     INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    attempt     INTEGER NOT NULL,
    started_at  TEXT,
    finished_at TEXT NOT NULL,
    worker      TEXT,
    error       TEXT NOT NULL,
    trace_id    TEXT
) STRICT;
CREATE INDEX job_attempts_job ON job_attempts (job_seq);

CREATE TABLE queues (
    name      TEXT PRIMARY KEY,
    paused_at TEXT,
    paused_by TEXT,
    reason    TEXT,
    until     TEXT
) STRICT;

CREATE TABLE schedules (
    name        TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    cron        TEXT NOT NULL,
    tz          TEXT NOT NULL,
    paused      INTEGER NOT NULL DEFAULT 0,
    last_run_at TEXT,
    next_run_at TEXT NOT NULL
) STRICT;

CREATE TABLE workers (
    id           TEXT PRIMARY KEY,
    host         TEXT NOT NULL,
    version      TEXT NOT NULL,
    queues       TEXT NOT NULL,
    started_at   TEXT NOT NULL,
    heartbeat_at TEXT NOT NULL,
    running      INTEGER NOT NULL
) STRICT;

-- Written in the transaction of the change; id is given in commit order by the relay, without holes.
CREATE TABLE workflow_events (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         INTEGER,
    event      TEXT NOT NULL,
    task_id    TEXT,
    data       TEXT NOT NULL,
    -- Old and new status, owner and category: what subscribers filter by.
    matches    TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX workflow_events_id ON workflow_events (id) WHERE id IS NOT NULL;
CREATE INDEX workflow_events_unnumbered ON workflow_events (seq) WHERE id IS NULL;
CREATE INDEX workflow_events_created ON workflow_events (created_at);

-- One row: the last id given. Its lock is what puts relays one behind the other.
CREATE TABLE event_cursor (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    last_id INTEGER NOT NULL
) STRICT;
INSERT INTO event_cursor (one, last_id) VALUES (1, 0);

-- One row: names this database, so that two of them can share one Redis.
CREATE TABLE installation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  TEXT NOT NULL
) STRICT;
INSERT INTO installation (one, id) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE idempotency (
    principal  TEXT NOT NULL,
    operation  TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    job_seq    INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (principal, operation, key)
) STRICT;
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        TEXT NOT NULL,
    principal TEXT NOT NULL,
    action    TEXT NOT NULL,
    object    TEXT NOT NULL,
    detail    TEXT NOT NULL DEFAULT '{}'
) STRICT;
