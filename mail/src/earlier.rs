//! Recognises where an earlier mail begins below or between the words of a new one: the conventions of mail programs
//! in English, Spanish, French and German, and what is alike in all languages.

use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;

static BANNER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*[-_=*]{2,}\s*(original[ -]?message|original[ -]?nachricht|urspr(ü|ue)ngliche (nachricht|e-?mail)|message (d'|d’)origine|message original|mensaje original|correo original|forwarded message|begin forwarded message|weitergeleitete nachricht|message transf(é|e)r(é|e)|mensaje reenviado|mensaje remitido|forwarded by .*)\b.*$|^\s*(begin forwarded message|anfang der weitergeleiteten (nachricht|e-mail)|d(é|e)but du message (transf(é|e)r(é|e)|r(é|e)exp(é|e)di(é|e))|inicio del mensaje reenviado)\s*:\s*$|^\s*-{2,}\s*on\b.{6,200}\bwrote\s*:?\s*-{2,}\s*$|^\W*(please )?(type|write|enter) your (reply|response|answer) above this line\W*$|^\W*reply above this line\W*$|^\W*(bitte )?(antworten sie|schreiben sie ihre antwort|geben sie ihre antwort) (bitte )?(ober|über)halb dieser (zeile|linie)( ein)?\W*$|^\W*(veuillez )?(r(é|e)pond(re|ez)|(é|e)crivez votre r(é|e)ponse) au-dessus de cette ligne\W*$|^\W*(por favor,? )?(responda|escriba su respuesta) (por )?encima de esta l(í|i)nea\W*$",
    )
});
static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(on\b.{6,200}\bwrote|(am|on)\b.{6,200}\bschrieb\b.{0,120}|le\b.{6,200}\ba (é|e)crit|(el|en)\b.{6,200}\bescribi(ó|o)|.{3,120}(\d{4}|@).{0,80}\b(wrote|schrieb|a (é|e)crit|escribi(ó|o))|.{3,120}\bschrieb am\b.{4,80})\s*:\s*$",
    )
});
static ATTRIBUTION_OPENS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\s*(on|am|le|el|en)\b.{0,160}(\d{1,2}[:.h]\d{2}|\d{4}|@)"));
/// A year and a time, or a person's address: what any language has in the line above a quotation.
static WHO_AND_WHEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^.{0,160}(\b\d{4}\b.{0,80}\b\d{1,2}[:.h]\d{2}\b|<[^<>\s]+@[^<>\s]+>).{0,40}:\s*$|^\d{4}年.{0,160}:\s*$")
});
static FROM_FIELD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\s*\**(from|von|de|exp(é|e)diteur|remitente)\s*:\**\s+\S"));
static OTHER_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*\**(sent|date|to|cc|bcc|subject|gesendet|datum|an|betreff|envoy(é|e)( le)?|(à|a)|objet|enviado( el)?|fecha|para|asunto|cci|cco|kopie)\s*:\**(\s|$)",
    )
});
/// Fields that only the head of a mail has. Freight has "From", "To" and "Date" too.
static MAIL_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*\**(sent|subject|gesendet|betreff|envoy(é|e)( le)?|objet|enviado( el)?|asunto)\s*:|@|\d{1,2}[:h]\d{2}",
    )
});
static RULER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*_{8,}\s*$"));
static STAMP: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\s*\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+\d{1,2}:\d{2}(:\d{2})?\s*([ap]m)?\s*$"));

/// What stands below the head of an earlier mail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Everything below is the earlier mail.
    Rest,
    /// Lines of the earlier mail begin with `>`, if any line does.
    Attribution,
}

/// A line with a quote mark.
pub(crate) fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Recognises the head of an earlier mail at line `at`: its kind and how many lines it takes.
pub(crate) fn marker(lines: &[&str], at: usize) -> Option<(Marker, usize)> {
    let line = lines[at];
    if line.len() > 400 || line.trim().is_empty() {
        return None;
    }
    // Most lines are none, and have nothing that any of the patterns needs: a colon, a row of signs, a stamp below.
    let ruled = line.trim_start().starts_with(['-', '_', '=', '*', '#']);
    if ruled || line.trim_end().ends_with(':') || line.contains("above this line") {
        if BANNER.is_match(line) {
            return Some((Marker::Rest, 1 + fields(lines, at + 1)));
        }
        if RULER.is_match(line) {
            let used = fields(lines, at + 1);
            return (used > 0).then_some((Marker::Rest, 1 + used));
        }
        if ATTRIBUTION.is_match(line) || is_foreign_attribution(lines, at, line, 1) {
            return Some((Marker::Attribution, 1));
        }
    }
    // Long attributions are wrapped onto the next lines.
    for extra in 1..=2 {
        let Some(more) = lines.get(at..=at + extra) else { break };
        let last = more[extra].trim_end();
        if last.is_empty() || is_quoted(last) {
            break;
        }
        if last.ends_with(':') {
            let joined = more.join(" ");
            if ATTRIBUTION_OPENS.is_match(line) && ATTRIBUTION.is_match(&joined)
                || !WHO_AND_WHEN.is_match(last) && is_foreign_attribution(lines, at, &joined, 1 + extra)
            {
                return Some((Marker::Attribution, 1 + extra));
            }
        }
    }
    let used = fields(lines, at);
    if used > 0 {
        return Some((Marker::Rest, used));
    }
    // Notes puts the author and the time on lines of their own above the fields.
    for above in 1..=2 {
        if lines.get(at + above - 1).is_some_and(|line| line.contains(':') && STAMP.is_match(line)) {
            let used = fields_without_from(lines, at + above);
            if used > 0 {
                return Some((Marker::Rest, above + used));
            }
        }
    }
    None
}

/// The name in the author's field among these lines.
pub(crate) fn author<'a>(lines: &[&'a str]) -> Option<&'a str> {
    let line = lines.iter().map(|line| line.trim_start_matches(['>', ' '])).find(|line| FROM_FIELD.is_match(line))?;
    let (_, value) = line.split_once(':')?;
    let name = value.split(['<', '[']).next().unwrap_or_default();
    Some(name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '"' | '\'')))
        .filter(|name| !name.is_empty())
}

/// Whether a line in any language that says who wrote when stands right above quoted lines.
fn is_foreign_attribution(lines: &[&str], at: usize, line: &str, used: usize) -> bool {
    let below = lines[at + used..].iter().take(3).find(|line| !line.trim().is_empty());
    below.is_some_and(|line| is_quoted(line)) && line.len() <= 300 && WHO_AND_WHEN.is_match(line)
}

/// Length of a block of header fields with the author first, or after others, allowing blank lines between fields.
fn fields(lines: &[&str], at: usize) -> usize {
    let Some(first) = (at..lines.len().min(at + 2)).find(|i| !lines[*i].trim().is_empty()) else { return 0 };
    if !lines[first].contains(':') {
        return 0;
    }
    if !FROM_FIELD.is_match(lines[first]) {
        let used = fields_without_from(lines, first);
        let with_from = lines[first..].iter().take(used + 1).any(|line| FROM_FIELD.is_match(line));
        // A field that no pattern knows ends the count: the author may be the second line.
        let after = lines.get(first + 1).filter(|line| OTHER_FIELD.is_match(lines[first]) && FROM_FIELD.is_match(line));
        return match after {
            Some(_) => {
                let rest = fields_without_from(lines, first + 2);
                if rest > 0 && is_of_mail(&lines[first..first + 2 + rest]) { first + 2 + rest - at } else { 0 }
            }
            None if used > 2 && with_from => first + used - at,
            None => 0,
        };
    }
    let used = fields_without_from(lines, first + 1);
    if used > 0 && is_of_mail(&lines[first..=first + used]) { first + 1 + used - at } else { 0 }
}

fn is_of_mail(block: &[&str]) -> bool {
    block.iter().any(|line| MAIL_FIELD.is_match(line))
}

fn fields_without_from(lines: &[&str], at: usize) -> usize {
    let (mut seen, mut used) = (0, 0);
    for (offset, line) in lines.iter().skip(at).take(12).enumerate() {
        if line.contains(':') && OTHER_FIELD.is_match(line) {
            seen += 1;
            used = offset + 1;
        } else if !line.trim().is_empty() && offset > used + 1 {
            break;
        }
    }
    if seen >= 2 || (seen == 1 && used == 1) { used } else { 0 }
}
