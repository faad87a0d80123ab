//! What recurs in the mail of a company: number shapes, subjects, sentences and senders that come with one category more
//! often than chance would have it.
//!
//! Pure and in passes, so that memory does not grow with the mail: [`structures`] takes from one mail what could recur;
//! then the caller gives all mails, in one order, to a [`Census`], a [`Screen`] and a [`Tally`], and at last to a
//! [`Matcher`] to learn which mail bears which pattern. The census and the screen are tables of a fixed size; the tally
//! holds only what the screen says is frequent.
//!
//! Templates are found by their frequent words: what stands between them is a gap (R. Vaarandi, A data clustering
//! algorithm for mining patterns from event logs, 2003). What can vary by its nature, numbers, amounts, dates, addresses
//! and customers, is a slot from the start.

mod duplicates;
mod figures;
mod mask;
mod miner;
mod structure;
mod template;

pub use figures::{lift, min_support, trend};
pub use miner::{Census, Completion, Found, Matcher, Screen, Sighting, Tally};
pub use structure::{EDITION, Structures, structures};
