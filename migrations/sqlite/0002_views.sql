-- The four views people and dashboards read. Nothing is stored or sampled: every figure is counted from the live
-- tasks, whatever their age, and is exact at the instant of the read. Names, columns and formulas are the contract's.
-- The same file exists under migrations/postgres.
--
-- Each view reads the clock once, in `clock`, so that the figures of one read are about one instant. 'open' means not
-- COMPLETED. The clock's texts have the layout of the stored instants, because text is what is compared.
-- Rounding is half up on integers: (2a + b) / 2b is a / b rounded, where the float of a / b could fall on either side
-- of a tie. Only the last step, cents to dollars or tenths to a decimal, is a float. Readers sort; no view does.
--
-- A pass over all tasks says NOT INDEXED: the planner would walk them along a partial index of the live ones and look
-- up each row out of order for the columns the index lacks, which takes twice as long.

CREATE VIEW executive_metrics_v2 AS
WITH clock AS MATERIALIZED (
    SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') AS now,
           strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+4 hours') AS in_4h,
           strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+24 hours') AS in_24h,
           strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-24 hours') AS ago_24h,
           strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-7 days') AS ago_7d
),
figures AS (
    SELECT COUNT(*) AS total,
           COUNT(*) FILTER (WHERE task_status = 'RED') AS red,
           COUNT(*) FILTER (WHERE task_status = 'YELLOW') AS yellow,
           COUNT(*) FILTER (WHERE task_status = 'GREEN') AS green,
           COUNT(*) FILTER (WHERE task_status = 'COMPLETED') AS completed,
           COALESCE(SUM(dollar_value) FILTER (WHERE task_status = 'RED'), 0) AS red_cents,
           COALESCE(SUM(dollar_value) FILTER (WHERE task_status <> 'COMPLETED'), 0) AS open_cents,
           COALESCE(SUM(dollar_value), 0) AS cents,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED'
                            AND sla_deadline < (SELECT now FROM clock)) AS overdue,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED'
                            AND sla_deadline BETWEEN (SELECT now FROM clock) AND (SELECT in_24h FROM clock)) AS due_24h,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED'
                            AND sla_deadline BETWEEN (SELECT now FROM clock) AND (SELECT in_4h FROM clock)) AS due_4h,
           COUNT(*) FILTER (WHERE task_status = 'COMPLETED' AND completion_date <= sla_deadline) AS met,
           COUNT(sla_deadline) FILTER (WHERE task_status = 'COMPLETED') AS with_deadline,
           COUNT(completion_date) FILTER (WHERE task_status = 'COMPLETED') AS timed,
           -- Seconds and the three digits after the point apart, so that the sum stays an integer: the date functions
           -- take a fraction through a float. Of a whole second the three digits are '00:', which reads as 0.
           SUM((unixepoch(substr(completion_date, 1, 19)) - unixepoch(substr(created_at, 1, 19))) * 1000
               + CAST(substr(completion_date, 21, 3) AS INTEGER) - CAST(substr(created_at, 21, 3) AS INTEGER))
               FILTER (WHERE task_status = 'COMPLETED') AS spent_ms,
           COUNT(*) FILTER (WHERE created_at > (SELECT ago_24h FROM clock)) AS last_24h,
           COUNT(*) FILTER (WHERE created_at > (SELECT ago_7d FROM clock)) AS last_7d,
           COUNT(*) FILTER (WHERE priority = 'CRITICAL') AS critical,
           COUNT(*) FILTER (WHERE priority = 'HIGH') AS high
    FROM workflow_tasks NOT INDEXED
    WHERE deleted_at IS NULL
)
SELECT total AS total_tasks,
       red AS red_tasks,
       yellow AS yellow_tasks,
       green AS green_tasks,
       completed AS completed_tasks,
       red_cents / 100.0 AS revenue_at_risk,
       open_cents / 100.0 AS active_revenue,
       cents / 100.0 AS total_revenue,
       overdue AS sla_violations,
       due_24h AS sla_warning_24h,
       due_4h AS sla_critical_4h,
       (2000 * met + with_deadline) / NULLIF(2 * with_deadline, 0) / 10.0 AS sla_met_percentage,
       -- 8,640,000 ms are a tenth of a day.
       (2 * spent_ms + 8640000 * timed) / NULLIF(2 * 8640000 * timed, 0) / 10.0 AS avg_completion_days,
       last_24h AS tasks_last_24h,
       last_7d AS tasks_last_7d,
       critical AS critical_priority_count,
       high AS high_priority_count,
       (SELECT now FROM clock) AS calculated_at
FROM figures;

CREATE VIEW category_performance_v2 AS
WITH clock AS MATERIALIZED (
    SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') AS now,
           strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-7 days') AS ago_7d
),
figures AS (
    SELECT workflow_category,
           COUNT(*) AS total,
           COUNT(*) FILTER (WHERE created_at > (SELECT ago_7d FROM clock)) AS last_7d,
           COUNT(*) FILTER (WHERE task_status = 'RED') AS red,
           COUNT(*) FILTER (WHERE task_status = 'YELLOW') AS yellow,
           COUNT(*) FILTER (WHERE task_status = 'GREEN') AS green,
           COUNT(*) FILTER (WHERE task_status = 'COMPLETED') AS completed,
           SUM(dollar_value) AS cents,
           MAX(dollar_value) AS max_cents,
           COALESCE(SUM(dollar_value) FILTER (WHERE task_status = 'RED'), 0) AS red_cents,
           COUNT(completion_date) FILTER (WHERE task_status = 'COMPLETED') AS timed,
           SUM((unixepoch(substr(completion_date, 1, 19)) - unixepoch(substr(created_at, 1, 19))) * 1000
               + CAST(substr(completion_date, 21, 3) AS INTEGER) - CAST(substr(created_at, 21, 3) AS INTEGER))
               FILTER (WHERE task_status = 'COMPLETED') AS spent_ms,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED'
                            AND sla_deadline < (SELECT now FROM clock)) AS overdue
    FROM workflow_tasks NOT INDEXED
    WHERE deleted_at IS NULL
    GROUP BY workflow_category
)
SELECT workflow_category,
       total AS total_tasks,
       last_7d AS tasks_last_7d,
       red AS red_count,
       yellow AS yellow_count,
       green AS green_count,
       completed AS completed_count,
       cents / 100.0 AS total_value,
       (2 * cents + total) / (2 * total) / 100.0 AS avg_value,
       max_cents / 100.0 AS max_value,
       red_cents / 100.0 AS value_at_risk,
       (2000 * completed + total) / (2 * total) / 10.0 AS completion_rate,
       (2 * spent_ms + 8640000 * timed) / NULLIF(2 * 8640000 * timed, 0) / 10.0 AS avg_completion_days,
       overdue AS sla_violations,
       -- Never below 0: what is overdue is not completed.
       (1000 * (completed + total - overdue) + total) / (2 * total) / 10.0 AS efficiency_score
FROM figures;

CREATE VIEW owner_workload_v2 AS
WITH clock AS MATERIALIZED (
    SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') AS now,
           strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+24 hours') AS in_24h
),
-- The category takes part in the grouping so that one pass over the tasks also gives each owner's categories.
by_category AS (
    SELECT current_owner,
           owner_email,
           workflow_category,
           COUNT(*) AS active,
           COUNT(*) FILTER (WHERE task_status = 'RED') AS red,
           COUNT(*) FILTER (WHERE task_status = 'YELLOW') AS yellow,
           COUNT(*) FILTER (WHERE task_status = 'GREEN') AS green,
           SUM(dollar_value) AS cents,
           COALESCE(SUM(dollar_value) FILTER (WHERE task_status = 'RED'), 0) AS red_cents,
           MAX(dollar_value) AS max_cents,
           MIN(sla_deadline) AS next_deadline,
           COUNT(*) FILTER (WHERE sla_deadline BETWEEN (SELECT now FROM clock)
                                                AND (SELECT in_24h FROM clock)) AS due_24h,
           COUNT(*) FILTER (WHERE sla_deadline < (SELECT now FROM clock)) AS overdue
    FROM workflow_tasks
    WHERE deleted_at IS NULL
      -- The open ones by name: an index finds these, and most tasks of an old database are completed.
      AND task_status IN ('RED', 'YELLOW', 'GREEN')
    GROUP BY current_owner, owner_email, workflow_category
),
with_categories AS (
    -- A window, because json_group_array has an ORDER BY of its own only from SQLite 3.44 on. Every row of an owner
    -- gets the whole array.
    SELECT *,
           json_group_array(workflow_category) OVER (
               PARTITION BY current_owner, owner_email
               ORDER BY workflow_category
               ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
           ) AS categories
    FROM by_category
),
figures AS (
    SELECT current_owner,
           owner_email,
           SUM(active) AS active,
           SUM(red) AS red,
           SUM(yellow) AS yellow,
           SUM(green) AS green,
           SUM(cents) AS cents,
           SUM(red_cents) AS red_cents,
           MAX(max_cents) AS max_cents,
           MIN(next_deadline) AS next_deadline,
           SUM(due_24h) AS due_24h,
           SUM(overdue) AS overdue,
           MIN(categories) AS categories
    FROM with_categories
    GROUP BY current_owner, owner_email
)
SELECT current_owner,
       owner_email,
       active AS total_active_tasks,
       red AS critical_tasks,
       yellow AS warning_tasks,
       green AS normal_tasks,
       cents / 100.0 AS total_value_managed,
       red_cents / 100.0 AS critical_value,
       max_cents / 100.0 AS highest_value_task,
       next_deadline,
       due_24h AS due_within_24h,
       overdue AS overdue_tasks,
       (3 * active + 100 * red + 50 * yellow + 200 * due_24h) / 10.0 AS workload_score,
       categories AS categories_handled
FROM figures;

CREATE VIEW real_time_metrics AS
WITH clock AS MATERIALIZED (
    SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') AS now,
           strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+1 hour') AS in_1h,
           strftime('%Y-%m-%dT00:00:00+00:00', 'now') AS today,
           strftime('%Y-%m-%dT00:00:00+00:00', 'now', '+1 day') AS tomorrow
),
figures AS (
    SELECT COUNT(*) FILTER (WHERE task_status <> 'COMPLETED') AS active,
           COUNT(*) FILTER (WHERE task_status = 'RED') AS red,
           COALESCE(SUM(dollar_value) FILTER (WHERE task_status = 'RED'), 0) AS red_cents,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED'
                            AND sla_deadline BETWEEN (SELECT now FROM clock) AND (SELECT in_1h FROM clock)) AS due_1h,
           COUNT(*) FILTER (WHERE created_at >= (SELECT today FROM clock)
                            AND created_at < (SELECT tomorrow FROM clock)) AS created_today,
           COUNT(*) FILTER (WHERE task_status = 'COMPLETED'
                            AND completion_date >= (SELECT today FROM clock)
                            AND completion_date < (SELECT tomorrow FROM clock)) AS completed_today
    FROM workflow_tasks NOT INDEXED
    WHERE deleted_at IS NULL
)
SELECT active AS active_tasks,
       red AS critical_now,
       red_cents / 100.0 AS value_at_risk_now,
       due_1h AS due_next_hour,
       created_today AS tasks_created_today,
       completed_today AS tasks_completed_today,
       -- Differs because SQLite groups by sorting: by category in the pass above, every task would be sorted for this.
       (
           SELECT workflow_category
           FROM workflow_tasks
           WHERE deleted_at IS NULL
             AND task_status = 'RED'
           GROUP BY workflow_category
           ORDER BY COUNT(*) DESC, workflow_category
           LIMIT 1
       ) AS primary_bottleneck,
       (SELECT now FROM clock) AS snapshot_time
FROM figures;
