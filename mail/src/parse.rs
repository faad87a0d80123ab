//! Raw mail to [`Mail`]: MIME, charsets and headers by mail-parser, behind limits of our own.

use base64::Engine as _;
use chrono::{DateTime, TimeZone as _, Utc};
use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use crate::{Address, Attachment, Format, Limits, Mail, Signal, Unreadable, body, html, json_mail, structure, subject};

/// Decodes a raw mail.
pub fn parse(raw: &[u8], format: Format, limits: &Limits) -> Result<Mail, Unreadable> {
    if raw.len() > limits.max_raw {
        return Err(Unreadable::TooLarge { size: raw.len(), limit: limits.max_raw });
    }
    if raw.trim_ascii().is_empty() {
        return Err(Unreadable::Empty);
    }
    match format {
        Format::Rfc822 => parse_rfc822(raw, limits),
        Format::Json => json_mail::parse(raw, limits),
    }
}

/// Attachment `n` of a raw mail in either format, with its decoded bytes; numbered as in [`Mail::attachments`].
pub fn attachment(raw: &[u8], n: usize) -> Option<(Attachment, Vec<u8>)> {
    if raw.trim_ascii_start().starts_with(b"{") {
        return json_mail::attachment(raw, n);
    }
    let limits = Limits::default();
    let raw = structure::trim_start(raw);
    structure::check(raw, &limits).ok()?;
    let message = MessageParser::default().parse(raw)?;
    let part = message.attachments().nth(n)?;
    Some((describe(part), content(part).to_vec()))
}

pub(crate) fn parse_rfc822(raw: &[u8], limits: &Limits) -> Result<Mail, Unreadable> {
    let raw = structure::trim_start(raw);
    if raw.is_empty() {
        return Err(Unreadable::Empty);
    }
    structure::check(raw, limits)?;
    let message = MessageParser::default().parse(raw).ok_or(Unreadable::NotMail)?;
    if message.parts.is_empty() {
        return Err(Unreadable::NotMail);
    }
    let size = message.parts.iter().map(|part| content(part).len()).sum();
    if size > limits.max_decoded {
        return Err(Unreadable::TooMuchText { size, limit: limits.max_decoded });
    }
    let mut mail = Mail {
        message_id: message.message_id().map(clean_id),
        in_reply_to: ids(message.in_reply_to()).pop(),
        references: ids(message.references()),
        subject: one_line(message.subject().unwrap_or_default()),
        from: addresses(message.from()).into_iter().next(),
        to: addresses(message.to()),
        cc: addresses(message.cc()),
        date: message.date().and_then(date),
        text: text(&message, raw),
        attachments: message.attachments().map(describe).collect(),
        automatic: signals(&message),
        ..Mail::default()
    };
    finish(&mut mail);
    Ok(mail)
}

/// Fills what follows from the decoded headers and text.
pub(crate) fn finish(mail: &mut Mail) {
    mail.message_id = mail.message_id.take().filter(|id| !id.is_empty());
    let author = mail.from.as_ref().and_then(|from| from.name.as_deref());
    let split = body::split(&mail.text, author, subject::is_forward(&mail.subject));
    (mail.new_text, mail.quoted_text, mail.signature) = (split.new, split.quoted, split.signature);
}

pub(crate) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn clean_id(id: &str) -> String {
    id.trim().trim_matches(['<', '>']).chars().filter(|c| !c.is_control()).take(250).collect()
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let found: Vec<String> = match value {
        HeaderValue::Text(id) => vec![clean_id(id)],
        HeaderValue::TextList(ids) => ids.iter().map(|id| clean_id(id)).collect(),
        _ => Vec::new(),
    };
    found.into_iter().filter(|id| !id.is_empty()).collect()
}

fn addresses(value: Option<&mail_parser::Address<'_>>) -> Vec<Address> {
    let Some(value) = value else { return Vec::new() };
    value
        .iter()
        .filter_map(|addr| {
            let name = addr.name().map(one_line).filter(|name| !name.is_empty());
            let email = one_line(addr.address().unwrap_or_default()).to_lowercase();
            (name.is_some() || !email.is_empty()).then_some(Address { name, email })
        })
        .collect()
}

fn date(value: &mail_parser::DateTime) -> Option<DateTime<Utc>> {
    if !value.is_valid() || value.year < 1990 || value.month == 0 || value.day == 0 {
        return None;
    }
    Utc.timestamp_opt(value.to_timestamp(), 0).single()
}

fn content<'a>(part: &'a MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        PartType::Multipart(_) => &[],
        PartType::Message(message) => &message.raw_message,
        _ => part.contents(),
    }
}

fn describe(part: &MessagePart<'_>) -> Attachment {
    let content_type = part.content_type().map_or_else(
        || if part.is_text() { "text/plain".to_owned() } else { "application/octet-stream".to_owned() },
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")).to_lowercase(),
    );
    let name = part.attachment_name().map(one_line).filter(|name| !name.is_empty());
    let name = name.or_else(|| part.message().and_then(Message::subject).map(one_line));
    Attachment { name, content_type, size: content(part).len() }
}

/// The text a reader of the mail sees: plain text if there is any, else the HTML.
fn text(message: &Message<'_>, raw: &[u8]) -> String {
    let plain = join(message.text_bodies().map(|part| readable(part, raw)));
    let text =
        if plain.trim().is_empty() { join(message.html_bodies().map(|part| readable(part, raw))) } else { plain };
    if !text.trim().is_empty() {
        return text;
    }
    // A mail that only encloses another one says what that one says.
    let mut enclosed = message.attachments().filter_map(|part| part.message());
    match (enclosed.next(), enclosed.next()) {
        (Some(only), None) => {
            let from = addresses(only.from()).into_iter().next().unwrap_or_default();
            let head = format!("From: {} <{}>", from.name.unwrap_or_default(), from.email);
            let subject = one_line(only.subject().unwrap_or_default());
            let inner = join(only.text_bodies().map(|part| readable(part, &only.raw_message)));
            format!("---------- Forwarded message ----------\n{head}\nSubject: {subject}\nTo: \n\n{inner}")
        }
        _ => text,
    }
}

fn join(texts: impl Iterator<Item = String>) -> String {
    texts.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn readable(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let (PartType::Text(text) | PartType::Html(text)) = &part.body else { return String::new() };
    let text = recode(part, raw).unwrap_or_else(|| text.to_string());
    if part.is_text_html() {
        return html::to_text(&text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    let flowed = part.content_type().and_then(|kind| kind.attribute("format"));
    if flowed.is_some_and(|format| format.eq_ignore_ascii_case("flowed")) { unflow(&text) } else { text }
}

/// Text in a Windows charset that claims to be UTF-8, or nothing, is read as Windows-1252.
fn recode(part: &MessagePart<'_>, raw: &[u8]) -> Option<String> {
    if part.encoding != mail_parser::Encoding::None || !part.text_contents()?.contains('\u{fffd}') {
        return None;
    }
    let bytes = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    std::str::from_utf8(bytes).is_err().then(|| bytes.iter().map(|byte| windows_1252(*byte)).collect())
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    if (0x80..0xa0).contains(&byte) { HIGH[usize::from(byte) - 0x80] } else { char::from(byte) }
}

/// Joins the soft line breaks of RFC 3676.
fn unflow(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        let line = line.strip_prefix(' ').unwrap_or(line);
        out.push_str(line);
        let soft = line.ends_with(' ') && line != "-- " && !line.starts_with('>');
        if !soft {
            out.push('\n');
        }
    }
    out
}

fn signals(message: &Message<'_>) -> Vec<Signal> {
    let header = |name: &str| {
        let mut named = message.headers_raw().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim().to_lowercase())
    };
    let any = |names: &[&str]| names.iter().any(|name| header(name).is_some());
    let auto = header("Auto-Submitted").unwrap_or_default();
    let precedence = header("Precedence").unwrap_or_default();
    let root = message.content_type();
    let subtype = root.and_then(|kind| kind.subtype()).unwrap_or_default().to_lowercase();
    let report = root.and_then(|kind| kind.attribute("report-type")).unwrap_or_default().to_lowercase();
    let kinds: Vec<String> = message.parts.iter().map(|part| describe(part).content_type).collect();
    let from = addresses(message.from()).into_iter().next().unwrap_or_default();
    let important = header("Importance").is_some_and(|value| value == "high")
        || header("X-Priority").is_some_and(|value| value.starts_with(['1', '2']))
        || header("Priority").is_some_and(|value| value == "urgent");
    let list = any(&["List-Id", "List-Post"]);
    let found = [
        (
            Signal::AutoReplied,
            auto.starts_with("auto-replied") || any(&["X-Autoreply", "X-Autorespond"]) || precedence == "auto_reply",
        ),
        (Signal::AutoGenerated, auto.starts_with("auto-generated") || auto.starts_with("auto-notified")),
        (Signal::Bulk, matches!(precedence.as_str(), "bulk" | "junk") || any(&["List-Unsubscribe"])),
        (Signal::List, list || precedence == "list"),
        (
            Signal::DeliveryReport,
            report == "delivery-status"
                || kinds.iter().any(|kind| kind == "message/delivery-status")
                || ["mailer-daemon", "postmaster"].contains(&from.local()),
        ),
        (
            Signal::ReadReceipt,
            report == "disposition-notification" || kinds.iter().any(|kind| kind == "message/disposition-notification"),
        ),
        (Signal::Calendar, subtype == "calendar" || kinds.iter().any(|kind| kind == "text/calendar")),
        (Signal::Important, important),
    ];
    found.into_iter().filter_map(|(signal, is)| is.then_some(signal)).collect()
}

/// Base64 with or without line breaks and padding.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(packed).ok()
}
