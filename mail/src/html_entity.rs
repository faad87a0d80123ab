//! Character references of HTML.

/// Named entities that occur in mail; others stay as written.
const ENTITIES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("middot", '·'),
    ("bull", '•'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("ordm", 'º'),
    ("ordf", 'ª'),
    ("iexcl", '¡'),
    ("iquest", '¿'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("auml", 'ä'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("igrave", 'ì'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ntilde", 'ñ'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("ouml", 'ö'),
    ("oslash", 'ø'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("szlig", 'ß'),
    ("oelig", 'œ'),
    ("Agrave", 'À'),
    ("Aacute", 'Á'),
    ("Auml", 'Ä'),
    ("Ccedil", 'Ç'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Ntilde", 'Ñ'),
    ("Oacute", 'Ó'),
    ("Ouml", 'Ö'),
    ("Uacute", 'Ú'),
    ("Uuml", 'Ü'),
    ("zwnj", '\u{200c}'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("times", '×'),
    ("shy", '\u{ad}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("Atilde", 'Ã'),
    ("Acirc", 'Â'),
    ("Ecirc", 'Ê'),
    ("Icirc", 'Î'),
    ("Iacute", 'Í'),
    ("Ocirc", 'Ô'),
    ("OElig", 'Œ'),
    ("sect", '§'),
    ("plusmn", '±'),
    ("frac12", '½'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("commat", '@'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("rpar", ')'),
    ("excl", '!'),
    ("quest", '?'),
    ("hyphen", '-'),
    ("minus", '−'),
    ("Tab", ' '),
    ("NewLine", ' '),
];

/// Names that HTML reads without a semicolon too.
const BARE: &[&str] = &["amp", "lt", "gt", "quot", "nbsp"];

/// Text with its character references replaced; unknown ones stay as written.
pub(crate) fn decode_entities(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((c, used)) = entity(rest) {
            out.push(c);
            rest = &rest[used..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// The character of the reference that `text` begins with, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    if let Some(number) = text.strip_prefix("&#") {
        let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |hex| (hex, 16));
        let length = digits.bytes().take(9).take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let code = u32::from_str_radix(&digits[..length], radix).ok()?;
        let used = text.len() - digits.len() + length;
        let c = match code {
            0x80..=0x9f => crate::charset::windows_1252(code as u8),
            _ => char::from_u32(code).filter(|c| *c != '\0')?,
        };
        return Some((c, used + usize::from(text[used..].starts_with(';'))));
    }
    let length = text[1..].bytes().take(10).take_while(u8::is_ascii_alphanumeric).count();
    let name = &text[1..=length];
    if text[1 + length..].starts_with(';') {
        return ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, c)| (*c, length + 2));
    }
    let bare = BARE.iter().find(|known| name == **known)?;
    ENTITIES.iter().find(|(known, _)| known == bare).map(|(_, c)| (*c, length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_browsers_read_them() {
        assert_eq!(
            decode_entities("&dollar;1&comma;200&#46;50 &#x20AC;5 &#128;5 &#36&nbsp&uuml;"),
            "$1,200.50 €5 €5 $ ü"
        );
        assert_eq!(decode_entities("a&b; AT&T &#0; &#; &nbspx; &"), "a&b; AT&T &#0; &#; &nbspx; &");
    }
}
