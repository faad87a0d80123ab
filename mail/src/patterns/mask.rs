//! Turns text into tokens in which everything that varies by its nature is a slot.

/// Longest token taken for a word or a number.
const LONGEST: usize = 30;

/// Words and slots of a text. `None` if it is not prose: markup, encoded bytes, lists of numbers.
pub(super) fn tokens(text: &str, customers: &[String]) -> Option<Vec<String>> {
    let mut text = text.to_owned();
    for name in customers.iter().filter(|name| name.chars().count() > 2) {
        text = text.replace(name.as_str(), " {customer} ");
    }
    let mut found: Vec<String> = Vec::new();
    for word in text.split_whitespace().take(60) {
        if word.chars().count() > LONGEST && !word.contains('@') && !word.contains("://") {
            return None;
        }
        if word.contains(['<', '>', '=', '\\']) || word.ends_with('{') || (word.contains('{') && word != "{customer}") {
            return None;
        }
        let token = token(word);
        // Of a date in words, and of equal slots in a row, one is left.
        let repeats = |last: &String| *last == token && token.starts_with('{');
        if !token.is_empty() && !found.last().is_some_and(repeats) {
            found.push(token);
        }
    }
    Some(dates_joined(found))
}

fn token(word: &str) -> String {
    if word == "{customer}" {
        return word.to_owned();
    }
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && !"$€£".contains(c));
    if bare.is_empty() {
        return String::new();
    }
    let lower = bare.to_lowercase();
    if lower.contains("://") || lower.starts_with("www.") {
        return "{link}".to_owned();
    }
    if lower.contains('@') {
        return "{address}".to_owned();
    }
    if !lower.chars().any(|c| c.is_ascii_digit()) {
        return if is_calendar(&lower) { "{date}".to_owned() } else { lower };
    }
    if lower.contains(['$', '€', '£']) || is_amount(&lower) {
        return "{amount}".to_owned();
    }
    if is_date(&lower) {
        return "{date}".to_owned();
    }
    format!("{{{}}}", shape(bare))
}

/// Letters as `A`, digits as `#`, runs as one, separators as they are: `KX-8812-B` is `A-#-A`.
pub(super) fn shape(number: &str) -> String {
    runs(number, |_, letters| if letters { "A" } else { "#" }.to_owned())
}

/// As [`shape`], but a short run of letters in front stays as it is: `KX-#-A`.
pub(super) fn prefixed_shape(number: &str) -> String {
    let prefix = number.chars().take_while(|c| c.is_alphabetic()).count();
    if prefix == 0 || prefix > 6 {
        return shape(number);
    }
    let end = number.char_indices().nth(prefix).map_or(number.len(), |(at, _)| at);
    format!("{}{}", number[..end].to_uppercase(), shape(&number[end..]))
}

fn runs(number: &str, name: impl Fn(&str, bool) -> String) -> String {
    let kind = |c: char| if c.is_ascii_digit() { 2 } else { u8::from(c.is_alphabetic()) };
    let chars: Vec<char> = number.chars().take(40).collect();
    let mut out = String::new();
    for run in chars.chunk_by(|a, b| kind(*a) == kind(*b)) {
        let text: String = run.iter().collect();
        match kind(run[0]) {
            0 => out.push_str(&text),
            kind => out.push_str(&name(&text, kind == 1)),
        }
    }
    out
}

fn is_amount(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_alphabetic()).trim_end_matches(|c: char| c.is_alphabetic());
    let Some((whole, cents)) = digits.rsplit_once(['.', ',']) else { return false };
    let grouped = |part: &str| part.chars().all(|c| c.is_ascii_digit() || ".,'".contains(c));
    cents.len() == 2 && cents.bytes().all(|b| b.is_ascii_digit()) && !whole.is_empty() && grouped(whole)
}

fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['/', '.', '-', ':']).collect();
    let number = |part: &&str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
    let all = parts.iter().all(number);
    let long = parts.iter().filter(|part| part.len() == 4).count();
    let short = parts.iter().all(|part| part.len() <= 2);
    all && match parts.len() {
        2 => short && word.contains([':', '/']),
        3 => long == 1 || short,
        _ => false,
    }
}

/// Names of months and weekdays in four languages.
fn is_calendar(word: &str) -> bool {
    const NAMES: &[&str] = &[
        "january",
        "february",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "januar",
        "februar",
        "märz",
        "mai",
        "juni",
        "juli",
        "oktober",
        "dezember",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "janvier",
        "février",
        "mars",
        "avril",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
        "lunes",
        "martes",
        "miércoles",
        "jueves",
        "viernes",
        "sábado",
        "domingo",
        "jan",
        "feb",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
    ];
    NAMES.contains(&word)
}

/// `12 march 2026` is one date, whatever its language and order.
fn dates_joined(mut tokens: Vec<String>) -> Vec<String> {
    // Two months are English verbs as well.
    for at in 0..tokens.len() {
        let number = |token: Option<&String>| token.is_some_and(|token| token == "{#}" || token == "{#A}");
        let beside = number(tokens.get(at + 1)) || at.checked_sub(1).is_some_and(|before| number(tokens.get(before)));
        if matches!(tokens[at].as_str(), "march" | "may") && beside {
            "{date}".clone_into(&mut tokens[at]);
        }
    }
    let mut joined: Vec<String> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let near = token == "{#}" || token == "{date}" || token == "{#A}";
        match joined.last_mut() {
            Some(last) if last == "{date}" && near => {}
            Some(last) if token == "{date}" && (last == "{#}" || last == "{#A}") => *last = token,
            _ => joined.push(token),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        tokens(text, &["Nordlicht GmbH".to_owned()]).map_or("-".to_owned(), |tokens| tokens.join(" "))
    }

    #[test]
    fn what_varies_is_a_slot() {
        assert_eq!(
            masked("PO KX-8812-B for Nordlicht GmbH, due 12 March 2026"),
            "po {A-#-A} for {customer} due {date}"
        );
        assert_eq!(masked("total $1,200.50 or 99,00 EUR"), "total {amount} or {amount} eur");
        assert_eq!(masked("see www.x.example or mail a@b.example 2026-03-04"), "see {link} or mail {address} {date}");
        assert_eq!(masked("lieferung am 4. März"), "lieferung am {date}");
    }

    #[test]
    fn what_is_not_prose_gives_nothing() {
        assert_eq!(masked("<td style=\"color:red\">x</td>"), "-");
        assert_eq!(masked("font { color: red }"), "-");
        assert_eq!(masked("JVBERi0xLjQKJcfsj6IKNSAwIG9iago8PC9MZW5ndGggNiAwIFIvRmls"), "-");
    }

    #[test]
    fn shapes_keep_separators_and_a_short_prefix() {
        assert_eq!((shape("KX-8812-B"), prefixed_shape("KX-8812-B")), ("A-#-A".into(), "KX-#-A".into()));
        assert_eq!((shape("45018823"), prefixed_shape("45018823")), ("#".into(), "#".into()));
    }
}
