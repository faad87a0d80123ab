//! What only one transaction at a time may do, because two at once would not see each other's rows.

use super::query::fetch_one;
use super::{Result, Tx};

/// What is done alone. The numbers are PostgreSQL's names of the locks, and the same in every version.
#[derive(Clone, Copy, Debug)]
pub(super) enum Alone {
    /// Mail looks for its task and its copies.
    Intake = 7321,
    /// Tasks are given out.
    Assignment = 7322,
    /// A key is given a name.
    KeyName = 7323,
}

/// Waits for the turn, and keeps it until the transaction ends.
pub(super) async fn alone(tx: &mut Tx, what: Alone) -> Result<()> {
    const SQL: &str = "SELECT count(pg_advisory_xact_lock($1))";
    // Differs because SQLite has one writer.
    if tx.is_sqlite() { Ok(()) } else { fetch_one!(tx, (i64,), SQL, what as i64).map(drop) }
}
