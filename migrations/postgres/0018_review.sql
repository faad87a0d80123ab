-- What people say a mail should have been read as, and what an adviser said of mails that were hard to read. The same
-- file exists under migrations/sqlite.

CREATE TABLE corrections (
    -- Order of writing.
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The accepted request it is part of; null if an ordinary update implied it.
    request   TEXT COLLATE "C",
    task_id   TEXT COLLATE "C" NOT NULL,
    email_id  TEXT COLLATE "C" NOT NULL,
    field     TEXT COLLATE "C" NOT NULL,
    -- As the task showed it and as it should have been.
    said      JSONB NOT NULL,
    corrected JSONB NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    at        TIMESTAMPTZ NOT NULL,
    UNIQUE (request, field)
);
CREATE INDEX corrections_field ON corrections (field, id);
CREATE INDEX corrections_task ON corrections (task_id, id);

-- Answers by what was asked about, so that no mail is asked about twice. An answer of no use is kept as null.
CREATE TABLE adviser_answers (
    fingerprint TEXT COLLATE "C" NOT NULL,
    model       TEXT COLLATE "C" NOT NULL,
    answer      JSONB NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (fingerprint, model)
);
CREATE INDEX adviser_answers_at ON adviser_answers (at);

-- Calls of each UTC day, by whichever worker.
CREATE TABLE adviser_calls (
    day   TEXT COLLATE "C" PRIMARY KEY,
    calls BIGINT NOT NULL
);
