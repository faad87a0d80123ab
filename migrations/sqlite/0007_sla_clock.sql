-- What a deadline is planned from and what follows from it. Old rows get their thresholds when they next change: the sweep
-- knows them by their absence. The same file exists under migrations/postgres.

-- The revision of the policies it was planned with; null if the deadline was given.
ALTER TABLE workflow_tasks ADD COLUMN sla_revision INTEGER;
ALTER TABLE workflow_tasks ADD COLUMN sla_warning_at TEXT;
ALTER TABLE workflow_tasks ADD COLUMN sla_critical_at TEXT;
-- [{from, to}], in order; to is null while the clock stands still.
ALTER TABLE workflow_tasks ADD COLUMN sla_pauses TEXT NOT NULL DEFAULT '[]';
-- [{at, hours, action, to, done_at}], in the order of the policy; and when the next one is due.
ALTER TABLE workflow_tasks ADD COLUMN sla_steps TEXT NOT NULL DEFAULT '[]';
ALTER TABLE workflow_tasks ADD COLUMN sla_step_at TEXT;
-- The priority it is planned by, where an escalation has raised its own since.
ALTER TABLE workflow_tasks ADD COLUMN sla_priority TEXT;
ALTER TABLE workflow_tasks ADD COLUMN waiting_on TEXT;
ALTER TABLE workflow_tasks ADD COLUMN snoozed_until TEXT;
ALTER TABLE workflow_tasks ADD COLUMN first_response_due TEXT;
ALTER TABLE workflow_tasks ADD COLUMN first_response_at TEXT;
ALTER TABLE workflow_tasks ADD COLUMN breach_reason TEXT;
