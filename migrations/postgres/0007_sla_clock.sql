-- What a deadline is planned from and what follows from it. Old rows get their thresholds when they next change: the sweep
-- knows them by their absence. The same file exists under migrations/sqlite.

ALTER TABLE workflow_tasks
    -- The revision of the policies it was planned with; null if the deadline was given.
    ADD COLUMN sla_revision BIGINT,
    ADD COLUMN sla_warning_at TIMESTAMPTZ,
    ADD COLUMN sla_critical_at TIMESTAMPTZ,
    -- [{from, to}], in order; to is null while the clock stands still.
    ADD COLUMN sla_pauses JSONB NOT NULL DEFAULT '[]',
    -- [{at, hours, action, to, done_at}], in the order of the policy; and when the next one is due.
    ADD COLUMN sla_steps JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN sla_step_at TIMESTAMPTZ,
    -- The priority it is planned by, where an escalation has raised its own since.
    ADD COLUMN sla_priority TEXT COLLATE "C",
    ADD COLUMN waiting_on TEXT COLLATE "C",
    ADD COLUMN snoozed_until TIMESTAMPTZ,
    ADD COLUMN first_response_due TIMESTAMPTZ,
    ADD COLUMN first_response_at TIMESTAMPTZ,
    ADD COLUMN breach_reason TEXT COLLATE "C";
