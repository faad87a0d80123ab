//! `workflow corrections`: from what people say of a mail to labelled mail.

use std::path::Path;

use serde_json::{Value, json};

use crate::process::{Server, run};

const MAIL: &str = "From: Nadia <nadia@brookfield.example>\r\nTo: desk@distributor.example\r\nSubject: PO 45018823\r\n\
    Message-ID: <1@brookfield.example>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\n\
    Please enter PO 45018823 for us, total USD 61,240.00.\r\n";

fn post(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let answer = client.post(format!("{}{path}", server.url)).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    })
}

fn export(folder: &Path, server: &Server) -> Vec<Value> {
    let ended = run(folder, &["corrections", "export", "labelled", "--url", &server.url]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", ended.out);
    let gold = std::fs::read_to_string(folder.join("labelled/gold.jsonl")).unwrap();
    gold.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_people_correct_becomes_labelled_mail() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mails")).unwrap();
    std::fs::write(folder.path().join("mails/a.eml"), MAIL).unwrap();
    let server = Server::up(folder.path(), &["--review-below", "1"]);
    let imported = run(folder.path(), &["import", "mails", "--url", &server.url]);
    assert_eq!(imported.code, 0, "{}", imported.err);
    let list = server.get("/api/workflow/list?tag=review");
    let id = list["tasks"][0]["task_id"].as_str().unwrap();
    let path = format!("/api/workflow/correct/{id}");

    let refused = |body: Value, status: u16, pointer: &str| {
        let (got, problem) = post(&server, &path, &body);
        assert_eq!(got, status, "{body}: {problem}");
        assert!(pointer.is_empty() || problem["errors"][0]["pointer"] == pointer, "{body}: {problem}");
    };
    refused(json!({}), 400, "");
    refused(json!({"reason": "because"}), 400, "");
    refused(json!({"priority": "SOON"}), 422, "/priority");
    refused(json!({"priority": "HIGH", "email_id": "another"}), 422, "/email_id");
    refused(json!({"is_noise": true, "priority": "HIGH"}), 422, "/is_noise");
    refused(json!({"is_noise": false}), 422, "/is_noise");
    refused(json!({"current_owner": "Ana"}), 422, "/current_owner");
    refused(json!({"task_status": "COMPLETED", "workflow_state": "IN_PROGRESS"}), 422, "/workflow_state");
    let unknown = post(&server, "/api/workflow/correct/TASK-1-none", &json!({"priority": "HIGH"}));
    assert_eq!(unknown.0, 404);

    let (status, answer) =
        post(&server, &path, &json!({"workflow_category": "Deal Activations", "priority": "CRITICAL"}));
    assert_eq!((status, &answer["task"]["workflow_category"]), (200, &json!("Deal Activations")), "{answer}");
    assert_eq!(server.get("/api/workflow/list?tag=review")["pagination"]["total"], 0);
    let page = server.get("/api/workflow/corrections?field=priority");
    assert_eq!((page["corrections"].as_array().unwrap().len(), &page["next_cursor"]), (1, &Value::Null));
    let first = server.get("/api/workflow/corrections?limit=1");
    let rest = server.get(&format!("/api/workflow/corrections?cursor={}", first["next_cursor"].as_str().unwrap()));
    assert_eq!(rest["corrections"].as_array().unwrap().len(), 1);

    let lines = export(folder.path(), &server);
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(std::fs::read(folder.path().join("labelled/0000.eml")).unwrap(), MAIL.as_bytes());
    assert_eq!((&line["file"], &line["workflow_category"]), (&json!("0000.eml"), &json!("Deal Activations")));
    assert_eq!((&line["priority"], &line["po_numbers"]), (&json!("CRITICAL"), &json!(["45018823"])));
    assert_eq!(line["corrected"], json!(["priority", "workflow_category"]));

    let again = run(folder.path(), &["corrections", "export", "labelled", "--url", &server.url]);
    again.is_refusal(64, &["labelled is not empty"]);
    let listed = run(folder.path(), &["corrections", "--url", &server.url]);
    assert!(listed.out.contains("Deal Activations"), "{}", listed.out);
}
