//! Tasks as files.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{System, in_both_forms};

async fn download(system: &System, path: &str) -> (String, String, String) {
    let answer = system.send(Method::GET, path, None, &[]).await;
    assert_eq!(answer.status(), 200, "{path}");
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let (kind, name) = (header("content-type"), header("content-disposition"));
    (kind, name, answer.text().await.unwrap())
}

/// The cells of RFC 4180 text, read without regard to what wrote it.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {
                chars.next();
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(cell.is_empty() && row.is_empty(), "the last line is ended");
    rows
}

/// The cells of one column.
fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let place = rows[0].iter().position(|header| header == name).unwrap();
    rows[1..].iter().map(|row| row[place].clone()).collect()
}

in_both_forms! {
    async fn a_table_carries_every_field_and_no_formula(system: System) {
        let task = system.create(json!({
            "title": "=HYPERLINK(\"http://evil.example\", \"Größe, \u{1f4e6}\")", "workflow_category": "General Support",
            "description": "+two\nlines", "current_owner": "@Ana", "dollar_value": 1234.5, "tags": ["-rush", "b"],
            "entities": {"po_numbers": ["4501", "4502"]},
        })).await;
        let (kind, name, text) = download(&system, "/api/workflow/export.csv").await;
        assert_eq!(kind, "text/csv; charset=utf-8");
        assert!(name.starts_with("attachment; filename=\"tasks-") && name.ends_with(".csv\""), "{name}");
        let rows = cells(&text);
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        let one = |name: &str| column(&rows, name).remove(0);
        assert_eq!(one("title"), "'=HYPERLINK(\"http://evil.example\", \"Größe, \u{1f4e6}\")");
        assert_eq!((one("description"), one("current_owner")), ("'+two\nlines".to_owned(), "'@Ana".to_owned()));
        assert_eq!((one("tags"), one("po_numbers")), ("'-rush; b".to_owned(), "4501; 4502".to_owned()));
        assert_eq!((one("dollar_value"), one("version"), one("email_id")), ("1234.50".to_owned(), "1".to_owned(), String::new()));
        assert_eq!(one("created_at"), task["created_at"].as_str().unwrap());
        let mut fields: Vec<&str> = task.as_object().unwrap().keys().map(String::as_str).filter(|name| *name != "entities").collect();
        fields.extend(task["entities"].as_object().unwrap().keys().map(String::as_str));
        for field in fields {
            assert!(rows[0].iter().any(|header| header == field), "{field}");
        }

        let (kind, _, text) = download(&system, "/api/workflow/export.ndjson").await;
        assert_eq!((kind.as_str(), text.lines().count()), ("application/x-ndjson", 1));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), task);
    }

    async fn thousands_of_rows_are_exported_once_each_in_their_order(system: System) {
        let db = system.database.open().await;
        crate::support::insert_tasks(&db, 5_000).await;
        let (_, _, text) = download(&system, "/api/workflow/export.csv?sort=dollar_value&direction=asc").await;
        let rows = cells(&text);
        let mut ids = column(&rows, "task_id");
        let values: Vec<f64> = column(&rows, "dollar_value").iter().map(|value| value.parse().unwrap()).collect();
        assert!(values.is_sorted());
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 5_000);
        let (_, _, text) = download(&system, "/api/workflow/export.ndjson?status=RED&sort=sla_deadline").await;
        let shown: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let total = system.get("/api/workflow/list?status=RED&limit=1").await["pagination"]["total"].clone();
        assert_eq!((json!(shown.len()), shown.iter().all(|task| task["task_status"] == "RED")), (total, true));
        let refused = system.send(Method::GET, "/api/workflow/export.csv?limit=5&min_value=2&max_value=1", None, &[]).await;
        assert_eq!(refused.status(), 422);
    }
}
