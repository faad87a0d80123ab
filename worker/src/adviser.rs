//! An optional second opinion on mails that were read with little confidence, from a language model of the operator's.
//!
//! The mail goes in as data, and what comes out is judged as the word of a stranger: it may choose the category and the
//! state, and raise status and priority, each with a span that the mail literally holds. It can lower nothing, and it
//! never sees or sets owner, numbers, names or value. Without an answer the first reading stands.

mod advice;
mod counsel;
mod openai;

use std::pin::Pin;

use shared::domain::intake::Reading;

pub use advice::{Advice, Said};
pub use counsel::Counsel;
pub(crate) use counsel::Question;
pub use openai::OpenAi;

/// What asking gives: advice; `None` if the answer is of no use and will be so again; or why there is no answer.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Option<Advice>, String>> + Send + 'a>>;

/// Somebody to ask about a mail.
pub trait Adviser: Send + Sync {
    /// Its name, as explanations and kept answers have it.
    fn model(&self) -> &str;

    /// Asks about a mail, given as text, that was read as `first`.
    fn advise<'a>(&'a self, mail: &'a str, first: &'a Reading) -> Asked<'a>;
}
