//! The mail crate from outside: decoding, robustness, judgement, threads, containers.

mod decoding;
mod duplicates;
mod hostile;
mod judgement;
mod layout_table;
mod layouts;
mod patterns;
mod post;
mod splitting;
mod threads;
mod twins;
