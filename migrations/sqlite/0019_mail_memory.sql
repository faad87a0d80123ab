-- What mail has taught about all of it: the house's domains, what its numbers look like, who its customers are. The same
-- file exists under migrations/postgres.

CREATE TABLE mail_memory (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    -- JSON, as the readers of mail write it; one they cannot read is begun anew.
    learned TEXT NOT NULL,
    at      TEXT NOT NULL
) STRICT;
