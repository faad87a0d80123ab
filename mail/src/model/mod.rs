//! The learned part of the reading: linear models over words and structure.
//!
//! Each question (is it noise, what is asked, where does the matter stand ...) has one multinomial logistic regression.
//! What the rules found is among its features, so that a model corrects the rules where labelled mail showed them wrong
//! and follows them where it has seen nothing. Weights are text files in `mail/model`, made by `cargo xtask train` from
//! the labelled mail in `mail/corpus`; the same corpus gives the same bytes.

mod concept;
pub mod document;
mod features;
pub mod fit;
mod linear;
pub mod questions;

pub(crate) use features::{ByWord, numeral};
pub use features::{Features, Place, Zone};
pub use linear::{BadModel, Linear};
