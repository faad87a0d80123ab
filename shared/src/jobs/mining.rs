//! The kind by which patterns are mined.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::contract::{Job, queue};
use super::unique::Unique;

/// Reads new mail for what could recur, finds what does, and compares tasks that share a number.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MinePatterns {}

impl Job for MinePatterns {
    const KIND: &'static str = "mine-patterns";
    const QUEUE: &'static str = queue::METRICS;
    const PRIORITY: i16 = 3;
    const MAX_ATTEMPTS: i16 = 3;
    const TIMEOUT: Duration = Duration::from_hours(1);

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_key(""))
    }
}
