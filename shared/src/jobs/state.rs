//! Where a job stands.

use crate::domain::text_enum::text_enum;

text_enum! {
    /// Where a job stands.
    JobState {
        /// May run now.
        Available = "available",
        /// Runs later.
        Scheduled = "scheduled",
        /// Waits for an earlier job of its key.
        Pending = "pending",
        /// Under a lease.
        Running = "running",
        /// Failed, and runs again later.
        Retryable = "retryable",
        /// Done.
        Completed = "completed",
        /// Stopped by somebody.
        Cancelled = "cancelled",
        /// Failed for good.
        Discarded = "discarded",
    }
}

impl JobState {
    /// The states in which something is still to happen, as a set of [`JobState::bit`]s.
    pub const UNFINISHED: i16 = 31;

    /// Its place in a set of states, as `jobs.unique_states` keeps them.
    pub fn bit(self) -> i16 {
        match self {
            Self::Available => 1,
            Self::Scheduled => 2,
            Self::Pending => 4,
            Self::Running => 8,
            Self::Retryable => 16,
            Self::Completed => 32,
            Self::Cancelled => 64,
            Self::Discarded => 128,
        }
    }

    /// Whether nothing further happens to the job by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Discarded)
    }
}
