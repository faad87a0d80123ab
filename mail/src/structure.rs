//! Measures the MIME tree of a raw mail in one pass and without recursion, before the real parser sees it: that
//! parser keeps one object a level and frees them recursively, so hostile nesting must be refused first.

use std::borrow::Cow;

use crate::{Limits, Unreadable};

/// An enclosed message costs the parser stack space when freed, wherever it thinks it found one.
const MAX_ENCLOSED: usize = 2_000;

/// Most bytes of the headers of one part: some 100,000 recipients. Longer ones cost the parser many times their size.
const MAX_HEADERS: usize = 4 << 20;

/// Refuses what is too deep or has too many parts, and what does not begin like a mail.
pub(crate) fn check(raw: &[u8], limits: &Limits) -> Result<(), Unreadable> {
    if !begins_like_mail(raw) {
        return Err(Unreadable::NotMail);
    }
    let mut walk = Walk { limits, boundaries: Vec::new(), parts: 0, enclosed: 0 };
    walk.run(raw)?;
    if count_enclosed(raw) > MAX_ENCLOSED {
        return Err(Unreadable::TooManyParts { limit: limits.max_parts });
    }
    Ok(())
}

/// A message as the parser is given it: without marks in front, and with line ends it knows.
pub(crate) fn prepare(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = trim_start(raw);
    if ends_lines_with_cr(raw) {
        return Cow::Owned(raw.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect());
    }
    Cow::Borrowed(raw)
}

/// Whether lone CRs end the lines of the headers. Where another end is as frequent, a CR is white space within a
/// line: taken for an end it would let a subject write headers.
fn ends_lines_with_cr(raw: &[u8]) -> bool {
    let head = &raw[..raw.len().min(16 << 10)];
    if !head.contains(&b'\r') {
        return false;
    }
    let (mut alone, mut others) = (0, 0);
    for (at, byte) in head.iter().enumerate() {
        match byte {
            b'\n' => others += 1,
            b'\r' if head.get(at + 1) != Some(&b'\n') => alone += 1,
            _ => {}
        }
    }
    alone > others
}

/// Bytes of a message without blank lines and mbox or UTF-8 marks in front of its headers.
pub(crate) fn trim_start(raw: &[u8]) -> &[u8] {
    let mut rest = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    loop {
        rest = rest.trim_ascii_start();
        if rest.starts_with(b"From ") || rest.starts_with(b">From ") {
            rest = rest.iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(&[][..], |end| &rest[end..]);
        } else {
            return rest;
        }
    }
}

fn begins_like_mail(raw: &[u8]) -> bool {
    let start = &raw[..raw.len().min(64 << 10)];
    let zeros = start.iter().take(1024).filter(|b| **b == 0).count();
    if zeros > 16 {
        return false;
    }
    // Some mail begins with a stray line, so one good header among the first lines is enough.
    lines(start).take(30).take_while(|line| !line.is_empty()).any(is_header)
}

fn is_header(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|b| *b == b':') else { return false };
    let name = line[..colon].trim_ascii_end();
    (2..=76).contains(&name.len())
        && name[0].is_ascii_alphabetic()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Lines ended by LF, CRLF or a lone CR, without the ending.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let current = rest?;
        let Some(end) = current.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
            rest = None;
            return Some(current);
        };
        let skip = if current[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = Some(&current[end + skip..]);
        Some(&current[..end])
    })
}

struct Walk<'a> {
    limits: &'a Limits,
    boundaries: Vec<Vec<u8>>,
    parts: usize,
    /// Enclosed messages open in the current part.
    enclosed: usize,
}

impl Walk<'_> {
    fn run(&mut self, raw: &[u8]) -> Result<(), Unreadable> {
        let mut in_headers = true;
        let mut field: Vec<u8> = Vec::new();
        let mut kind: Vec<u8> = Vec::new();
        let mut headers = 0;
        self.count()?;
        for line in lines(raw) {
            if in_headers {
                headers += line.len();
                if headers > MAX_HEADERS {
                    return Err(Unreadable::HeadersTooLong { limit: MAX_HEADERS });
                }
                let folded = line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
                if folded && !line.trim_ascii().is_empty() {
                    if field.len() < 4096 {
                        field.extend_from_slice(line);
                    }
                    continue;
                }
                take_content_type(&mut field, &mut kind);
                if !line.trim_ascii().is_empty() && !self.is_boundary(line) {
                    field.extend_from_slice(&line[..line.len().min(4096)]);
                    continue;
                }
                in_headers = self.open(&std::mem::take(&mut kind))?;
                headers = 0;
            }
            if !line.starts_with(b"--") {
                continue;
            }
            if let Some(level) = self.level(line) {
                self.boundaries.truncate(level + 1);
                self.enclosed = 0;
                let closes = line[2 + self.boundaries[level].len()..].starts_with(b"--");
                if closes {
                    self.boundaries.truncate(level);
                } else {
                    self.count()?;
                }
                in_headers = !closes;
                headers = 0;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), Unreadable> {
        self.parts += 1;
        if self.parts > self.limits.max_parts {
            return Err(Unreadable::TooManyParts { limit: self.limits.max_parts });
        }
        Ok(())
    }

    /// Enters the body of a part; true if header lines follow at once, as in an enclosed message.
    fn open(&mut self, kind: &[u8]) -> Result<bool, Unreadable> {
        let mut headers_follow = false;
        if kind.starts_with(b"multipart/") {
            if let Some(boundary) = boundary(kind) {
                self.boundaries.push(boundary);
            }
        } else if kind.starts_with(b"message/rfc822") || kind.starts_with(b"message/global") {
            self.enclosed += 1;
            self.count()?;
            headers_follow = true;
        }
        if self.boundaries.len() + self.enclosed > self.limits.max_depth {
            return Err(Unreadable::TooDeep { limit: self.limits.max_depth });
        }
        Ok(headers_follow)
    }

    fn is_boundary(&self, line: &[u8]) -> bool {
        line.starts_with(b"--") && self.level(line).is_some()
    }

    fn level(&self, line: &[u8]) -> Option<usize> {
        self.boundaries.iter().rposition(|boundary| {
            line[2..].strip_prefix(boundary.as_slice()).is_some_and(|rest| {
                let rest = rest.strip_prefix(b"--").unwrap_or(rest);
                rest.trim_ascii().is_empty()
            })
        })
    }
}

/// Keeps the value of a finished Content-Type field; its type in lower case, its boundary as written.
fn take_content_type(field: &mut Vec<u8>, kind: &mut Vec<u8>) {
    const NAME: &[u8] = b"content-type:";
    if field.len() > NAME.len() && field[..NAME.len()].eq_ignore_ascii_case(NAME) {
        let value = field[NAME.len()..].trim_ascii_start();
        *kind = value.to_vec();
        let end = kind.iter().position(|b| matches!(b, b';' | b' ' | b'\t')).unwrap_or(kind.len());
        kind[..end].make_ascii_lowercase();
    }
    field.clear();
}

fn boundary(kind: &[u8]) -> Option<Vec<u8>> {
    let lower = kind.to_ascii_lowercase();
    let at = lower.windows(8).position(|w| w == b"boundary")? + 8;
    let rest = kind[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = match rest.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|b| *b == b'"').next(),
        None => rest.split(|b| matches!(b, b';' | b' ' | b'\t')).next(),
    }?;
    (!value.is_empty()).then(|| value.to_vec())
}

fn count_enclosed(raw: &[u8]) -> usize {
    raw.windows(8).filter(|w| w[7] == b'/' && w.eq_ignore_ascii_case(b"message/")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> Vec<u8> {
        let mut mail = b"Subject: deep\r\n".to_vec();
        for level in 0..levels {
            let part = format!("Content-Type: multipart/mixed; boundary=\"b{level}\"\r\n\r\n--b{level}\r\n");
            mail.extend_from_slice(part.as_bytes());
        }
        mail
    }

    #[test]
    fn nesting_within_the_limit_passes_and_one_level_more_does_not() {
        let limits = Limits::default();
        assert_eq!(check(&nested(20), &limits), Ok(()));
        assert_eq!(check(&nested(21), &limits), Err(Unreadable::TooDeep { limit: 20 }));
    }

    #[test]
    fn messages_enclosed_in_messages_count_as_depth() {
        let mail = "Content-Type: message/rfc822\n\n".repeat(200);
        assert_eq!(check(mail.as_bytes(), &Limits::default()), Err(Unreadable::TooDeep { limit: 20 }));
    }

    #[test]
    fn siblings_count_as_parts_and_not_as_depth() {
        let mut mail = b"Content-Type: multipart/mixed; boundary=x\n\n".to_vec();
        mail.extend(b"--x\n\npart\n".repeat(499));
        assert_eq!(check(&mail, &Limits::default()), Ok(()));
        mail.extend(b"--x\n\npart\n");
        assert_eq!(check(&mail, &Limits::default()), Err(Unreadable::TooManyParts { limit: 500 }));
    }

    #[test]
    fn marks_in_front_of_the_headers_are_skipped() {
        assert_eq!(trim_start(b"\xef\xbb\xbf\r\nFrom a@b Mon\r\nTo: x\r\n"), b"To: x\r\n");
    }
}
