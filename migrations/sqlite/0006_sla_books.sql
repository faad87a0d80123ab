-- Revisions of the book of calendars and policies. The current one is the greatest; without any, the default policy
-- alone applies. The same file exists under migrations/postgres.

CREATE TABLE sla_books (
    revision   INTEGER PRIMARY KEY CHECK (revision > 0),
    document   TEXT NOT NULL,
    -- SHA-256 of the document: with the revision it names what a process has read and compiled already.
    sha256     TEXT NOT NULL,
    reason     TEXT,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- Append-only in the database itself, whoever connects: tasks name the revision that their deadlines come from.
CREATE TRIGGER sla_books_no_update BEFORE UPDATE ON sla_books
BEGIN
    SELECT RAISE(ABORT, 'sla_books is append-only');
END;
CREATE TRIGGER sla_books_no_delete BEFORE DELETE ON sla_books
BEGIN
    SELECT RAISE(ABORT, 'sla_books is append-only');
END;
