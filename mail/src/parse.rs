//! Raw mail to [`Mail`]: MIME, charsets and headers by mail-parser, behind limits of our own.

use std::borrow::Cow;

use base64::Engine as _;
use chrono::{DateTime, TimeZone as _, Utc};
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use crate::document::Pictures;
use crate::html::Page;
use crate::uuencode::Enclosed;
use crate::{
    Address, Attachment, Format, Limits, Mail, Signal, Unreadable, body, charset, disguise, document, html, json_mail,
    signal, structure, subject, uuencode,
};

/// Most bytes of text read of a mail, about 1,500 pages; what is beyond them are listings, which stay in the raw mail.
pub(crate) const TEXT: usize = 4 << 20;

/// Decodes a raw mail. Of a text longer than 4 MiB the first 4 MiB are read.
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
    let raw = structure::prepare(raw);
    structure::check(&raw, &limits).ok()?;
    let message = MessageParser::default().parse(raw.as_ref())?;
    if let Some(part) = message.attachments().nth(n) {
        return Some((describe(part), content(part).to_vec()));
    }
    let file = shown(&message, &raw).files.into_iter().nth(n - message.attachment_count())?;
    Some((describe_file(&file), file.bytes))
}

/// The HTML of a raw mail in either format as a document that is safe to show: no script, no form, no address that is
/// followed or fetched. Its pictures are those that the mail brings along. `None` if it has no HTML part.
///
/// Of each part the first 4 MiB are shown, and of those the first 50,000 elements; the document says so.
pub fn html_document(raw: &[u8]) -> Option<String> {
    if raw.trim_ascii_start().starts_with(b"{") {
        return json_mail::html_document(raw);
    }
    let raw = structure::prepare(raw);
    structure::check(&raw, &Limits::default()).ok()?;
    let message = MessageParser::default().parse(raw.as_ref())?;
    let parts: Vec<_> =
        message.html_bodies().filter(|part| part.is_text_html()).map(|part| written(part, &raw)).collect();
    let mut pictures = Pictures::default();
    for part in &message.parts {
        if let (Some(id), PartType::Binary(bytes) | PartType::InlineBinary(bytes)) = (part.content_id(), &part.body) {
            pictures.bring(id, bytes);
        }
    }
    document::of(parts.iter().map(|part| beginning(part, TEXT)), &pictures)
}

pub(crate) fn parse_rfc822(raw: &[u8], limits: &Limits) -> Result<Mail, Unreadable> {
    let raw = structure::prepare(raw);
    if raw.is_empty() {
        return Err(Unreadable::Empty);
    }
    structure::check(&raw, limits)?;
    let message = MessageParser::default().parse(raw.as_ref()).ok_or(Unreadable::NotMail)?;
    if message.parts.is_empty() {
        return Err(Unreadable::NotMail);
    }
    let size = message.parts.iter().map(|part| content(part).len()).sum();
    if size > limits.max_decoded {
        return Err(Unreadable::TooMuchText { size, limit: limits.max_decoded });
    }
    let shown = shown(&message, &raw);
    let people = |name| first(&message, &name).map(|value| addresses(value.as_address())).unwrap_or_default();
    let from = people(HeaderName::From).into_iter().next();
    let mut mail = Mail {
        message_id: first(&message, &HeaderName::MessageId).and_then(HeaderValue::as_text).map(clean_id),
        in_reply_to: first(&message, &HeaderName::InReplyTo).and_then(|value| ids(value).pop()),
        references: first(&message, &HeaderName::References).map(ids).unwrap_or_default(),
        subject: subject(&message),
        to: people(HeaderName::To),
        cc: people(HeaderName::Cc),
        date: first(&message, &HeaderName::Date).and_then(HeaderValue::as_datetime).and_then(date),
        text: shown.text,
        attachments: enclosures(&message, &shown.files),
        automatic: signals(&message, from.as_ref(), shown.misleading),
        from,
        ..Mail::default()
    };
    finish(&mut mail);
    Ok(mail)
}

/// Takes off disguises, and fills what follows from the decoded headers and text.
pub(crate) fn finish(mail: &mut Mail) {
    for text in [&mut mail.text, &mut mail.subject] {
        if let Cow::Owned(plain) = disguise::plain(text) {
            *text = plain;
        }
    }
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
            let name =
                addr.name().map(|name| one_line(&disguise::plain(&repaired(name)))).filter(|name| !name.is_empty());
            let email = one_line(addr.address().unwrap_or_default()).to_lowercase();
            (name.is_some() || !email.is_empty()).then_some(Address { name, email })
        })
        .collect()
}

/// A name that was decoded as another charset than it is written in.
fn repaired(name: &str) -> Cow<'_, str> {
    charset::unmangle(name).map_or(Cow::Borrowed(name), Cow::Owned)
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

/// What a mail shows.
struct Shown {
    text: String,
    files: Vec<Enclosed>,
    misleading: bool,
}

/// The text a reader of the mail sees: plain text if there is any that says something, else the HTML.
fn shown(message: &Message<'_>, raw: &[u8]) -> Shown {
    let plain = join(message.text_bodies().filter(|part| !part.is_text_html()).map(|part| plain(part, raw)));
    let pages: Vec<Page> = message
        .html_bodies()
        .filter(|part| part.is_text_html())
        .map(|part| html::read(beginning(&written(part, raw), 2 * TEXT)))
        .collect();
    let misleading = pages.iter().any(|page| page.misleading);
    let html = join(pages.into_iter().map(|page| page.text));
    let text = if is_placeholder(&plain, &html) { html } else { plain };
    let text = if text.trim().is_empty() { cut_short(message, raw) } else { text };
    let text = if text.trim().is_empty() { enclosed(message) } else { text };
    let (mut text, files) = uuencode::cut(&text);
    text.truncate(beginning(&text, TEXT).len());
    Shown { text, files, misleading }
}

/// Plain text that only says that there is HTML.
fn is_placeholder(plain: &str, html: &str) -> bool {
    let plain = plain.trim();
    plain.is_empty()
        || plain.len() < 200
            && html.len() > 3 * plain.len()
            && ["html", "browser", "navigateur", "navegador"].iter().any(|word| plain.to_lowercase().contains(word))
}

/// Text of a mail that ends before its parts do: the parser counts the open part among the attachments.
fn cut_short(message: &Message<'_>, raw: &[u8]) -> String {
    let is_text = |part: &&MessagePart<'_>| {
        matches!(part.body, PartType::Text(_) | PartType::Html(_))
            && !part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment)
            && part.content_type().is_none_or(|kind| kind.ctype().eq_ignore_ascii_case("text"))
    };
    message
        .attachments()
        .filter(is_text)
        .map(|part| readable(part, raw))
        .find(|text| !text.trim().is_empty())
        .unwrap_or_default()
}

/// A mail that only encloses another one says what that one says.
fn enclosed(message: &Message<'_>) -> String {
    let mut enclosed = message.attachments().filter_map(|part| part.message());
    let (Some(only), None) = (enclosed.next(), enclosed.next()) else { return String::new() };
    let from = first(only, &HeaderName::From).map(|value| addresses(value.as_address())).unwrap_or_default();
    let from = from.into_iter().next().unwrap_or_default();
    let head = format!("From: {} <{}>", from.name.unwrap_or_default(), from.email);
    let subject = subject(only);
    let inner = join(only.text_bodies().map(|part| readable(part, &only.raw_message)));
    format!("---------- Forwarded message ----------\n{head}\nSubject: {subject}\nTo: \n\n{inner}")
}

/// The first header of a name: later ones were added by someone who wants to be read instead.
fn first<'a>(message: &'a Message<'_>, name: &HeaderName<'static>) -> Option<&'a HeaderValue<'a>> {
    message.headers().iter().find(|header| header.name == *name).map(|header| &header.value)
}

fn subject(message: &Message<'_>) -> String {
    let Some(header) = message.headers().iter().find(|header| header.name == HeaderName::Subject) else {
        return String::new();
    };
    let text = header.value.as_text().unwrap_or_default();
    let text = if text.contains('\u{fffd}') || charset::unmangle(text).is_some() {
        let raw = message.raw_message.get(header.offset_start as usize..header.offset_end as usize);
        Cow::Owned(charset::header(raw.unwrap_or_default()))
    } else {
        Cow::Borrowed(text)
    };
    one_line(&text)
}

fn join(texts: impl Iterator<Item = String>) -> String {
    texts.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn readable(part: &MessagePart<'_>, raw: &[u8]) -> String {
    if part.is_text_html() { html::to_text(beginning(&written(part, raw), 2 * TEXT)) } else { plain(part, raw) }
}

/// At most so many bytes of a text.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The text of a part in its right charset.
fn written<'a>(part: &'a MessagePart<'_>, raw: &[u8]) -> Cow<'a, str> {
    let (PartType::Text(text) | PartType::Html(text)) = &part.body else { return Cow::Borrowed("") };
    charset::repair(part, raw).map_or(Cow::Borrowed(text.as_ref()), Cow::Owned)
}

fn plain(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let text = beginning(&written(part, raw), TEXT).replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    let says = |name: &str, value: &str| {
        part.content_type().and_then(|kind| kind.attribute(name)).is_some_and(|said| said.eq_ignore_ascii_case(value))
    };
    if says("format", "flowed") { unflow(&text, says("delsp", "yes")) } else { text }
}

/// Joins the soft line breaks of RFC 3676 within one depth of quotation; `joins` says that the blank at a line's end
/// belongs to the break, as in languages that write without blanks.
fn unflow(text: &str, joins: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before: Option<usize> = None;
    for line in text.split('\n') {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let content = &line[depth..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        match before {
            Some(open) if open == depth && content != "-- " => {}
            _ => {
                if before.is_some() {
                    out.push('\n');
                }
                out.push_str(&line[..depth]);
                if depth > 0 && !content.is_empty() {
                    out.push(' ');
                }
            }
        }
        let soft = content.ends_with(' ') && content != "-- ";
        out.push_str(if soft && joins { &content[..content.len() - 1] } else { content });
        if soft {
            before = Some(depth);
        } else {
            before = None;
            out.push('\n');
        }
    }
    out
}

/// Files within the text, and the parts that are not text.
fn enclosures(message: &Message<'_>, files: &[Enclosed]) -> Vec<Attachment> {
    message.attachments().map(describe).chain(files.iter().map(describe_file)).collect()
}

fn describe_file(file: &Enclosed) -> Attachment {
    let name = Some(file.name.clone()).filter(|name| !name.is_empty());
    Attachment { name, content_type: "application/octet-stream".to_owned(), size: file.bytes.len() }
}

fn signals(message: &Message<'_>, from: Option<&Address>, misleading: bool) -> Vec<Signal> {
    let raw = |header: &mail_parser::Header<'_>| {
        let value =
            message.raw_message.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
        one_line(&String::from_utf8_lossy(value))
    };
    let named = |name: &str| -> Vec<String> {
        message.headers().iter().filter(|header| header.name.as_str().eq_ignore_ascii_case(name)).map(raw).collect()
    };
    let kinds: Vec<String> = message.parts.iter().map(|part| describe(part).content_type).collect();
    let report = message.content_type().and_then(|kind| kind.attribute("report-type")).unwrap_or_default();
    signal::read(&signal::Source {
        header: &named,
        kinds: &kinds,
        report: &report.to_lowercase(),
        from,
        reply_to: &first(message, &HeaderName::ReplyTo).map(|value| addresses(value.as_address())).unwrap_or_default(),
        misleading,
    })
}

/// Base64 with or without line breaks and padding.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(packed).ok()
}
