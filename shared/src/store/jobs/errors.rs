//! Discarded jobs grouped by what they died of.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::store::query::fetch_all;
use crate::store::{Result, Session};

/// Discarded jobs looked at, the newest.
const LOOKED_AT: i64 = 10_000;

/// Discarded jobs of one kind that ended with the same error, numbers aside.
#[derive(Clone, Debug)]
pub struct ErrorGroup {
    /// Kind and error with every number replaced by `#`.
    pub fingerprint: String,
    /// Their kind.
    pub kind: String,
    /// Their queue.
    pub queue: String,
    /// The newest error as it is.
    pub error: String,
    /// How many.
    pub count: i64,
    /// When the first of them ended.
    pub first_at: DateTime<Utc>,
    /// When the last of them ended.
    pub last_at: DateTime<Utc>,
    /// The newest of them.
    pub sample: i64,
}

type Dead = (i64, String, String, DateTime<Utc>, Option<String>);

/// Groups of the newest discarded jobs, the largest first.
pub async fn error_groups(session: &mut Session, queue: Option<&str>, kind: Option<&str>) -> Result<Vec<ErrorGroup>> {
    const SQL: &str = "SELECT seq, kind, queue, finished_at,
                (SELECT a.error FROM job_attempts AS a
                 WHERE a.job_seq = jobs.seq
                 ORDER BY a.finished_at DESC, a.attempt DESC
                 LIMIT 1)
         FROM jobs
         WHERE state = 'discarded'
           AND finished_at IS NOT NULL
           AND ($1::text IS NULL OR queue = $1)
           AND ($2::text IS NULL OR kind = $2)
         ORDER BY finished_at DESC
         LIMIT $3";
    let mut groups: BTreeMap<String, ErrorGroup> = BTreeMap::new();
    for (seq, kind, queue, at, error) in fetch_all!(session, Dead, SQL, queue, kind, LOOKED_AT)? {
        let error = error.unwrap_or_default();
        let fingerprint = format!("{kind}: {}", without_numbers(&error));
        let group = groups.entry(fingerprint.clone()).or_insert_with(|| ErrorGroup {
            fingerprint,
            kind,
            queue,
            error,
            count: 0,
            first_at: at,
            last_at: at,
            sample: seq,
        });
        group.count += 1;
        group.first_at = at;
    }
    let mut groups: Vec<ErrorGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    Ok(groups)
}

/// Runs of digits as `#`, at most 200 characters.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(200) {
        match c.is_ascii_digit() {
            true if out.ends_with('#') => {}
            true => out.push('#'),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_numbers;

    #[test]
    fn numbers_do_not_tell_errors_apart() {
        assert_eq!(without_numbers("job 4711 took 30.5s"), without_numbers("job 12 took 8.25s"));
        assert_ne!(without_numbers("job 1 failed"), without_numbers("job 1 hung"));
    }
}
