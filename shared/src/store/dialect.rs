//! Every place where the two databases differ. SQL is written as PostgreSQL understands it; for SQLite it is rewritten
//! once, mechanically, and kept.

use std::collections::HashMap;
use std::sync::{LazyLock, RwLock};

use chrono::{DateTime, SecondsFormat, Utc};

static REWRITTEN: LazyLock<RwLock<HashMap<(usize, usize), &'static str>>> = LazyLock::new(RwLock::default);

/// The SQLite text of a constant.
pub(super) fn sqlite(sql: &'static str) -> &'static str {
    let key = (sql.as_ptr() as usize, sql.len());
    if let Some(known) = REWRITTEN.read().expect("no panic while held").get(&key) {
        return known;
    }
    let text: &'static str = Box::leak(rewrite(sql).into_boxed_str());
    REWRITTEN.write().expect("no panic while held").insert(key, text);
    text
}

/// Rewrites PostgreSQL's text into SQLite's.
pub(super) fn rewrite(sql: &str) -> String {
    // Differs because SQLite has one writer: a row read in a write transaction cannot change under it.
    let text = sql
        .replace(" FOR UPDATE SKIP LOCKED", "")
        .replace(" FOR UPDATE OF jobs SKIP LOCKED", "")
        .replace(" FOR UPDATE", "");
    // Differs because SQLite's table-valued function over a JSON array has another name; its column is `value` too.
    let text = text.replace("jsonb_array_elements(", "json_each(");
    // Differs because SQLite gathers rows into a JSON array under another name.
    let text = text.replace("jsonb_agg(", "json_group_array(");
    // Differs because SQLite quotes a text as JSON under another name.
    let text = text.replace("to_json(", "json_quote(");
    // Differs because a bound LIMIT makes PostgreSQL plan for a tenth of the table unless the rows come as an array.
    let text = text.replace("= ANY(ARRAY(", "IN ((").replace("IN ((SELECT", "IN (SELECT * FROM (SELECT");
    // Differs because SQLite's instants are text; its milliseconds are told by the day.
    let text = text.replace("1000 * extract(epoch FROM ", "86400000 * julianday(");
    // Differs because SQLite's instants are text; its seconds come whole.
    let text = text.replace("extract(epoch FROM ", "strftime('%s', ").replace("floor(", "(");
    strip_casts(&text)
}

/// Differs because SQLite types values, not expressions: `->>` already gives integers, reals and text.
fn strip_casts(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find("::") {
        out.push_str(&rest[..at]);
        rest = rest[at + 2..].trim_start_matches(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    }
    out.push_str(rest);
    out
}

/// An instant as SQLite stores it: what the driver writes for a bound instant, so that text order is time order.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_locks_and_arrays_are_rewritten_for_sqlite() {
        let sql = "UPDATE t SET a = (e.value ->> 'a')::timestamptz FROM jsonb_array_elements($1::jsonb) AS e \
                   WHERE id = ANY(ARRAY(SELECT id FROM t LIMIT 5 FOR UPDATE SKIP LOCKED))";
        assert_eq!(
            rewrite(sql),
            "UPDATE t SET a = (e.value ->> 'a') FROM json_each($1) AS e \
             WHERE id IN (SELECT * FROM (SELECT id FROM t LIMIT 5))"
        );
    }

    #[test]
    fn instants_are_seconds_and_milliseconds_on_sqlite_too() {
        assert_eq!(rewrite("floor(extract(epoch FROM a) / 60)"), "(strftime('%s', a) / 60)");
        assert_eq!(rewrite("round(1000 * extract(epoch FROM a))"), "round(86400000 * julianday(a))");
    }
}
