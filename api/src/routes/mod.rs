//! One resource a file.

pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod batches;
pub(crate) mod bulk;
pub(crate) mod comments;
pub(crate) mod cursor;
pub(crate) mod database;
pub(crate) mod emails;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod forecast;
pub(crate) mod health;
pub(crate) mod jobs;
pub(crate) mod metrics;
pub(crate) mod mutation;
pub(crate) mod page;
pub(crate) mod patterns;
pub(crate) mod queues;
pub(crate) mod schedules;
mod subject;
pub(crate) mod task_filter;
pub(crate) mod task_input;
pub(crate) mod tasks;
pub(crate) mod tickets;
pub(crate) mod trpc;
pub(crate) mod watchers;
pub(crate) mod workers;
