//! Sums over spans of time, as time series show them.

use super::spans::{Cover, Span};
use crate::domain::Category;
use crate::store::query::fetch_all;
use crate::store::{Result, Session};

/// Seconds of the narrow buckets: every zone's offset is a multiple of them.
pub(super) const QUARTER: i64 = 900;

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

/// Sums of one series: of the buckets, of what is not folded into them yet, and of the edges of spans. A bucket is a whole
/// number of seconds wide, so that a second lies in a range of buckets if it lies between the range's ends.
macro_rules! spanned {
    ($series:literal, $statuses:literal, $second:literal, $delta_fate:literal, $instant:literal, $fate:literal,
     $which:literal) => {
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
                   SELECT (e.value ->> 'span')::bigint AS span, d.category, ",
            $delta_fate,
            ", d.sign, d.sign * d.cents, CASE WHEN d.status = 'RED' THEN d.sign ELSE 0 END,
                          CASE WHEN d.status = 'COMPLETED' THEN d.sign ELSE 0 END
                   FROM jsonb_array_elements($1::jsonb) AS e
                   CROSS JOIN rollup_deltas AS d
                   WHERE d.",
            $second,
            " >= (e.value ->> 'from')::bigint
                     AND d.",
            $second,
            " < (e.value ->> 'to')::bigint
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
    const SQL: &str = spanned!("created", "''", "created", "''", "created_at", "''", "");
    let Cover { buckets, edges } = Cover::of(spans, QUARTER);
    fetch_all!(session, Spanned, SQL, buckets, edges)
}

/// Completed tasks by completion.
pub(in crate::store) async fn completed(session: &mut Session, spans: &[Span]) -> Result<Vec<Spanned>> {
    const SQL: &str = spanned!(
        "completed",
        "''",
        "done",
        "''",
        "completion_date",
        "''",
        " AND t.completion_date IS NOT NULL AND t.task_status = 'COMPLETED'"
    );
    let Cover { buckets, edges } = Cover::of(spans, QUARTER);
    fetch_all!(session, Spanned, SQL, buckets, edges)
}

/// All tasks by deadline, with what became of it.
pub(in crate::store) async fn due(session: &mut Session, spans: &[Span]) -> Result<Vec<Spanned>> {
    const SQL: &str = spanned!(
        "due",
        "'open', 'met', 'missed', 'undated'",
        "due",
        "CASE WHEN d.status <> 'COMPLETED' THEN 'open' WHEN d.done IS NULL THEN 'undated' WHEN d.met = 1 THEN 'met'
              ELSE 'missed' END",
        "sla_deadline",
        "CASE WHEN t.task_status <> 'COMPLETED' THEN 'open' WHEN t.completion_date IS NULL THEN 'undated'
              WHEN t.completion_date <= t.sla_deadline THEN 'met' ELSE 'missed' END",
        ""
    );
    let Cover { buckets, edges } = Cover::of(spans, QUARTER);
    fetch_all!(session, Spanned, SQL, buckets, edges)
}
