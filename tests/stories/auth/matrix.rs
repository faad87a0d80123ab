//! Every operation of the served document, as six principals: each is let in exactly where the document says so.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ask, create_key, guarded_in_both_forms, key, keys};

/// Whom an operation may be asked by, as the document says: roles, or everybody.
fn allowed(operation: &Value, principal: &str) -> bool {
    let open = operation["security"] == json!([]);
    let roles = operation["x-allowed-roles"].as_array();
    open || roles.is_some_and(|roles| roles.iter().any(|role| role == principal))
}

/// A path of the template that leads to nothing.
fn path_of(template: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "0".to_owned() } else { part.to_owned() };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

guarded_in_both_forms! {
    async fn every_operation_lets_in_whom_the_document_names_and_nobody_else(system: System) {
        let revoked = create_key(&system, "admin", "revoked", &[]);
        keys(&system, &["keys", "revoke", revoked["id"].as_str().unwrap()]);
        let mut principals = vec![("nobody", String::new()), ("revoked", revoked["key"].as_str().unwrap().to_owned())];
        principals.extend(["viewer", "operator", "ingest", "admin"].map(|role| (role, key(&system, role, role))));
        let document: Value = system.send(Method::GET, "/openapi.json", None, &[]).await.json().await.unwrap();
        let (mut asked, mut undeclared, mut wrong) = (0, Vec::new(), Vec::new());
        for (template, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                let open = operation["security"] == json!([]);
                if operation["x-required-role"].is_null() != open || operation["responses"]["401"].is_null() || operation["responses"]["403"].is_null() {
                    undeclared.push(id);
                }
                let method: Method = method.to_uppercase().parse().unwrap();
                let body = (!operation["requestBody"].is_null()).then(|| json!({"no such field": 1}));
                for (principal, secret) in &principals {
                    let answer = if secret.is_empty() {
                        system.send(method.clone(), &path_of(template), body.clone(), &[("prefer", "wait=0")]).await
                    } else {
                        let headers = [("authorization", format!("Bearer {secret}")), ("prefer", "wait=0".to_owned())];
                        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
                        system.send(method.clone(), &path_of(template), body.clone(), &headers).await
                    };
                    let status = answer.status().as_u16();
                    asked += 1;
                    let expected = match (allowed(operation, principal), *principal) {
                        (true, _) => ![401, 403].contains(&status),
                        (false, "nobody" | "revoked") => status == 401,
                        (false, _) => status == 403,
                    };
                    if !expected || status >= 500 {
                        wrong.push(format!("{id} as {principal}: {status}"));
                    }
                }
            }
        }
        eprintln!("{asked} requests");
        assert_eq!((undeclared, wrong), (vec![], vec![]));
        assert!(asked > 6 * 120, "{asked}");
    }

    async fn reading_takes_a_viewer_and_changing_takes_more(system: System) {
        // By hand, from what the roles are for, so that a slip in the policy is not its own proof.
        let document: Value = system.send(Method::GET, "/openapi.json", None, &[]).await.json().await.unwrap();
        let admins = ["/api/queues", "/api/schedules", "/api/jobs/bulk", "/api/sla", "/api/keys", "/api/audit", "/api/webhooks",
                      "/api/workers", "/api/logs", "/api/people", "/api/teams", "/api/mailboxes", "/api/notifications"];
        // Asked for with a body, and changing nothing; or about the caller alone.
        let questions = ["/api/sla/preview", "/api/sla/what-if", "/api/assignment/preview", "/api/ws-ticket", "/api/session"];
        for (template, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let who = |role| allowed(operation, role);
                let within = |roots: &[&str]| roots.iter().any(|root| template.starts_with(root));
                if template.starts_with("/health") || template == "/api/session" {
                    continue;
                }
                assert!(who("admin"), "{template}");
                let batches = template.starts_with("/api/workflow/batches");
                assert_eq!(who("ingest"), batches, "{method} {template}");
                if method != "get" && !within(&questions) {
                    assert!(!who("viewer"), "{method} {template}");
                    assert_eq!(who("operator"), !within(&admins) && !["/api/metrics/reconcile", "/api/forecast/fit", "/api/workflow/import"].contains(&template.as_str()), "{method} {template}");
                }
                if within(&["/api/keys", "/api/audit"]) {
                    assert!(!who("viewer") && !who("operator"), "{method} {template}");
                }
            }
        }
        let admin = key(&system, "admin", "root");
        assert_eq!(ask(&system, Method::GET, "/api/keys", &admin, None).await.status(), 200);
    }
}
