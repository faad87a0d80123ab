//! Mails about deadlines: what they say, and how they are sent.

mod compose;
mod mailer;

pub(crate) use compose::{Letter, compose};
pub use mailer::Mailer;
pub(crate) use mailer::{Mail, Refusal};
