//! Pauses, escalations and the sweep under policies of one's own.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::domain::change::{self, Actor, NewTask, TaskPatch};
use shared::domain::{Category, Change, Priority, Task, WaitingOn};
use shared::store::{Db, sla, tasks};

use crate::sla::sweep;
use crate::support::{Socket, System, in_both_forms};

fn actor() -> Actor {
    Actor { principal: "ana".to_owned(), reason: None }
}

#[expect(clippy::disallowed_methods, reason = "deadlines relative to the server's own clock")]
fn now() -> DateTime<Utc> {
    // No database keeps more.
    Utc::now().trunc_subsecs(6)
}

async fn save(db: &Db, changes: &[Change]) {
    let mut tx = db.begin().await.unwrap();
    tasks::save(&mut tx, changes).await.unwrap();
    tx.commit().await.unwrap();
}

/// Makes this the only policy, with targets of 4, 8, 24 and 40 hours.
async fn put_policy(system: &System, mut policy: Value) {
    policy["resolution_hours"] = json!({"CRITICAL": 4, "HIGH": 8, "MEDIUM": 24, "NORMAL": 40});
    let body = json!({"book": {"policies": [policy]}});
    let sent = system.send(Method::PUT, "/api/sla", Some(body), &[]).await;
    assert_eq!(sent.status(), 200, "{}", sent.text().await.unwrap());
}

/// A task that was created so long ago under the policy in force.
async fn created(system: &System, id: &str, priority: Priority, ago: TimeDelta) -> Task {
    let db = system.database.open().await;
    let rules = sla::rules(&mut db.read().await.unwrap()).await.unwrap();
    let new = NewTask { priority, ..NewTask::new(id, format!("Order {id}"), Category::OrderManagement) };
    let change = change::create(new, &rules, &actor(), now() - ago);
    save(&db, std::slice::from_ref(&change)).await;
    change.task
}

async fn get(system: &System, task_id: &str) -> Value {
    system.get(&format!("/api/workflow/get/{task_id}")).await
}

fn instant(value: &Value) -> DateTime<Utc> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Frames up to the mark that the end of the story makes.
async fn told(system: &System, socket: &mut Socket) -> Vec<Value> {
    system
        .upload(vec![json!({"subject": "marks the end", "from": "a@b.example", "text": "Please quote 5 units."})])
        .await;
    socket.numbered(|frames| frames.iter().any(|frame| frame["event"] == "workflow:batch:completed")).await
}

fn text(entry: &Value, field: &str) -> String {
    entry[field].as_str().unwrap_or_default().to_owned()
}

in_both_forms! {
    async fn a_pause_is_kept_when_the_priority_changes(system: System) {
        put_policy(&system, json!({"name": "Patient", "pause_while_waiting_on_customer": true, "pause_while_snoozed": true})).await;
        let task = created(&system, "TASK-1-pause", Priority::Normal, TimeDelta::hours(6)).await;
        let db = system.database.open().await;
        let rules = sla::rules(&mut db.read().await.unwrap()).await.unwrap();
        let wait = TaskPatch { waiting_on: Some(Some(WaitingOn::Customer)), ..TaskPatch::default() };
        save(&db, &[change::update(&task, &wait, &rules, &actor(), now() - TimeDelta::hours(5)).unwrap()]).await;
        let paused = get(&system, &task.task_id).await["task"].clone();
        assert_eq!((&paused["sla_state"], &paused["sla_policy"], &paused["sla_revision"]), (&json!("paused"), &json!("Patient"), &json!(1)));

        let answered = system.update(&task.task_id, json!({"waiting_on": null})).await;
        let pause = &answered["sla_pauses"][0];
        let length = instant(&pause["to"]) - instant(&pause["from"]);
        assert!(length >= TimeDelta::hours(5) && length < TimeDelta::hours(5) + TimeDelta::minutes(5), "{length}");
        assert_eq!(instant(&answered["sla_deadline"]), task.created_at + TimeDelta::hours(40) + length);
        let raised = system.update(&task.task_id, json!({"priority": "CRITICAL"})).await;
        assert_eq!(instant(&raised["sla_deadline"]), task.created_at + TimeDelta::hours(4) + length);
        assert_eq!(raised["sla_state"], "ok", "it would be violated without the pause");

        let until = (now() + TimeDelta::seconds(2)).to_rfc3339();
        let snoozed = system.update(&task.task_id, json!({"snoozed_until": until})).await;
        assert_eq!(snoozed["sla_state"], "paused");
        tokio::time::sleep(std::time::Duration::from_millis(2_200)).await;
        sweep(&system).await;
        let woken = get(&system, &task.task_id).await;
        assert_eq!((&woken["task"]["sla_state"], &woken["task"]["snoozed_until"]), (&json!("ok"), &Value::Null));
        assert_eq!(instant(&woken["task"]["sla_pauses"][1]["to"]), instant(&json!(until)), "it ended when it was to end");
        let rows = woken["history"].as_array().unwrap();
        let told: Vec<_> = rows.iter().rev().take(2).map(|row| (text(row, "field"), text(row, "changed_by"), text(row, "change_reason"))).collect();
        let by_time = |field: &str| (field.to_owned(), "SLA Monitor".to_owned(), "Snooze ended".to_owned());
        assert_eq!(told, [by_time("snoozed_until"), by_time("sla_deadline")]);
    }

    async fn escalations_happen_once_in_order_and_end_with_the_task(system: System) {
        let steps = json!([{"hours": -2, "action": "notify", "to": "Ana Ruiz"}, {"hours": -1, "action": "raise_priority"},
                           {"hours": 1, "action": "reassign", "to": "Bo Lindqvist"}]);
        put_policy(&system, json!({"name": "Gold", "escalations": steps})).await;
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "?events=workflow:sla:escalated,workflow:batch:completed").await;
        let soon = created(&system, "TASK-1-soon", Priority::High, TimeDelta::minutes(7 * 60 + 30)).await;
        let late = created(&system, "TASK-1-late", Priority::High, TimeDelta::hours(10)).await;
        let done = created(&system, "TASK-1-done", Priority::High, TimeDelta::hours(10)).await;
        system.update(&done.task_id, json!({"task_status": "COMPLETED", "breach_reason": "capacity"})).await;
        for _ in 0..3 {
            sweep(&system).await;
        }
        let frames: Vec<_> = told(&system, &mut socket).await.into_iter().filter(|frame| frame["event"] == "workflow:sla:escalated").collect();
        let of = |task: &Task| {
            let own = frames.iter().filter(|frame| frame["data"]["taskId"] == task.task_id.as_str());
            own.map(|frame| format!("{} {}", frame["data"]["step"], frame["data"]["action"])).collect::<Vec<_>>()
        };
        assert_eq!(of(&soon), [r#"1 "notify""#, r#"2 "raise_priority""#]);
        assert_eq!(of(&late), [r#"1 "notify""#, r#"2 "raise_priority""#, r#"3 "reassign""#]);
        assert!(of(&done).is_empty());

        let got = get(&system, &soon.task_id).await;
        assert_eq!((&got["task"]["priority"], instant(&got["task"]["sla_deadline"])), (&json!("CRITICAL"), soon.created_at + TimeDelta::hours(8)));
        let got = get(&system, &late.task_id).await;
        assert_eq!((&got["task"]["current_owner"], &got["task"]["version"]), (&json!("Bo Lindqvist"), &json!(2)));
        let reasons = got["history"].as_array().unwrap().iter().map(|row| text(row, "change_reason"));
        assert_eq!(reasons.filter(|reason| reason == "Escalation 3 of Gold: 1 h after the deadline").count(), 2);
        let got = get(&system, &done.task_id).await;
        assert_eq!((&got["task"]["sla_state"], &got["task"]["breach_reason"]), (&json!("missed"), &json!("capacity")));
    }

    async fn sweeps_find_exactly_what_has_passed_and_tell_it_once(system: System) {
        let db = system.database.open().await;
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "?events=workflow:task:updated,workflow:sla:*,workflow:batch:completed").await;
        let rules = sla::rules(&mut db.read().await.unwrap()).await.unwrap();
        let start = now();
        // A minute and more from every threshold, so that it does not matter when the sweep comes.
        let changes: Vec<_> = (0..400_i64).map(|n| {
            let mut new = NewTask::new(format!("TASK-1-{n:03}"), format!("Order {n}"), Category::ALL[n as usize % 8]);
            new.sla_deadline = Some(start + TimeDelta::minutes(n * 10 - 600 + 5));
            new.dollar_value = shared::domain::Cents(n % 4 * 2_000_000);
            change::create(new, &rules, &actor(), start - TimeDelta::hours(40))
        }).collect();
        save(&db, &changes).await;
        for _ in 0..3 {
            sweep(&system).await;
        }
        let frames = told(&system, &mut socket).await;
        for change in &changes {
            let task = get(&system, &change.task.task_id).await["task"].clone();
            let aged = change::age(&change.task, &rules, start);
            let expected = aged.as_ref().map_or(&change.task, |aged| &aged.task);
            let seen = |task: &Value| ["sla_state", "task_status", "version"].map(|field| task[field].clone());
            assert_eq!(seen(&task), seen(&json!(expected)), "{task}");
            let names = |frames: &mut dyn Iterator<Item = Value>| frames.map(|name| text(&name, "event")).collect::<Vec<_>>();
            let told = names(&mut frames.iter().filter(|frame| frame["data"]["taskId"] == task["task_id"]).cloned());
            let kept = ["workflow:task:updated", "workflow:sla:warning", "workflow:sla:violated"];
            let events = aged.iter().flat_map(|aged| &aged.events).map(|event| event.event.name());
            assert_eq!(told, events.filter(|name| kept.contains(name)).collect::<Vec<_>>(), "{task}");
        }
    }

    async fn what_a_clock_cannot_do_is_refused(system: System) {
        let bad = json!({"title": "t", "workflow_category": "Quote Processing", "waiting_on": "godot", "snoozed_until": "soon"});
        let sent = system.send(Method::POST, "/api/workflow/create", Some(bad), &[]).await;
        assert_eq!(sent.status(), 422);
        let problem: Value = sent.json().await.unwrap();
        assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
        let past = json!({"snoozed_until": "2020-02-29T12:00:00Z"});
        for (method, path, body) in [
            (Method::POST, "/api/workflow/create", json!({"title": "t", "workflow_category": "Quote Processing", "snoozed_until": past["snoozed_until"]})),
            (Method::PUT, "/api/workflow/update/TASK-1-x", past.clone()),
            (Method::POST, "/api/workflow/bulk", json!({"ids": ["TASK-1-x"], "updates": past})),
        ] {
            let sent = system.send(method, path, Some(body), &[]).await;
            assert_eq!(sent.status(), 422, "{path}");
            let problem: Value = sent.json().await.unwrap();
            assert_eq!(problem["errors"][0]["detail"], "must be in the future", "{path}");
        }
        let task = system.create(json!({"title": "w", "workflow_category": "Quote Processing", "waiting_on": "vendor"})).await;
        let id = task["task_id"].as_str().unwrap();
        let sent = system.send(Method::PUT, &format!("/api/workflow/update/{id}"), Some(json!({"breach_reason": "bad luck"})), &[]).await;
        assert_eq!(sent.status(), 422);
        let list = system.get("/api/workflow/list?fields=waiting_on,sla_pauses,sla_steps,breach_reason").await;
        assert_eq!((&list["tasks"][0]["waiting_on"], &list["tasks"][0]["sla_pauses"]), (&json!("vendor"), &json!([])));
    }
}
