//! P9 and P10: figures of few and of many tasks, and what their sums cost those who write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use shared::clock::Clock;
use shared::domain::change::{self, Actor, NewTask, TaskPatch};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Change, Priority, Status};
use shared::store::testing::TestDatabase;
use shared::store::testing::figures::save_uncounted;
use shared::store::{Db, StoreError, rollups, tasks};
use tokio::task::JoinSet;

use crate::http::load;
use crate::process::Process;
use crate::rounds::{Measured, in_turn};
use crate::{Bar, Figure, Terms, median, percentile};

/// Tasks of the databases that are compared.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
const LARGE: u64 = 5_000_000;
/// Changes that nobody has folded.
const TAIL: u64 = 2_000;
const CLIENTS: u64 = 16;

/// Puts right the sums of tasks that were written past the product.
pub async fn sum_up(db: &Db) {
    db.execute_raw("DELETE FROM rollup_deltas").await;
    db.execute_raw("DELETE FROM task_rollups").await;
    db.execute_raw(
        "INSERT INTO task_rollups
         SELECT series, width, status, bucket, category, priority, owner, owner_email, SUM(n), SUM(cents), SUM(red),
                SUM(done), SUM(due), SUM(met), SUM(timed), SUM(spent_ms)
         FROM task_cells
         GROUP BY series, width, status, bucket, category, priority, owner, owner_email",
    )
    .await;
}

/// A database of some size, and the process that answers from it.
struct Sized {
    size: u64,
    database: TestDatabase,
    process: Process,
}

impl Sized {
    async fn new(database: TestDatabase, size: u64, role: &str) -> Result<Self> {
        let db = database.open().await;
        fill(&db, size).await;
        sum_up(&db).await;
        db.execute_raw("ANALYZE").await;
        db.close().await;
        let process = Process::start(role, &[("DATABASE_URL", database.url.as_str())])?;
        Ok(Self { size, database, process })
    }

    /// Milliseconds of `GET /metrics`, half of the time.
    async fn time(&self, terms: &Terms) -> Result<f64> {
        const REQUEST: &str = "GET /api/workflow/metrics HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let mut slice = load(&self.process.address, REQUEST, 1, "200", terms.slice()).await?;
        Ok(percentile(&mut slice.took, 50))
    }
}

/// P9, on both databases.
pub async fn reads(terms: &Terms) -> Result<Vec<Figure>> {
    let mut postgres = Vec::new();
    for size in SIZES.into_iter().chain(terms.large.then_some(LARGE)) {
        let database = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
        postgres.push(Sized::new(database, size, "api").await?);
    }
    let mut figures = compared(terms, &postgres, "").await?;
    figures.push(with_tail(terms, &postgres[2]).await?);
    drop(postgres);
    let mut embedded = Vec::new();
    for size in SIZES {
        embedded.push(Sized::new(TestDatabase::sqlite(), size, "up").await?);
    }
    figures.extend(compared(terms, &embedded, ", embedded").await?);
    Ok(figures)
}

/// Each size against the smallest.
async fn compared(terms: &Terms, sizes: &[Sized], form: &str) -> Result<Vec<Figure>> {
    let mut times = vec![Vec::new(); sizes.len()];
    for sized in sizes {
        sized.time(terms).await?;
    }
    for _ in 0..terms.rounds {
        for (sized, times) in sizes.iter().zip(&mut times) {
            times.push(sized.time(terms).await?);
        }
    }
    let figure = |index: usize| {
        let ratios = times[index].iter().zip(&times[0]).map(|(large, small)| large / small).collect();
        Figure {
            name: format!("P9 GET /metrics of {} / of {} tasks{form}", sizes[index].size, sizes[0].size),
            value: median(ratios),
            bar: if sizes[index].size >= SIZES[2] { Bar::AtMost(3.0) } else { Bar::None },
            detail: format!(
                "{:.2} ms against {:.2} ms, p50 of one client",
                median(times[index].clone()),
                median(times[0].clone())
            ),
        }
    };
    Ok((1..sizes.len()).map(figure).collect())
}

/// With as many changes unfolded as there are before a fold is asked for at once, and more.
async fn with_tail(terms: &Terms, sized: &Sized) -> Result<Figure> {
    let db = sized.database.open().await;
    let before = sized.time(terms).await?;
    let clock = Clock::system();
    let changes: Vec<Change> = (0..TAIL).map(|n| create(&format!("TASK-{n}-tail"), n, &clock)).collect();
    let mut tx = db.begin().await?;
    tasks::save(&mut tx, &changes).await?;
    tx.commit().await?;
    let after = sized.time(terms).await?;
    Ok(Figure {
        name: format!("P9 the same with {TAIL} changes not folded / with none"),
        value: after / before,
        bar: Bar::AtMost(2.0),
        detail: format!("{after:.2} ms against {before:.2} ms"),
    })
}

/// So many tasks of the last 90 days, 3 in 10 of them open and due within a week.
async fn fill(db: &Db, count: u64) {
    const CATEGORIES: &str = "CASE n % 8 WHEN 0 THEN 'Order Management' WHEN 1 THEN 'Quote Processing'
        WHEN 2 THEN 'Shipping and Logistics' WHEN 3 THEN 'Vendor Pricing Updates' WHEN 4 THEN 'Returns and RMA'
        WHEN 5 THEN 'Account Changes' WHEN 6 THEN 'Deal Activations' ELSE 'General Support' END";
    let minutes_ago = |minutes: &str| {
        if db.is_sqlite() {
            format!("strftime('%Y-%m-%dT%H:%M:%S', 'now', (-({minutes})) || ' minutes') || '+00:00'")
        } else {
            format!("date_trunc('second', now()) - ({minutes}) * interval '1 minute'")
        }
    };
    // Spread by numbers that have no common divisor with the spans.
    let age = "n * 7919 % 129600";
    let (created, completed) = (minutes_ago(age), minutes_ago(&format!("({age}) * (n % 97) / 100")));
    let (open_due, done_due) = (minutes_ago("4320 - n * 104729 % 14400"), minutes_ago(&format!("{age} - 4320")));
    let numbers = if db.is_sqlite() {
        format!("(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)")
    } else {
        format!("(SELECT n FROM generate_series(1::bigint, {count}) AS n)")
    };
    let id = if db.is_sqlite() { "printf('TASK-%08d-s', n)" } else { "'TASK-' || lpad(n::text, 8, '0') || '-s'" };
    db.execute_raw(&format!(
        "INSERT INTO workflow_tasks (task_id, workflow_category, workflow_state, task_status, manual_status, title,
             priority, current_owner, dollar_value, created_at, updated_at, sla_deadline, sla_policy, sla_state,
             completion_date, search_text, version)
         SELECT {id}, {CATEGORIES}, CASE WHEN n % 10 < 7 THEN 'COMPLETION' ELSE 'IN_PROGRESS' END,
                CASE n % 10 WHEN 7 THEN 'RED' WHEN 8 THEN 'YELLOW' WHEN 9 THEN 'GREEN' ELSE 'COMPLETED' END, 'GREEN',
                'Expedite order ' || n,
                CASE n % 4 WHEN 0 THEN 'CRITICAL' WHEN 1 THEN 'HIGH' WHEN 2 THEN 'MEDIUM' ELSE 'NORMAL' END,
                CASE WHEN n % 51 > 0 THEN 'Owner ' || (n % 51) END, n * 31 % 5000000, {created}, {created},
                CASE WHEN n % 10 < 7 THEN {done_due} ELSE {open_due} END, 'default', 'ok',
                CASE WHEN n % 10 < 7 THEN {completed} END, 'expedite order ' || n, 1
         FROM {numbers} AS numbers"
    ))
    .await;
}

fn create(id: &str, n: u64, clock: &Clock) -> Change {
    let new = NewTask {
        priority: Priority::ALL[n as usize % 4],
        current_owner: Some(format!("Owner {}", n % 51)),
        dollar_value: Cents((n % 5_000 * 100).cast_signed()),
        ..NewTask::new(id, format!("Expedite order {n}"), Category::ALL[n as usize % 8])
    };
    change::create(new, &Rules::builtin(), &actor(), clock.now())
}

fn actor() -> Actor {
    Actor { principal: "bench".to_owned(), reason: None }
}

/// P10, on both databases: tasks are created and changed, all of them within one bucket.
pub async fn writes(terms: &Terms) -> Result<Vec<Figure>> {
    let postgres = async || TestDatabase::postgres().await.context("run it by `cargo xtask bench`");
    Ok(vec![
        cost(terms, &postgres().await?, &postgres().await?, "").await?,
        cost(terms, &TestDatabase::sqlite(), &TestDatabase::sqlite(), ", embedded").await?,
    ])
}

async fn cost(terms: &Terms, with: &TestDatabase, without: &TestDatabase, form: &str) -> Result<Figure> {
    let (with, without) = (with.open().await, without.open().await);
    for index in ["completed", "category_value", "owner_value", "owner_deadline"] {
        without.execute_raw(&format!("DROP INDEX workflow_tasks_{index}")).await;
    }
    mutate(&with, true, Duration::from_secs(1)).await?;
    let product = async || mutate(&with, true, terms.slice()).await;
    let ceiling = async || mutate(&without, false, terms.slice()).await;
    let Measured { ratio, product, ceiling, void } = in_turn(terms.rounds, product, ceiling).await?;
    Ok(Figure {
        name: format!("P10 mutations with sums and versions / without{form}"),
        value: ratio,
        bar: Bar::AtLeast(0.85),
        detail: format!("{product:.0}/s against {ceiling:.0}/s, {CLIENTS} clients, {void} rounds void"),
    })
}

/// Mutations a second, while changes are folded as they come.
async fn mutate(db: &Db, counted: bool, time: Duration) -> Result<f64> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let (began, over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let db = db.clone();
        clients.spawn(async move {
            let mut done = 0_u64;
            while began.elapsed() < time {
                let n = NUMBER.fetch_add(1, Ordering::Relaxed);
                done += one(&db, n, counted).await?;
            }
            anyhow::Ok(done)
        });
    }
    let folder = tokio::spawn(fold(db.clone(), over.clone()));
    let mut done = 0;
    while let Some(client) = clients.join_next().await {
        done += client??;
    }
    let rate = done as f64 / began.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    folder.await??;
    Ok(rate)
}

/// Creates a task and completes it, each in a transaction of its own.
async fn one(db: &Db, n: u64, counted: bool) -> Result<u64> {
    let clock = Clock::system();
    let created = create(&format!("TASK-{n}-m"), n, &clock);
    let patch = TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() };
    let changed =
        change::update(&created.task, &patch, &Rules::builtin(), &actor(), clock.now()).context("it is open")?;
    for change in [created, changed] {
        let mut tx = db.begin().await?;
        if counted {
            tasks::save(&mut tx, &[change]).await?;
        } else {
            save_uncounted(&mut tx, &[change]).await?;
        }
        tx.commit().await?;
    }
    Ok(2)
}

/// As the job does, every second.
async fn fold(db: Db, over: Arc<AtomicBool>) -> Result<(), StoreError> {
    loop {
        let last = over.load(Ordering::Relaxed);
        let mut folded = 2_000;
        while folded == 2_000 {
            let mut tx = db.begin().await?;
            folded = rollups::fold(&mut tx, 2_000).await?;
            tx.commit().await?;
        }
        if last {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
