//! `workflow import --from-crewai`: old databases with every defect they are known to have.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::process::{Server, run};

/// The old system's tables, with the columns its scripts made.
const SCHEMA: &str = "
    CREATE TABLE workflow_tasks (
        task_id TEXT PRIMARY KEY, email_id TEXT, conversation_id TEXT, workflow_category TEXT, workflow_state TEXT,
        task_status TEXT, title TEXT, description TEXT, priority TEXT, current_owner TEXT, owner_email TEXT,
        assigned_date TEXT, po_numbers TEXT, quote_numbers TEXT, case_numbers TEXT, customers TEXT, dollar_value REAL,
        created_at TEXT, updated_at TEXT, sla_deadline TEXT, completion_date TEXT, mailbox_source TEXT, category TEXT,
        group_name TEXT, analysis_phases TEXT, confidence_score REAL, processing_time INTEGER, full_analysis TEXT);
    CREATE TABLE workflow_status_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT, old_status TEXT, new_status TEXT, old_owner TEXT,
        new_owner TEXT, changed_by TEXT, change_reason TEXT, changed_at TEXT);";

/// A row of an ordinary task, with these columns in place of its own.
fn task(id: &str, columns: &[(&str, &str)]) -> String {
    let mut row = vec![
        ("task_id", format!("'{id}'")),
        ("workflow_category", "'Order Management'".to_owned()),
        ("workflow_state", "'IN_PROGRESS'".to_owned()),
        ("task_status", "'GREEN'".to_owned()),
        ("title", format!("'Task {id}'")),
        ("priority", "'HIGH'".to_owned()),
        ("created_at", "'2025-11-03T10:00:00Z'".to_owned()),
        ("updated_at", "'2025-11-04T10:00:00Z'".to_owned()),
    ];
    for (name, value) in columns {
        row.retain(|(there, _)| there != name);
        row.push((name, (*value).to_owned()));
    }
    let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
    let values: Vec<&str> = row.iter().map(|(_, value)| value.as_str()).collect();
    format!("INSERT INTO workflow_tasks ({}) VALUES ({});\n", names.join(", "), values.join(", "))
}

fn database(path: &Path, sql: &str) {
    let mut child = Command::new("sqlite3").arg(path).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), sql.as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
}

fn with_defects() -> String {
    let history = "INSERT INTO workflow_status_history
            (task_id, old_status, new_status, old_owner, new_owner, changed_by, change_reason, changed_at) VALUES
            ('TASK-1762164000000-plain', 'GREEN', 'YELLOW', NULL, NULL, 'ana', 'late', '2025-11-03 12:00:00'),
            ('TASK-1762164000000-plain', 'YELLOW', 'GREEN', 'Ana', 'Ben', NULL, NULL, '2025-11-04T09:00:00Z'),
            ('TASK-0-gone', 'GREEN', 'RED', NULL, NULL, 'ana', NULL, '2025-11-03 12:00:00'),
            ('TASK-1762164000000-plain', 'GREEN', 'RED', NULL, NULL, 'ana', NULL, 'yesterday'),
            ('TASK-1762164000000-plain', 'RED', 'RED', NULL, NULL, 'ana', NULL, '2025-11-03 12:00:00');\n";
    let rows = [
        task(
            "TASK-1762164000000-plain",
            &[
                ("po_numbers", "'[\"45018823\",\"PO-7\"]'"),
                ("dollar_value", "1234.5"),
                ("current_owner", "'Ben'"),
                ("owner_email", "'ben@house.example'"),
                ("email_id", "'m1'"),
            ],
        ),
        // 6: entities of the ingest, and a lone number that is JSON too.
        task(
            "TASK-2-commas",
            &[
                ("po_numbers", "'1, 2,2'"),
                ("quote_numbers", "'12345678'"),
                ("case_numbers", "'[1, \"b\"]'"),
                ("customers", "'[\"Acme\", '"),
            ],
        ),
        // 12: completed without a date or a state; a date and a state of an open one.
        task("TASK-3-done", &[("task_status", "'COMPLETED'")]),
        task("TASK-4-open", &[("workflow_state", "'COMPLETION'"), ("completion_date", "'2025-11-05 10:00:00'")]),
        // 13: an address made up, and nobody as owner.
        task("TASK-5-owner", &[("current_owner", "'Sales Team'"), ("owner_email", "'sales.team@tdsynnex.com'")]),
        task("TASK-6-nobody", &[("current_owner", "'Unassigned'")]),
        // 14: a second run of the ingest.
        task("0b9c6d1e-5d7c-4c93-9f5e-0f2f3f6a1b2c", &[("email_id", "'m2'"), ("title", "'Twice'")]),
        task(
            "1b9c6d1e-5d7c-4c93-9f5e-0f2f3f6a1b2c",
            &[
                ("email_id", "'m2'"),
                ("title", "'Twice'"),
                ("created_at", "'2025-11-05T10:00:00Z'"),
                ("updated_at", "'2025-11-05T10:00:00Z'"),
            ],
        ),
        // 23: deadlines that are none.
        task("TASK-7-deadline", &[("sla_deadline", "'soon'")]),
        task("TASK-8-noddl", &[("sla_deadline", "NULL")]),
        // 27: instants without an offset, and as numbers.
        task("TASK-9-plain", &[("created_at", "'2025-11-03 10:00:00'"), ("updated_at", "1762250400")]),
        task("TASK-10-back", &[("updated_at", "'2025-11-01T10:00:00Z'")]),
        // 36: floats, below zero, as text.
        task("TASK-11-float", &[("dollar_value", "0.1 + 0.2")]),
        task("TASK-12-minus", &[("dollar_value", "-5")]),
        task("TASK-13-text", &[("dollar_value", "'$1,500.25'")]),
        // 1.2: five lists of categories.
        task("TASK-14-ship", &[("workflow_category", "'Shipping/Logistics'")]),
        task("TASK-15-rma", &[("workflow_category", "'Vendor Management'"), ("title", "'RMA for a defective disk'")]),
        task("TASK-16-vendor", &[("workflow_category", "'Vendor Management'"), ("title", "'Price list'")]),
        task("TASK-17-approve", &[("workflow_category", "'Approval Workflows'")]),
        task("TASK-18-what", &[("workflow_category", "'Gardening'")]),
        task("TASK-19-copy", &[("workflow_category", "NULL"), ("category", "'Quote Processing'")]),
        task(
            "TASK-20-words",
            &[("task_status", "'red'"), ("priority", "'Urgent'"), ("workflow_state", "'In Progress'")],
        ),
        task("TASK-21-bytes", &[("title", "CAST(x'4f72646572ff21' AS TEXT)"), ("priority", "NULL")]),
        task(
            "TASK-22-late",
            &[("sla_deadline", "'2025-11-05T10:00:00Z'"), ("dollar_value", "90000"), ("task_status", "'YELLOW'")],
        ),
        // What cannot be put right.
        task("TASK-23-orange", &[("task_status", "'ORANGE'")]),
        task("TASK-24-notime", &[("created_at", "'never'"), ("updated_at", "NULL")]),
        task("TASK-25-future", &[("created_at", "'2099-01-01T00:00:00Z'")]),
        task("TASK-26-rich", &[("dollar_value", "1e300")]),
        task("", &[("task_id", "NULL")]),
    ];
    format!("{SCHEMA}\n{}{history}", rows.concat())
}

#[test]
fn tasks_and_history_come_over_repaired_or_refused_and_the_same_again_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.db");
    database(&old, &with_defects());
    let before = std::fs::read(&old).unwrap();
    let server = Server::up(folder.path(), &[]);

    let ended = run(folder.path(), &["import", "--from-crewai", "old.db", "--json", "--url", &server.url]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(std::fs::read(&old).unwrap(), before, "the old file is only read");
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&report["tasks_read"], &report["tasks_created"]), (&json!(29), &json!(23)), "{report}");
    assert_eq!((&report["history_read"], &report["history_taken"]), (&json!(5), &json!(3)), "{report}");
    let refused: Vec<&str> =
        report["refused"].as_array().unwrap().iter().map(|row| row["reason"].as_str().unwrap()).collect();
    for reason in [
        "task_status ORANGE is not known",
        "neither created_at nor updated_at is an instant",
        "created_at is in the future",
        "dollar_value 1e300 is out of range",
        "it has no task_id",
        "it repeats 0b9c6d1e-5d7c-4c93-9f5e-0f2f3f6a1b2c",
        "its task TASK-0-gone is not taken over",
        "changed_at is no instant",
        "it says no change",
    ] {
        assert!(
            refused
                .iter()
                .any(|refused| refused.contains(reason)
                    || (reason.contains("1e300") && refused.contains("out of range"))),
            "{reason}: {refused:?}"
        );
    }
    assert_eq!(refused.len(), 9, "{refused:?}");
    for (rule, count) in [
        ("entities joined by commas: a list", 2),
        ("entities as a lone value: a list of one", 1),
        ("entities that are not text: made text", 1),
        ("completion_date missing: updated_at instead", 1),
        ("completion_date of an open task: left out", 1),
        ("workflow_state COMPLETION of an open task: IN_PROGRESS instead", 1),
        ("owner_email made up from the name: left out", 1),
        ("current_owner Unassigned: none instead", 1),
        ("sla_deadline is no instant: left out", 1),
        ("dollar_value with parts of a cent: rounded", 1),
        ("dollar_value below zero: 0 instead", 1),
        ("dollar_value as text: read as a number", 1),
        ("category in other words: the name instead", 3),
        ("category Approval: a tag, and General Support", 1),
        ("category is not known: a tag, and General Support", 1),
        ("workflow_category missing: category instead", 1),
        ("task_id of another form: made over", 2),
        ("text that is not UTF-8: unreadable bytes replaced", 1),
        ("changed_by missing: unknown instead", 1),
        ("priority missing: NORMAL instead", 1),
    ] {
        assert_eq!(report["repaired"][rule]["count"], count, "{rule}: {}", report["repaired"]);
    }
    tasks_are_as_they_were(&server);

    let again = run(folder.path(), &["import", "--from-crewai", "old.db", "--url", &server.url]);
    assert_eq!(again.code, 0, "{}", again.err);
    for line in ["tasks created: 0\n", "tasks already here: 23\n", "refused: 9\n", "repaired: "] {
        assert!(again.out.contains(line), "{line} is not in {}", again.out);
    }
    assert_eq!(server.get("/api/workflow/list")["pagination"]["total"], 23);
}

fn tasks_are_as_they_were(server: &Server) {
    let task = |id: &str| server.get(&format!("/api/workflow/get/{id}"));
    let plain = task("TASK-1762164000000-plain");
    let fields = ["created_at", "updated_at", "dollar_value", "current_owner", "owner_email", "priority", "version"];
    let found: Vec<&Value> = fields.iter().map(|field| &plain["task"][field]).collect();
    let expected =
        json!(["2025-11-03T10:00:00Z", "2025-11-04T10:00:00Z", 1234.5, "Ben", "ben@house.example", "HIGH", 1]);
    assert_eq!(json!(found), expected);
    assert_eq!(plain["task"]["entities"]["po_numbers"], json!(["45018823", "PO-7"]));
    let history: Vec<Value> = plain["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["field"], row["old_value"], row["new_value"], row["changed_by"]]))
        .collect();
    let expected = [
        json!(["created", null, "GREEN", "local"]),
        json!(["task_status", "GREEN", "YELLOW", "ana"]),
        json!(["task_status", "YELLOW", "GREEN", "unknown"]),
        json!(["current_owner", "Ana", "Ben", "unknown"]),
    ];
    assert_eq!(history[..4], expected);
    assert_eq!(plain["history"][0]["change_reason"], "Imported from crewai");
    assert_eq!(plain["history"][0]["changed_at"], "2025-11-03T10:00:00Z");

    let commas = task("TASK-2-commas");
    let entities = &commas["task"]["entities"];
    assert_eq!(
        json!([entities["po_numbers"], entities["quote_numbers"], entities["case_numbers"], entities["customers"]]),
        json!([["1", "2"], ["12345678"], ["1", "b"], ["Acme"]])
    );
    let done = task("TASK-3-done");
    assert_eq!(
        json!([done["task"]["workflow_state"], done["task"]["completion_date"]]),
        json!(["COMPLETION", "2025-11-04T10:00:00Z"])
    );
    assert_eq!(task("TASK-4-open")["task"]["completion_date"], Value::Null);
    assert_eq!(
        json!([task("TASK-11-float")["task"]["dollar_value"], task("TASK-13-text")["task"]["dollar_value"]]),
        json!([0.3, 1500.25])
    );
    for (id, category) in [
        ("TASK-14-ship", "Shipping and Logistics"),
        ("TASK-15-rma", "Returns and RMA"),
        ("TASK-16-vendor", "Vendor Pricing Updates"),
        ("TASK-17-approve", "General Support"),
        ("TASK-19-copy", "Quote Processing"),
    ] {
        assert_eq!(task(id)["task"]["workflow_category"], category, "{id}");
    }
    let late = task("TASK-22-late");
    assert_eq!(
        json!([late["task"]["task_status"], late["task"]["manual_status"], late["task"]["sla_state"]]),
        json!(["RED", "YELLOW", "violated"])
    );
    let events = server.get("/api/workflow/events?limit=500");
    let others =
        events["events"].as_array().unwrap().iter().filter(|event| event["event"] != "workflow:task:created").count();
    assert_eq!(others, 0, "what is late is old: nobody is alarmed");
}

#[test]
fn what_is_no_old_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("text.db"), "not a database, whatever its name says").unwrap();
    database(&folder.path().join("other.db"), "CREATE TABLE t (a);");
    let server = Server::up(folder.path(), &[]);
    run(folder.path(), &["import", "--from-crewai", "text.db", "--url", &server.url]).is_refusal(65, &["text.db"]);
    run(folder.path(), &["import", "--from-crewai", "none.db", "--url", &server.url]).is_refusal(65, &["none.db"]);
    run(folder.path(), &["import", "--from-crewai", "other.db", "--url", &server.url])
        .is_refusal(65, &["other.db", "workflow_tasks"]);
    let both = run(folder.path(), &["import", "--from-crewai", "x.db", "mails", "--url", &server.url]);
    assert_eq!(both.code, 64, "{}", both.err);
}
