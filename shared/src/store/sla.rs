//! The rules that deadlines are planned by.

use std::sync::{Arc, LazyLock};

use super::{Result, Session};
use crate::domain::sla::rules::Rules;

/// The rules in force.
#[expect(clippy::unused_async, reason = "they come from the database once there are books")]
pub async fn rules(_: &mut Session) -> Result<Arc<Rules>> {
    static BUILTIN: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
    Ok(BUILTIN.clone())
}
