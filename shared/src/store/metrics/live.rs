//! The tally of this moment: sums, what is not folded yet, and the edges of the spans from the tasks.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::spans::{Cover, Span, next};
use super::tally::{Alike, Moments, Tally};
use crate::domain::{Category, Priority, Status};
use crate::store::query::{execute, fetch_all};
use crate::store::{Result, Session};

/// Seconds of the narrow buckets: every zone's offset is a multiple of them.
pub(in crate::store) const QUARTER: i64 = 900;
/// The same by owner, who has no zone.
const HOUR: i64 = 3_600;

/// Tasks of one category and fate in one of several spans.
#[derive(sqlx::FromRow)]
pub(in crate::store) struct Spanned {
    pub(in crate::store) span: i64,
    pub(in crate::store) category: Category,
    /// `open`, `met`, `missed` or `undated` for deadlines; else empty.
    pub(in crate::store) fate: String,
    pub(in crate::store) n: i64,
    pub(in crate::store) cents: i64,
    pub(in crate::store) red: i64,
    pub(in crate::store) done: i64,
}

/// Sums of one series, of the buckets and of the edges of spans.
macro_rules! spanned {
    ($series:literal, $statuses:literal, $instant:literal, $fate:literal, $which:literal) => {
        concat!(
            "SELECT span, category, status AS fate, CAST(sum(n) AS bigint) AS n, CAST(sum(cents) AS bigint) AS cents,
                    CAST(sum(red) AS bigint) AS red, CAST(sum(done) AS bigint) AS done
             FROM (SELECT (e.value ->> 'span')::bigint AS span, c.category, c.status, c.n, c.cents, c.red, c.done
                   FROM jsonb_array_elements($1::jsonb) AS e
                   CROSS JOIN task_rollups AS c
                   WHERE c.series = '",
            $series,
            "'
                     AND c.width = (e.value ->> 'width')::bigint
                     AND c.status IN (",
            $statuses,
            ")
                     AND c.bucket >= (e.value ->> 'from')::bigint
                     AND c.bucket < (e.value ->> 'to')::bigint
                   UNION ALL
                   SELECT (e.value ->> 'span')::bigint AS span, c.category, c.status, c.n, c.cents, c.red, c.done
                   FROM jsonb_array_elements($1::jsonb) AS e
                   CROSS JOIN rollup_delta_cells AS c
                   WHERE c.series = '",
            $series,
            "'
                     AND c.width = (e.value ->> 'width')::bigint
                     AND c.status IN (",
            $statuses,
            ")
                     AND c.bucket >= (e.value ->> 'from')::bigint
                     AND c.bucket < (e.value ->> 'to')::bigint
                   UNION ALL
                   SELECT (e.value ->> 'span')::bigint AS span, t.workflow_category, ",
            $fate,
            ", 1, t.dollar_value,
                          CASE WHEN t.task_status = 'RED' THEN 1 ELSE 0 END,
                          CASE WHEN t.task_status = 'COMPLETED' THEN 1 ELSE 0 END
                   FROM jsonb_array_elements($2::jsonb) AS e
                   CROSS JOIN workflow_tasks AS t
                   WHERE t.deleted_at IS NULL
                     AND t.",
            $instant,
            " >= (e.value ->> 'from')::timestamptz
                     AND t.",
            $instant,
            " < (e.value ->> 'to')::timestamptz",
            $which,
            ") AS parts
             GROUP BY span, category, status
             HAVING sum(n) <> 0"
        )
    };
}

/// Tasks by creation.
pub(in crate::store) async fn created(session: &mut Session, spans: &[Span]) -> Result<Vec<Spanned>> {
    const SQL: &str = spanned!("created", "''", "created_at", "''", "");
    let Cover { buckets, edges } = Cover::of(spans, QUARTER);
    fetch_all!(session, Spanned, SQL, buckets, edges)
}

/// Completed tasks by completion.
pub(in crate::store) async fn completed(session: &mut Session, spans: &[Span]) -> Result<Vec<Spanned>> {
    const SQL: &str = spanned!(
        "completed",
        "''",
        "completion_date",
        "''",
        " AND t.completion_date IS NOT NULL AND t.task_status = 'COMPLETED'"
    );
    let Cover { buckets, edges } = Cover::of(spans, QUARTER);
    fetch_all!(session, Spanned, SQL, buckets, edges)
}

/// Open tasks by deadline.
async fn open_due(session: &mut Session, spans: &[Span]) -> Result<Vec<Spanned>> {
    const SQL: &str = spanned!("due", "'open'", "sla_deadline", "'open'", " AND t.task_status <> 'COMPLETED'");
    let Cover { buckets, edges } = Cover::of(spans, QUARTER);
    fetch_all!(session, Spanned, SQL, buckets, edges)
}

/// All tasks by deadline, with what became of it.
pub(in crate::store) async fn due(session: &mut Session, spans: &[Span]) -> Result<Vec<Spanned>> {
    const SQL: &str = spanned!(
        "due",
        "'open', 'met', 'missed', 'undated'",
        "sla_deadline",
        "CASE WHEN t.task_status <> 'COMPLETED' THEN 'open' WHEN t.completion_date IS NULL THEN 'undated'
              WHEN t.completion_date <= t.sla_deadline THEN 'met' ELSE 'missed' END",
        ""
    );
    let Cover { buckets, edges } = Cover::of(spans, QUARTER);
    fetch_all!(session, Spanned, SQL, buckets, edges)
}

/// Lets the statements of this snapshot use indexes. PostgreSQL knows nothing of the ranges it is given as an array, takes
/// them for many and wide, and would rather compare every task with each; and compile that first, or start processes for it,
/// which takes longer than the few rows there are.
pub(in crate::store) async fn by_index(snapshot: &mut Session) -> Result<()> {
    const SQL: &str = "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
                set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true),
                set_config('max_parallel_workers_per_gather', '0', true)";
    if !snapshot.is_sqlite() {
        execute!(snapshot, SQL)?;
    }
    Ok(())
}

/// Counts everything.
pub(super) async fn tally(session: &mut Session, now: DateTime<Utc>) -> Result<Tally> {
    by_index(session).await?;
    let mut tally = Tally::default();
    totals(session, &mut tally).await?;
    moments(session, &mut tally, now).await?;
    greatest(session, &mut tally).await?;
    owners(session, &mut tally).await?;
    owners_due(session, &mut tally, now).await?;
    owners_extremes(session, &mut tally).await?;
    Ok(tally)
}

async fn totals(session: &mut Session, tally: &mut Tally) -> Result<()> {
    const SQL: &str = "SELECT category, status, priority, CAST(sum(n) AS bigint), CAST(sum(cents) AS bigint),
                CAST(sum(due) AS bigint), CAST(sum(met) AS bigint), CAST(sum(timed) AS bigint),
                CAST(sum(spent_ms) AS bigint)
         FROM (SELECT category, status, priority, n, cents, due, met, timed, spent_ms
               FROM task_rollups
               WHERE series = 'all'
               UNION ALL
               SELECT category, status, priority, n, cents, due, met, timed, spent_ms
               FROM rollup_delta_cells
               WHERE series = 'all') AS cells
         GROUP BY category, status, priority
         HAVING sum(n) <> 0";
    type Row = (Category, Status, Priority, i64, i64, i64, i64, i64, i64);
    for (category, status, priority, n, cents, due, met, timed, spent_ms) in fetch_all!(session, Row, SQL)? {
        let share = tally.category(category);
        share.count(&Alike { category, status, n, cents }, priority);
        share.due += due;
        share.met += met;
        share.timed += timed;
        share.spent_ms += spent_ms;
    }
    Ok(())
}

async fn moments(session: &mut Session, tally: &mut Tally, now: DateTime<Utc>) -> Result<()> {
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let today = Span::between(today, today + TimeDelta::days(1));
    let since = |hours| Span::since(next(now - TimeDelta::hours(hours)));
    let within = |hours| Span::between(now, next(now + TimeDelta::hours(hours)));
    let place: [fn(&mut Moments) -> &mut i64; 3] =
        [|moments| &mut moments.last_24h, |moments| &mut moments.last_7d, |moments| &mut moments.created_today];
    put(tally, &created(session, &[since(24), since(168), today]).await?, &place);
    put(tally, &completed(session, &[today]).await?, &[|moments| &mut moments.completed_today]);
    let place: [fn(&mut Moments) -> &mut i64; 4] = [
        |moments| &mut moments.overdue,
        |moments| &mut moments.due_1h,
        |moments| &mut moments.due_4h,
        |moments| &mut moments.due_24h,
    ];
    put(tally, &open_due(session, &[Span::before(now), within(1), within(4), within(24)]).await?, &place);
    Ok(())
}

fn put(tally: &mut Tally, rows: &[Spanned], places: &[fn(&mut Moments) -> &mut i64]) {
    for row in rows {
        if let Some(place) = usize::try_from(row.span).ok().and_then(|span| places.get(span)) {
            *place(&mut tally.category(row.category).moments) += row.n;
        }
    }
}

/// No sum can give the greatest: the index has it.
async fn greatest(session: &mut Session, tally: &mut Tally) -> Result<()> {
    const SQL: &str = "SELECT (e.value ->> 'category'),
                (SELECT t.dollar_value
                 FROM workflow_tasks AS t
                 WHERE t.deleted_at IS NULL
                   AND t.workflow_category = (e.value ->> 'category')
                 ORDER BY t.dollar_value DESC
                 LIMIT 1)
         FROM jsonb_array_elements($1::jsonb) AS e";
    let wanted: Vec<Value> = tally.categories.keys().map(|name| json!({"category": name})).collect();
    for (category, cents) in fetch_all!(session, (Category, Option<i64>), SQL, Value::from(wanted).to_string())? {
        tally.category(category).max_cents = cents.unwrap_or_default();
    }
    Ok(())
}

async fn owners(session: &mut Session, tally: &mut Tally) -> Result<()> {
    const SQL: &str = "SELECT owner, owner_email, category, status, CAST(sum(n) AS bigint), CAST(sum(cents) AS bigint)
         FROM (SELECT owner, owner_email, category, status, n, cents FROM task_rollups WHERE series = 'owner'
               UNION ALL
               SELECT owner, owner_email, category, status, n, cents FROM rollup_delta_cells WHERE series = 'owner')
              AS cells
         GROUP BY owner, owner_email, category, status
         HAVING sum(n) <> 0";
    type Row = (String, String, Category, Status, i64, i64);
    for (owner, email, category, status, n, cents) in fetch_all!(session, Row, SQL)? {
        tally.owner(owner, email).count(&Alike { category, status, n, cents });
    }
    Ok(())
}

async fn owners_due(session: &mut Session, tally: &mut Tally, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "SELECT span, owner, owner_email, CAST(sum(n) AS bigint)
         FROM (SELECT (e.value ->> 'span')::bigint AS span, c.owner, c.owner_email, c.n
               FROM jsonb_array_elements($1::jsonb) AS e
               CROSS JOIN task_rollups AS c
               WHERE c.series = 'owner_due'
                 AND c.width = (e.value ->> 'width')::bigint
                 AND c.status = ''
                 AND c.bucket >= (e.value ->> 'from')::bigint
                 AND c.bucket < (e.value ->> 'to')::bigint
               UNION ALL
               SELECT (e.value ->> 'span')::bigint AS span, c.owner, c.owner_email, c.n
               FROM jsonb_array_elements($1::jsonb) AS e
               CROSS JOIN rollup_delta_cells AS c
               WHERE c.series = 'owner_due'
                 AND c.width = (e.value ->> 'width')::bigint
                 AND c.bucket >= (e.value ->> 'from')::bigint
                 AND c.bucket < (e.value ->> 'to')::bigint
               UNION ALL
               SELECT (e.value ->> 'span')::bigint AS span, COALESCE(t.current_owner, ''), COALESCE(t.owner_email, ''), 1
               FROM jsonb_array_elements($2::jsonb) AS e
               CROSS JOIN workflow_tasks AS t
               WHERE t.deleted_at IS NULL
                 AND t.task_status <> 'COMPLETED'
                 AND t.sla_deadline >= (e.value ->> 'from')::timestamptz
                 AND t.sla_deadline < (e.value ->> 'to')::timestamptz) AS parts
         GROUP BY span, owner, owner_email
         HAVING sum(n) <> 0";
    let spans = [Span::before(now), Span::between(now, next(now + TimeDelta::hours(24)))];
    let Cover { buckets, edges } = Cover::of(&spans, HOUR);
    for (span, owner, email, n) in fetch_all!(session, (i64, String, String, i64), SQL, buckets, edges)? {
        let load = tally.owner(owner, email);
        if span == 0 { load.overdue += n } else { load.due_24h += n }
    }
    Ok(())
}

async fn owners_extremes(session: &mut Session, tally: &mut Tally) -> Result<()> {
    const SQL: &str = "SELECT (e.value ->> 'owner'), (e.value ->> 'email'),
                (SELECT t.dollar_value
                 FROM workflow_tasks AS t
                 WHERE t.deleted_at IS NULL
                   AND t.task_status IN ('RED', 'YELLOW', 'GREEN')
                   AND COALESCE(t.current_owner, '') = (e.value ->> 'owner')
                   AND COALESCE(t.owner_email, '') = (e.value ->> 'email')
                 ORDER BY t.dollar_value DESC
                 LIMIT 1),
                (SELECT t.sla_deadline
                 FROM workflow_tasks AS t
                 WHERE t.deleted_at IS NULL
                   AND t.task_status IN ('RED', 'YELLOW', 'GREEN')
                   AND COALESCE(t.current_owner, '') = (e.value ->> 'owner')
                   AND COALESCE(t.owner_email, '') = (e.value ->> 'email')
                   AND t.sla_deadline IS NOT NULL
                 ORDER BY t.sla_deadline
                 LIMIT 1)
         FROM jsonb_array_elements($1::jsonb) AS e";
    type Row = (String, String, Option<i64>, Option<DateTime<Utc>>);
    let wanted: Vec<Value> =
        tally.owners.keys().map(|(owner, email)| json!({"owner": owner, "email": email})).collect();
    for (owner, email, cents, deadline) in fetch_all!(session, Row, SQL, Value::from(wanted).to_string())? {
        let load = tally.owner(owner, email);
        load.max_cents = cents.unwrap_or_default();
        load.next_deadline = deadline;
    }
    Ok(())
}
