//! The job queue's tables.
//!
//! Every transition bumps `lease_token`, and every fenced UPDATE matches `seq AND lease_token` alone: the token is the
//! whole fence, and a further `state = 'running'` would make PostgreSQL walk the lease index instead of the key.

mod accept;
pub mod bulk;
mod claim;
mod control;
mod errors;
mod finish;
pub mod history;
pub mod items;
mod joint;
mod limits;
mod order;
mod queues;
mod read;
mod retention;

use serde_json::{Value, json};

pub use accept::{Enqueued, IdempotencyKey, Remembered, enqueue, idempotent, remember};
use claim::token_step;
pub use claim::{CLAIM_SIZES, ClaimedRow, claim, promote_due, put_off, release, renew, run_alone, still_held};
pub use control::{Verdict, Wish, act, cancel, delete, edit, retry, run};
pub use errors::{ErrorGroup, error_groups};
pub use finish::{Completion, Fate, HOLD_BACK, checkpoint, complete, complete_group, complete_many, fail, rescue};
pub use joint::{enqueue_joint, has_ended, has_turn, settle_joint};
pub use limits::{claim_limited, limited_queues};
pub use order::{earlier_of_keys, promote_stranded};
pub use queues::{
    QueueSettings, Recent, depths, is_paused, lock_settings, oldest_available, paused_queues, recent, running_by_key,
    save_settings, settings,
};
pub use read::{AttemptRow, JobFilter, JobRow, attempts, count, list, lookup, newest, outcomes, progress, walk};
pub use retention::{prune, prune_idempotency, prune_rate_buckets};

/// States in which a job is not finished. Repeated in the partial indexes of the migrations.
macro_rules! unfinished {
    () => {
        "('available', 'scheduled', 'pending', 'running', 'retryable')"
    };
}
use unfinished;

/// Whether a job is in a state in which it holds its unique key. Repeated in the unique index of the migrations.
macro_rules! holds_unique_key {
    () => {
        "(unique_states & CASE state WHEN 'available' THEN 1 WHEN 'scheduled' THEN 2 WHEN 'pending' THEN 4
                                     WHEN 'running' THEN 8 WHEN 'retryable' THEN 16 WHEN 'completed' THEN 32
                                     WHEN 'cancelled' THEN 64 ELSE 128 END) <> 0"
    };
}
use holds_unique_key;

/// A lease: a job and the token it was claimed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job.
    pub seq: i64,
    /// The token.
    pub token: i64,
}

fn leases(leases: &[Lease]) -> String {
    Value::from(leases.iter().map(|lease| json!({"s": lease.seq, "t": lease.token})).collect::<Vec<_>>()).to_string()
}
