-- Webhooks: who is told of which events, and each message that is to be delivered. The same file exists under
-- migrations/sqlite.

CREATE TABLE webhooks (
    id              TEXT COLLATE "C" PRIMARY KEY,
    url             TEXT NOT NULL,
    description     TEXT,
    -- Names and patterns of events; none means all.
    events          JSONB NOT NULL DEFAULT '[]',
    -- Lists `status`, `owner` and `category`, of which an event must have one value each.
    filter          JSONB NOT NULL DEFAULT '{}',
    state           TEXT COLLATE "C" NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
    disabled_reason TEXT,
    -- The last event of which it has been decided whether it is delivered, by its number.
    cursor          BIGINT NOT NULL,
    -- Since when no delivery has succeeded.
    failing_since   TIMESTAMPTZ,
    -- In the clear, because every delivery is signed with it. Read by the signing of a delivery alone.
    secret          TEXT NOT NULL,
    previous_secret TEXT,
    previous_until  TIMESTAMPTZ,
    created_at      TIMESTAMPTZ NOT NULL,
    created_by      TEXT NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX webhooks_cursor ON webhooks (cursor) WHERE state = 'enabled';

CREATE TABLE webhook_deliveries (
    seq             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id      TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- The same at every attempt. Made of webhook and event, so that an event has one message for each webhook.
    message_id      TEXT COLLATE "C" NOT NULL UNIQUE,
    -- None for a test.
    event_id        BIGINT,
    event           TEXT COLLATE "C" NOT NULL,
    -- What is sent; the event itself is forgotten sooner than the last attempt is made.
    body            TEXT NOT NULL,
    state           TEXT COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts        BIGINT NOT NULL DEFAULT 0,
    job_seq         BIGINT,
    last_attempt_at TIMESTAMPTZ,
    -- Milliseconds that the last attempt took.
    last_took       BIGINT,
    last_status     INTEGER,
    last_error      TEXT,
    -- The first KiB of the last answer.
    last_response   TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    finished_at     TIMESTAMPTZ
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, seq);
CREATE INDEX webhook_deliveries_state ON webhook_deliveries (webhook_id, state, seq);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (state, finished_at) WHERE finished_at IS NOT NULL;
