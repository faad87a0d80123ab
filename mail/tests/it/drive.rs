//! Runs all that the crate does with an input, and holds what must be true of any. The fuzz targets and the replay of
//! their corpus share it.

use mail::split::{self, Piece};
use mail::{Format, Limits, Mail, Triage, Unreadable, analyse, attachment, fingerprint, parse, thread};

/// Has the patterns and models made ready, which is no cost of any one input.
pub fn warm() {
    let _ = message(b"From: a@b.example\nSubject: warm\n\nSix crates, please?", Format::Rfc822);
}

/// Gives `input` to the part of the crate that `kind` names.
pub fn drive(kind: &str, input: &[u8]) {
    match kind {
        "message" => drop(message(input, Format::Rfc822)),
        "fields" => drop(message(input, Format::Json)),
        "body" => body(input),
        "containers" => containers(input),
        "threads" => threads(input),
        other => panic!("no kind of input is called {other}"),
    }
}

/// One mail, from its bytes to the keys of its thread.
pub fn message(bytes: &[u8], format: Format) -> Result<Mail, Unreadable> {
    let mail = parse(bytes, format, &Limits::default())?;
    assert!(!mail.subject.contains(['\n', '\r']), "a subject is one line");
    for address in mail.from.iter().chain(&mail.to).chain(&mail.cc) {
        assert!(!address.email.contains(char::is_control), "an address is one line");
    }
    for id in mail.message_id.iter().chain(&mail.in_reply_to).chain(&mail.references) {
        assert!(!id.is_empty() && !id.contains(char::is_control), "an id is printable");
    }
    let analysis = analyse(&mail);
    assert!(analysis.title.chars().count() <= 200);
    assert!((0.0..=1.0).contains(&analysis.confidence));
    assert!(analysis.dollar_cents.is_none_or(|cents| cents >= 0));
    let links = thread::links(&mail, &analysis);
    for keys in [links.stored(), links.lookup()] {
        assert!(keys.len() <= 40 && keys.iter().all(|key| key.chars().count() <= 250));
    }
    assert_eq!(fingerprint(&mail).len(), 64);
    for n in 0..mail.attachments.len().min(5) {
        assert_eq!(attachment(bytes, n).expect("the attachment is listed").0, mail.attachments[n]);
    }
    Ok(mail)
}

/// The input as the text of a plain mail, and as the HTML of another.
fn body(input: &[u8]) {
    for kind in ["text/plain; charset=utf-8", "text/plain; format=flowed; delsp=yes", "text/html; charset=utf-8"] {
        let mut raw = b"From: Ada Moss <ada@kite.example>\nTo: orders@harbourdist.example\nSubject: Fwd: PO 70012\n\
            Date: Thu, 06 Feb 2025 09:00:00 +0000\nContent-Type: "
            .to_vec();
        raw.extend_from_slice(kind.as_bytes());
        raw.extend_from_slice(b"\n\n");
        raw.extend_from_slice(input);
        let _ = message(&raw, Format::Rfc822);
    }
}

/// The input as an mbox and as a JSON upload, and each mail found in them.
fn containers(input: &[u8]) {
    let (mut pieces, mut held) = (0, 0);
    for piece in split::mbox(input, 4096).take(200).map_while(Result::ok) {
        pieces += 1;
        match piece {
            Piece::Whole(raw) => {
                assert!(raw.len() <= 4096, "no message above the limit is held");
                held += raw.len();
                let _ = message(&raw, Format::Rfc822);
            }
            Piece::TooLarge { size, sha256, .. } => assert!(size > 4096 && sha256.len() == 64),
        }
    }
    assert!(held <= input.len() && pieces <= input.len());
    if let Ok((_, mails)) = split::json(input) {
        mails.iter().take(50).for_each(|mail| drop(message(mail, Format::Json)));
    }
}

/// The input as an mbox of mails that arrive one after the other.
fn threads(input: &[u8]) {
    let mut triage = Triage::new();
    for (n, piece) in split::mbox(input, 1 << 16).take(30).map_while(Result::ok).enumerate() {
        let Piece::Whole(raw) = piece else { continue };
        let line = triage.take(&n.to_string(), &raw, Format::Rfc822);
        assert!(!line.thread.is_empty());
        assert!(line.error.is_some() || line.is_noise || line.workflow_category.is_some());
        // The same bytes again are a copy.
        let again = triage.take("again", &raw, Format::Rfc822);
        assert!(again.error.is_some() || again.duplicate_of.is_some());
    }
}
