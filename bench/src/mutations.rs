//! P4 and P5: mutations over HTTP, accepted and applied.

use std::time::Duration;

use anyhow::{Context as _, Result};
use shared::store::testing::TestDatabase;
use tokio::process::Command;

use crate::http::{Slice, load};
use crate::process::Process;
use crate::rounds::{Measured, in_turn};
use crate::{Bar, Figure, Terms, median, percentile};

const CLIENTS: usize = 64;

const BODY: &str = r#"{"title":"Order of the benchmark","workflow_category":"Order Management","dollar_value":1200.5}"#;

/// A request that creates a task, with a further header.
fn create(prefer: &str) -> String {
    format!(
        "POST /api/workflow/create HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{prefer}\
         content-length: {}\r\n\r\n{BODY}",
        BODY.len()
    )
}

/// Answered as soon as it is durable.
const ASYNC: &str = "prefer: respond-async\r\n";
/// Answered when it is applied.
const SYNC: &str = "";

/// An INSERT of a row as large as a job, and its commit.
const INSERT: &str = "INSERT INTO ceiling (kind, args) VALUES ('create-task', repeat('x', 700));\n";

pub async fn figures(terms: &Terms) -> Result<Vec<Figure>> {
    let mut figures = on_postgres(terms).await?;
    figures.extend(on_sqlite(terms).await?);
    Ok(figures)
}

async fn on_postgres(terms: &Terms) -> Result<Vec<Figure>> {
    let database = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
    let db = database.open().await;
    db.execute_raw("CREATE TABLE ceiling (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind TEXT, args TEXT)")
        .await;
    let redis = std::env::var("WORKFLOW_TEST_REDIS").context("run it by `cargo xtask bench`")?;
    let settings = [("DATABASE_URL", database.url.as_str()), ("REDIS_URL", redis.as_str())];
    let api = Process::start("api", &settings)?;

    load(&api.address, &create(ASYNC), CLIENTS, "202", Duration::from_secs(1)).await?;
    let request = create(ASYNC);
    let product = async || Ok(load(&api.address, &request, CLIENTS, "202", terms.slice()).await?.rate);
    let ceiling = async || pgbench(&database.url, INSERT, CLIENTS, terms).await;
    let Measured { ratio, product: accepted, ceiling, void } = in_turn(terms.rounds, product, ceiling).await?;
    // What was accepted without workers is no work of the next figure.
    db.execute_raw("TRUNCATE jobs, job_attempts, job_items").await;

    let worker = Process::start("worker", &settings)?;
    load(&api.address, &create(SYNC), CLIENTS, "201", Duration::from_secs(1)).await?;
    let mut applied = Vec::new();
    for _ in 0..terms.rounds {
        applied.push(load(&api.address, &create(SYNC), CLIENTS, "201", terms.slice()).await?.rate);
    }
    let mut light = load(&api.address, &create(SYNC), 4, "201", terms.slice()).await?;
    drop(worker);
    let applied = median(applied);
    let mut figures = vec![
        Figure {
            name: "P4 accepted 202 / pgbench INSERT".to_owned(),
            value: ratio,
            bar: Bar::AtLeast(0.6),
            detail: format!("{accepted:.0}/s against {ceiling:.0}/s, {CLIENTS} clients, {void} rounds void"),
        },
        Figure {
            name: "P5 applied 201 / accepted 202".to_owned(),
            value: applied / accepted,
            bar: Bar::AtLeast(0.5),
            detail: format!("{applied:.0}/s against {accepted:.0}/s, {CLIENTS} clients"),
        },
    ];
    figures.extend(at_light_load("P5", &mut light));
    Ok(figures)
}

async fn on_sqlite(terms: &Terms) -> Result<Vec<Figure>> {
    let database = TestDatabase::sqlite();
    let up = Process::start("up", &[("DATABASE_URL", database.url.as_str())])?;
    load(&up.address, &create(SYNC), CLIENTS, "201", Duration::from_secs(1)).await?;
    let (mut accepted, mut applied) = (Vec::new(), Vec::new());
    for _ in 0..terms.rounds {
        applied.push(load(&up.address, &create(SYNC), CLIENTS, "201", terms.slice()).await?.rate);
        accepted.push(load(&up.address, &create(ASYNC), CLIENTS, "202", terms.slice()).await?.rate);
        // What was accepted faster than applied is worked off.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let mut light = load(&up.address, &create(SYNC), 4, "201", terms.slice()).await?;
    let (accepted, applied) = (median(accepted), median(applied));
    let mut figures = vec![Figure {
        name: "P5 applied 201 / accepted 202, embedded".to_owned(),
        value: applied / accepted,
        bar: Bar::AtLeast(0.5),
        detail: format!("{applied:.0}/s against {accepted:.0}/s with the worker at work, {CLIENTS} clients"),
    }];
    figures.extend(at_light_load("P5 embedded", &mut light));
    Ok(figures)
}

fn at_light_load(name: &str, slice: &mut Slice) -> [Figure; 2] {
    let (rate, count) = (slice.rate, slice.took.len());
    let detail = format!("{count} mutations by 4 clients, {rate:.0}/s");
    [(50, 10.0), (99, 50.0)].map(|(percent, bar)| Figure {
        name: format!("{name} p{percent} at light load, ms"),
        value: percentile(&mut slice.took, percent),
        bar: Bar::AtMost(bar),
        detail: detail.clone(),
    })
}

/// Transactions a second of PostgreSQL's own benchmark.
pub async fn pgbench(url: &str, sql: &str, clients: usize, terms: &Terms) -> Result<f64> {
    let script = std::env::temp_dir().join(format!("workflow-bench-{}.sql", std::process::id()));
    std::fs::write(&script, sql)?;
    let program = std::env::var("WORKFLOW_BENCH_PGBENCH").unwrap_or_else(|_| "pgbench".to_owned());
    let output = Command::new(program)
        .args(["-n", "-M", "prepared", "-c", &clients.to_string(), "-j", "2", "-T", &terms.slice.to_string(), "-f"])
        .arg(&script)
        .arg(url)
        .output()
        .await
        .context("pgbench cannot be run")?;
    std::fs::remove_file(&script)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
    tps.with_context(|| format!("pgbench said: {text}{}", String::from_utf8_lossy(&output.stderr)))
}
