//! Takes containers of mail apart: mbox files as a stream, JSON uploads at once.

use std::io::{self, BufRead};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Bytes kept of a message that is too large.
const HEAD: usize = 1 << 20;

/// One message of an mbox.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// The raw message, without its `From ` line and with quoted `From ` lines restored.
    Whole(Vec<u8>),
    /// A message above the limit: what is kept of it.
    TooLarge {
        /// Its first 1 MiB.
        head: Vec<u8>,
        /// Its size in bytes.
        size: u64,
        /// SHA-256 of all of it, in hexadecimal.
        sha256: String,
    },
}

/// Iterates the messages of an mbox (mboxo and mboxrd), holding at most `max` bytes of one. A stream that does not
/// begin with a `From ` line gives an error; a truncated last message is given as it is.
pub fn mbox<R: BufRead>(reader: R, max: usize) -> impl Iterator<Item = io::Result<Piece>> {
    Mbox { reader, max, state: State::Start }
}

#[derive(PartialEq, Eq)]
enum State {
    Start,
    /// The `From ` line of the next message has been read.
    Inside,
    Done,
}

struct Mbox<R> {
    reader: R,
    max: usize,
    state: State,
}

/// Longest piece of a line read at once, so that a file without line ends stays within memory.
const LINE: u64 = 64 << 10;

impl<R: BufRead> Mbox<R> {
    /// Reads up to the next line end, at most [`LINE`] bytes; empty at the end of the stream.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        io::Read::take(&mut self.reader, LINE).read_until(b'\n', &mut line)?;
        Ok(line)
    }

    fn begin(&mut self) -> io::Result<bool> {
        loop {
            let mut line = self.line()?;
            if line.is_empty() {
                return Ok(false);
            }
            // Some exporters begin the file with a byte order mark.
            if line.starts_with(b"\xEF\xBB\xBF") {
                line.drain(..3);
            }
            if line.starts_with(b"From ") {
                let mut rest = line;
                // The rest of an absurdly long separator line.
                while !rest.ends_with(b"\n") && !rest.is_empty() {
                    rest = self.line()?;
                }
                return Ok(true);
            }
            if !line.trim_ascii().is_empty() {
                let detail = "not an mbox: the file does not begin with a \"From \" line";
                return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
            }
        }
    }

    fn message(&mut self) -> io::Result<Piece> {
        let mut piece = Gathering { kept: Vec::new(), size: 0, hash: None, max: self.max };
        let (mut line_begins, mut after_blank) = (true, false);
        self.state = State::Done;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if line_begins && after_blank && is_separator(&line) {
                self.state = State::Inside;
                break;
            }
            let content = if line_begins { unquote(&line) } else { &line };
            piece.add(content);
            after_blank = line_begins && line.trim_ascii().is_empty();
            line_begins = line.ends_with(b"\n");
        }
        Ok(piece.finish())
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Start {
            match self.begin() {
                Ok(true) => {}
                Ok(false) => self.state = State::Done,
                Err(error) => {
                    self.state = State::Done;
                    return Some(Err(error));
                }
            }
        }
        if self.state == State::Done {
            return None;
        }
        Some(self.message())
    }
}

/// A separator names a sender and ends with a year or a time zone, unlike a sentence that begins with "From".
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let text = String::from_utf8_lossy(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    let digits = |word: &str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    let time =
        |word: &str| word.len() >= 4 && word.contains(':') && word.bytes().all(|b| b.is_ascii_digit() || b == b':');
    words.len() == 1 && words[0].contains('@')
        || words.iter().any(|word| time(word)) && words.iter().any(|word| digits(word))
}

/// Restores `>From ` (mboxo) and `>>From ` (mboxrd) by one level.
fn unquote(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|b| **b == b'>').count();
    if marks > 0 && line[marks..].starts_with(b"From ") { &line[1..] } else { line }
}

struct Gathering {
    kept: Vec<u8>,
    size: u64,
    /// Begun once the message is known to be too large.
    hash: Option<Sha256>,
    max: usize,
}

impl Gathering {
    fn add(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        if self.hash.is_none() {
            self.kept.extend_from_slice(bytes);
            if self.kept.len() > self.max {
                self.hash = Some(Sha256::new_with_prefix(&self.kept));
                self.kept.truncate(HEAD);
                self.kept.shrink_to_fit();
            }
        } else if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
    }

    fn finish(mut self) -> Piece {
        if let Some(hash) = self.hash {
            return Piece::TooLarge { head: self.kept, size: self.size, sha256: format!("{:x}", hash.finalize()) };
        }
        // The blank line in front of the next separator belongs to the mbox.
        if self.kept.ends_with(b"\r\n\r\n") {
            self.kept.truncate(self.kept.len() - 2);
        } else if self.kept.ends_with(b"\n\n") {
            self.kept.truncate(self.kept.len() - 1);
        }
        Piece::Whole(self.kept)
    }
}

/// Why a JSON upload cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct JsonProblem {
    /// Where, as a JSON pointer; empty for the whole document.
    pub pointer: String,
    /// What is wrong there.
    pub detail: String,
}

impl JsonProblem {
    fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// The mailbox a JSON upload names, and its mails as one JSON object each. The document is
/// `{"mailbox": ..., "emails": [...]}`, an array of mails, or one mail.
pub fn json(bytes: &[u8]) -> Result<(Option<String>, Vec<Vec<u8>>), JsonProblem> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| JsonProblem::new("", error.to_string()))?;
    match document {
        Value::Array(mails) => Ok((None, objects(mails, "")?)),
        Value::Object(mut fields) => {
            let Some(emails) = fields.remove("emails") else {
                return Ok((None, objects(vec![Value::Object(fields)], "")?));
            };
            let mailbox = match fields.remove("mailbox") {
                None | Some(Value::Null) => None,
                Some(Value::String(name)) => Some(name),
                Some(_) => return Err(JsonProblem::new("/mailbox", "expected a string")),
            };
            let Value::Array(mails) = emails else {
                return Err(JsonProblem::new("/emails", "expected an array"));
            };
            Ok((mailbox, objects(mails, "/emails")?))
        }
        _ => Err(JsonProblem::new("", "expected an object or an array")),
    }
}

fn objects(mails: Vec<Value>, base: &str) -> Result<Vec<Vec<u8>>, JsonProblem> {
    let mut found = Vec::with_capacity(mails.len());
    for (at, mail) in mails.into_iter().enumerate() {
        if !mail.is_object() {
            return Err(JsonProblem::new(format!("{base}/{at}"), "expected a mail object"));
        }
        found.push(mail.to_string().into_bytes());
    }
    Ok(found)
}
