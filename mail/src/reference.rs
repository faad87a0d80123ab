//! Tokens that identify something, whatever it is called: registrations, tenders, claims, licences. They tie mails of the
//! same people together where no kind of number is known.

use crate::entity;

/// Tokens taken of a text.
const MOST: usize = 12;

/// Words of a text that identify something, in normal form: at least four digits among five characters; no amount, date,
/// telephone number or address.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.split_whitespace().take(2_000) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let digits = bare.chars().filter(char::is_ascii_digit).count();
        let plain = bare.chars().all(|c| c.is_ascii_alphanumeric() || "-/._#".contains(c));
        if digits < 4 || !(5..=30).contains(&bare.len()) || !plain || is_other(word, bare, digits) {
            continue;
        }
        let token = entity::normal(bare);
        if !found.contains(&token) {
            found.push(token);
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// Amounts, dates, times and telephone numbers.
fn is_other(word: &str, bare: &str, digits: usize) -> bool {
    if word.contains(['$', '€', '£', '+', '(', '@', '%']) {
        return true;
    }
    let letters = bare.chars().any(|c| c.is_ascii_alphabetic());
    let parts: Vec<&str> = bare.split(['.', '/', '-', '_']).collect();
    if letters {
        // "2026-Q4", "1920x1080" and "3-year" identify nothing.
        return bare.contains(['x', '×']) && parts.len() == 1 && digits >= 6 && bare.len() <= 9;
    }
    let date = parts.len() == 3 && parts.iter().all(|part| matches!(part.len(), 1 | 2 | 4));
    let amount = bare.contains('.') && parts.len() == 2 && parts[1].len() <= 3;
    let telephone = parts.len() >= 3 && digits >= 9 && parts.iter().all(|part| (2..=4).contains(&part.len()));
    let short = parts.len() == 1 && digits < 6;
    date || amount || telephone || short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identifies_is_found_and_what_counts_is_not() {
        let text = "registration ZDR-2026-118842 (IFB 26-1187), REP.2026.00917: call 512-555-0199 by 2026-11-03, $12,500.00, \
                    12500.00, 17 of 30000";
        assert_eq!(tokens(text), ["ZDR2026118842", "261187", "REP202600917"]);
    }
}
