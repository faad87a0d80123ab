//! A list is walked by cursor while tasks are created, changed and deleted: in the order of creation no task that survives
//! is missed or shown twice, in another order none that was left alone.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use shared::domain::change::{Actor, NewTask};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Priority, change};
use shared::store::{Db, tasks};
use tokio::task::JoinSet;

use super::start;
use crate::stage::{Database, Stage};
use crate::{Findings, Terms};

/// Tasks created at one instant: more than a page of a quick run would keep apart.
const TIES: u64 = 20;
/// Every order, that of creation both ways.
const ORDERS: [(&str, &str); 6] = [
    ("created_at", "asc"),
    ("created_at", "desc"),
    ("updated_at", "asc"),
    ("sla_deadline", "desc"),
    ("dollar_value", "asc"),
    ("priority", "desc"),
];
/// Clients that change tasks.
const CLIENTS: u64 = 4;

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let base = Arc::new(insert(&stage.db, terms.pick(100_000, 5_000)).await?);
    let (api, _workers, _) = start(stage, if stage.database == Database::Sqlite { 0 } else { 2 }).await?;
    let churn = Churn::start(&api.url, &base, dice);
    let mut findings = Findings::default();
    let limit = terms.pick(200, 37);
    for (sort, direction) in ORDERS {
        let order = format!("limit={limit}&sort={sort}&direction={direction}");
        let seen = walk(&api.url, &order).await?;
        let moved = churn.touched(sort != "created_at");
        compare(&base, &seen, &moved, &mut findings);
    }
    let (created, touched) = churn.stop().await?;
    if created == 0 || touched == 0 {
        findings.note("nothing changed while the list was walked: nothing was tried");
    }
    findings.did =
        format!("{} walks over {} tasks, {created} created, {touched} changed or deleted", ORDERS.len(), base.len());
    Ok(findings)
}

/// So many tasks, some of which are equal in whatever a list is sorted by.
async fn insert(db: &Db, count: u64) -> Result<Vec<String>> {
    let start: DateTime<Utc> = "2026-01-05T08:00:00Z".parse()?;
    let actor = Actor { principal: "chaos".to_owned(), reason: None };
    let mut ids = Vec::new();
    let numbers: Vec<u64> = (0..count).collect();
    for chunk in numbers.chunks(1_000) {
        let mut changes = Vec::with_capacity(chunk.len());
        for n in chunk {
            // Ids are not in the order of creation.
            let id = format!("TASK-{:08}-w", n.wrapping_mul(7_919) % 99_999_989);
            let mut new = NewTask::new(id.clone(), format!("Task {n}"), Category::OrderManagement);
            new.priority = Priority::ALL[*n as usize % 4];
            new.dollar_value = Cents((n % 97 * 1_000) as i64);
            new.sla_deadline = Some(start + TimeDelta::days(3_650 + (n % 89) as i64));
            let mut change =
                change::create(new, &Rules::builtin(), &actor, start + TimeDelta::milliseconds((n / TIES) as i64));
            if n % 5 == 0 {
                // Neither due nor changed by the passing of time.
                (change.task.sla_deadline, change.task.sla_next_at) = (None, None);
            }
            changes.push(change);
            ids.push(id);
        }
        let mut tx = db.begin().await?;
        tasks::save(&mut tx, &changes).await?;
        tx.commit().await?;
    }
    Ok(ids)
}

/// The ids a walk shows, in its order.
async fn walk(api: &str, order: &str) -> Result<Vec<String>> {
    let client = Client::new();
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let url = format!("{api}/api/workflow/list?{order}{cursor}");
        let page: Value = client.get(url).send().await?.error_for_status()?.json().await?;
        let tasks = page["tasks"].as_array().context("a list has tasks")?;
        ids.extend(tasks.iter().filter_map(|task| Some(task["task_id"].as_str()?.to_owned())));
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(ids),
        }
    }
}

fn compare(base: &[String], seen: &[String], moved: &HashSet<String>, findings: &mut Findings) {
    let mut times: HashMap<&str, u64> = HashMap::new();
    for id in seen {
        *times.entry(id).or_default() += 1;
    }
    let still = base.iter().filter(|id| !moved.contains(*id));
    findings.lost += still.filter(|id| !times.contains_key(id.as_str())).count() as u64;
    let again = times.iter().filter(|(id, _)| !moved.contains(**id));
    findings.twice += again.map(|(_, times)| times - 1).sum::<u64>();
}

/// Clients that create, change and delete tasks.
struct Churn {
    clients: JoinSet<Result<u64>>,
    over: Arc<AtomicBool>,
    marks: Arc<Mutex<Marks>>,
}

/// What may have happened to tasks: noted before it is asked for.
#[derive(Default)]
struct Marks {
    changed: HashSet<String>,
    deleted: HashSet<String>,
}

impl Churn {
    fn start(api: &str, base: &Arc<Vec<String>>, dice: &mut StdRng) -> Self {
        let (over, marks) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Marks>>::default());
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let (api, base, over, marks) = (api.to_owned(), base.clone(), over.clone(), marks.clone());
            let mut dice = StdRng::seed_from_u64(dice.random());
            clients.spawn(async move {
                let (client, mut created) = (Client::new(), 0);
                while !over.load(Ordering::Relaxed) {
                    let id = &base[dice.random_range(0..base.len())];
                    let (method, path, body) = match dice.random_range(0..4) {
                        0 => {
                            created += 1;
                            let body = json!({"title": "Created meanwhile", "workflow_category": "Order Management"});
                            (Method::POST, "create".to_owned(), body)
                        }
                        1 => {
                            marks.lock().expect("no panic while held").deleted.insert(id.clone());
                            (Method::DELETE, format!("delete/{id}"), json!({}))
                        }
                        _ => {
                            marks.lock().expect("no panic while held").changed.insert(id.clone());
                            let value = dice.random_range(0..100_000);
                            let body = json!({"dollar_value": value, "priority": Priority::ALL[value % 4]});
                            (Method::PUT, format!("update/{id}"), body)
                        }
                    };
                    let url = format!("{api}/api/workflow/{path}");
                    client.request(method, url).json(&body).send().await?;
                }
                Ok(created)
            });
        }
        Self { clients, over, marks }
    }

    /// Tasks that may be gone by now, and those that may have been changed if they count.
    fn touched(&self, changed: bool) -> HashSet<String> {
        let marks = self.marks.lock().expect("no panic while held");
        let changed = marks.changed.iter().filter(|_| changed);
        marks.deleted.iter().chain(changed).cloned().collect()
    }

    /// Ends it; gives the number of tasks created and of those changed or deleted.
    async fn stop(mut self) -> Result<(u64, usize)> {
        self.over.store(true, Ordering::Relaxed);
        let mut created = 0;
        while let Some(client) = self.clients.join_next().await {
            created += client??;
        }
        Ok((created, self.touched(true).len()))
    }
}
