//! The operators' commands against a running server.

use crate::process::{Ended, Server, run};

fn json(ended: &Ended) -> serde_json::Value {
    assert_eq!(ended.code, 0, "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out))
}

#[test]
fn queues_are_listed_paused_limited_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::up(folder.path(), &[]);
    let ops = |args: &[&str]| run(folder.path(), &[args, &["--url", &server.url]].concat());
    let listed = ops(&["queues"]);
    for name in ["QUEUE", "email", "maintenance", "metrics", "mutations", "sla"] {
        assert!(listed.out.contains(name), "{name} is not in {}", listed.out);
    }
    let paused = ops(&["queues", "pause", "sla", "--reason", "night shift"]);
    assert!(paused.out.contains("paused by local: night shift"), "{}", paused.out);
    let limited = json(&ops(&["queues", "limit", "mutations", "--rate", "100/2", "--concurrency", "8", "--json"]));
    assert_eq!((limited["limits"]["rate"].as_i64(), limited["limits"]["rate_seconds"].as_i64()), (Some(100), Some(2)));
    let unlimited = json(&ops(&["queues", "limit", "mutations", "--concurrency", "none", "--json"]));
    assert!(unlimited["limits"]["concurrency"].is_null());
    assert_eq!(ops(&["queues", "limit", "mutations", "--rate", "many"]).code, 64);
    let unknown = ops(&["queues", "pause", "nowhere"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("does not exist"), "{}", unknown.err);
    assert_eq!(ops(&["queues", "resume", "sla"]).code, 0);
    assert_eq!(ops(&["schedules", "run", "metrics-refresh"]).code, 0);
    let kept = || json(&ops(&["queues", "history", "email", "--json"]))["points"][0]["depth"]["available"] == 0;
    let kept = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        kept()
    });
    assert!(kept, "the minute that was over last is kept");
    let history = ops(&["queues", "history", "email", "--step", "300"]);
    assert!(history.out.contains("WAIT MS") && history.out.contains("-/-/-"), "{}", history.out);
    let refused = ops(&["queues", "history", "email", "--step", "90"]);
    assert!(refused.code == 1 && refused.err.contains("multiple of 60"), "{}", refused.err);
    let audit = ops(&["audit"]);
    assert!(audit.out.contains("queue.pause") && audit.out.contains("reason=night shift"), "{}", audit.out);
}

#[test]
fn jobs_are_shown_cancelled_and_handled_in_bulk() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::up(folder.path(), &[]);
    let ops = |args: &[&str]| run(folder.path(), &[args, &["--url", &server.url]].concat());
    assert_eq!(ops(&["schedules", "pause", "sla-sweep"]).code, 0);
    ops(&["queues", "pause", "sla"]);
    for _ in 0..3 {
        assert_eq!(ops(&["schedules", "run", "sla-sweep"]).code, 0);
    }
    let listed = json(&ops(&["jobs", "--queue", "sla", "--kind", "sweep-sla", "--json"]));
    assert_eq!(listed, json(&ops(&["jobs", "list", "--queue", "sla", "--kind", "sweep-sla", "--json"])));
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 3);
    let id = listed["jobs"][0]["id"].as_str().unwrap().to_owned();
    let shown = ops(&["jobs", "show", &id]);
    assert!(shown.out.contains("It waits: the queue is paused by local"), "{}", shown.out);
    assert!(ops(&["jobs", "cancel", &id]).out.contains("is cancelled"));
    let again = ops(&["jobs", "run", &id, "999999"]);
    assert_eq!(again.code, 1, "both are refused");
    assert!(again.err.contains(&id) && again.err.contains("999999"), "{}", again.err);

    let bulk = ["jobs", "bulk", "cancel", "--queue", "sla", "--kind", "sweep-sla", "--state", "available"];
    let asked = ops(&bulk);
    assert_eq!(asked.code, 64, "nobody can be asked");
    assert!(asked.err.contains("2 jobs match") && asked.err.contains("--yes"), "{}", asked.err);
    assert!(ops(&[&bulk[..], &["--dry-run"]].concat()).out.contains("2 jobs match"));
    let done = ops(&[&bulk[..], &["--yes", "--reason", "a test"]].concat());
    assert!(done.out.contains("2 matched, 2 changed, 0 skipped"), "{}{}", done.out, done.err);
    assert_eq!(ops(&["jobs", "errors"]).code, 0);
    assert_eq!(ops(&["workers"]).code, 0);
    assert!(ops(&["schedules"]).out.contains("metrics-refresh"));
    assert!(ops(&["database"]).out.contains("sqlite"));
}

#[test]
fn a_server_that_does_not_answer_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), &["jobs", "--url", "http://127.0.0.1:1"]);
    assert_eq!(ended.code, 69);
    assert!(ended.err.contains("does not answer"), "{}", ended.err);
}
