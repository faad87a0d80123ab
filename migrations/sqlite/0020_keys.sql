-- Who may ask for what: API keys, and the sessions that browsers open with them. The same file exists under
-- migrations/postgres.

-- Keys. Of the secret only an HMAC is here, so that who reads the table cannot use it. Rows stay: history and audit name
-- their principals.
CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    -- The principal, as in history and audit. Keys that follow each other share it.
    name         TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'ingest')),
    -- JSON list of the mailboxes it is limited to; null for all.
    mailboxes    TEXT,
    digest       TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    -- Null: never.
    expires_at   TEXT,
    -- To the minute.
    last_used_at TEXT,
    revoked_at   TEXT,
    revoked_by   TEXT
) STRICT;
CREATE INDEX api_keys_name ON api_keys (name);

-- Browsers that signed in; known by an HMAC of what their cookie holds.
CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    key_id     TEXT NOT NULL REFERENCES api_keys (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_expires ON sessions (expires_at);

-- What a ticket was got with: the key, and the session if there was one. Null while authentication is off.
ALTER TABLE ws_tickets ADD COLUMN key_id TEXT;
ALTER TABLE ws_tickets ADD COLUMN session TEXT;
