//! Who may ask: API keys and their roles. What each role may do is the API's policy.

use chrono::{DateTime, Utc};

use super::change::{ASSIGNMENT, MAIL, SLA_MONITOR};
use super::text_enum::text_enum;

/// Who everybody is while authentication is off.
pub const LOCAL: &str = "local";
/// Who somebody is that nobody knows.
pub const NOBODY: &str = "nobody";

/// Characters of a key's name.
const LONGEST_NAME: usize = 100;
/// Characters of a mailbox's name.
const LONGEST_MAILBOX: usize = 200;
/// Mailboxes of one key.
const MOST_MAILBOXES: usize = 100;

text_enum! {
    /// What a key may do.
    Role {
        /// Reads.
        Viewer = "viewer",
        /// Reads, and changes tasks, batches and single jobs.
        Operator = "operator",
        /// Everything.
        Admin = "admin",
        /// Posts batches and reads their outcome, and nothing else.
        Ingest = "ingest",
    }
}

/// A key as it is stored: without its secret.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ApiKey {
    /// The part of the key that is no secret.
    pub id: String,
    /// The principal that history and audit name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// JSON list of the mailboxes it is limited to; `None` for all.
    pub mailboxes: Option<String>,
    /// HMAC of the whole key, in hexadecimal.
    pub digest: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By which principal, or `command line`.
    pub created_by: String,
    /// From when on it is worth nothing; `None` for never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last seen, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Since when it is worth nothing.
    pub revoked_at: Option<DateTime<Utc>>,
    /// By which principal.
    pub revoked_by: Option<String>,
}

impl ApiKey {
    /// Why it opens nothing, if so.
    pub fn refusal(&self, now: DateTime<Utc>) -> Option<&'static str> {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => Some("revoked"),
            (None, Some(end)) if end <= now => Some("expired"),
            _ => None,
        }
    }

    /// The mailboxes it is limited to; `None` for all. One that cannot be read is limited to none.
    pub fn scope(&self) -> Option<Vec<String>> {
        self.mailboxes.as_deref().map(|list| serde_json::from_str(list).unwrap_or_default())
    }
}

/// A name for a key, without what surrounds it; or what is wrong with it. It will be told from what the product itself does.
pub fn key_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME {
        return Err(format!("must be 1 to {LONGEST_NAME} characters"));
    }
    if name.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    let ours = [LOCAL, NOBODY, MAIL, SLA_MONITOR, ASSIGNMENT, COMMAND_LINE, "scheduler", "outbox"];
    if ours.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(format!("{name} is what the product calls itself in history and audit; choose another name"));
    }
    Ok(name.to_owned())
}

/// Who makes keys without a server.
pub const COMMAND_LINE: &str = "command line";

/// Mailboxes for a key, each once; or what is wrong with them.
pub fn key_mailboxes(names: Vec<String>) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = names.into_iter().map(|name| name.trim().to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    let fits =
        |name: &String| (1..=LONGEST_MAILBOX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if names.is_empty() || names.len() > MOST_MAILBOXES {
        return Err(format!("must be 1 to {MOST_MAILBOXES} mailboxes; leave it out for all"));
    }
    if !names.iter().all(fits) {
        return Err(format!("each must be 1 to {LONGEST_MAILBOX} characters, none a control character"));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_pass_for_the_product_itself() {
        for name in ["", "  ", "local", "Mail", "sla monitor", "nobody", "a\nb", &"x".repeat(101)] {
            assert!(key_name(name).is_err(), "{name:?}");
        }
        assert_eq!(key_name(" gateway ").unwrap(), "gateway");
        assert!(key_name("Åsa Öberg").is_ok());
    }

    #[test]
    fn mailboxes_are_named_once_and_at_least_one() {
        assert_eq!(key_mailboxes(vec![" b".into(), "a".into(), "b".into()]).unwrap(), ["a", "b"]);
        assert!(key_mailboxes(vec![]).is_err() && key_mailboxes(vec![" ".into()]).is_err());
    }
}
