//! P8: claims beside a million waiting jobs.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use shared::clock::Clock;
use shared::store;
use shared::store::Db;
use shared::store::testing::TestDatabase;

use crate::queue::drain_rate;
use crate::{Bar, Figure, Terms, percentile};

/// Jobs that wait.
const BACKLOG: &str = "1000000";
/// `CLAIM_SIZES[6]` is 64: the smallest claim of at least 50.
const SIZE: usize = 6;

pub async fn figures(_: &Terms) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let postgres = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
    let fill = format!(
        "INSERT INTO jobs (kind, queue, state, priority, args, max_attempts, run_at, created_at, principal)
         SELECT 'no-op', 'backlog', 'available', 2, '{{\"n\": 1}}', 3, now() - n * interval '1 millisecond', now(), 'bench'
         FROM generate_series(1, {BACKLOG}) AS n"
    );
    figures.extend(of(&postgres.open().await, &fill, "").await?);
    let sqlite = TestDatabase::sqlite();
    let fill = format!(
        "INSERT INTO jobs (kind, queue, state, priority, args, max_attempts, run_at, created_at, principal)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {BACKLOG})
         SELECT 'no-op', 'backlog', 'available', 2, '{{\"n\": 1}}', 3,
                strftime('%Y-%m-%dT%H:%M:%f', 'now', '-' || i || ' seconds') || '+00:00',
                strftime('%Y-%m-%dT%H:%M:%f', 'now') || '+00:00', 'bench' FROM n"
    );
    figures.extend(of(&sqlite.open().await, &fill, ", embedded").await?);
    Ok(figures)
}

async fn of(db: &Db, fill: &str, form: &str) -> Result<Vec<Figure>> {
    let empty = drain_rate(db, 20_000, None).await?;
    db.execute_raw(fill).await;
    db.execute_raw(if db.is_sqlite() { "ANALYZE" } else { "ANALYZE jobs" }).await;
    let mut took = Vec::new();
    for _ in 0..200 {
        let now = Clock::system().now();
        let began = Instant::now();
        let mut tx = db.begin_relaxed().await?;
        let until = now + Duration::from_mins(10);
        let claimed = store::jobs::claim(&mut tx, "backlog", SIZE, "bench", until, now).await?;
        tx.commit().await?;
        took.push(began.elapsed());
        anyhow::ensure!(claimed.len() == 64, "a claim of 64 gave {}", claimed.len());
    }
    let beside = drain_rate(db, 20_000, None).await?;
    let (p50, p95) = (percentile(&mut took, 50), percentile(&mut took, 95));
    Ok(vec![
        Figure {
            name: format!("P8 claim of 64 beside 1M, p50 ms{form}"),
            value: p50,
            bar: Bar::AtMost(5.0),
            detail: format!("p95 {p95:.1} ms, 200 claims"),
        },
        Figure {
            name: format!("P8 drain beside 1M / beside none{form}"),
            value: beside / empty,
            bar: Bar::AtLeast(0.8),
            detail: format!("{beside:.0} against {empty:.0} jobs/s"),
        },
    ])
}
