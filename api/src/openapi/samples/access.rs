//! Keys and sessions.

use serde_json::{Value, json};

const ID: &str = "9f3c1a7e5b2d4860";
/// Has the form of a key, and is none.
const KEY: &str = "wfk_9f3c1a7e5b2d4860_EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXA";

/// A value of the schema of this name.
pub(super) fn of(schema: &str) -> Option<Value> {
    Some(match schema {
        "ApiKeyRequest" => {
            json!({"name": "gateway", "role": "ingest", "mailboxes": ["orders"], "expires_at": "2099-01-01T00:00:00Z"})
        }
        "NewApiKey" => json!({
            "id": ID, "name": "gateway", "role": "ingest", "mailboxes": ["orders"],
            "expires_at": "2099-01-01T00:00:00Z", "key": KEY,
        }),
        "ApiKey" => json!({
            "id": ID, "name": "gateway", "role": "ingest", "mailboxes": ["orders"], "state": "active",
            "created_at": "2026-01-05T10:00:00Z", "created_by": "Ana Ruiz", "expires_at": "2099-01-01T00:00:00Z",
            "last_used_at": "2026-01-05T12:00:00Z", "revoked_at": null, "revoked_by": null,
        }),
        "SessionRequest" => json!({"key": KEY}),
        "Session" => json!({
            "principal": "Ana Ruiz", "role": "operator", "mailboxes": null, "authentication": "required",
            "expires_at": "2026-01-05T22:00:00Z",
        }),
        _ => return None,
    })
}
