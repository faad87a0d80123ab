//! Two APIs and three workers on PostgreSQL and Redis.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Socket, System, eventually};

const CLIENTS: usize = 16;

/// Sends changes through both APIs and gives how often each task was changed.
async fn change_all(system: &Arc<System>, ids: &[String], changes: usize) -> BTreeMap<String, i64> {
    let next = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (system, ids, next) = (system.clone(), ids.to_vec(), next.clone());
            tokio::spawn(async move {
                let mut applied: BTreeMap<String, i64> = BTreeMap::new();
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= changes {
                        return applied;
                    }
                    let id = &ids[n * 7 % ids.len()];
                    let path = format!("/api/workflow/update/{id}");
                    let body = Some(json!({"description": format!("change {n}")}));
                    let sent = system.send_to(n % 2, Method::PUT, &path, body, &[]).await;
                    assert!(matches!(sent.status().as_u16(), 200 | 202), "{}", sent.status());
                    *applied.entry(id.clone()).or_default() += 1;
                }
            })
        })
        .collect();
    let mut applied = BTreeMap::new();
    for client in clients {
        for (id, count) in client.await.unwrap() {
            *applied.entry(id).or_default() += count;
        }
    }
    applied
}

async fn all_applied(system: &System, applied: &BTreeMap<String, i64>) {
    for (id, count) in applied {
        let expected = json!(1 + count);
        eventually(Duration::from_secs(40), async || {
            let task = system.get(&format!("/api/workflow/get/{id}")).await["task"].clone();
            (task["version"] == expected).then_some(())
        })
        .await;
    }
}

fn ids_of(frames: &[Value]) -> Vec<i64> {
    frames.iter().map(|frame| frame["id"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_applied_once_and_seen_once_in_order_although_a_worker_is_killed() {
    let Some(mut system) = System::production(2, 3).await else { return };
    let mut victim = system.workers.remove(0);
    let system = Arc::new(system);
    let (mut one, _) = Socket::connect(&system.apis[0].url, "").await;
    let (mut two, _) = Socket::connect(&system.apis[1].url, "").await;
    let mut ids = Vec::new();
    for n in 0..40 {
        let task = system.create(json!({"title": format!("t{n}"), "workflow_category": "General Support"})).await;
        ids.push(task["task_id"].as_str().unwrap().to_owned());
    }

    let first = change_all(&system, &ids, 500).await;
    let changing = {
        let (system, ids) = (system.clone(), ids.clone());
        tokio::spawn(async move { change_all(&system, &ids, 500).await })
    };
    tokio::time::sleep(Duration::from_millis(400)).await;
    victim.kill();
    let second = changing.await.unwrap();

    let mut applied = first;
    for (id, count) in second {
        *applied.entry(id).or_default() += count;
    }
    all_applied(&system, &applied).await;
    let expected = 40 + 1_000;
    let seen_one = one.numbered(|frames| frames.len() == expected).await;
    let seen_two = two.numbered(|frames| frames.len() == expected).await;
    assert_eq!(ids_of(&seen_one), (1..=expected as i64).collect::<Vec<_>>());
    assert_eq!(seen_one, seen_two);
    let db = system.database.open().await;
    assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE queue = 'mutations' AND state <> 'completed'").await, 0);
    let workers = system.get("/health/ready").await;
    assert_eq!(workers["redis"], "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tick_makes_one_job_however_many_workers_there_are() {
    let Some(system) = System::production(1, 3).await else { return };
    let db = system.database.open().await;
    let made = "SELECT count(*) FROM jobs WHERE kind = 'refresh-metrics'";
    let before = db.query_i64(made).await;
    for n in 1..=5 {
        db.execute_raw("UPDATE schedules SET next_run_at = '2020-01-01T00:00:00+00:00' WHERE name = 'metrics-refresh'")
            .await;
        eventually(Duration::from_secs(10), async || (db.query_i64(made).await >= before + n).then_some(())).await;
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let at_most = before + 6; // one more if a minute began meanwhile
    assert!((before + 5..=at_most).contains(&db.query_i64(made).await));
}
