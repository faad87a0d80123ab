//! The mailbox of the story, and what was kept apart in it.

use serde_json::{Value, json};

/// A value of the schema of this name.
pub(super) fn of(schema: &str) -> Option<Value> {
    let settings = json!({
        "display": "Orders", "default_owner": "Ana Ruiz", "default_owner_email": "ana.ruiz@example.com",
        "own_domains": ["example.com"], "workflow_category": "Order Management", "category_use": "default",
        "review_below": 0.6, "flood_per_hour": 200, "enabled": true,
        "source": {
            "kind": "imap", "host": "imap.example.com", "port": 993, "tls": "implicit", "user": "orders@example.com",
            "folder": "INBOX", "password_env": "WORKFLOW_MAILBOX_ORDERS", "after": "move", "move_to": "Done",
        },
    });
    Some(match schema {
        "SaveMailboxRequest" => settings,
        "CreateMailboxRequest" => {
            let mut mailbox = settings;
            mailbox["name"] = json!("orders@example.com");
            mailbox
        }
        "ReplayRequest" => json!({"filter": {"mailbox": "orders@example.com", "reason": "flood"}, "dry_run": true}),
        "DismissRequest" => json!({"reason": "Test mail of the vendor"}),
        "ImportTasksRequest" => json!({"source": "crewai", "tasks": [{
            "task_id": "TASK-1762164000000-a1b2c3", "title": "Expedite PO 4500017731",
            "workflow_category": "Order Management", "workflow_state": "IN_PROGRESS", "task_status": "YELLOW",
            "priority": "HIGH", "created_at": "2025-11-03T10:00:00Z", "updated_at": "2025-11-04T10:00:00Z",
            "dollar_value": 54321.5, "entities": {"po_numbers": ["4500017731"]},
            "history": [{"field": "task_status", "old_value": "GREEN", "new_value": "YELLOW", "changed_by": "Ana Ruiz",
                         "changed_at": "2025-11-04T10:00:00Z"}],
        }]}),
        _ => return None,
    })
}
