//! The past is replayed under other policies, and nothing of it changes.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::domain::change::{Actor, NewTask, TaskPatch};
use shared::domain::sla::rules::Rules;
use shared::domain::values::WaitingOn;
use shared::domain::{Category, Priority, Status, Task, change};
use shared::store::{Db, tasks};

use crate::support::{System, in_both_forms};

#[expect(clippy::disallowed_methods, reason = "a past relative to the server's own clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Thirty days of quotes due after 24 hours, one in every six hours, which take 3 hours, 50 or 20, in turn. The slow ones
/// wait for the customer for 30 of theirs. Gives how many have breached.
async fn past(db: &Db, now: DateTime<Utc>) -> i64 {
    let mut breached = 0;
    let actor = Actor { principal: "local".to_owned(), reason: None };
    let rules = Rules::builtin();
    for n in 0..120_i64 {
        let mut new = NewTask::new(format!("TASK-{n:06}-w"), format!("Quote {n}"), Category::QuoteProcessing);
        new.priority = Priority::High;
        let at = now - TimeDelta::days(30) + TimeDelta::hours(n * 6) + TimeDelta::minutes(1);
        let mut changes = vec![change::create(new, &rules, &actor, at)];
        let mut patch = |after: i64, patch: TaskPatch| {
            let (at, task): (_, &Task) = (at + TimeDelta::hours(after), &changes[changes.len() - 1].task);
            if at < now {
                let next = change::update(task, &patch, &rules, &actor, at).unwrap();
                changes.push(next);
            }
        };
        let waits = |on| TaskPatch { waiting_on: Some(on), ..TaskPatch::default() };
        let hours = [3, 50, 20][n as usize % 3];
        if hours == 50 {
            breached += i64::from(at + TimeDelta::hours(24) < now);
            patch(10, waits(Some(WaitingOn::Customer)));
            patch(40, waits(None));
        }
        patch(hours, TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() });
        for change in changes {
            let mut tx = db.begin().await.unwrap();
            tasks::save(&mut tx, &[change]).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    breached
}

async fn asked(system: &System, body: Value) -> Value {
    let answer = system.send(Method::POST, "/api/sla/what-if", Some(body), &[]).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn figures(answer: &Value) -> [i64; 4] {
    ["actual_breaches", "would_breaches", "spared", "added"].map(|name| answer[name].as_i64().unwrap())
}

in_both_forms! {
    async fn another_policy_is_tried_on_the_past(system: System) {
        let db = system.database.open().await;
        let slow = past(&db, now()).await;
        assert!(slow >= 36, "{slow}");
        let before = db.query_i64("SELECT count(*) FROM workflow_status_history").await;

        let same = asked(&system, json!({"days": 60})).await;
        assert_eq!((figures(&same), &same["matched"], &same["tasks"]), ([slow, slow, 0, 0], &json!(120), &json!([])));

        let hurried = json!({"name": "default", "resolution_hours": 10});
        let answer = asked(&system, json!({"days": 60, "policy": hurried})).await;
        let [actual, would, spared, added] = figures(&answer);
        assert_eq!((actual, spared, added), (slow, 0, would - slow));
        assert!((38..=40).contains(&added), "those of twenty hours: {added}");
        assert_eq!(answer["tasks"].as_array().unwrap().len() as i64, added);
        let first = &answer["tasks"][0];
        assert_eq!((&first["actual"]["breached"], &first["would"]["breached"]), (&json!(false), &json!(true)));
        assert_eq!(answer["categories"], json!([{
            "workflow_category": "Quote Processing", "matched": 120, "actual_breaches": slow, "would_breaches": would, "difference": added,
        }]));

        // Thirty of fifty hours were the customer's: twenty are left, within 24.
        let patient = json!({"policies": [{"name": "patient", "when": {"categories": ["Quote Processing"]},
                                            "resolution_hours": 24, "pause_while_waiting_on_customer": true}]});
        let answer = asked(&system, json!({"days": 60, "book": patient})).await;
        let [actual, would, spared, added] = figures(&answer);
        assert_eq!((actual, would, spared, added), (slow, 0, slow, 0));
        assert_eq!(answer["tasks"][0]["would"]["sla_policy"], "patient");

        let week = asked(&system, json!({"days": 7})).await;
        assert_eq!(week["matched"], 28);
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_status_history").await, before, "nothing is changed");
    }

    async fn what_is_no_question_about_the_past_is_refused(system: System) {
        for (body, pointers) in [
            (json!({}), vec!["/days"]),
            (json!({"days": 0}), vec!["/days"]),
            (json!({"days": 91, "years": 1}), vec!["/days", "/years"]),
            (json!({"days": 1, "book": {}, "policy": {"name": "a", "resolution_hours": 1}}), vec!["/policy"]),
            (json!({"days": 1, "policy": {"name": "a", "resolution_hours": 0}}), vec!["/policy/resolution_hours"]),
            (json!({"days": 1, "policy": {"name": "a", "resolution_hours": 1, "calendar": "none"}}), vec!["/policy/calendar"]),
            (json!({"days": 1, "position": 1}), vec!["/position"]),
            (json!({"days": 1, "position": 9, "policy": {"name": "a", "resolution_hours": 1}}), vec!["/position"]),
            (json!({"days": 1, "book": {"policies": [{"name": "a", "resolution_hours": -1}]}}), vec!["/book/policies/0/resolution_hours"]),
        ] {
            let refused = system.send(Method::POST, "/api/sla/what-if", Some(body.clone()), &[]).await;
            assert_eq!(refused.status(), 422, "{body}");
            let problem: Value = refused.json().await.unwrap();
            let found: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|issue| issue["pointer"].as_str().unwrap()).collect();
            assert_eq!(found, pointers, "{body}: {problem}");
        }
    }
}
