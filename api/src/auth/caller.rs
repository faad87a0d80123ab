//! Who makes a request.

use chrono::{DateTime, Utc};
use shared::domain::access::{ApiKey, LOCAL, NOBODY, Role};

use crate::problem::Problem;

/// Who makes a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// As history and audit name them.
    pub(crate) principal: String,
    /// What they may do; `None` if nobody knows them.
    pub(crate) role: Option<Role>,
    /// The mailboxes they are limited to; `None` for all.
    pub(crate) mailboxes: Option<Vec<String>>,
    /// What they showed.
    pub(crate) credential: Credential,
    /// From when on that is worth nothing.
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

/// What a caller showed, as the database knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Credential {
    /// The key's id; none without authentication.
    pub(crate) key_id: Option<String>,
    /// The digest of the session, if there is one.
    pub(crate) session: Option<String>,
}

impl Caller {
    /// Everybody, while authentication is off.
    pub(super) fn local() -> Self {
        Self { principal: LOCAL.to_owned(), role: Some(Role::Admin), ..Self::nobody() }
    }

    /// Somebody who has shown nothing.
    pub(super) fn nobody() -> Self {
        Self {
            principal: NOBODY.to_owned(),
            role: None,
            mailboxes: None,
            credential: Credential::default(),
            expires_at: None,
        }
    }

    /// The holder of a key, signed in or not.
    pub(super) fn of(key: ApiKey, session: Option<(String, DateTime<Utc>)>) -> Self {
        let mailboxes = key.scope();
        let ends = session.as_ref().map(|(_, ends)| *ends);
        Self {
            principal: key.name,
            role: Some(key.role),
            mailboxes,
            credential: Credential { key_id: Some(key.id), session: session.map(|(hash, _)| hash) },
            expires_at: [key.expires_at, ends].into_iter().flatten().min(),
        }
    }

    /// Whether they may put something into this mailbox.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn check_mailbox(&self, mailbox: Option<&str>) -> Result<(), Problem> {
        let Some(mine) = &self.mailboxes else { return Ok(()) };
        if mailbox.is_some_and(|mailbox| mine.iter().any(|known| known == mailbox)) {
            return Ok(());
        }
        Err(Problem::forbidden(format!("this key is limited to the mailboxes {}", mine.join(", "))))
    }

    /// Whether nobody knows them.
    pub(crate) fn is_nobody(&self) -> bool {
        self.role.is_none()
    }
}
