//! Reading as of an instant.

use chrono::{DateTime, Utc};
use shared::store::{Session, tasks};

use crate::app::App;
use crate::problem::{Issue, Problem};

/// A snapshot for reading as of this instant; refused if that is yet to come, or longer ago than versions are kept.
pub(super) async fn snapshot(app: &App, at: DateTime<Utc>) -> Result<Session, Problem> {
    let refused = |detail: String| Err(Problem::unprocessable(vec![Issue::at("query/as_of", detail)]));
    if at > app.clock.now() {
        return refused("is yet to come".to_owned());
    }
    let mut snapshot = app.db.snapshot().await?;
    let since = tasks::past_since(&mut snapshot).await?;
    if at < since {
        let since = since.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        return refused(format!("the past is kept from {since} on"));
    }
    Ok(snapshot)
}
