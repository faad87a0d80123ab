//! One mail given as a JSON object: either the raw message or its fields.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::document::{self, Pictures};
use crate::parse::{TEXT, base64, beginning, finish, one_line, parse_rfc822};
use crate::signal::{self, Source};
use crate::{Address, Attachment, Limits, Mail, Unreadable, html};

fn object(raw: &[u8]) -> Result<Map<String, Value>, Unreadable> {
    match serde_json::from_slice(raw) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Unreadable::Json("expected an object".to_owned())),
        Err(error) => Err(Unreadable::Json(error.to_string())),
    }
}

pub(crate) fn parse(raw: &[u8], limits: &Limits) -> Result<Mail, Unreadable> {
    let fields = object(raw)?;
    if let Some(inner) = embedded(&fields)? {
        return parse_rfc822(&inner, limits);
    }
    let text = string(&fields, &["text", "body", "body_text"])?.unwrap_or_default();
    let html = string(&fields, &["html", "body_html"])?.unwrap_or_default();
    let page = html::read(beginning(&html, 2 * TEXT));
    let text = if text.trim().is_empty() {
        page.text
    } else {
        beginning(&text, TEXT).replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
    };
    let known = ["message_id", "from", "to", "cc", "subject", "date", "in_reply_to", "references"];
    if text.trim().is_empty() && !known.iter().any(|name| fields.contains_key(*name)) {
        return Err(Unreadable::Json("the object has none of raw, from, subject, text, html".to_owned()));
    }
    let attachments = attachments(&fields)?;
    let size = text.len() + attachments.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    if attachments.len() > limits.max_parts {
        return Err(Unreadable::TooManyParts { limit: limits.max_parts });
    }
    if size > limits.max_decoded {
        return Err(Unreadable::TooMuchText { size, limit: limits.max_decoded });
    }
    let from = addresses(&fields, "from")?.into_iter().next();
    let automatic = signal::read(&Source {
        header: &|name| header(&fields, name),
        kinds: &attachments.iter().map(|(attachment, _)| attachment.content_type.clone()).collect::<Vec<_>>(),
        report: "",
        from: from.as_ref(),
        reply_to: &addresses(&fields, "reply_to")?,
        misleading: page.misleading,
    });
    let mut mail = Mail {
        message_id: string(&fields, &["message_id", "messageId"])?.map(|id| clean_id(&id)),
        in_reply_to: string(&fields, &["in_reply_to", "inReplyTo"])?
            .map(|id| clean_id(&id))
            .filter(|id| !id.is_empty()),
        references: references(&fields),
        subject: one_line(&string(&fields, &["subject"])?.unwrap_or_default()),
        from,
        to: addresses(&fields, "to")?,
        cc: addresses(&fields, "cc")?,
        date: string(&fields, &["date", "received_at", "sent_at"])?.and_then(|date| instant(&date)),
        text,
        attachments: attachments.into_iter().map(|(attachment, _)| attachment).collect(),
        automatic,
        ..Mail::default()
    };
    finish(&mut mail);
    Ok(mail)
}

pub(crate) fn attachment(raw: &[u8], n: usize) -> Option<(Attachment, Vec<u8>)> {
    let fields = object(raw).ok()?;
    match embedded(&fields).ok()? {
        Some(inner) => crate::attachment(&inner, n),
        None => attachments(&fields).ok()?.into_iter().nth(n),
    }
}

pub(crate) fn html_document(raw: &[u8]) -> Option<String> {
    let fields = object(raw).ok()?;
    if let Some(inner) = embedded(&fields).ok()? {
        return crate::html_document(&inner);
    }
    let html = string(&fields, &["html", "body_html"]).ok()?.filter(|html| !html.trim().is_empty())?;
    document::of([beginning(&html, TEXT)], &Pictures::default())
}

/// The values of a header under `headers`, whose names are written as one likes.
fn header(fields: &Map<String, Value>, name: &str) -> Vec<String> {
    let Some(Value::Object(headers)) = fields.get("headers") else { return Vec::new() };
    let mut found = Vec::new();
    for (_, value) in headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
        match value {
            Value::String(text) => found.push(one_line(text)),
            Value::Array(list) => found.extend(list.iter().filter_map(Value::as_str).map(one_line)),
            _ => {}
        }
    }
    found
}

/// The bytes under `raw`: a message as text, or in base64.
fn embedded(fields: &Map<String, Value>) -> Result<Option<Vec<u8>>, Unreadable> {
    let Some(raw) = string(fields, &["raw"])? else { return Ok(None) };
    let head = raw.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // A header line has a colon; base64 never does.
    if head.contains(':') || head.starts_with("From ") {
        return Ok(Some(raw.into_bytes()));
    }
    Ok(Some(base64(&raw).unwrap_or_else(|| raw.into_bytes())))
}

fn string(fields: &Map<String, Value>, names: &[&str]) -> Result<Option<String>, Unreadable> {
    match names.iter().find_map(|name| fields.get(*name).map(|value| (*name, value))) {
        None | Some((_, Value::Null)) => Ok(None),
        Some((_, Value::String(text))) => Ok(Some(text.clone())),
        Some((name, _)) => Err(Unreadable::Json(format!("{name} is not a string"))),
    }
}

fn clean_id(id: &str) -> String {
    one_line(id).trim_matches(['<', '>', ' ']).chars().take(250).collect()
}

fn references(fields: &Map<String, Value>) -> Vec<String> {
    let split = |text: &str| text.split([' ', ',', '\t', '\n']).map(clean_id).collect::<Vec<_>>();
    let ids = match fields.get("references") {
        Some(Value::String(text)) => split(text),
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).flat_map(split).collect(),
        _ => Vec::new(),
    };
    ids.into_iter().filter(|id| !id.is_empty()).collect()
}

fn addresses(fields: &Map<String, Value>, name: &str) -> Result<Vec<Address>, Unreadable> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(|value| address(value, name)).collect::<Result<Vec<_>, _>>(),
        Some(Value::String(list)) => Ok(split_list(list).iter().map(|one| written(one)).collect()),
        Some(value) => Ok(vec![address(value, name)?]),
    }
}

fn address(value: &Value, field: &str) -> Result<Address, Unreadable> {
    match value {
        Value::String(text) => Ok(written(text)),
        Value::Object(parts) => {
            let text = |names: &[&str]| names.iter().find_map(|name| parts.get(*name)).and_then(Value::as_str);
            let name = text(&["name"]).map(one_line).filter(|name| !name.is_empty());
            let email = one_line(text(&["email", "address"]).unwrap_or_default()).to_lowercase();
            Ok(Address { name, email })
        }
        _ => Err(Unreadable::Json(format!("{field} is neither a string nor an object"))),
    }
}

/// Splits `A <a@x>, "B, C" <b@y>` at the commas between addresses.
fn split_list(list: &str) -> Vec<String> {
    let (mut parts, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for c in list.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | ';' if !quoted => parts.push(std::mem::take(&mut current)),
            _ => current.push(c),
        }
    }
    parts.push(current);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn written(text: &str) -> Address {
    match text.rsplit_once('<') {
        Some((name, email)) => {
            let name = one_line(name).trim_matches('"').to_owned();
            let email = one_line(email.trim_end().trim_end_matches('>')).to_lowercase();
            Address { name: Some(name).filter(|name| !name.is_empty()), email }
        }
        None => Address { name: None, email: one_line(text).to_lowercase() },
    }
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let parsed =
        DateTime::parse_from_rfc3339(text.trim()).or_else(|_| DateTime::parse_from_rfc2822(text.trim())).ok()?;
    let oldest = DateTime::<Utc>::from_timestamp(631_152_000, 0).expect("1990 is a valid instant");
    Some(parsed.with_timezone(&Utc)).filter(|at| *at >= oldest)
}

fn attachments(fields: &Map<String, Value>) -> Result<Vec<(Attachment, Vec<u8>)>, Unreadable> {
    let Some(Value::Array(list)) = fields.get("attachments") else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let text = |names: &[&str]| names.iter().find_map(|name| value.get(*name)).and_then(Value::as_str);
        let bytes = base64(text(&["content", "data"]).unwrap_or_default())
            .ok_or_else(|| Unreadable::Json(format!("attachment {at} is not valid base64")))?;
        let content_type = text(&["content_type", "type"]).unwrap_or("application/octet-stream").to_lowercase();
        let name = text(&["name", "filename"]).map(one_line);
        found.push((Attachment { name, content_type, size: bytes.len() }, bytes));
    }
    Ok(found)
}
