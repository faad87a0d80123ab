-- What a bulk update does to each task: the job that does it, and the values it found and left, so that it can be undone.
-- The same file exists under migrations/postgres.

ALTER TABLE job_items ADD COLUMN child_seq INTEGER;
ALTER TABLE job_items ADD COLUMN was TEXT;
ALTER TABLE job_items ADD COLUMN became TEXT;
