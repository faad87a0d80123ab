-- Who may ask for what: API keys, and the sessions that browsers open with them. The same file exists under
-- migrations/sqlite.

-- Keys. Of the secret only an HMAC is here, so that who reads the table cannot use it. Rows stay: history and audit name
-- their principals.
CREATE TABLE api_keys (
    id           TEXT COLLATE "C" PRIMARY KEY,
    -- The principal, as in history and audit. Keys that follow each other share it.
    name         TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'ingest')),
    -- JSON list of the mailboxes it is limited to; null for all.
    mailboxes    JSONB,
    digest       TEXT COLLATE "C" NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    created_by   TEXT NOT NULL,
    -- Null: never.
    expires_at   TIMESTAMPTZ,
    -- To the minute.
    last_used_at TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    revoked_by   TEXT
);
CREATE INDEX api_keys_name ON api_keys (name);

-- Browsers that signed in; known by an HMAC of what their cookie holds.
CREATE TABLE sessions (
    hash       TEXT COLLATE "C" PRIMARY KEY,
    key_id     TEXT COLLATE "C" NOT NULL REFERENCES api_keys (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- What a ticket was got with: the key, and the session if there was one. Null while authentication is off.
ALTER TABLE ws_tickets ADD COLUMN key_id TEXT COLLATE "C";
ALTER TABLE ws_tickets ADD COLUMN session TEXT COLLATE "C";
