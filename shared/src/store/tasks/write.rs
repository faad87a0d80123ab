//! The statements that write tasks from a JSON array of their rows, as text: they stand alone, or in a larger one.

/// Inserts new tasks; those that are there already are left as they are.
macro_rules! insert_tasks {
    () => {
        concat!(
    "INSERT INTO workflow_tasks (",
    task_columns!(),
    ", search_text)
     SELECT (e.value ->> 'task_id'), (e.value ->> 'email_id'), (e.value ->> 'conversation_id'),
            (e.value ->> 'workflow_category'), (e.value -> 'secondary_categories'), (e.value ->> 'workflow_state'),
            (e.value ->> 'task_status'), (e.value ->> 'manual_status'), (e.value ->> 'manual_by'), (e.value ->> 'title'),
            (e.value ->> 'description'), (e.value ->> 'priority'), (e.value ->> 'current_owner'),
            (e.value ->> 'owner_email'), (e.value ->> 'assigned_date')::timestamptz, (e.value -> 'entities'),
            (e.value ->> 'dollar_value')::bigint, (e.value ->> 'currency'), (e.value ->> 'created_at')::timestamptz,
            (e.value ->> 'updated_at')::timestamptz, (e.value ->> 'received_at')::timestamptz,
            (e.value ->> 'sla_deadline')::timestamptz, (e.value ->> 'sla_policy'), (e.value ->> 'sla_state'),
            (e.value ->> 'sla_warned_at')::timestamptz, (e.value ->> 'sla_violated_at')::timestamptz,
            (e.value ->> 'sla_revision')::bigint, (e.value ->> 'sla_warning_at')::timestamptz,
            (e.value ->> 'sla_critical_at')::timestamptz, (e.value -> 'sla_pauses'), (e.value -> 'sla_steps'),
            (e.value ->> 'sla_priority'), (e.value ->> 'sla_step_at')::timestamptz,
            (e.value ->> 'sla_hours')::float8, (e.value ->> 'sla_next_at')::timestamptz,
            (e.value ->> 'sla_announced')::smallint, (e.value ->> 'sla_alerted')::smallint, (e.value ->> 'waiting_on'),
            (e.value ->> 'snoozed_until')::timestamptz, (e.value ->> 'first_response_due')::timestamptz,
            (e.value ->> 'first_response_at')::timestamptz, (e.value ->> 'breach_reason'),
            (e.value ->> 'completion_date')::timestamptz, (e.value ->> 'mailbox_source'), (e.value ->> 'group_name'),
            (e.value -> 'tags'), (e.value ->> 'confidence_score')::float8, (e.value ->> 'processing_time')::bigint,
            (e.value -> 'analysis'), (e.value ->> 'batch_id'), (e.value ->> 'version')::bigint,
            (e.value ->> 'deleted_at')::timestamptz, (e.value ->> 'search_text')
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE true
     ON CONFLICT DO NOTHING"
)
    };
}
pub(super) use insert_tasks;

/// Replaces tasks that are at the version before.
macro_rules! update_tasks {
    () => {
        "UPDATE workflow_tasks
     SET workflow_category = (e.value ->> 'workflow_category'),
         secondary_categories = (e.value -> 'secondary_categories'),
         workflow_state = (e.value ->> 'workflow_state'),
         task_status = (e.value ->> 'task_status'),
         manual_status = (e.value ->> 'manual_status'),
         manual_by = (e.value ->> 'manual_by'),
         title = (e.value ->> 'title'),
         description = (e.value ->> 'description'),
         priority = (e.value ->> 'priority'),
         current_owner = (e.value ->> 'current_owner'),
         owner_email = (e.value ->> 'owner_email'),
         assigned_date = (e.value ->> 'assigned_date')::timestamptz,
         entities = (e.value -> 'entities'),
         dollar_value = (e.value ->> 'dollar_value')::bigint,
         updated_at = (e.value ->> 'updated_at')::timestamptz,
         sla_deadline = (e.value ->> 'sla_deadline')::timestamptz,
         sla_policy = (e.value ->> 'sla_policy'),
         sla_state = (e.value ->> 'sla_state'),
         sla_warned_at = (e.value ->> 'sla_warned_at')::timestamptz,
         sla_violated_at = (e.value ->> 'sla_violated_at')::timestamptz,
         sla_revision = (e.value ->> 'sla_revision')::bigint,
         sla_warning_at = (e.value ->> 'sla_warning_at')::timestamptz,
         sla_critical_at = (e.value ->> 'sla_critical_at')::timestamptz,
         sla_pauses = (e.value -> 'sla_pauses'),
         sla_steps = (e.value -> 'sla_steps'),
         sla_priority = (e.value ->> 'sla_priority'),
         sla_step_at = (e.value ->> 'sla_step_at')::timestamptz,
         sla_hours = (e.value ->> 'sla_hours')::float8,
         sla_next_at = (e.value ->> 'sla_next_at')::timestamptz,
         sla_announced = (e.value ->> 'sla_announced')::smallint,
         sla_alerted = (e.value ->> 'sla_alerted')::smallint,
         waiting_on = (e.value ->> 'waiting_on'),
         snoozed_until = (e.value ->> 'snoozed_until')::timestamptz,
         first_response_due = (e.value ->> 'first_response_due')::timestamptz,
         first_response_at = (e.value ->> 'first_response_at')::timestamptz,
         breach_reason = (e.value ->> 'breach_reason'),
         completion_date = (e.value ->> 'completion_date')::timestamptz,
         group_name = (e.value ->> 'group_name'),
         tags = (e.value -> 'tags'),
         analysis = (e.value -> 'analysis'),
         version = (e.value ->> 'version')::bigint,
         deleted_at = (e.value ->> 'deleted_at')::timestamptz,
         search_text = (e.value ->> 'search_text')
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE workflow_tasks.task_id = (e.value ->> 'task_id')
       AND workflow_tasks.version = (e.value ->> 'version')::bigint - 1"
    };
}
pub(super) use update_tasks;
