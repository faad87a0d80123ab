-- Webhooks: who is told of which events, and each message that is to be delivered. The same file exists under
-- migrations/postgres.

CREATE TABLE webhooks (
    id              TEXT PRIMARY KEY,
    url             TEXT NOT NULL,
    description     TEXT,
    -- Names and patterns of events; none means all.
    events          TEXT NOT NULL DEFAULT '[]',
    -- Lists `status`, `owner` and `category`, of which an event must have one value each.
    filter          TEXT NOT NULL DEFAULT '{}',
    state           TEXT NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
    disabled_reason TEXT,
    -- The last event of which it has been decided whether it is delivered, by its number.
    cursor          INTEGER NOT NULL,
    -- Since when no delivery has succeeded.
    failing_since   TEXT,
    -- In the clear, because every delivery is signed with it. Read by the signing of a delivery alone.
    secret          TEXT NOT NULL,
    previous_secret TEXT,
    previous_until  TEXT,
    created_at      TEXT NOT NULL,
    created_by      TEXT NOT NULL,
    updated_at      TEXT NOT NULL
) STRICT;
CREATE INDEX webhooks_cursor ON webhooks (cursor) WHERE state = 'enabled';

CREATE TABLE webhook_deliveries (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id      TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- The same at every attempt. Made of webhook and event, so that an event has one message for each webhook.
    message_id      TEXT NOT NULL UNIQUE,
    -- None for a test.
    event_id        INTEGER,
    event           TEXT NOT NULL,
    -- What is sent; the event itself is forgotten sooner than the last attempt is made.
    body            TEXT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    job_seq         INTEGER,
    last_attempt_at TEXT,
    -- Milliseconds that the last attempt took.
    last_took       INTEGER,
    last_status     INTEGER,
    last_error      TEXT,
    -- The first KiB of the last answer.
    last_response   TEXT,
    created_at      TEXT NOT NULL,
    finished_at     TEXT
) STRICT;
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, seq);
CREATE INDEX webhook_deliveries_state ON webhook_deliveries (webhook_id, state, seq);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (state, finished_at) WHERE finished_at IS NOT NULL;
