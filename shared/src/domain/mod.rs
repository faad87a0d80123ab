//! Tasks and what may happen to them: pure decisions over values, without database, clock or network.
//!
//! A change is decided by [`change::create`], [`change::update`], [`change::delete`] or [`change::age`]; each gives the
//! task as it will be, the history rows that explain it and the events that announce it. Callers save all three in one
//! transaction. What people say about a task ([`comment`]) and who follows it ([`watcher`]) leaves the task as it is, and
//! gives history and events alone: a [`Trail`].

pub mod access;
pub mod assign;
pub mod calendar;
pub mod change;
pub mod comment;
pub mod correction;
pub mod counted;
pub mod event;
pub mod finding;
pub mod flood;
pub mod forecast;
pub mod history;
pub mod intake;
pub mod interest;
pub mod legacy;
pub mod mailbox;
pub mod mention;
pub mod money;
pub mod notification;
pub mod review;
pub mod sla;
pub mod task;
pub mod team;
pub(crate) mod text_enum;
pub mod trail;
pub mod undo;
pub mod values;
pub mod watcher;

pub use change::{Actor, Change, Rejection};
pub use comment::Comment;
pub use counted::Counted;
pub use history::HistoryEntry;
pub use money::Cents;
pub use task::{Entities, Task};
pub use trail::Trail;
pub use values::{BreachReason, Category, Priority, SlaState, Status, WaitingOn, WorkflowState};
pub use watcher::Watcher;
