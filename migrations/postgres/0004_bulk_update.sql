-- What a bulk update does to each task: the job that does it, and the values it found and left, so that it can be undone.
-- The same file exists under migrations/sqlite.

ALTER TABLE job_items ADD COLUMN child_seq BIGINT;
ALTER TABLE job_items ADD COLUMN was JSONB;
ALTER TABLE job_items ADD COLUMN became JSONB;
