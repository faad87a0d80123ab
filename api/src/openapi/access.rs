//! Who may use an operation, as the policy has it.

use serde_json::{Value, json};

use super::polish::each_operation;
use crate::auth::policy;

/// Declares how callers show who they are, and which role each operation takes.
pub(super) fn declare(document: &mut Value) {
    document["security"] = json!([{}, {"apiKey": []}, {"session": []}]);
    document["components"]["securitySchemes"] = json!({
        "apiKey": {
            "type": "http", "scheme": "bearer",
            "description": "An API key, as `workflow keys create` shows it once. Not needed while authentication is off.",
        },
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-workflow_session",
            "description": "A session of a page, from `POST /api/session`; `workflow_session` on a loopback name. Changes take \
                            an Origin that is the Host.",
        },
    });
    each_operation(document, |_, _, operation| {
        let Some(rule) = operation["operationId"].as_str().and_then(policy::rule) else { return };
        let Some(least) = rule.access.least() else {
            operation.insert("security".to_owned(), json!([]));
            return;
        };
        operation.insert("security".to_owned(), json!([{}, {"apiKey": []}, {"session": []}]));
        operation.insert("x-required-role".to_owned(), json!(least));
        let roles: Vec<_> = rule.access.roles().collect();
        operation.insert("x-allowed-roles".to_owned(), json!(roles));
        operation.insert("x-mailbox-scoped".to_owned(), json!(rule.scope != policy::Scope::Whole));
    });
}
