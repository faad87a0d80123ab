//! Finds where a sender's words end and the name block or disclaimer begins.

use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;

/// Lines that devices and apps add; goods are "sent from" places too, so the device must be named.
static DEVICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(sent (from|via|with|using)|gesendet (von|mit|aus|über|ueber)|von mein(em|er)|envoy(é|e) (de|depuis|avec|via|(à|a) partir)|enviado (desde|con|por)|get|obtenir|t(é|e)l(é|e)charger|obtener|obt(é|e)n|descarg(ar|a|ue)|diese nachricht wurde von meinem|outlook f(ü|ue)r)\b.{0,40}\b(iphone|ipad|ios|android|galaxy|samsung|huawei|xiaomi|blackberry|outlook|yahoo|gmail|gmx|web\.de|proton(mail)?|aol|bluemail|spark|windows|mail[ -]app|mail for|courrier pour|correo para|app|mail orange|mobile|mobiltelefon|handy|smartphone|tablet|phone|t(é|e)l(é|e)phone|portable|m(ó|o)vil|celular|device|ger(ä|ae)t|beziehen)\b.{0,60}$",
    )
});
static DISCLAIMER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(confidential(ity)?( notice| note)?\b|disclaimer\b|legal notice|privacy notice|this (e-?mail|message|communication|transmission)( \(?(and|including) any| is (intended|confidential|privileged|for the)| may| contains|,? together| has been scanned|, and any)|the (information|contents?) ((contained )?(in|of) this (e-?mail|message|transmission)|transmitted)|if you (are not the (intended|named)|have received this)|please consider the environment|think before you print|registered (in (england|scotland|ireland|wales|the)|office|number)|company (registration|reg\.?) (no|number)|virus[- ]free|scanned (by|for)|diese e-?mail|diese nachricht (ist|enth(ä|a)lt|und)|(wenn|falls|sollten) sie nicht der (richtige|beabsichtigte|vorgesehene|bestimmungs)|bitte (denken|ber(ü|u)cksichtigen|pr(ü|u)fen) sie,? (an die umwelt|ob diese)|sitz der gesellschaft|amtsgericht\b|handelsregister|gesch(ä|ae)ftsf(ü|ue)hr(er|erin|ung)\s*:|ust-?id|vertraulichkeits|haftungsausschluss|rechtlicher hinweis|datenschutz(hinweis|erkl)|ce (message|courriel|mail|courrier)( (é|e)lectronique)? (et|est|peut|contient)|avis de confidentialit|avis l(é|e)gal|avertissement\s*:|si vous n'(ê|e)tes pas (le|la|l')|pensez (à|a) l'environnement|avant d'imprimer|este (mensaje|correo|e-?mail)( electr(ó|o)nico)? (y|es|puede|contiene|va|se)|aviso (legal|de (confidencialidad|privacidad))|la informaci(ó|o)n (contenida|incluida) en|si (usted )?no es (usted )?el destinatario|en cumplimiento (de|con) (la|lo|el)|de (acuerdo|conformidad) con (la|lo) .{0,60}protecci(ó|o)n de datos|protecci(ó|o)n de datos\s*:|antes de imprimir|unsubscribe\b)",
    )
});
/// What mail servers put above mail from outside.
static OUTSIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*((caution|warning|attention|achtung|vorsicht|hinweis|aviso|atenci(ó|o)n|precauci(ó|o)n|avertissement|external( e-?mail| sender| message)?|extern(e|er)?( e-?mail| absender)?|correo externo|message externe)\b.{0,40}(origin|outside|external|extern|au(ß|ss)erhalb|fuera|ext(é|e)rieur|provien)|\[?(external e-?mail|external sender|externe e-?mail)\]?\W*$|(do not|don't) click( on)? (any )?links|(diese|this|ce|este) \S{0,3}(e-?mail|mail|message|nachricht|courriel|correo)\s.{0,30}(originated (from )?outside|von au(ß|ss)erhalb|provient de l'ext(é|e)rieur|proviene de fuera|se origin(ó|o) fuera))",
    )
});
static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*((many |best |kind |warm |with )*(regards|wishes)|thanks( (a lot|again|in advance|so much|and regards))?|thank you|best|cheers|sincerely( yours)?|yours( (truly|sincerely|faithfully))?|respectfully|br|kr|rgds|(un )?(cordial |atento )?saludos?( cordiales| cordial)?|atentamente|muchas gracias|gracias( de antemano)?|quedo (atent[oa]|a la espera)|cordialement|bien (cordialement|à vous|a vous)|meilleures salutations|salutations( distingu(é|e)es)?|sinc(è|e)res salutations|merci( d'avance)?|(je vous prie|nous vous prions|veuillez) .{0,20}agr(é|e)er\b.{0,80}|(reciba|reciban|le env(í|i)o|les env(í|i)o) .{0,20}saludos?|sin otro particular.{0,40}|mit (freundlichen|besten|vielen) gr(ü|ue)(ß|ss)en|freundliche gr(ü|ue)(ß|ss)e|(viele|beste|liebe|sch(ö|oe)ne|herzliche) gr(ü|ue)(ß|ss)e( aus| nach)?( \p{L}+)?|mfg|lg|vg|gru(ß|ss)|danke|vielen dank|besten dank)\s*[,.!-]*(\s*\p{Lu}\p{L}*\.?){0,3}\s*$",
    )
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\+?\d[\d ().\-/]{7,}\d)|@|\bwww\."));

/// Longest signature looked for, in lines.
const TAIL: usize = 24;

/// Separates the lines one person wrote into their words and their signature.
pub(crate) fn cut(lines: &[&str], author: Option<&str>) -> (String, String) {
    let banner = outside_banner(lines);
    let lines = &lines[banner..];
    let mut end = lines.len();
    let mut signature = Vec::new();
    if let Some(at) = lines.iter().position(|line| line.trim_end() == "--" || line.trim() == "—") {
        signature = lines[at..].to_vec();
        end = at;
    }
    // A disclaimer ends the mail wherever it stands, if only short paragraphs follow.
    let starts =
        |line: &&str| line.len() > 6 && (DISCLAIMER.is_match(line) || line.len() < 140 && DEVICE.is_match(line));
    if let Some(at) = lines[..end].iter().position(starts)
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

/// How many lines at the top warn of mail from outside.
fn outside_banner(lines: &[&str]) -> usize {
    let mut end = 0;
    for (at, line) in lines.iter().enumerate().take(8) {
        if OUTSIDE.is_match(line) {
            end = at + 1;
        } else if !line.trim().is_empty() && at > end + 1 {
            break;
        }
    }
    // A mail that is nothing but a warning is one.
    if lines[end..].iter().all(|line| line.trim().is_empty()) { 0 } else { end }
}

/// The lines `from..to` of the name block, if one is found.
fn name_block(lines: &[&str], author: Option<&str>) -> Option<(usize, usize)> {
    let last = lines.iter().rposition(|line| !line.trim().is_empty())?;
    let first = lines.iter().position(|line| !line.trim().is_empty())?;
    let lowest = last.saturating_sub(TAIL);
    if let Some(author) = author {
        let author = Author::new(author);
        let tail = (first..last).rev().find(|at| lines[*at].trim().is_empty()).unwrap_or(last);
        let named = (first + 1..=last).find(|at| author.signs(lines[*at], *at > tail));
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

/// The forms a sender's name is signed in.
struct Author {
    /// In full, and with initials.
    forms: Vec<String>,
    first: String,
}

impl Author {
    fn new(name: &str) -> Self {
        let name = name.split(['(', '|', '/']).next().unwrap_or_default().trim().to_lowercase();
        // "Moss, Ada" is signed "Ada Moss".
        let name =
            name.split_once(',').map_or(name.clone(), |(last, first)| format!("{} {}", first.trim(), last.trim()));
        let words: Vec<&str> = name.split_whitespace().collect();
        let (first, last) = match words.as_slice() {
            [] => return Self { forms: Vec::new(), first: String::new() },
            [only] => return Self { forms: Vec::new(), first: (*only).to_owned() },
            [first, .., last] => (*first, *last),
        };
        let initial: String = first.chars().take(1).collect();
        let forms =
            vec![name.clone(), format!("{first} {last}"), format!("{initial}. {last}"), format!("{last} {first}")];
        Self { forms, first: first.to_owned() }
    }

    /// Whether a line is the name, alone or before a title or a firm; `closes` says that nothing but the lines of its
    /// paragraph follow, where the first name is enough.
    fn signs(&self, line: &str, closes: bool) -> bool {
        let line = line.trim().trim_start_matches(['-', '–', '—', '*', '~', ' ']).to_lowercase();
        if line.chars().count() > 100 {
            return false;
        }
        let mut line = line.as_str();
        while let Some(rest) = PROXY.iter().find_map(|proxy| line.strip_prefix(proxy)) {
            line = rest.trim_start();
        }
        let ends = |rest: &str| {
            rest.is_empty()
                || (rest.chars().count() <= 60
                    && rest.trim_start().starts_with(['|', ',', '-', '–', '—', '/', '*', '(']))
        };
        if self.forms.iter().any(|form| form.chars().count() >= 5 && line.strip_prefix(form.as_str()).is_some_and(ends))
        {
            return true;
        }
        let is_prose = line.ends_with(['.', '!', '?', ':']) || line.contains(|c: char| c.is_numeric());
        closes
            && !is_prose
            && self.first.chars().count() >= 3
            && line
                .strip_prefix(self.first.as_str())
                .is_some_and(|rest| ends(rest) || self.forms.is_empty() && is_surname(rest))
    }
}

/// The rest of a line after the first name of a sender who gives no other: a last name, and a firm.
fn is_surname(rest: &str) -> bool {
    let name = rest.split([',', '|', '/']).next().unwrap_or_default();
    rest.starts_with(' ') && rest.len() <= 60 && name.split_whitespace().count() == 1 && name.len() < rest.len()
}

/// What stands before a name: who signs for another, and titles.
const PROXY: &[&str] = &[
    "i. a. ", "i.a. ", "i. v. ", "i.v. ", "ppa. ", "p.p. ", "p. p. ", "p.o. ", "gez. ", "dr. ", "ing. ", "lic. ",
    "mr. ", "mrs. ", "ms. ", "mme ", "sr. ", "sra. ", "herr ", "frau ",
];

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
