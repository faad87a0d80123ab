//! Builds invented mails.

use mail::{Analysis, Format, Limits, Mail, analyse, parse};

/// A plain mail to the orders mailbox of an invented distributor.
pub fn raw(from: &str, subject: &str, body: &str, extra: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: Harbour Orders <orders@harbourdist.example>\r\nSubject: {subject}\r\n\
         Date: Thu, 06 Feb 2025 09:00:00 +0000\r\n{extra}\r\n{}\r\n",
        body.replace('\n', "\r\n")
    )
    .into_bytes()
}

pub fn read(raw: &[u8]) -> Mail {
    parse(raw, Format::Rfc822, &Limits::default()).expect("the fixture is a mail")
}

pub fn judged(from: &str, subject: &str, body: &str) -> Analysis {
    analyse(&read(&raw(from, subject, body, "")))
}
