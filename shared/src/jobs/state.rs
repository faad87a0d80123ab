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
    /// Whether nothing further happens to the job by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Discarded)
    }
}
