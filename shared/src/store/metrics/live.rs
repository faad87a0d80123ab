//! The tally of this moment: sums, what is not folded yet, and what the ends of spans cut off, from the tasks.
//!
//! Four statements whatever there is: cells, changes, tasks at the cuts, extremes. Each change is read once, and counted here
//! for every sum that it is about, as `task_cells` says it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cuts::{Cuts, Plan};
use super::sums::{COMPLETED, CREATED, DUE, NEEDLESS, OWNER_DUE, PartRow, Sum, Sums, series};
use super::tally::Tally;
use crate::domain::{Category, Priority, Status};
use crate::store::query::{execute, fetch_all};
use crate::store::{Result, Session};

/// Lets the statements of this snapshot use indexes. PostgreSQL knows nothing of the ranges it is given as an array, takes
/// them for many and wide, and would rather compare every task with each, or sort what an index has in order; and compile
/// that first, or start processes for it, which takes longer than the few rows there are.
pub(in crate::store) async fn by_index(snapshot: &mut Session) -> Result<()> {
    const SQL: &str = "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
                set_config('enable_mergejoin', 'off', true), set_config('enable_sort', 'off', true),
                set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)";
    if !snapshot.is_sqlite() {
        execute!(snapshot, SQL)?;
    }
    Ok(())
}

/// Counts everything.
pub(super) async fn tally(session: &mut Session, now: DateTime<Utc>) -> Result<Tally> {
    by_index(session).await?;
    let series = series(now);
    let plan = Plan::of(&series, &NEEDLESS);
    let mut sums = Sums::default();
    cells(session, &plan, &mut sums).await?;
    changes(session, &series, &mut sums).await?;
    edges(session, &plan, &mut sums).await?;
    let mut tally = sums.tally();
    extremes(session, &mut tally).await?;
    Ok(tally)
}

/// What is folded. A cell of no tasks counts as well: its cents may be those that a change not yet folded takes away.
async fn cells(session: &mut Session, plan: &Plan, sums: &mut Sums) -> Result<()> {
    const SQL: &str =
        "SELECT CAST(-1 AS bigint) AS part, category, status, priority, owner, owner_email, n, cents, due, met,
                timed, spent_ms
         FROM task_rollups
         WHERE series IN ('all', 'owner')
         UNION ALL
         SELECT part, category, '', '', owner, owner_email, CAST(sum(n) AS bigint), 0, 0, 0, 0, 0
         FROM (SELECT (e.value ->> 'part')::bigint AS part, c.category, c.owner, c.owner_email, c.n
               FROM jsonb_array_elements($1::jsonb) AS e
               CROSS JOIN task_rollups AS c
               WHERE c.series = (e.value ->> 'series')
                 AND c.width = (e.value ->> 'width')::bigint
                 AND c.status = (e.value ->> 'status')
                 AND c.bucket >= (e.value ->> 'from')::bigint
                 AND c.bucket < (e.value ->> 'to')::bigint) AS parts
         GROUP BY part, category, owner, owner_email";
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        part: PartRow,
        status: String,
        priority: String,
        cents: i64,
        due: i64,
        met: i64,
        timed: i64,
        spent_ms: i64,
    }
    for row in fetch_all!(session, Row, SQL, plan.buckets())? {
        let Row { part, cents, due, met, timed, spent_ms, .. } = row;
        if part.part >= 0 {
            sums.part(plan, &part);
            continue;
        }
        let sum = Sum { n: part.n, cents, due, met, timed, spent_ms };
        let Some((category, status)) = Category::parse(&part.category).zip(Status::parse(&row.status)) else {
            continue;
        };
        match Priority::parse(&row.priority) {
            Some(priority) => sums.all(category, status, priority, sum),
            None => sums.owner((part.owner, part.owner_email), category, status, sum),
        }
    }
    Ok(())
}

/// What is not folded yet.
async fn changes(session: &mut Session, series: &[Cuts; 4], sums: &mut Sums) -> Result<()> {
    const SQL: &str =
        "SELECT sign, category, status, priority, owner, owner_email, cents, created, due, done, met, spent_ms
         FROM rollup_deltas";
    #[derive(sqlx::FromRow)]
    struct Row {
        sign: i64,
        category: Category,
        status: Status,
        priority: Priority,
        owner: String,
        owner_email: String,
        cents: i64,
        created: i64,
        due: Option<i64>,
        done: Option<i64>,
        met: i64,
        spent_ms: Option<i64>,
    }
    for row in fetch_all!(session, Row, SQL)? {
        let Row { sign, category, status, .. } = row;
        let open = status != Status::Completed;
        let sum = Sum {
            n: sign,
            cents: sign * row.cents,
            due: if row.due.is_some() && !open { sign } else { 0 },
            met: sign * row.met,
            timed: if row.done.is_some() { sign } else { 0 },
            spent_ms: sign * row.spent_ms.unwrap_or_default(),
        };
        sums.all(category, status, row.priority, sum);
        let spans = sums.spans(category);
        spans[CREATED][series[CREATED].span(row.created)] += sign;
        if let Some(done) = row.done {
            spans[COMPLETED][series[COMPLETED].span(done)] += sign;
        }
        if !open {
            continue;
        }
        if let Some(due) = row.due {
            spans[DUE][series[DUE].span(due)] += sign;
            let owner = (row.owner.clone(), row.owner_email.clone());
            sums.owner_spans(owner)[series[OWNER_DUE].span(due)] += sign;
        }
        sums.owner((row.owner, row.owner_email), category, status, sum);
    }
    Ok(())
}

/// The tasks between a cut and the nearest bucket. Days of completion are whole, so that they have none.
async fn edges(session: &mut Session, plan: &Plan, sums: &mut Sums) -> Result<()> {
    const SQL: &str = "SELECT (e.value ->> 'part')::bigint AS part, t.workflow_category AS category, '' AS owner,
                '' AS owner_email, count(*) AS n
         FROM jsonb_array_elements($1::jsonb) AS e
         CROSS JOIN workflow_tasks AS t
         WHERE t.deleted_at IS NULL
           AND t.created_at >= (e.value ->> 'from')::timestamptz
           AND t.created_at < (e.value ->> 'to')::timestamptz
         GROUP BY (e.value ->> 'part')::bigint, t.workflow_category
         UNION ALL
         SELECT (e.value ->> 'part')::bigint, t.workflow_category, '', '', count(*)
         FROM jsonb_array_elements($2::jsonb) AS e
         CROSS JOIN workflow_tasks AS t
         WHERE t.deleted_at IS NULL
           AND t.task_status <> 'COMPLETED'
           AND t.sla_deadline >= (e.value ->> 'from')::timestamptz
           AND t.sla_deadline < (e.value ->> 'to')::timestamptz
         GROUP BY (e.value ->> 'part')::bigint, t.workflow_category
         UNION ALL
         SELECT (e.value ->> 'part')::bigint, '', COALESCE(t.current_owner, ''), COALESCE(t.owner_email, ''), count(*)
         FROM jsonb_array_elements($3::jsonb) AS e
         CROSS JOIN workflow_tasks AS t
         WHERE t.deleted_at IS NULL
           AND t.task_status <> 'COMPLETED'
           AND t.sla_deadline >= (e.value ->> 'from')::timestamptz
           AND t.sla_deadline < (e.value ->> 'to')::timestamptz
         GROUP BY (e.value ->> 'part')::bigint, COALESCE(t.current_owner, ''), COALESCE(t.owner_email, '')";
    for part in fetch_all!(session, PartRow, SQL, plan.edges(CREATED), plan.edges(DUE), plan.edges(OWNER_DUE))? {
        sums.part(plan, &part);
    }
    Ok(())
}

/// No sum can give the greatest and the next: indexes have them.
async fn extremes(session: &mut Session, tally: &mut Tally) -> Result<()> {
    const SQL: &str = "SELECT (e.value ->> 'category') AS category, '' AS owner, '' AS owner_email,
                (SELECT t.dollar_value
                 FROM workflow_tasks AS t
                 WHERE t.deleted_at IS NULL
                   AND t.workflow_category = (e.value ->> 'category')
                 ORDER BY t.dollar_value DESC
                 LIMIT 1) AS cents,
                CAST(NULL AS timestamptz) AS deadline
         FROM jsonb_array_elements($1::jsonb) AS e
         UNION ALL
         SELECT '', (e.value ->> 'owner'), (e.value ->> 'email'),
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
         FROM jsonb_array_elements($2::jsonb) AS e";
    type Row = (String, String, String, Option<i64>, Option<DateTime<Utc>>);
    let categories: Vec<Value> = tally.categories.keys().map(|name| json!({"category": name})).collect();
    let owners: Vec<Value> =
        tally.owners.keys().map(|(owner, email)| json!({"owner": owner, "email": email})).collect();
    let (categories, owners) = (Value::from(categories).to_string(), Value::from(owners).to_string());
    for (category, owner, email, cents, deadline) in fetch_all!(session, Row, SQL, categories, owners)? {
        if let Some(category) = Category::parse(&category) {
            tally.category(category).max_cents = cents.unwrap_or_default();
        } else {
            let load = tally.owner(owner, email);
            load.max_cents = cents.unwrap_or_default();
            load.next_deadline = deadline;
        }
    }
    Ok(())
}
