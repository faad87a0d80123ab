//! The mail crate from outside: decoding, robustness, judgement, threads, containers.

mod decoding;
mod duplicates;
mod drive;
mod hostile;
mod layout_table;
mod layouts;
mod judgement;
mod post;
mod splitting;
mod threads;
