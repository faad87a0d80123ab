//! E-mail intelligence: raw mail in, the values of a task out.
//!
//! This crate is pure. It reads bytes it is given and returns values; it opens no file, asks no clock and keeps no state
//! beyond [`Triage`]. The way of a mail: [`split`] takes containers apart, [`parse`] decodes one mail within [`Limits`]
//! and separates new text from quotation and signature, [`analyse`] reads category, state, status, priority, numbers
//! and value with an [`Explanation`] each, and [`thread`] decides which task the mail belongs to.
//!
//! Rules look at structure and at general cue words in English, Spanish, French and German. What a mail says never sets
//! a field directly: an instruction inside a mail is text like any other.

mod analysis;
mod body;
mod category;
mod charset;
mod command;
mod cue;
mod customer;
mod date;
mod disguise;
mod document;
mod earlier;
mod entity;
mod fingerprint;
mod fold;
mod house;
mod html;
mod html_entity;
mod html_style;
mod html_text;
mod json_mail;
mod label;
mod language;
mod limits;
mod link;
mod memory;
mod message;
pub mod model;
mod money;
mod name;
mod noise;
mod number;
mod organisation;
mod parse;
pub mod patterns;
mod reading;
mod reference;
mod scout;
mod shape;
mod signal;
mod signature;
pub mod split;
mod stake;
mod state;
mod status;
mod structure;
mod subject;
pub mod thread;
mod tree;
mod triage;
mod uuencode;
mod verdict;
mod vocabulary;
mod words;

pub use analysis::{Analysis, Before, Draft, Explanation, Known, Value, analyse, analyse_for, analyse_with};
pub use category::Category;
pub use date::{DateKind, DueDate};
pub use entity::Entities;
pub use fingerprint::fingerprint;
pub use house::own_domain;
pub use language::{Language, language};
pub use limits::{Format, Limits, Unreadable};
pub use memory::{Lesson, Memory};
pub use message::{Address, Attachment, Mail, Signal};
pub use name::Names;
pub use number::Formats;
pub use parse::{attachment, html_document, parse};
pub use state::State;
pub use status::{Priority, Status};
pub use triage::{Line, Triage};
