//! People and teams over HTTP, and tasks that are given to them.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{System, eventually, in_both_forms};

async fn put(system: &System, path: &str, body: Value) -> Response {
    system.send(Method::PUT, path, Some(body), &[]).await
}

/// Saves a person or a team, as it was saved.
async fn save(system: &System, path: &str, body: Value) -> Value {
    let response = put(system, path, body).await;
    let status = response.status();
    let saved: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{path}: {saved}");
    saved
}

async fn desk(system: &System, strategy: &str) {
    save(system, "/api/teams/Returns%20desk", json!({"strategy": strategy, "categories": ["Returns and RMA"]})).await;
}

async fn returns(system: &System, title: &str) -> String {
    let task = system.create(json!({"title": title, "workflow_category": "Returns and RMA"})).await;
    task["task_id"].as_str().unwrap().to_owned()
}

/// Waits until a task has an owner, and gives it with its history.
async fn owned(system: &System, task_id: &str) -> Value {
    let path = format!("/api/workflow/get/{task_id}");
    eventually(Duration::from_secs(20), async || {
        let got = system.get(&path).await;
        (!got["task"]["current_owner"].is_null()).then_some(got)
    })
    .await
}

/// Gives out tasks now, and waits until that is done.
async fn give_out(system: &System) {
    let response = system.send(Method::POST, "/api/assignment/run", None, &[]).await;
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    eventually(Duration::from_secs(20), async || (system.get(&location).await["state"] == "completed").then_some(()))
        .await;
}

#[expect(clippy::disallowed_methods, reason = "absences relative to the server's own clock")]
fn from_now(hours: i64) -> String {
    (Utc::now() + TimeDelta::hours(hours)).to_rfc3339()
}

async fn pointers(response: Response) -> Vec<String> {
    assert_eq!(response.status(), 422);
    let problem: Value = response.json().await.unwrap();
    problem["errors"].as_array().unwrap().iter().map(|issue| issue["pointer"].as_str().unwrap().to_owned()).collect()
}

in_both_forms! {
    async fn a_task_is_given_to_the_least_loaded_and_the_rest_waits_for_room(system: System) {
        desk(&system, "least_loaded").await;
        let ana = json!({"email": "ana.ruiz@example.com", "team": "Returns desk", "capacity": 2,
                         "skills": [{"category": "Returns and RMA", "level": 3}]});
        save(&system, "/api/people/Ana%20Ruiz", ana.clone()).await;
        let ids = [returns(&system, "a").await, returns(&system, "b").await];
        for id in &ids {
            let got = owned(&system, id).await;
            let task = &got["task"];
            assert_eq!((&task["current_owner"], &task["owner_email"], &task["version"]),
                       (&json!("Ana Ruiz"), &json!("ana.ruiz@example.com"), &json!(2)));
        }
        let reasons: Vec<_> = [owned(&system, &ids[0]).await, owned(&system, &ids[1]).await].iter().map(|got| {
            let row = got["history"].as_array().unwrap().iter().find(|row| row["field"] == "current_owner").unwrap().clone();
            assert_eq!(row["changed_by"], "Assignment");
            row["change_reason"].clone()
        }).collect();
        assert!(reasons.contains(&json!("least loaded of Returns desk: 1 of 2 open, skill Returns and RMA")), "{reasons:?}");

        let waiting = returns(&system, "c").await;
        give_out(&system).await;
        let queue = system.get("/api/assignment/queue").await;
        assert_eq!(queue["tasks"].as_array().unwrap().len(), 1);
        assert_eq!(queue["tasks"][0]["task_id"], json!(waiting));
        assert_eq!(queue["tasks"][0]["choice"]["considered"][0]["why_not"], "has 2 of 2 open");
        let people = system.get("/api/people").await;
        let ana_now = &people["people"][0];
        assert_eq!((&ana_now["open_tasks"], &ana_now["free_capacity"], &ana_now["absent"]), (&json!(2), &json!(0), &json!(false)));

        system.update(&ids[0], json!({"task_status": "COMPLETED"})).await;
        owned(&system, &waiting).await;
        let another = returns(&system, "d").await;
        save(&system, "/api/people/Ana%20Ruiz", json!({"team": "Returns desk", "capacity": 3})).await;
        let got = owned(&system, &another).await;
        assert_eq!(got["task"]["owner_email"], Value::Null, "she has no address any more");
        assert_eq!(system.get("/api/assignment/queue").await["tasks"], json!([]));
    }

    async fn mail_is_given_out_too_and_a_persons_choice_stays(system: System) {
        desk(&system, "round_robin").await;
        save(&system, "/api/people/Ana", json!({"team": "Returns desk", "capacity": 9})).await;
        let chosen = system.create(json!({"title": "mine", "workflow_category": "Returns and RMA", "current_owner": "Zoe"})).await;
        let mail = json!({"subject": "RMA request for a defective unit", "from": "buyer@example.com",
                          "text": "We need an RMA number to return the defective unit. Please issue a return."});
        system.upload(vec![mail]).await;
        let tasks = eventually(Duration::from_secs(20), async || {
            let listed = system.get("/api/workflow/list?category=Returns%20and%20RMA&owner=Ana").await;
            Some(listed["tasks"].as_array().unwrap().clone()).filter(|tasks| !tasks.is_empty())
        }).await;
        assert_eq!(tasks.len(), 1);
        let mailed = tasks[0]["task_id"].as_str().unwrap().to_owned();
        system.update(&mailed, json!({"current_owner": "Bo"})).await;
        save(&system, "/api/people/Cy", json!({"team": "Returns desk", "capacity": 9})).await;
        give_out(&system).await;
        for (id, owner) in [(mailed.as_str(), "Bo"), (chosen["task_id"].as_str().unwrap(), "Zoe")] {
            assert_eq!(system.get(&format!("/api/workflow/get/{id}")).await["task"]["current_owner"], owner);
        }
    }

    async fn nobody_is_given_a_task_while_absent_and_others_take_over_if_the_team_says_so(system: System) {
        desk(&system, "least_loaded").await;
        let ana = |absences: Value| json!({"team": "Returns desk", "capacity": 5, "absences": absences});
        save(&system, "/api/people/Ana", ana(json!([{"from": from_now(-5), "to": from_now(5)}]))).await;
        let id = returns(&system, "a").await;
        give_out(&system).await;
        let preview = system.send(Method::POST, "/api/assignment/preview", Some(json!({"task_id": id})), &[]).await;
        let choice: Value = preview.json().await.unwrap();
        assert_eq!(choice["owner"], Value::Null);
        assert!(choice["considered"][0]["why_not"].as_str().unwrap().starts_with("is absent until "), "{choice}");
        assert_eq!(system.get("/api/people").await["people"][0]["absent"], true);

        save(&system, "/api/people/Ana", ana(json!([]))).await;
        assert_eq!(owned(&system, &id).await["task"]["current_owner"], "Ana");

        let reassigning = json!({"strategy": "least_loaded", "categories": ["Returns and RMA"], "reassign_on_absence": true});
        save(&system, "/api/teams/Returns%20desk", reassigning).await;
        save(&system, "/api/people/Bo", json!({"team": "Returns desk", "capacity": 5})).await;
        give_out(&system).await;
        assert_eq!(owned(&system, &id).await["task"]["current_owner"], "Ana");
        save(&system, "/api/people/Ana", ana(json!([{"from": from_now(0), "to": from_now(5)}]))).await;
        give_out(&system).await;
        let got = owned(&system, &id).await;
        assert_eq!(got["task"]["current_owner"], "Bo");
        let reason = got["history"].as_array().unwrap().last().unwrap()["change_reason"].as_str().unwrap().to_owned();
        assert!(reason.starts_with("Ana is absent until ") && reason.ends_with("least loaded of Returns desk: 0 of 5 open"), "{reason}");
    }

    async fn people_and_teams_are_kept_with_versions_and_audited(system: System) {
        let added = put(&system, "/api/teams/Desk", json!({"strategy": "round_robin", "mailboxes": ["rma"], "position": 3})).await;
        assert_eq!((added.status().as_u16(), added.headers()["etag"].to_str().unwrap()), (201, "\"1\""));
        save(&system, "/api/people/Ana", json!({"capacity": 1, "zone": "Europe/Berlin",
             "absences": [{"from": "2027-01-10", "to": "2027-01-11"}, {"from": "2026-12-24", "to": "2026-12-27"}]})).await;
        let replaced = put(&system, "/api/teams/Desk", json!({"strategy": "least_loaded", "members": ["Ana"]})).await;
        assert_eq!((replaced.status().as_u16(), replaced.headers()["etag"].to_str().unwrap()), (200, "\"2\""));
        let team = system.get("/api/teams/Desk").await;
        assert_eq!((&team["members"], &team["mailboxes"], &team["position"]), (&json!(["Ana"]), &json!([]), &json!(0)));
        let ana = system.get("/api/people/Ana").await;
        assert_eq!((&ana["team"], &ana["version"]), (&json!("Desk"), &json!(2)));
        assert_eq!(ana["absences"][0], json!({"from": "2026-12-23T23:00:00Z", "to": "2026-12-26T23:00:00Z"}));

        let stale = [("if-match", "\"1\"")];
        let body = Some(json!({"capacity": 7}));
        let refused = system.send(Method::PUT, "/api/people/Ana", body.clone(), &stale).await;
        assert_eq!(refused.status(), 412);
        assert_eq!(refused.json::<Value>().await.unwrap()["current_version"], 2);
        assert_eq!(system.send(Method::DELETE, "/api/teams/Desk", None, &stale).await.status(), 412);
        assert_eq!(system.send(Method::PUT, "/api/people/New", body.clone(), &[("if-match", "*")]).await.status(), 412);
        let current = [("if-match", "\"2\"")];
        assert_eq!(system.send(Method::PUT, "/api/people/Ana", body, &current).await.status(), 200);
        assert_eq!(system.get("/api/people/Ana").await["team"], Value::Null, "what is absent takes its default");

        save(&system, "/api/teams/Desk", json!({"strategy": "least_loaded", "members": ["Ana"]})).await;
        assert_eq!(system.send(Method::DELETE, "/api/teams/Desk", None, &[]).await.status(), 200);
        assert_eq!(system.send(Method::DELETE, "/api/teams/Desk", None, &[]).await.status(), 404);
        assert_eq!(system.get("/api/people/Ana").await["team"], Value::Null);
        assert_eq!(system.send(Method::DELETE, "/api/people/Ana", None, &[]).await.status(), 200);
        assert_eq!(system.send(Method::GET, "/api/people/Ana", None, &[]).await.status(), 404);
        let audit = system.get("/api/audit?object=Desk").await;
        let actions: Vec<_> = audit["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
        assert_eq!(actions, ["team.delete", "team.save", "team.save", "team.save"]);
    }

    async fn every_fault_of_a_person_or_a_team_is_told_at_once(system: System) {
        let faulty = json!({
            "email": "nowhere", "capacity": -1, "zone": "Mars/Base", "active": "yes", "nickname": "A",
            "skills": [{"category": "Gardening", "level": 3}, {"mailbox": "rma", "level": 6}, {"level": 1}, 7],
            "absences": [{"from": "2026-03-10T00:00:00Z", "to": "2026-03-12T00:00:00Z"},
                         {"from": "2026-03-11T00:00:00Z", "to": "2026-03-13T00:00:00Z"},
                         {"from": "2026-05-02T00:00:00Z", "to": "2026-05-01T00:00:00Z"},
                         {"from": "2026-02-29", "to": "2026-03-01"}],
        });
        let mut found = pointers(put(&system, "/api/people/Ana", faulty).await).await;
        found.sort();
        assert_eq!(found, [
            "/absences/1", "/absences/2/to", "/absences/3/from", "/active", "/capacity", "/email", "/nickname",
            "/skills/0/category", "/skills/1/level", "/skills/2/category", "/skills/3", "/zone",
        ]);
        let twice = json!({"capacity": 1, "skills": [{"category": "Returns and RMA", "level": 1}, {"category": "Returns and RMA", "level": 2}]});
        assert_eq!(pointers(put(&system, "/api/people/Ana", twice).await).await, ["/skills/1"]);
        assert_eq!(pointers(put(&system, "/api/people/Ana", json!({"capacity": 1, "team": "None"})).await).await, ["/team"]);
        assert_eq!(pointers(put(&system, "/api/people/%20Ana", json!({"capacity": 1})).await).await, ["path/name"]);
        let team = json!({"strategy": "by lot", "categories": ["Gardening"], "position": -1, "members": [""]});
        assert_eq!(pointers(put(&system, "/api/teams/Desk", team).await).await, ["/strategy", "/categories", "/position", "/members"]);
        let strangers = json!({"strategy": "round_robin", "members": ["Ana", "Bo"]});
        assert_eq!(pointers(put(&system, "/api/teams/Desk", strangers).await).await, ["/members/0", "/members/1"]);
        assert_eq!(system.send(Method::GET, "/api/teams/Desk", None, &[]).await.status(), 404, "nothing is half written");
        let preview = async |body| pointers(system.send(Method::POST, "/api/assignment/preview", Some(body), &[]).await).await;
        assert_eq!(preview(json!({})).await, ["/task_id"]);
        assert_eq!(preview(json!({"task_id": "T", "mailbox_source": "a"})).await, ["/task_id"]);
        let unknown = system.send(Method::POST, "/api/assignment/preview", Some(json!({"task_id": "T"})), &[]).await;
        assert_eq!(unknown.status(), 404);
        assert_eq!(pointers(system.send(Method::GET, "/api/assignment/queue?limit=0&x=1", None, &[]).await).await, ["query/limit", "query/x"]);
    }
}
