-- What people say a mail should have been read as, and what an adviser said of mails that were hard to read. The same
-- file exists under migrations/postgres.

CREATE TABLE corrections (
    -- Order of writing.
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The accepted request it is part of; null if an ordinary update implied it.
    request   TEXT,
    task_id   TEXT NOT NULL,
    email_id  TEXT NOT NULL,
    field     TEXT NOT NULL,
    -- JSON, as the task showed it and as it should have been.
    said      TEXT NOT NULL,
    corrected TEXT NOT NULL,
    principal TEXT NOT NULL,
    at        TEXT NOT NULL,
    UNIQUE (request, field)
) STRICT;
CREATE INDEX corrections_field ON corrections (field, id);
CREATE INDEX corrections_task ON corrections (task_id, id);

-- Answers by what was asked about, so that no mail is asked about twice. An answer of no use is kept as null.
CREATE TABLE adviser_answers (
    fingerprint TEXT NOT NULL,
    model       TEXT NOT NULL,
    answer      TEXT NOT NULL,
    at          TEXT NOT NULL,
    PRIMARY KEY (fingerprint, model)
) STRICT;
CREATE INDEX adviser_answers_at ON adviser_answers (at);

-- Calls of each UTC day, by whichever worker.
CREATE TABLE adviser_calls (
    day   TEXT PRIMARY KEY,
    calls INTEGER NOT NULL
) STRICT;
