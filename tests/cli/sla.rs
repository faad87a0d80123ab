//! `workflow sla`, and the book that a new database begins with.

use std::path::Path;

use crate::process::{Ended, Server, run, workflow};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/sla.example.yaml");
const WRONG: &str = "\
calendars:
  office:
    zone: Europe/Belrin
    week:
      mon: [09:00-12:00, 11:00-17:00]
    exceptions:
      2026-02-30: []
policies:
  - name: Orders
    when: { categories: [Order Managment] }
    resolution_hours: 8
    calendar: ofice
  - name: Rest
    resolution_hours: 0
    color: red
";

fn json(ended: &Ended) -> serde_json::Value {
    assert_eq!(ended.code, 0, "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out))
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    std::fs::write(folder.join(name), text).unwrap();
    name.to_owned()
}

#[test]
fn a_book_is_tried_applied_shown_and_applied_again_without_effect() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::up(folder.path(), &[]);
    let sla = |args: &[&str]| run(folder.path(), &[&["sla"], args, &["--url", &server.url]].concat());
    assert!(sla(&[]).out.contains("the default policy alone applies"));

    let tried = sla(&["apply", EXAMPLE, "--dry-run"]);
    assert!(tried.out.contains("would follow revision 0: 5 policies, 3 calendars"), "{}{}", tried.out, tried.err);
    assert_eq!(json(&sla(&["show", "--json"]))["revision"], 0);

    let applied = sla(&["apply", EXAMPLE, "--reason", "the first book"]);
    assert!(applied.out.contains("revision 1 applies now: 5 policies, 3 calendars"), "{}{}", applied.out, applied.err);
    assert!(sla(&["apply", EXAMPLE]).out.contains("revision 1 says the same"));

    let shown = sla(&["show"]);
    for words in
        ["revision 1 by local: the first book", "Urgent deliveries", "order desk", "2/4/8/16", "50 %", "Asia/Kolkata"]
    {
        assert!(shown.out.contains(words), "{words} is not in {}", shown.out);
    }
    let as_json = write(folder.path(), "same.json", &json(&sla(&["show", "--json"]))["book"].to_string());
    assert!(sla(&["apply", &as_json]).out.contains("revision 1 says the same"), "what is shown can be applied");
    let audit = json(&run(folder.path(), &["audit", "--action", "sla.book.replace", "--json", "--url", &server.url]));
    assert_eq!(audit["entries"][0]["detail"]["reason"], "the first book");
}

#[test]
fn each_fault_of_a_file_is_told_with_its_line_and_column_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::up(folder.path(), &[]);
    let file = write(folder.path(), "wrong.yaml", WRONG);
    let refused = run(folder.path(), &["sla", "apply", &file, "--url", &server.url]);
    assert_eq!(refused.code, 65);
    let told: Vec<&str> = refused.err.lines().collect();
    let expected = [
        r#"wrong.yaml:3:5: /calendars/office/zone "Europe/Belrin" is not the name of an IANA zone; did you mean Europe/Berlin?"#,
        r#"wrong.yaml:5:26: /calendars/office/week/mon/1 "11:00-17:00" overlaps 09:00-12:00"#,
        "wrong.yaml:7:7: /calendars/office/exceptions/2026-02-30 is no day: February 2026 has 28 days",
        r#"wrong.yaml:10:26: /policies/0/when/categories/0 "Order Managment" is not a category; did you mean Order Management?"#,
        r#"wrong.yaml:12:5: /policies/0/calendar "ofice" is not a calendar of the book; did you mean office?"#,
        "wrong.yaml:14:5: /policies/1/resolution_hours 0 must be over 0 and at most 87600",
        r#"wrong.yaml:15:5: /policies/1/color "red" is not a known field"#,
        "workflow: wrong.yaml has 7 faults; nothing was changed",
    ];
    assert_eq!(told, expected);
    let broken = write(folder.path(), "broken.yaml", "calendars: {\npolicies: []\n");
    let refused = run(folder.path(), &["sla", "apply", &broken, "--url", &server.url]);
    assert_eq!(refused.code, 65);
    assert!(refused.err.starts_with("broken.yaml:"), "{}", refused.err);
    let missing = run(folder.path(), &["sla", "apply", "nowhere.yaml", "--url", &server.url]);
    assert_eq!(missing.code, 65);
    assert!(missing.err.contains("nowhere.yaml: "), "{}", missing.err);
    let current = json(&run(folder.path(), &["sla", "--json", "--url", &server.url]));
    assert_eq!(current["revision"], 0);
}

#[test]
fn a_file_is_the_book_of_a_new_database_and_no_longer_read_once_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let current = |server: &Server| json(&run(folder.path(), &["sla", "--json", "--url", &server.url]));
    {
        let server = Server::up(folder.path(), &["--sla-file", EXAMPLE]);
        let book = current(&server);
        assert_eq!((&book["revision"], &book["created_by"]), (&1.into(), &"bootstrap".into()));
        assert_eq!(book["book"]["policies"].as_array().unwrap().len(), 5);
    }
    let file = write(folder.path(), "wrong.yaml", WRONG);
    let server = Server::up(folder.path(), &["--sla-file", &file]);
    assert_eq!(current(&server)["revision"], 1);
}

#[test]
fn a_wrong_file_keeps_a_new_database_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "wrong.yaml", WRONG);
    let args = ["up", "--listen", "127.0.0.1:0"];
    let ended = workflow(folder.path(), &args).env("WORKFLOW_SLA_FILE", &file).output().unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(78), "{err}");
    assert!(err.contains("WORKFLOW_SLA_FILE: wrong.yaml:3:5:"), "{err}");
    assert_eq!(err.trim_end().lines().count(), 1, "{err}");
}
