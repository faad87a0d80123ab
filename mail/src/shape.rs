//! Numbers known by how they look: prefixes that name their kind, parcel numbers, part numbers.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;
use crate::label::Kind;

static CASE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:CAS|CASE|INC|SR|RMA|TKT|TCK|TICKET|TIC|CLM|CLAIM|RITM|SCTASK|RET|REK|REP|SAV|REC|INCIDENT|SIN)[-_]?\d{3,}[A-Z0-9-]*$|^(?:CAS|CASE|RMA|TKT|CLM|SAV)-[A-Z0-9]*\d[A-Z0-9]*(?:-[A-Z0-9]+)*$",
    )
});
static QUOTE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[A-Z0-9]{0,4}Q[TU]?|QTE|QUO|QUOTE|COT|DEV|ANG|OFR|OFF|OFE|PRES|BID)[-_]?\d{4,}(?:[-/][A-Z0-9]+)*$|^(?:QTE|QUO|QUOTE|COT|DEV|ANG|OFF|OFE|PRES|BID)-(?:[A-Z0-9]+-)*\d{3,}[A-Z0-9-]*$",
    )
});
static ORDER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:SO|ORD|SORD|WEB|OV|CDE|SALES)[-_](?:[A-Z0-9]+-)?\d{4,}[A-Z0-9-]*$|^ORD\d{5,}$"));
static PO: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[A-Z]{0,5}PO[-_]?(?:[A-Z0-9]+-)?\d{3,}[A-Z0-9-]*$|^(?:OC|BC|BST)[-_]\d[A-Z0-9-]{2,}$"));
static UPS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^1Z[0-9A-Z]{16}$|^JJ?D\d{16,20}$|^[A-Z]{2}\d{9}[A-Z]{2}$"));
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\d+(?:GB|TB|MB|KB|GBPS|MBPS|W|V|VA|KVA|VDC|VAC|MHZ|GHZ|GBE|GE|HZ|MM|CM|M|LBS?|KG|FT|IN|PCS?|ST|ND|RD|TH|AM|PM|YRS?|Y|U|K|X|G|P|H|D|DPI|PORT|BIT|MP|NM|RPM|PT|MIN|HRS?|UHR)$",
    )
});
static STANDARD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:CAT\d[A-Z]?|DDR\d.*|FY\d+.*|Q\d.*|H[12]\d*|ISO-?\d+.*|RJ-?\d+|IP\d+|IEEE.*|802.*|WIFI-?\d.*|USB.*|PCI.*|M\d{3}|O365|E[1-5]|WIN\d+|RTX-?\d+.*|COVID.*|UTC.*|GMT.*|UTF-?\d+|SHA-?\d+|MD5|AES-?\d+|TLS.*|HTTP.*|RFC-?\d+|S3|EC2|A[0-5]|DIN.*|EN\d+|UN\d+|ED[I0-9]+|AS[1-4]|X12|LTO-?\d+|NVME.*|SATA.*|SAS-?\d.*|POE.*|WPA\d|AK\d.*|KW\d+|CW\d+|S\d{1,2}|P[0-9])$",
    )
});
static MONTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\d{0,4}-?(?:JAN|FEB|MAR|APR|MAY|MAI|JUN|JUL|AUG|SEP|OCT|OKT|NOV|DEC|DEZ|ENE|ABR|AGO|DIC)[A-Z]*-?\d{2,4}$",
    )
});
static POSTAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Z]{1,2}-\d{4,5}$|^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$"));
/// Words on a line that lists goods.
static GOODS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b\d{1,5}\s?(?:x|×|units?|pcs?|pieces?|ea|each|stk|st(?:ü|ue)ck|uds?|unidades|pi(?:è|e)ces?|pzas?)\b|\b(?:qty|menge|cant(?:idad)?|qt(?:é|e)|part|sku|item|artikel|p/n|product|end-of-sale|list|price|preis|precio|prix|stock)\b|\$\s?\d|€\s?\d|\d\s?€)",
    )
});

/// Candidate tokens and their places: words of letters, digits and `_` that hold a digit, with single signs inside, and
/// perhaps a `=` at the end.
pub(crate) fn tokens(text: &str) -> Vec<(Range<usize>, &str)> {
    let bytes = text.as_bytes();
    let inner = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let joins = |at: usize| matches!(bytes.get(at), Some(b'-' | b'/' | b'#' | b'.' | b'+' | b'*' | b'@' | b':'));
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let mut end = start;
        while inner(end) || end > start && joins(end) && inner(end + 1) {
            end += 1;
        }
        if end == start || bytes[start] == b'_' {
            start += 1;
            continue;
        }
        end += usize::from(bytes.get(end) == Some(&b'='));
        if end - start <= 40 && bytes[start..end].iter().any(u8::is_ascii_digit) {
            tokens.push((start..end, &text[start..end]));
        }
        start = end;
    }
    tokens
}

/// The kind a number names in its own prefix.
pub(crate) fn prefixed(token: &str) -> Option<Kind> {
    if !token.bytes().any(|b| b.is_ascii_uppercase()) || token.bytes().any(|b| b.is_ascii_lowercase()) {
        return None;
    }
    if CASE.is_match(token) {
        Some(Kind::Case)
    } else if QUOTE.is_match(token) && !token.starts_with("RFQ") {
        Some(Kind::Quote)
    } else if PO.is_match(token) {
        Some(Kind::Po)
    } else if ORDER.is_match(token) {
        Some(Kind::Order)
    } else if token.starts_with("RFQ") || token.starts_with("RFP") {
        Some(Kind::Other)
    } else {
        None
    }
}

/// Parcel numbers whose form is a standard.
pub(crate) fn parcel(token: &str) -> Option<Kind> {
    UPS.is_match(token).then_some(Kind::Tracking)
}

/// Whether a token is a measure, a standard or a postcode rather than a number of something.
pub(crate) fn is_measure(token: &str) -> bool {
    [&*UNIT, &*STANDARD, &*MONTH, &*POSTAL].iter().any(|form| form.is_match(token))
}

/// Whether a line lists goods: quantities, prices or the words for them.
pub(crate) fn lists_goods(line: &str) -> bool {
    GOODS.is_match(line)
}

/// Whether a token reads as a part number where it stands.
pub(crate) fn is_part(text: &str, range: &Range<usize>, token: &str) -> bool {
    let bare = token.trim_end_matches('=');
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let letters = bare.bytes().filter(u8::is_ascii_uppercase).count();
    if letters == 0 || digits == 0 || letters + digits < 5 || bare.bytes().any(|b| b.is_ascii_lowercase()) {
        return false;
    }
    if bare.contains(['@', ':', '*', '+', '_', '.'])
        || [&*UNIT, &*STANDARD, &*MONTH, &*POSTAL].iter().any(|r| r.is_match(bare))
    {
        return false;
    }
    if text[..range.start].ends_with(['@', '$', '€', '.', '/', '-', '#', '*'])
        || text[range.end..].starts_with(['@', '*', '%'])
    {
        return false;
    }
    let turns = turns(bare);
    let segments = bare.split(['-', '/', '#']).count();
    let mixed = bare.contains(['-', '#']) && segments >= 2 && digits >= 2 && letters >= 2 && letters + digits >= 7;
    if turns >= 2 && letters + digits >= 6 && digits >= 2 && (segments == 1 || mixed) {
        return true;
    }
    let line = line_around(text, range);
    let enclosed = text[..range.start].ends_with('(') && text[range.end..].starts_with(')');
    if turns >= 2 && letters + digits >= 8 && (enclosed || segments >= 3)
        || (segments == 2 && letters >= 2 && digits >= 5)
    {
        return true;
    }
    if enclosed && letters >= 2 && digits >= 2 && letters + digits >= 7 && segments == 1 {
        return true;
    }
    let listed = GOODS.is_match(line) && !line.to_lowercase().contains("s/n");
    mixed && (turns >= 2 || listed) || listed && ((turns >= 2 && digits >= 2) || (letters >= 2 && digits >= 3))
}

/// How often letters and digits take turns.
fn turns(token: &str) -> usize {
    let kinds: Vec<bool> = token.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.is_ascii_digit()).collect();
    kinds.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn line_around<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at);
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, token: &str) -> bool {
        let at = text.find(token).unwrap();
        is_part(text, &(at..at + token.len()), token)
    }

    #[test]
    fn prefixes_name_the_kind() {
        assert_eq!(prefixed("RMA-55120"), Some(Kind::Case));
        assert_eq!(prefixed("NXQ-118204-2"), Some(Kind::Quote));
        assert_eq!(prefixed("ORD-221904"), Some(Kind::Order));
        assert_eq!(prefixed("KMPO-8812"), Some(Kind::Po));
        assert_eq!(prefixed("RFQ-2025"), Some(Kind::Other));
        assert_eq!(prefixed("QN-7731B-E"), None);
    }

    #[test]
    fn units_standards_dates_and_postcodes_are_no_parts() {
        for token in ["256GB", "CAT6A", "12-MAR-2025", "D-80331", "ISO27001", "M365", "FY2025"] {
            assert!(!part(&format!("we need {token} now"), token), "{token}");
        }
    }

    #[test]
    fn plain_letter_digit_codes_need_a_listing() {
        assert!(!part("code AB12345 applies", "AB12345"));
        assert!(part("3 x AB12345 cable", "AB12345"));
    }
}
