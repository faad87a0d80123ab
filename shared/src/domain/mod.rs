//! Tasks and what may happen to them: pure decisions over values, without database, clock or network.
//!
//! A change is decided by [`change::create`], [`change::update`], [`change::delete`] or [`change::age`]; each gives the
//! task as it will be, the history rows that explain it and the events that announce it. Callers save all three in one
//! transaction.

pub mod change;
pub mod event;
pub mod history;
pub mod intake;
pub mod money;
pub mod sla;
pub mod task;
pub(crate) mod text_enum;
pub mod undo;
pub mod values;

pub use change::{Actor, Change, Rejection};
pub use history::HistoryEntry;
pub use money::Cents;
pub use task::{Entities, Task};
pub use values::{Category, Priority, SlaState, Status, WorkflowState};
