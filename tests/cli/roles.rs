//! Roles as processes of their own, on one `PostgreSQL`.

use std::process::Command;

use crate::process::{Server, run, run_with, workflow};

#[test]
fn an_api_and_a_worker_on_one_postgresql_do_the_work_together() {
    let Ok(base) = std::env::var("WORKFLOW_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "WORKFLOW_TEST_POSTGRES is not set");
        eprintln!("skipped: WORKFLOW_TEST_POSTGRES is not set");
        return;
    };
    let database = Database::new(&base);
    let folder = tempfile::tempdir().unwrap();
    let start = |args: &[&str], ready: &str| {
        Server::start(workflow(folder.path(), args).env("DATABASE_URL", &database.url), ready)
    };
    let variables = [("DATABASE_URL", &*database.url)];
    run_with(folder.path(), &["api", "--listen", "127.0.0.1:0"], &variables).is_refusal(65, &["workflow migrate"]);
    assert_eq!(run_with(folder.path(), &["migrate"], &variables).code, 0);

    let api = start(&["api", "--listen", "127.0.0.1:0"], "Workflow Intelligence is ready at ");
    let worker = start(&["worker", "--queues", "email,sla", "--listen", "127.0.0.1:0"], "worker ready, health at ");
    let mails = folder.path().join("mails");
    crate::triage::tree(&mails);
    let ended = run(folder.path(), &["import", "mails", "--url", &api.url]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("received: 9\n"), "{}", ended.out);

    let doctor = run_with(folder.path(), &["doctor", "--listen", "127.0.0.1:0"], &variables);
    assert!(doctor.code == 0 && doctor.out.contains("ok    clock"), "{}{}", doctor.out, doctor.err);
    assert_eq!(worker.stop("-TERM").0, Some(0));
    assert_eq!(api.stop("-TERM").0, Some(0));
}

/// A database of its own, dropped at the end.
struct Database {
    base: String,
    name: String,
    url: String,
}

impl Database {
    fn new(base: &str) -> Self {
        let name = format!("cli_{}", std::process::id());
        psql(base, &format!("CREATE DATABASE {name}"));
        let mut url = reqwest::Url::parse(base).unwrap();
        url.set_path(&name);
        Self { base: base.to_owned(), name, url: url.into() }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        psql(&self.base, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn psql(url: &str, sql: &str) {
    let status = Command::new("psql").args(["--quiet", "--dbname", url, "--command", sql]).status().unwrap();
    assert!(status.success(), "{sql}");
}
