//! The desk of the story: a team, one of its people, and what it chose.

use serde_json::{Value, json};

const NAME: &str = "Ana Ruiz";
const TEAM: &str = "Returns desk";
const CATEGORY: &str = "Returns and RMA";
const MAILBOX: &str = "rma@example.com";

/// A value of the schema of this name.
pub(super) fn of(schema: &str) -> Option<Value> {
    Some(match schema {
        "SavePersonRequest" => json!({
            "email": "ana.ruiz@example.com", "team": TEAM, "capacity": 10, "zone": "Europe/Berlin",
            "skills": [{"category": CATEGORY, "level": 3}],
            "absences": [{"from": "2026-12-24", "to": "2027-01-02"}],
        }),
        "Person" => json!({
            "name": NAME, "email": "ana.ruiz@example.com", "team": TEAM, "capacity": 10,
            "skills": [{"category": CATEGORY, "mailbox": null, "level": 3}],
            "absences": [{"from": "2026-12-23T23:00:00Z", "to": "2027-01-01T23:00:00Z"}], "zone": "Europe/Berlin",
            "active": true, "open_tasks": 3, "free_capacity": 7, "absent": false, "version": 1,
            "updated_at": "2026-01-05T10:00:00Z",
        }),
        "SaveTeamRequest" => json!({"strategy": "least_loaded", "categories": [CATEGORY], "members": [NAME]}),
        "Team" => json!({
            "name": TEAM, "strategy": "least_loaded", "categories": [CATEGORY], "mailboxes": [], "position": 0,
            "reassign_on_absence": false, "members": [NAME], "version": 1, "updated_at": "2026-01-05T10:00:00Z",
        }),
        "PreviewAssignmentRequest" => json!({"workflow_category": CATEGORY, "mailbox_source": MAILBOX}),
        "AssignmentChoice" => json!({
            "owner": NAME, "team": TEAM, "reason": format!("least loaded of {TEAM}: 3 of 10 open, skill {CATEGORY}"),
            "considered": [{"team": TEAM, "name": NAME, "open_tasks": 3, "capacity": 10, "why_not": null}],
        }),
        _ => return None,
    })
}
