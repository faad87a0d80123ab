//! Text whose charset was declared wrongly, or cut at the wrong place, read again.

use mail_parser::MessagePart;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;

/// The text of a part whose bytes do not fit the declared charset; none if it is right as decoded.
pub(crate) fn repair(part: &MessagePart<'_>, raw: &[u8]) -> Option<String> {
    let text = part.text_contents()?;
    if text.contains('\u{fffd}') {
        return reread(&encoded(part, raw)?, declared(part));
    }
    if declared(part).is_none() && text.contains('\u{1b}') {
        // Old Japanese mailers do not name the charset whose marks they write.
        return reread(&encoded(part, raw)?, None);
    }
    unmangle(text)
}

fn declared<'a>(part: &'a MessagePart<'_>) -> Option<&'a str> {
    use mail_parser::MimeHeaders as _;
    part.content_type()?.attribute("charset")
}

/// The bytes of a part after its transfer encoding.
fn encoded(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let bytes = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    match part.encoding {
        mail_parser::Encoding::None => Some(bytes.to_vec()),
        mail_parser::Encoding::QuotedPrintable => quoted_printable_decode(bytes),
        mail_parser::Encoding::Base64 => base64_decode(bytes),
    }
}

/// Reads bytes that a charset did not fit.
fn reread(bytes: &[u8], declared: Option<&str>) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains("\u{1b}$")
    {
        return Some(text.to_owned());
    }
    let marks = [&b"\x1b$B"[..], b"\x1b$@", b"\x1b(J"];
    if marks.iter().any(|mark| bytes.windows(mark.len()).any(|window| window == *mark)) {
        return charset_decoder(b"iso-2022-jp").map(|decode| decode(bytes));
    }
    // A charset of many bytes that is cut short is still that charset.
    let claims_utf8 = declared
        .is_none_or(|name| ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| name.eq_ignore_ascii_case(known)));
    claims_utf8.then(|| decode_mixed(bytes))
}

/// UTF-8 where it is UTF-8, Windows-1252 where it is not, byte by byte.
fn decode_mixed(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|byte| windows_1252(*byte)));
    }
    out
}

/// UTF-8 that was decoded as a charset of single bytes (`GrÃ¼ÃŸe`), decoded as what it is.
pub(crate) fn unmangle(text: &str) -> Option<String> {
    if text.is_ascii() || !text.contains(['Ã', 'Â', 'â', 'Ä', 'Å', 'ã', 'ï', 'Ð', 'Î']) {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(byte_of).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

fn byte_of(c: char) -> Option<u8> {
    match c as u32 {
        code @ (0..0x80 | 0xa0..=0xff) => Some(code as u8),
        _ => HIGH.iter().position(|high| *high == c).map(|at| 0x80 + at as u8).or_else(|| u8::try_from(c as u32).ok()),
    }
}

const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of a byte in Windows-1252.
pub(crate) fn windows_1252(byte: u8) -> char {
    if (0x80..0xa0).contains(&byte) { HIGH[usize::from(byte) - 0x80] } else { char::from(byte) }
}

/// An unstructured header as bytes: neighbouring encoded words of one charset are decoded together, as some programs
/// cut them inside a character, and bytes outside of them are UTF-8 or Windows-1252.
pub(crate) fn header(raw: &[u8]) -> String {
    let mut out = String::new();
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = raw;
    while !rest.is_empty() {
        let found = rest.windows(2).position(|pair| pair == b"=?");
        let (before, from) = found.map_or((rest, &rest[rest.len()..]), |at| rest.split_at(at));
        let word = encoded_word(from);
        let between = before.iter().all(u8::is_ascii_whitespace) && word.is_some();
        if !between || pending.is_none() {
            flush(&mut out, pending.take());
            out.push_str(&decode_mixed(before));
        }
        match word {
            Some((charset, bytes, used)) => {
                match &mut pending {
                    Some((known, held)) if known.eq_ignore_ascii_case(&charset) => held.extend(bytes),
                    _ => {
                        flush(&mut out, pending.take());
                        pending = Some((charset, bytes));
                    }
                }
                rest = &from[used..];
            }
            None if from.is_empty() => rest = from,
            None => {
                flush(&mut out, pending.take());
                out.push_str("=?");
                rest = &from[2..];
            }
        }
    }
    flush(&mut out, pending);
    out
}

fn flush(out: &mut String, word: Option<(String, Vec<u8>)>) {
    let Some((charset, bytes)) = word else { return };
    let decoded = charset_decoder(charset.as_bytes()).map(|decode| decode(&bytes));
    match decoded.filter(|text| !text.contains('\u{fffd}')) {
        Some(text) => out.push_str(&unmangle(&text).unwrap_or(text)),
        None => out.push_str(&decode_mixed(&bytes)),
    }
}

/// Charset, bytes and length of the encoded word that `text` begins with.
fn encoded_word(text: &[u8]) -> Option<(String, Vec<u8>, usize)> {
    let inner = text.strip_prefix(b"=?")?;
    let mark = |bytes: &[u8]| bytes.iter().take(1024).position(|byte| *byte == b'?');
    let name = mark(inner)?;
    let encoding = inner.get(name + 1)?.to_ascii_lowercase();
    let data = inner.get(name + 3..).filter(|_| inner.get(name + 2) == Some(&b'?'))?;
    let end = mark(data).filter(|end| data.get(end + 1) == Some(&b'='))?;
    let bytes = match encoding {
        b'b' => base64_decode(&data[..end])?,
        b'q' => {
            let spaced: Vec<u8> = data[..end].iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
            quoted_printable_decode(&spaced)?
        }
        _ => return None,
    };
    // A language may follow the charset (RFC 2231).
    let charset = String::from_utf8_lossy(&inner[..name]).split('*').next().unwrap_or_default().to_owned();
    Some((charset, bytes, 2 + name + 3 + end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cut_inside_a_character_are_joined() {
        assert_eq!(header(b"=?utf-8?B?R3LD?=\r\n =?UTF-8?B?vMOfZQ==?= aus Ulm"), "Grüße aus Ulm");
        assert_eq!(header(b"a =?utf-8?Q?=C3?= =?utf-8?Q?=BC_?=b"), "a ü b");
        assert_eq!(header(b"Gr\xfc\xdfe =?broken"), "Grüße =?broken");
        assert_eq!(header(b"=?iso-8859-1?Q?Gr=C3=BC=C3=9Fe?="), "Grüße");
    }

    #[test]
    fn utf8_taken_for_single_bytes_is_read_as_utf8() {
        assert_eq!(unmangle("GrÃ¼ÃŸe â€“ 5 â‚¬").as_deref(), Some("Grüße – 5 €"));
        assert_eq!(unmangle("Grüße"), None);
        assert_eq!(unmangle("Âme â dure"), None);
    }
}
