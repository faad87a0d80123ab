//! Finds where a sender's words end and the name block or disclaimer begins.

use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;

static DEVICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(sent from (my|a)\b|sent via\b|get outlook for|envoy(é|e) de(puis)? mon\b|enviado desde mi\b|von meinem .{2,30} gesendet|gesendet von meinem\b)",
    )
});
static DISCLAIMER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(confidential(ity)?( notice| note)?\b|disclaimer\b|legal notice|this (e-?mail|message|communication)( \(?(and|including) any| is| may| contains|,? together)|the (information|contents?) (contained )?(in|of) this (e-?mail|message)|if you (are not the intended|have received this)|please consider the environment|diese e-?mail|diese nachricht (ist|enth(ä|a)lt)|bitte (denken|ber(ü|u)cksichtigen) sie an die umwelt|sitz der gesellschaft|ce (message|courriel|mail) (et|est|peut|contient)|avis de confidentialit|pensez (à|a) l'environnement|este (mensaje|correo)( electr(ó|o)nico)? (y|es|puede|contiene|va)|aviso (legal|de confidencialidad)|la informaci(ó|o)n contenida en|unsubscribe\b)",
    )
});
static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*((many |best |kind |warm |with )*(regards|wishes)|thanks( (a lot|again|in advance|so much|and regards))?|thank you|best|cheers|sincerely( yours)?|yours( (truly|sincerely|faithfully))?|respectfully|br|kr|rgds|(un )?(cordial |atento )?saludos?( cordiales| cordial)?|atentamente|muchas gracias|gracias( de antemano)?|quedo (atent[oa]|a la espera)|cordialement|bien (cordialement|à vous|a vous)|meilleures salutations|salutations( distingu(é|e)es)?|sinc(è|e)res salutations|merci( d'avance)?|mit (freundlichen|besten|vielen) gr(ü|ue)(ß|ss)en|freundliche gr(ü|ue)(ß|ss)e|(viele|beste|liebe|sch(ö|oe)ne) gr(ü|ue)(ß|ss)e|mfg|lg|vg|gru(ß|ss)|danke|vielen dank|besten dank)\s*[,.!-]*(\s*\p{Lu}\p{L}*\.?){0,3}\s*$",
    )
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\+?\d[\d ().\-/]{7,}\d)|@|\bwww\."));

/// Longest signature looked for, in lines.
const TAIL: usize = 24;

/// Separates the lines one person wrote into their words and their signature.
pub(crate) fn cut(lines: &[&str], author: Option<&str>) -> (String, String) {
    let mut end = lines.len();
    let mut signature = Vec::new();
    if let Some(at) = lines.iter().position(|line| line.trim_end() == "--" || line.trim() == "—") {
        signature = lines[at..].to_vec();
        end = at;
    }
    // A disclaimer ends the mail wherever it stands, if only short paragraphs follow.
    if let Some(at) = lines[..end].iter().position(|line| DISCLAIMER.is_match(line) || DEVICE.is_match(line))
        && at > 0
    {
        let mut tail = lines[at..end].to_vec();
        tail.extend(signature);
        signature = tail;
        end = at;
    }
    let name_block = name_block(&lines[..end], author);
    let (mut own, mut after) = (lines[..end].to_vec(), Vec::new());
    if let Some((from, to)) = name_block {
        let mut tail = lines[from..to].to_vec();
        tail.extend(signature);
        signature = tail;
        after = lines[to..end].to_vec();
        own.truncate(from);
    }
    own.extend(after);
    (join(&own), join(&signature))
}

fn join(lines: &[&str]) -> String {
    lines.join("\n").trim().to_owned()
}

/// The lines `from..to` of the name block, if one is found.
fn name_block(lines: &[&str], author: Option<&str>) -> Option<(usize, usize)> {
    let last = lines.iter().rposition(|line| !line.trim().is_empty())?;
    let first = lines.iter().position(|line| !line.trim().is_empty())?;
    let lowest = last.saturating_sub(TAIL);
    if let Some(author) = author {
        let author = author.trim().to_lowercase();
        let named = (first + 1..=last).find(|at| is_name_line(lines[*at], &author));
        if let Some(at) = named {
            if at >= lowest {
                return Some((with_closing(lines, at), last + 1));
            }
            // A long listing follows the name: only the name block itself is the signature.
            let to = (at..=last).find(|i| lines[*i].trim().is_empty()).unwrap_or(last + 1);
            return Some((with_closing(lines, at), to));
        }
    }
    if let Some(at) = (first.max(lowest)..=last).rev().find(|at| *at > first && CLOSING.is_match(lines[*at]))
        && lines[at..=last].iter().all(|line| line.chars().count() <= 90)
    {
        return Some((at, last + 1));
    }
    let start = (lowest..last).rev().find(|at| lines[*at].trim().is_empty()).filter(|at| *at > first)? + 1;
    let block = &lines[start..=last];
    let looks = (2..=8).contains(&block.len())
        && starts_with_name(block[0])
        && block.iter().all(|l| l.chars().count() <= 70 && !l.contains('?') && !l.trim_end().ends_with([':', '!']))
        && (block.iter().any(|l| PHONE.is_match(l)) || block.iter().all(|l| !l.trim_end().ends_with('.')));
    looks.then_some((start, last + 1))
}

/// A closing formula right above the name belongs to the signature.
fn with_closing(lines: &[&str], at: usize) -> usize {
    let above = (0..at).rev().find(|i| !lines[*i].trim().is_empty());
    match above {
        Some(above) if above > 0 && at - above <= 3 && CLOSING.is_match(lines[above]) => above,
        _ => at,
    }
}

fn is_name_line(line: &str, author: &str) -> bool {
    let line = line.trim().trim_start_matches(['-', '–', '—', '*', '~', ' ']).to_lowercase();
    if author.chars().count() < 3 || !author.contains(' ') {
        return false;
    }
    line.strip_prefix(author).is_some_and(|rest| {
        rest.is_empty()
            || (rest.chars().count() <= 60 && rest.trim_start().starts_with(['|', ',', '-', '–', '/', '*', '(']))
    })
}

/// Two to four capitalised words, as in a person's name.
fn starts_with_name(line: &str) -> bool {
    let head = line.split(['|', ',']).next().unwrap_or(line).trim();
    let words: Vec<&str> = head.split_whitespace().collect();
    (2..=4).contains(&words.len())
        && words
            .iter()
            .all(|w| w.chars().next().is_some_and(char::is_uppercase) && !w.contains(|c: char| c.is_numeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        cut(&text.lines().collect::<Vec<_>>(), Some("Ada Moss")).0
    }

    #[test]
    fn the_name_block_of_the_sender_is_signature() {
        assert_eq!(
            own("Send it Monday.\n\nThanks,\nAda Moss | Buyer\nKite Works Ltd\n(212) 555-0100"),
            "Send it Monday."
        );
    }

    #[test]
    fn closings_in_four_languages_are_signature() {
        for closing in ["Kind regards", "Mit freundlichen Grüßen", "Cordialement,", "Un saludo", "MfG"] {
            assert_eq!(own(&format!("Send it.\n\n{closing}\nA. Moss\nKite Works")), "Send it.", "{closing}");
        }
    }

    #[test]
    fn a_disclaimer_is_signature() {
        assert_eq!(own("Send it.\n\nThis e-mail and any files are confidential."), "Send it.");
        assert_eq!(own("Send it.\n\nDiese E-Mail enthält vertrauliche Informationen."), "Send it.");
    }

    #[test]
    fn a_listing_below_the_name_is_not_signature() {
        let text = format!("See below.\n\nAda Moss\nKite Works\n\n{}", "row of data\n".repeat(40));
        assert!(own(&text).ends_with("row of data"));
        assert!(!own(&text).contains("Kite Works"));
    }

    #[test]
    fn a_mail_of_one_line_has_no_signature() {
        assert_eq!(own("Thanks!"), "Thanks!");
    }
}
