//! Takes a file apart into messages, holding one at a time in memory.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use mail::Format;
use mail::split::{self, Piece};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::mailfiles::{Kind, MailFile};

/// A JSON document is read whole, so it may have this many bytes.
const MOST_JSON: u64 = 512 << 20;

/// One message of a file.
#[derive(Debug)]
pub struct Message {
    /// The file's name; with `#N` the N-th message of it, from 0.
    pub name: String,
    /// The mailbox the document names.
    pub mailbox: Option<String>,
    /// What the bytes are.
    pub format: Format,
    /// The bytes.
    pub content: Content,
}

/// The bytes of a message, or where they are.
#[derive(Debug)]
pub enum Content {
    /// All of them.
    Whole(Vec<u8>),
    /// A file larger than was asked for.
    OnDisk {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// The start of a message of an mbox that is larger than was asked for.
    Head {
        /// Its first bytes.
        head: Vec<u8>,
        /// Bytes in all.
        size: u64,
        /// SHA-256 of all of it, in hex.
        sha256: String,
    },
}

/// A file, or the rest of one, that cannot be read.
#[derive(Debug)]
pub struct Unread {
    /// The file's name.
    pub name: String,
    /// Why.
    pub reason: String,
}

type Messages = Box<dyn Iterator<Item = Result<Message, Unread>>>;

/// The messages of a file; of larger ones than `max` bytes not the content. An error ends the file, not what was read
/// of it before.
pub fn of(file: &MailFile, max: usize) -> Messages {
    let name = file.name.clone();
    let read = match file.kind {
        Kind::Message => {
            message(&file.path, &name, max).map(|message| Box::new(std::iter::once(Ok(message))) as Messages)
        }
        Kind::Mbox => mbox(&file.path, &name, max),
        Kind::Json => json(&file.path, &name),
    };
    read.unwrap_or_else(|reason| Box::new(std::iter::once(Err(Unread { name, reason }))))
}

fn message(path: &Path, name: &str, max: usize) -> Result<Message, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let size = file.metadata().map_err(|error| error.to_string())?.len();
    let content = if size > max as u64 {
        Content::OnDisk { path: path.to_owned(), size }
    } else {
        let mut bytes = Vec::with_capacity(size as usize);
        file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        Content::Whole(bytes)
    };
    Ok(Message { name: name.to_owned(), mailbox: None, format: Format::Rfc822, content })
}

fn mbox(path: &Path, name: &str, max: usize) -> Result<Messages, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let name = name.to_owned();
    let pieces = split::mbox(BufReader::with_capacity(256 << 10, file), max).enumerate();
    Ok(Box::new(pieces.map(move |(at, piece)| {
        let content = match piece {
            Ok(Piece::Whole(bytes)) => Content::Whole(bytes),
            Ok(Piece::TooLarge { head, size, sha256 }) => Content::Head { head, size, sha256 },
            Err(error) => return Err(Unread { name: name.clone(), reason: error.to_string() }),
        };
        Ok(Message { name: format!("{name}#{at}"), mailbox: None, format: Format::Rfc822, content })
    })))
}

/// Tells a list of mails from a single one.
#[derive(Deserialize)]
struct Envelope {
    emails: Option<IgnoredAny>,
}

fn json(path: &Path, name: &str) -> Result<Messages, String> {
    let size = path.metadata().map_err(|error| error.to_string())?.len();
    if size > MOST_JSON {
        return Err(format!("the JSON document has {size} bytes, more than the {MOST_JSON} that can be read whole"));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let (mailbox, mails) = split::json(&bytes).map_err(|problem| match &*problem.pointer {
        "" => format!("not JSON mail: {}", problem.detail),
        pointer => format!("not JSON mail: {pointer}: {}", problem.detail),
    })?;
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    let is_single =
        is_object && serde_json::from_slice(&bytes).is_ok_and(|envelope: Envelope| envelope.emails.is_none());
    let name = name.to_owned();
    Ok(Box::new(mails.into_iter().enumerate().map(move |(at, mail)| {
        let name = if is_single { name.clone() } else { format!("{name}#{at}") };
        Ok(Message { name, mailbox: mailbox.clone(), format: Format::Json, content: Content::Whole(mail) })
    })))
}
