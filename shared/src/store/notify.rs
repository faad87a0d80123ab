//! PostgreSQL notifications.

use sqlx::postgres::PgPool;

/// The one channel.
pub(crate) const CHANNEL: &str = "workflow";

/// Sends a notification to every listening process.
pub(crate) async fn send(pool: &PgPool, payload: &str) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(pool).await.map(drop)
}
