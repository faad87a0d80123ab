//! `workflow up --demo`: the whole chain with one command.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use crate::process::{Server, run, sqlite3, workflow};

#[test]
fn demo_mail_is_loaded_once_and_every_mail_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::up(folder.path(), &["--demo"]);
    let account = server.line("demo: ");
    assert!(account.starts_with("100 mails: "), "{account}");
    let figures = server.get("/api/workflow/metrics");
    for colour in ["red_tasks", "yellow_tasks", "green_tasks", "completed_tasks"] {
        assert!(figures[colour].as_i64().unwrap() > 0, "{colour}: {figures}");
    }
    let tasks = figures["total_tasks"].as_i64().unwrap();
    assert!(account.contains(&format!(" {tasks} tasks, ")), "{account}");
    let frames = server.frames("?since=0", 3);
    let words: Vec<_> = frames.iter().map(|frame| (&frame["event"], &frame["id"])).collect();
    assert!(words[0].0 == "workflow:hello" && words[1].1 == "1" && words[2].1 == "2", "{words:?}");
    if let Some(active) = sqlite3(&folder.path().join("data/crewai.db"), "SELECT active_tasks FROM real_time_metrics") {
        assert!(active.trim().parse::<i64>().unwrap() > 0);
    }

    let doctor = run(folder.path(), &["doctor", "--listen", server.url.trim_start_matches("http://")]);
    assert_eq!(doctor.code, 0, "{}{}", doctor.out, doctor.err);
    assert!(doctor.out.contains("a server runs at"), "{}", doctor.out);

    let (code, took) = server.stop("-TERM");
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");

    let server = Server::up(folder.path(), &["--demo"]);
    let refusal = server.line("demo: ");
    assert!(refusal.contains("the database is not empty; demo mail was not loaded"), "{refusal}");
    assert_eq!(server.get("/api/workflow/metrics")["total_tasks"], tasks);
}

#[test]
fn ctrl_c_and_sigterm_end_an_idle_server_with_0() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-INT", "-TERM"] {
        let (code, took) = Server::up(folder.path(), &[]).stop(signal);
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(5), "{signal}: {took:?}");
    }
}

#[test]
fn a_second_signal_ends_a_server_that_still_drains() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::up(folder.path(), &[]);
    let address = server.url.trim_start_matches("http://").to_owned();
    // A request that never ends keeps the server waiting.
    let mut request = TcpStream::connect(&address).unwrap();
    let head = "POST /api/workflow/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    write!(request, "{head}Content-Length: 9\r\n\r\n{{").unwrap();
    server.get("/health/live");
    server.signal("-TERM");
    while TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(server.stop("-TERM").0, Some(130));
}

#[test]
fn demo_mail_is_loaded_where_authentication_is_required_too() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["up", "--demo", "--auth", "required", "--listen", "0.0.0.0:0"];
    let server = Server::start(&mut workflow(folder.path(), &args), "Workflow Intelligence is ready at ");
    let account = server.line("demo: ");
    assert!(account.starts_with("100 mails: "), "{account}");
    let keys = run(folder.path(), &["keys", "list"]);
    assert!(keys.out.contains("demo") && keys.out.contains("revoked") && !keys.out.contains("active"), "{}", keys.out);
}
