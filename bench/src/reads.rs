//! P1, P2 and P3: one task, a page of the list, and the list at depth.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;
use shared::store::Db;
use shared::store::testing::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::bare;
use crate::http::load;
use crate::process::Process;
use crate::rounds::{Measured, in_turn};
use crate::{Bar, Figure, Terms, median, percentile};

const CLIENTS: usize = 16;
/// Tasks of P1 and P2.
const SOME: u64 = 10_000;
/// Rows before the page that P3 reads.
const DEPTH: u64 = 100_000;

/// Who answers, and what it is asked.
struct Target {
    address: String,
    request: String,
}

impl Target {
    fn of(process: &Process, path: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        Self { address: process.address.clone(), request }
    }

    async fn rate(&self, terms: &Terms) -> Result<f64> {
        Ok(load(&self.address, &self.request, CLIENTS, "200", terms.slice()).await?.rate)
    }
}

pub async fn figures(terms: &Terms, wanted: impl Fn(&str) -> bool) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    if wanted("p1") || wanted("p2") {
        let database = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
        let db = database.open().await;
        fill(&db, SOME).await;
        let settings = [("DATABASE_URL", database.url.as_str())];
        let (api, bare) = (Process::start("api", &settings)?, Process::start_bare(&settings)?);
        if wanted("p1") {
            figures.extend(one(terms, &api, &bare, &database.url).await?);
        }
        if wanted("p2") {
            figures.extend(page(terms, &api, &bare, &database.url).await?);
        }
    }
    if wanted("p3") {
        let postgres = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
        figures.push(depth(terms, &postgres, "api", "").await?);
        figures.push(depth(terms, &TestDatabase::sqlite(), "up", ", embedded").await?);
    }
    Ok(figures)
}

async fn one(terms: &Terms, api: &Process, bare: &Process, url: &str) -> Result<Vec<Figure>> {
    let path = format!("/api/workflow/get/{}", id(SOME / 2));
    let (product, ceiling) = (Target::of(api, &path), Target::of(bare, &path));
    let measured = against(terms, &product, &ceiling).await?;
    let script = format!(
        "{};\n{};\n",
        bare::TASK.replace("$1", &format!("'{}'", id(SOME / 2))),
        bare::HISTORY.replace("$1", &format!("'{}'", id(SOME / 2))).replace("$2", "1")
    );
    let tps = pgbench(url, &script, terms).await?;
    Ok(vec![measured.figure("P1 get / bare axum and sqlx"), beside("P1 get / pgbench of its SELECTs", &measured, tps)])
}

async fn page(terms: &Terms, api: &Process, bare: &Process, url: &str) -> Result<Vec<Figure>> {
    let path = "/api/workflow/list";
    let (product, ceiling) = (Target::of(api, path), Target::of(bare, path));
    let first = against(terms, &product, &ceiling).await?;
    let tps = pgbench(url, &format!("{};\n", bare::list(false)), terms).await?;
    let mut figures = vec![
        first.figure("P2 first page / bare axum and sqlx"),
        beside("P2 first page / pgbench of its SELECT", &first, tps),
    ];

    let cursor = |answer: &Value| answer["pagination"]["next_cursor"].as_str().map(str::to_owned);
    let shown = cursor(&read(&api.address, path).await?).context("more pages follow")?;
    let plain = cursor(&read(&bare.address, path).await?).context("more pages follow")?;
    let product_next = Target::of(api, &format!("{path}?cursor={shown}"));
    let ceiling_next = Target::of(bare, &format!("/after/{plain}"));
    figures.push(against(terms, &product_next, &ceiling_next).await?.figure("P2 page by cursor / bare axum and sqlx"));

    if let Some(folder) = fastify().await? {
        let sql = bare::list(false);
        let settings = [("DATABASE_URL", url), ("LIST_SQL", sql.as_str())];
        let script = folder.join("server.js");
        let peer = Process::start_program(Path::new("node"), &[&script.to_string_lossy()], &settings)?;
        let measured = against(terms, &product, &Target::of(&peer, path)).await?;
        figures.push(Figure {
            name: "P2 first page / Fastify and pg".to_owned(),
            bar: Bar::AtLeast(2.0),
            ..measured.figure("")
        });
    }
    Ok(figures)
}
impl Measured {
    fn figure(&self, name: &str) -> Figure {
        Figure {
            name: name.to_owned(),
            value: self.ratio,
            bar: Bar::AtLeast(0.95),
            detail: format!(
                "{:.0}/s against {:.0}/s, {CLIENTS} clients, {} rounds void",
                self.product, self.ceiling, self.void
            ),
        }
    }
}

fn beside(name: &str, measured: &Measured, tps: f64) -> Figure {
    Figure {
        name: name.to_owned(),
        value: measured.product / tps,
        bar: Bar::None,
        detail: format!("{:.0}/s against {tps:.0}/s; stretch 0.40", measured.product),
    }
}

async fn against(terms: &Terms, product: &Target, ceiling: &Target) -> Result<Measured> {
    product.rate(terms).await?;
    in_turn(terms.rounds, async || product.rate(terms).await, async || ceiling.rate(terms).await).await
}

/// Time of a page deep in the list against that of the page after the first, which needs no total either.
async fn depth(terms: &Terms, database: &TestDatabase, role: &str, form: &str) -> Result<Figure> {
    let db = database.open().await;
    fill(&db, 1_000_000).await;
    let api = Process::start(role, &[("DATABASE_URL", database.url.as_str())])?;
    let path = "/api/workflow/list?limit=50";
    let cursor = async |page: u64| {
        let answer = read(&api.address, &format!("{path}&page={page}")).await?;
        answer["pagination"]["next_cursor"].as_str().map(str::to_owned).context("more pages follow")
    };
    let first = Target::of(&api, &format!("{path}&cursor={}", cursor(1).await?));
    let deep = Target::of(&api, &format!("{path}&cursor={}", cursor(DEPTH / 50).await?));
    let time = async |target: &Target| {
        let mut slice = load(&target.address, &target.request, 1, "200", terms.slice()).await?;
        anyhow::Ok(percentile(&mut slice.took, 50))
    };
    time(&deep).await?;
    let (mut ratios, mut firsts, mut deeps) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..terms.rounds {
        let (near, far) = (time(&first).await?, time(&deep).await?);
        ratios.push(far / near);
        firsts.push(near);
        deeps.push(far);
    }
    Ok(Figure {
        name: format!("P3 page at depth {DEPTH} / first of 1M{form}"),
        value: median(ratios),
        bar: Bar::AtMost(1.2),
        detail: format!("{:.2} ms against {:.2} ms, p50 of one client", median(deeps), median(firsts)),
    })
}

fn id(n: u64) -> String {
    format!("TASK-{n:08}-b")
}

/// So many tasks, each with the history of its creation; three were created at each instant.
async fn fill(db: &Db, count: u64) {
    let columns =
        "task_id, workflow_category, workflow_state, task_status, manual_status, title, description, priority,
        current_owner, owner_email, entities, dollar_value, created_at, updated_at, sla_deadline, sla_policy, sla_state,
        mailbox_source, tags, search_text, version";
    let values = |task_id: &str, created: &str, due: &str| {
        format!(
            "{task_id}, 'Order Management', 'IN_PROGRESS', CASE n % 3 WHEN 0 THEN 'RED' ELSE 'GREEN' END, 'GREEN',
             'Expedite order ' || n, 'The customer asks for the date of delivery of order ' || n || '.',
             CASE n % 4 WHEN 0 THEN 'CRITICAL' WHEN 1 THEN 'HIGH' WHEN 2 THEN 'MEDIUM' ELSE 'NORMAL' END,
             'Owner ' || n % 20, 'owner' || n % 20 || '@desk.example', '{{\"po_numbers\": [\"4500017731\"]}}', n % 5000 * 100,
             {created}, {created}, {due}, 'default', 'ok', 'orders', '[\"rush\", \"key account\"]', 'expedite order ' || n, 1"
        )
    };
    let tasks = if db.is_sqlite() {
        let at = |offset: &str| format!("strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', {offset}) || '+00:00'");
        let values =
            values("printf('TASK-%08d-b', n)", &at("(n / 3) || ' seconds'"), &at("'+3650 days', (n % 90) || ' days'"));
        format!(
            "INSERT INTO workflow_tasks ({columns})
             WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
             SELECT {values} FROM numbers"
        )
    } else {
        let at = |offset: &str| format!("timestamptz '2026-01-01 00:00:00+00' + {offset}");
        let values = values(
            "'TASK-' || lpad(n::text, 8, '0') || '-b'",
            &at("n / 3 * interval '1 second'"),
            &at("(3650 + n % 90) * interval '1 day'"),
        );
        format!("INSERT INTO workflow_tasks ({columns}) SELECT {values} FROM generate_series(1, {count}) AS n")
    };
    db.execute_raw(&tasks).await;
    db.execute_raw(
        "INSERT INTO workflow_status_history (task_id, field, new_value, changed_by, changed_at, version)
         SELECT task_id, 'created', 'GREEN', 'bench', created_at, 1 FROM workflow_tasks",
    )
    .await;
    crate::sums::sum_up(db).await;
    db.execute_raw("ANALYZE").await;
}

/// A JSON answer.
async fn read(address: &str, path: &str) -> Result<Value> {
    let mut socket = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await?;
    let text = String::from_utf8(bytes)?;
    let (_, body) = text.split_once("\r\n\r\n").context("an answer has a body")?;
    serde_json::from_str(body).with_context(|| format!("{path} answered {text}"))
}

/// Transactions a second of PostgreSQL's own benchmark.
async fn pgbench(url: &str, script: &str, terms: &Terms) -> Result<f64> {
    // One statement a line is what its scripts are made of.
    let script: String = script
        .split(";\n")
        .map(|sql| sql.split_whitespace().collect::<Vec<_>>().join(" "))
        .fold(String::new(), |all, sql| if sql.is_empty() { all } else { all + &sql + ";\n" });
    crate::mutations::pgbench(url, &script, CLIENTS, terms).await
}

/// The folder of the Fastify server, its packages installed; `None`, with the reason printed, where that cannot be.
async fn fastify() -> Result<Option<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fastify");
    let installed =
        Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder).output().await;
    match installed {
        Ok(done) if done.status.success() => Ok(Some(folder)),
        Ok(done) => {
            println!("skipped: no Fastify beside P2: npm ci: {}", String::from_utf8_lossy(&done.stderr).trim());
            Ok(None)
        }
        Err(error) => {
            println!("skipped: no Fastify beside P2: npm: {error}");
            Ok(None)
        }
    }
}
