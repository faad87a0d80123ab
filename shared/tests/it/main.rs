//! Every story of the store and the queue, on both databases: this suite is what "supports a database" means.

mod support;

mod events;
mod jobs;
mod tasks;
