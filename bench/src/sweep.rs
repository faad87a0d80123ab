//! P11: ten thousand tasks that pass a threshold among a million, swept, against the bare update of their rows.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use shared::clock::Clock;
use shared::store::testing::TestDatabase;
use shared::store::{Db, tasks};

use crate::{Bar, Figure, Terms, median, percentile};

/// Tasks that pass their threshold in a round.
const CROSSINGS: i64 = 10_000;
/// Tasks of one transaction, as the sweep has them.
const SET: i64 = 2_000;

pub async fn figures(terms: &Terms) -> Result<Vec<Figure>> {
    let postgres = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
    let mut figures = of(terms, &postgres.open().await, "").await?;
    figures.extend(of(terms, &TestDatabase::sqlite().open().await, ", embedded").await?);
    Ok(figures)
}

async fn of(terms: &Terms, db: &Db, form: &str) -> Result<Vec<Figure>> {
    let count = terms.tasks.max(CROSSINGS * 10);
    fill(db, count).await;
    let now = Clock::system().now();
    let rounds = count / CROSSINGS;
    let (mut bare, mut with_rows, mut swept) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..terms.rounds as i64 {
        for (place, took) in [&mut bare, &mut with_rows, &mut swept].into_iter().enumerate() {
            let due = due(db, rounds, (round * 3 + place as i64) % rounds, now).await;
            let began = Instant::now();
            match place {
                0 => drop(db.execute_raw(&update(now)).await),
                1 => drop(db.execute_raw(&format!("{}; {}", rows(now), update(now))).await),
                _ => anyhow::ensure!(sweep(db, now).await? as u64 == due, "the sweep did not find what is due"),
            }
            took.push(began.elapsed());
        }
    }
    let mut idle = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        anyhow::ensure!(sweep(db, now).await? == 0, "nothing was to be due");
        idle.push(began.elapsed());
    }
    let ratio = |ceiling: &[Duration]| {
        median(swept.iter().zip(ceiling).map(|(swept, bare)| swept.as_secs_f64() / bare.as_secs_f64()).collect())
    };
    let milliseconds = |took: &[Duration]| median(took.iter().map(|took| took.as_secs_f64() * 1000.0).collect());
    let product = milliseconds(&swept);
    let detail = |ceiling| format!("{product:.0} ms against {ceiling:.0} ms, {CROSSINGS} of {count}");
    Ok(vec![
        Figure {
            name: format!("P11 sweep / bare UPDATE RETURNING{form}"),
            value: ratio(&bare),
            bar: Bar::AtMost(1.5),
            detail: detail(milliseconds(&bare)),
        },
        Figure {
            name: format!("P11 sweep / UPDATE, INSERT of its rows{form}"),
            value: ratio(&with_rows),
            bar: Bar::None,
            detail: detail(milliseconds(&with_rows)),
        },
        Figure {
            name: format!("P11 sweep of nothing, p50 ms{form}"),
            value: percentile(&mut idle, 50),
            bar: Bar::AtMost(10.0),
            detail: format!("50 sweeps of {count}"),
        },
    ])
}

/// What the job does, without the queue around it.
async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<usize> {
    let mut crossed = 0;
    loop {
        let mut tx = db.begin().await?;
        let found = tasks::cross(&mut tx, now, SET).await?;
        let rest = if (found as i64) < SET { tasks::lock_due(&mut tx, now, SET).await?.len() } else { 0 };
        anyhow::ensure!(rest == 0, "{rest} tasks were left");
        tx.commit().await?;
        crossed += found;
        if (found as i64) < SET {
            return Ok(crossed);
        }
    }
}

/// An instant as both databases take it from text.
fn quoted(at: DateTime<Utc>) -> String {
    format!("'{}'", at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false))
}

async fn fill(db: &Db, count: i64) {
    let now = Clock::system().now();
    let due = now + TimeDelta::days(4_000);
    let (created, warning, critical, due) = (
        quoted(now - TimeDelta::days(1)),
        quoted(due - TimeDelta::hours(24)),
        quoted(due - TimeDelta::hours(4)),
        quoted(due),
    );
    let instant = if db.is_sqlite() { "" } else { "::timestamptz" };
    let (numbers, id) = if db.is_sqlite() {
        (
            format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})"),
            "printf('TASK-%08d-b', n)",
        )
    } else {
        (
            format!("WITH s(n) AS (SELECT * FROM generate_series(1, {count}))"),
            "'TASK-' || lpad(n::text, 8, '0') || '-b'",
        )
    };
    db.execute_raw(&format!(
        "INSERT INTO workflow_tasks (task_id, workflow_category, workflow_state, task_status, manual_status, title, priority,
             current_owner, dollar_value, created_at, updated_at, sla_deadline, sla_warning_at, sla_critical_at, sla_next_at,
             sla_policy, sla_state, search_text, version)
         {numbers}
         SELECT {id}, 'Order Management', 'IN_PROGRESS', 'GREEN', 'GREEN', 'Expedite order ' || n, 'NORMAL',
                'Owner ' || (n % 20), n % 5000 * 100, {created}{instant}, {created}{instant}, {due}{instant},
                {warning}{instant}, {critical}{instant}, {warning}{instant}, 'default', 'ok', 'expedite order ' || n, 1
         FROM s"
    ))
    .await;
    db.execute_raw("ANALYZE").await;
}

/// Makes every so many-th task due for a warning.
async fn due(db: &Db, every: i64, place: i64, now: DateTime<Utc>) -> u64 {
    let (warning, critical, due) =
        (quoted(now - TimeDelta::seconds(1)), quoted(now + TimeDelta::hours(19)), quoted(now + TimeDelta::hours(23)));
    let marked = db
        .execute_raw(&format!(
            "UPDATE workflow_tasks
             SET sla_warning_at = {warning}, sla_critical_at = {critical}, sla_deadline = {due}, sla_next_at = {warning}
             WHERE CAST(substr(task_id, 6, 8) AS INTEGER) % {every} = {place}
               AND sla_state = 'ok'"
        ))
        .await;
    if !db.is_sqlite() {
        // Its own writes are not to be paid for by whoever is measured next.
        db.execute_raw("CHECKPOINT").await;
    }
    marked
}

/// The rows alone.
fn update(now: DateTime<Utc>) -> String {
    format!(
        "UPDATE workflow_tasks
         SET task_status = 'YELLOW', sla_state = 'warning', sla_warned_at = {now}, sla_announced = 1,
             sla_next_at = sla_critical_at, updated_at = {now}, version = version + 1
         WHERE sla_next_at <= {now}
           AND deleted_at IS NULL
         RETURNING task_id, task_status, sla_deadline",
        now = quoted(now)
    )
}

/// As many rows of history and events as the sweep writes, of about their size.
fn rows(now: DateTime<Utc>) -> String {
    let now = quoted(now);
    let due = format!("FROM workflow_tasks WHERE sla_next_at <= {now} AND deleted_at IS NULL");
    let event = |name: &str| {
        format!(
            "INSERT INTO workflow_events (event, task_id, data, matches, created_at)
             SELECT '{name}', task_id,
                    '{{\"updates\": {{\"sla_state\": \"warning\", \"task_status\": \"YELLOW\"}}, \"changedBy\": \"SLA Monitor\",
                       \"timestamp\": \"2026-01-01T00:00:00.123456Z\", \"version\": 2}}',
                    '{{\"status\": [\"GREEN\", \"YELLOW\"], \"owner\": [\"Owner\"], \"category\": [\"Order Management\"]}}', {now} {due}"
        )
    };
    format!(
        "INSERT INTO workflow_status_history (task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version)
         SELECT task_id, 'task_status', 'GREEN', 'YELLOW', 'SLA Monitor', 'SLA warning', {now}, 2 {due}; {}; {}; {}",
        event("workflow:task:updated"),
        event("workflow:status:changed"),
        event("workflow:sla:warning")
    )
}
