//! Where things may be: SQL in the store, Redis with the events, decisions without database, clock or network.

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a source folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

/// Files of a folder that contain any of these texts outside comments.
fn containing(folder: &str, texts: &[&str], except: &[&str]) -> Vec<String> {
    let code =
        |text: &str| text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    sources(folder)
        .into_iter()
        .filter(|(path, _)| !except.iter().any(|part| path.to_string_lossy().contains(part)))
        .filter(|(_, text)| texts.iter().any(|wanted| code(text).contains(wanted)))
        .map(|(path, _)| path.display().to_string())
        .collect()
}

#[test]
fn sql_is_in_the_store_alone() {
    let statements = ["sqlx::query", "SELECT ", "INSERT INTO", "DELETE FROM", "sqlx::raw_sql"];
    for folder in ["shared/src", "api/src", "worker/src", "src", "mail/src"] {
        assert_eq!(containing(folder, &statements, &["shared/../shared/src/store"]), Vec::<String>::new());
    }
}

#[test]
fn redis_is_with_the_events_alone() {
    for folder in ["shared/src", "api/src", "worker/src", "src", "mail/src"] {
        assert_eq!(containing(folder, &["redis::"], &["src/events"]), Vec::<String>::new());
    }
}

#[test]
fn decisions_know_no_async_no_clock_and_no_network() {
    let forbidden = ["async ", ".await", "Utc::now", "SystemTime", "Instant::now", "tokio::", "std::fs", "std::net"];
    for folder in ["shared/src/domain", "mail/src"] {
        assert_eq!(containing(folder, &forbidden, &[]), Vec::<String>::new());
    }
}

#[test]
fn the_api_and_the_worker_do_not_know_each_other() {
    assert_eq!(containing("api/src", &["worker::"], &["realtime"]), Vec::<String>::new());
    assert_eq!(containing("worker/src", &["api::", "poem"], &[]), Vec::<String>::new());
}
