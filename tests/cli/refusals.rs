//! What is refused, with which exit code and in which words.

use std::net::TcpListener;

use crate::process::{run, run_with, sqlite3};

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_64() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["serve"][..],
        &["up", "--colour"],
        &["import"],
        &["triage"],
        &["worker", "--queues", "mail"],
        &["worker", "--concurrency", "many"],
        &["worker", "--concurrency=0"],
        &["import", "x.eml", "--url", "localhost"],
        &["import", "--from-crewai"],
        &["keys", "create", "--role", "viewer"],
        &["keys", "create", "--role", "root", "--name", "ana"],
        &["keys", "create", "--role", "viewer", "--name", "SLA Monitor"],
        &["keys", "create", "--role", "viewer", "--name", "ana", "--expires-in", "soon"],
    ] {
        let ended = run(folder.path(), args);
        assert_eq!(ended.code, 64, "{args:?}: {}", ended.err);
        assert!(ended.err.starts_with("error: "), "{args:?}: {}", ended.err);
    }
}

#[test]
fn help_shows_flag_variable_and_default_of_every_option() {
    let folder = tempfile::tempdir().unwrap();
    let help = run_with(folder.path(), &["up", "--help"], &[("DATABASE_URL", "postgres://ana:secret@db/x")]);
    assert_eq!(help.code, 0);
    let words = ["--listen", "WORKFLOW_LISTEN", "127.0.0.1:3001", "--database-url", "DATABASE_URL", "data/crewai.db"];
    for word in words.iter().chain(&["--auth", "WORKFLOW_AUTH", "--lease", "WORKFLOW_LEASE", "REDIS_URL", "--demo"]) {
        assert!(help.out.contains(word), "{word} is not in: {}", help.out);
    }
    assert!(!help.out.contains("secret"));
    assert_eq!(run(folder.path(), &["--version"]).code, 0);
}

#[test]
fn a_configuration_that_cannot_work_ends_with_78() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |args: &[&str], variables: &[(&str, &str)], words: &[&str]| {
        run_with(folder.path(), args, variables).is_refusal(78, words);
    };
    refused(&["up", "--listen", "0.0.0.0:0"], &[], &["0.0.0.0", "authentication is off"]);
    refused(&[], &[("WORKFLOW_LISTEN", "[::]:0")], &["WORKFLOW_LISTEN", "authentication is off"]);
    refused(&["up", "--listen", "3001"], &[], &["WORKFLOW_LISTEN"]);
    refused(&["up"], &[("WORKFLOW_KEY_PEPPER", "short")], &["WORKFLOW_KEY_PEPPER", "16 characters"]);
    refused(&["up"], &[("WORKFLOW_AUTH", "maybe")], &["WORKFLOW_AUTH", "maybe"]);
    refused(&["up"], &[("WORKFLOW_CONCURRENCY", "many")], &["WORKFLOW_CONCURRENCY", "many"]);
    refused(&["up"], &[("DATABASE_URL", "mysql://localhost/x")], &["DATABASE_URL", "postgres://"]);
    refused(&["up"], &[("REDIS_URL", "http://localhost")], &["REDIS_URL", "redis://"]);
    refused(&["up"], &[("WORKFLOW_LOG", "workflow=loud")], &["WORKFLOW_LOG"]);
    refused(&["up", "--allowed-hosts", "https://flow.example/"], &[], &["WORKFLOW_ALLOWED_HOSTS"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no database was made");
}

#[test]
fn roles_of_their_own_refuse_the_embedded_database() {
    let folder = tempfile::tempdir().unwrap();
    for role in ["api", "worker"] {
        run(folder.path(), &[role, "--listen", "127.0.0.1:0"]).is_refusal(78, &["workflow up", "postgres://"]);
    }
}

#[test]
fn a_taken_port_ends_with_69_before_the_database_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(folder.path(), &["up", "--listen", &address]).is_refusal(69, &[&address, "in use"]);
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_database_that_cannot_be_reached_ends_with_69_and_shows_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://ana:secret@127.0.0.1:1/x";
    for args in [&["up", "--listen", "127.0.0.1:0"][..], &["migrate"], &["worker", "--listen", "127.0.0.1:0"]] {
        let ended = run_with(folder.path(), args, &[("DATABASE_URL", url)]);
        ended.is_refusal(69, &["127.0.0.1:1/x"]);
        assert!(!ended.err.contains("secret"), "{}", ended.err);
    }
    std::fs::write(folder.path().join("file"), "").unwrap();
    run(folder.path(), &["migrate", "--database-url", "sqlite://file/x.db"]).is_refusal(69, &["file/x.db"]);
}

#[test]
fn a_foreign_file_in_the_place_of_the_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = data.join("crewai.db");
    std::fs::create_dir(&data).unwrap();
    let mut sqlite = b"SQLite format 3\0".to_vec();
    sqlite.resize(4096, 7);
    for content in [&sqlite[..], b"a text of somebody else\n"] {
        std::fs::write(&file, content).unwrap();
        for command in [&["up", "--listen", "127.0.0.1:0"][..], &["migrate"]] {
            run(folder.path(), command).is_refusal(65, &["crewai.db", "left untouched"]);
        }
        let doctor = run(folder.path(), &["doctor", "--listen", "127.0.0.1:0"]);
        assert_eq!(doctor.code, 65, "{}", doctor.out);
        assert_eq!(std::fs::read(&file).unwrap(), content);
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1);
    }
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["migrate"]).code, 0);
    let sql = "INSERT INTO workflow_migrations (version, description, success, checksum, execution_time)
               VALUES (9999, 'from the future', TRUE, x'00', 0);";
    if sqlite3(&folder.path().join("data/crewai.db"), sql).is_none() {
        return;
    }
    for command in [&["up", "--listen", "127.0.0.1:0"][..], &["migrate"]] {
        run(folder.path(), command).is_refusal(65, &["9999", "newer"]);
    }
}

#[test]
fn a_path_without_mail_to_find_ends_with_64_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["import", "no-such-folder"]).is_refusal(64, &["no-such-folder"]);
    run(folder.path(), &["triage", "no-such-folder"]).is_refusal(64, &["no-such-folder"]);
}

#[test]
fn doctor_says_what_is_missing_and_ends_with_the_code_of_the_first_failure() {
    let folder = tempfile::tempdir().unwrap();
    let healthy = run(folder.path(), &["doctor", "--listen", "127.0.0.1:0"]);
    assert_eq!(healthy.code, 0, "{}{}", healthy.out, healthy.err);
    assert!(healthy.out.lines().all(|line| line.starts_with("ok ")), "{}", healthy.out);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "doctor changes nothing");

    let variables = [("DATABASE_URL", "postgres://127.0.0.1:1/x"), ("REDIS_URL", "redis://127.0.0.1:1")];
    let ill = run_with(folder.path(), &["doctor", "--listen", "0.0.0.0:0"], &variables);
    assert_eq!(ill.code, 78, "{}", ill.out);
    for check in ["configuration", "database", "redis"] {
        assert!(ill.out.contains(&format!("FAIL  {check}")), "{check}: {}", ill.out);
    }
}
