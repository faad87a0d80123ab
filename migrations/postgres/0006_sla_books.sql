-- Revisions of the book of calendars and policies. The current one is the greatest; without any, the default policy
-- alone applies. The same file exists under migrations/sqlite.

CREATE TABLE sla_books (
    revision   BIGINT PRIMARY KEY CHECK (revision > 0),
    document   JSONB NOT NULL,
    -- SHA-256 of the document: with the revision it names what a process has read and compiled already.
    sha256     TEXT COLLATE "C" NOT NULL,
    reason     TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Append-only in the database itself, whoever connects: tasks name the revision that their deadlines come from.
CREATE FUNCTION sla_books_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sla_books is append-only';
END $$;
CREATE TRIGGER sla_books_append_only
    BEFORE UPDATE OR DELETE ON sla_books
    FOR EACH ROW EXECUTE FUNCTION sla_books_are_append_only();
