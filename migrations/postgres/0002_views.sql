-- The four views people and dashboards read. Nothing is stored or sampled: every figure is counted from the live
-- tasks, whatever their age, and is exact at the instant of the read. Names, columns and formulas are the contract's.
-- The same file exists under migrations/sqlite.
--
-- Each view reads the clock once, in `clock`, so that the figures of one read are about one instant. It is the
-- statement's start: now() would be the transaction's, and stand still for a reader that keeps one open. 'open' means
-- not COMPLETED. Rounding is half up on integers: DIV(2a + b, 2b) is a / b rounded, where a quotient of limited digits
-- could fall on either side of a tie. Only the last step, cents to dollars or tenths to a decimal, has a fraction.
-- Readers sort; no view does.

CREATE VIEW executive_metrics_v2 AS
WITH clock AS MATERIALIZED (
    SELECT statement_timestamp() AS now,
           statement_timestamp() + INTERVAL '4 hours' AS in_4h,
           statement_timestamp() + INTERVAL '24 hours' AS in_24h,
           statement_timestamp() - INTERVAL '24 hours' AS ago_24h,
           -- Hours, because '7 days' keeps the wall clock of the session's time zone and is an hour off twice a year.
           statement_timestamp() - INTERVAL '168 hours' AS ago_7d
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
           -- Both instants have whole milliseconds, so rounding takes away only what the float of date_part added.
           SUM(CAST(ROUND(DATE_PART('epoch', completion_date - created_at) * 1000) AS BIGINT))
               FILTER (WHERE task_status = 'COMPLETED') AS spent_ms,
           COUNT(*) FILTER (WHERE created_at > (SELECT ago_24h FROM clock)) AS last_24h,
           COUNT(*) FILTER (WHERE created_at > (SELECT ago_7d FROM clock)) AS last_7d,
           COUNT(*) FILTER (WHERE priority = 'CRITICAL') AS critical,
           COUNT(*) FILTER (WHERE priority = 'HIGH') AS high
    FROM workflow_tasks
    WHERE deleted_at IS NULL
)
SELECT total AS total_tasks,
       red AS red_tasks,
       yellow AS yellow_tasks,
       green AS green_tasks,
       completed AS completed_tasks,
       CAST(red_cents * 0.01 AS NUMERIC(20, 2)) AS revenue_at_risk,
       CAST(open_cents * 0.01 AS NUMERIC(20, 2)) AS active_revenue,
       CAST(cents * 0.01 AS NUMERIC(20, 2)) AS total_revenue,
       overdue AS sla_violations,
       due_24h AS sla_warning_24h,
       due_4h AS sla_critical_4h,
       CAST(DIV(2000 * met + with_deadline, NULLIF(2 * with_deadline, 0)) * 0.1 AS NUMERIC(10, 1))
           AS sla_met_percentage,
       -- 8,640,000 ms are a tenth of a day.
       CAST(DIV(2 * spent_ms + 8640000 * timed, NULLIF(2 * 8640000 * timed, 0)) * 0.1 AS NUMERIC(10, 1))
           AS avg_completion_days,
       last_24h AS tasks_last_24h,
       last_7d AS tasks_last_7d,
       critical AS critical_priority_count,
       high AS high_priority_count,
       (SELECT now FROM clock) AS calculated_at
FROM figures;

CREATE VIEW category_performance_v2 AS
WITH clock AS MATERIALIZED (
    SELECT statement_timestamp() AS now,
           statement_timestamp() - INTERVAL '168 hours' AS ago_7d
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
           SUM(CAST(ROUND(DATE_PART('epoch', completion_date - created_at) * 1000) AS BIGINT))
               FILTER (WHERE task_status = 'COMPLETED') AS spent_ms,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED'
                            AND sla_deadline < (SELECT now FROM clock)) AS overdue
    FROM workflow_tasks
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
       CAST(cents * 0.01 AS NUMERIC(20, 2)) AS total_value,
       CAST(DIV(2 * cents + total, 2 * total) * 0.01 AS NUMERIC(20, 2)) AS avg_value,
       CAST(max_cents * 0.01 AS NUMERIC(20, 2)) AS max_value,
       CAST(red_cents * 0.01 AS NUMERIC(20, 2)) AS value_at_risk,
       CAST(DIV(2000 * completed + total, 2 * total) * 0.1 AS NUMERIC(10, 1)) AS completion_rate,
       CAST(DIV(2 * spent_ms + 8640000 * timed, NULLIF(2 * 8640000 * timed, 0)) * 0.1 AS NUMERIC(10, 1))
           AS avg_completion_days,
       overdue AS sla_violations,
       -- Never below 0: what is overdue is not completed.
       CAST(DIV(1000 * (completed + total - overdue) + total, 2 * total) * 0.1 AS NUMERIC(10, 1)) AS efficiency_score
FROM figures;

CREATE VIEW owner_workload_v2 AS
WITH clock AS MATERIALIZED (
    SELECT statement_timestamp() AS now,
           statement_timestamp() + INTERVAL '24 hours' AS in_24h
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
figures AS (
    SELECT current_owner,
           owner_email,
           -- A sum of counts is NUMERIC; a count goes out as BIGINT in every view.
           CAST(SUM(active) AS BIGINT) AS active,
           CAST(SUM(red) AS BIGINT) AS red,
           CAST(SUM(yellow) AS BIGINT) AS yellow,
           CAST(SUM(green) AS BIGINT) AS green,
           SUM(cents) AS cents,
           SUM(red_cents) AS red_cents,
           MAX(max_cents) AS max_cents,
           MIN(next_deadline) AS next_deadline,
           CAST(SUM(due_24h) AS BIGINT) AS due_24h,
           CAST(SUM(overdue) AS BIGINT) AS overdue,
           jsonb_agg(workflow_category ORDER BY workflow_category) AS categories
    FROM by_category
    GROUP BY current_owner, owner_email
)
SELECT current_owner,
       owner_email,
       active AS total_active_tasks,
       red AS critical_tasks,
       yellow AS warning_tasks,
       green AS normal_tasks,
       CAST(cents * 0.01 AS NUMERIC(20, 2)) AS total_value_managed,
       CAST(red_cents * 0.01 AS NUMERIC(20, 2)) AS critical_value,
       CAST(max_cents * 0.01 AS NUMERIC(20, 2)) AS highest_value_task,
       next_deadline,
       due_24h AS due_within_24h,
       overdue AS overdue_tasks,
       CAST((3 * active + 100 * red + 50 * yellow + 200 * due_24h) * 0.1 AS NUMERIC(10, 1)) AS workload_score,
       categories AS categories_handled
FROM figures;

CREATE VIEW real_time_metrics AS
WITH clock AS MATERIALIZED (
    SELECT statement_timestamp() AS now,
           statement_timestamp() + INTERVAL '1 hour' AS in_1h,
           -- Through UTC and back, whatever the session's time zone.
           DATE_TRUNC('day', statement_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS today,
           (DATE_TRUNC('day', statement_timestamp() AT TIME ZONE 'UTC') + INTERVAL '1 day') AT TIME ZONE 'UTC'
               AS tomorrow
),
-- By category, because a hash over the few of them makes the bottleneck part of the one pass.
by_category AS MATERIALIZED (
    SELECT workflow_category,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED') AS active,
           COUNT(*) FILTER (WHERE task_status = 'RED') AS red,
           COALESCE(SUM(dollar_value) FILTER (WHERE task_status = 'RED'), 0) AS red_cents,
           COUNT(*) FILTER (WHERE task_status <> 'COMPLETED'
                            AND sla_deadline BETWEEN (SELECT now FROM clock) AND (SELECT in_1h FROM clock)) AS due_1h,
           COUNT(*) FILTER (WHERE created_at >= (SELECT today FROM clock)
                            AND created_at < (SELECT tomorrow FROM clock)) AS created_today,
           COUNT(*) FILTER (WHERE task_status = 'COMPLETED'
                            AND completion_date >= (SELECT today FROM clock)
                            AND completion_date < (SELECT tomorrow FROM clock)) AS completed_today
    FROM workflow_tasks
    WHERE deleted_at IS NULL
    GROUP BY workflow_category
)
SELECT CAST(COALESCE(SUM(active), 0) AS BIGINT) AS active_tasks,
       CAST(COALESCE(SUM(red), 0) AS BIGINT) AS critical_now,
       CAST(COALESCE(SUM(red_cents), 0) * 0.01 AS NUMERIC(20, 2)) AS value_at_risk_now,
       CAST(COALESCE(SUM(due_1h), 0) AS BIGINT) AS due_next_hour,
       CAST(COALESCE(SUM(created_today), 0) AS BIGINT) AS tasks_created_today,
       CAST(COALESCE(SUM(completed_today), 0) AS BIGINT) AS tasks_completed_today,
       (
           SELECT workflow_category
           FROM by_category
           WHERE red > 0
           ORDER BY red DESC, workflow_category
           LIMIT 1
       ) AS primary_bottleneck,
       (SELECT now FROM clock) AS snapshot_time
FROM by_category;
