//! Reseller and end-user organisations named in a mail: by the words that introduce them, by their legal form or kind,
//! and by the mail domain of the people who write.

use std::ops::Range;
use std::sync::LazyLock;

use regex_automata::Input;
use regex_automata::meta::Regex;

use crate::Mail;
use crate::fold::{self, Folded};
use crate::house::{House, Party, is_trade_name, organisation_label, party};
use crate::organisation::clean;
use crate::scout::{self, Sought, pattern};
use crate::tree::Tree;
use crate::words::Words;

/// A capitalised word of a name, or a connecting one.
const NAME: &str = r"(?:\p{Lu}[\p{L}\d'’.&-]*|\d{1,4}[A-Z]?)(?:[ ](?:(?:&|and|of|the|de|del|de la|la|du|des|der|für|et|y|und|van|von|for)[ ])?(?:[\p{Lu}&][\p{L}\d'’.&-]*))*(?:,? (?:S\.?A\.? de C\.?V\.?|S\. de R\.?L\.?(?: de C\.?V\.?)?|S\.A\.S?\.?|S\.L\.U?\.?|S\.p\.A\.|g?GmbH(?: & Co\.? KG)?|e\.V\.|Inc\.?|LLC|LLP|Ltd\.?|Corp\.?|AG|KG|SE|SARL|SAS|SA|SL|BV|B\.V\.|NV|AB|Oy|ApS|AS|plc|PLC|Co\.|P\.?C\.|P\.A\.|L\.?P\.|ULC|PLLC|Ltée|Lda\.?|S\.? ?en C\.|e\.K\.|eG|S\.C\.|Sàrl|SCOP|SCP|EURL|SNC))?";

/// Words that introduce a name.
const INTRODUCERS: &str = r"re-?seller|end[ -]?(?:user|customer|client)|customer(?: name)?|client|partner|owner|consignee|ship[ -]?to|sold[ -]?to|bill[ -]?to|company|account name|organi[sz]ation|kunde|endkunde|endanwender|empfänger|firma|auftraggeber|wiederverkäufer|fachhändler|händler|cliente(?: final)?|usuario final|revendedor|distribuidor autorizado|destinatario|consignatario|razón social|empresa|client final|utilisateur final|revendeur|destinataire|société|raison sociale|titulaire";

static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i:\b(?:{INTRODUCERS})(?: name| is| ist| est| es| heißt)?)\s*[:=|\t]?[ \t]*(?:\n[ \t]*)?(?:(?:is|ist|est|es|the|la|le|el|der|die|das)[ ])?({NAME})"
    ))
});
/// Where it can begin in the folded text.
static INTRODUCER: LazyLock<Sought> = LazyLock::new(|| Sought::new(&format!(r"\b(?:{})", fold::plain(INTRODUCERS))));
static KIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?:(?:(?:City|County|Town|Village|University|Bank|Port|State|Ministry|Department|Township|Borough|Diocese) of|Stadt|Landkreis|Universität|Universidad|Université|Hochschule|Klinikum|Krankenhaus|Hospital|Clínica|Hôpital|Clinique|Ayuntamiento|Diputación|Gobierno|Colegio|Instituto|Grupo|Groupe|Mairie|Ville|Conseil|Lycée|Académie|Collège|Fundación|Banco|Banque|Stadtwerke|Gemeinde|Kliniken|Autohaus|Praxis|Laboratorios|Transportes|Talleres|Cooperativa|Farmacia|Constructora|Librería|Cabinet|Ateliers|Établissements|Transports|Boulangerie|Menuiserie)(?: (?:of|de|del|de la|du|des|d'|der|für))?[ ]{NAME})"
    ))
});
/// Forms and kinds of organisations that end a name.
const FORMS: &str = r"Inc\.?|LLC|LLP|L\.L\.C\.|Ltd\.?|Limited|Corp\.?|Corporation|Company|Co\.|Co-op|Cooperative|g?GmbH(?: & Co\.? KG)?|AG|KG|OHG|mbH|S\.C\.|e\.V\.|SE|S\.?A\.? de C\.?V\.?|S\. de R\.L\.(?: de C\.V\.)?|S\.A\.U?\.?|S\.L\.U?\.?|S\.R\.L\.|SARL|SAS|S\.A\.S\.|SA|SL|B\.?V\.?|N\.?V\.|PLC|plc|Group|Gruppe|Holdings?|Partners|Associates|Solutions|Technologies|Technology|Systems|Systeme|Systèmes|Networks|Consulting|Computing|Services|Industries|Enterprises|Logistics|Foods|Foundation|University|College|Academy|School|Schools|School District|District|County|Hospital|Clinic|Health|Healthcare|Medical|Dental|Bank|Credit Union|Energy|Utilities|Library|Museum|Brewing|Brewery|Manufacturing|Motors|Retail|Stores|Pharmacy|Insurance|MSP|IT|Tech|Informatik|Informatique|Informática|Sistemas|Soluciones|Tecnología|Technik|Systemhaus|Werke|Maschinenbau|Klinik|Kliniken|Apotheke|Versicherung|Hospitality|Hotels?|Resorts?|Architects|Engineering|Construction|Dynamics|Labs|Laboratories|Media|Studios?|Charter Schools|Charter|Council|Authority|Agency|Trust|Ministries|Church|Diocese|Farms?|Freight|Marine|Aviation|Airlines|Outfitters|Interiors|Furniture|PLLC|P\.C\.|ULC|L\.P\.|e\.K\.|eG|Sàrl|EURL|SCOP|SNC|Ltée|Casino|Radiology|Supply|Market|Markets|Grocers|Bakery|Foods|Winery|Vineyards|Clinics|Surgical|Orthopedics|Veterinary|Law|Legal|Advisors|Capital|Properties|Realty|Builders|Electric|Plumbing|Mining|Timber|Steel|Chemical|Plastics|Textiles|Voice & Data|Security|Surveillance|Telecom|Wireless|Digital|Software|Data|Cloud|Tribe|Nation|Schools?|Resellers?";

static ENDING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b((?:\p{{Lu}}[\p{{L}}\d'’.-]*|&|and|of|de|del|la|du|der|für|et|y|und)(?:[ ](?:\p{{Lu}}[\p{{L}}\d'’.-]*|&|and|of|de|del|la|du|der|für|et|y|und)){{0,5}}[ ,]+(?:{FORMS}))(?:[^\p{{L}}]|$)"
    ))
});
/// The forms with their lengths.
static FORM: LazyLock<Tree> =
    LazyLock::new(|| Tree::of(scout::literals(FORMS).iter().map(|form| (form.as_slice(), form.len() as u16))));

/// Names joined by an ampersand, as partners and trades are.
static PAIRED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\p{Lu}[\p{L}'’.-]{2,}(?:[ ]\p{Lu}[\p{L}'’.-]+){0,2}[ ]&[ ]\p{Lu}[\p{L}'’.-]{2,}(?:[ ]\p{Lu}[\p{L}'’.-]+){0,2}",
    )
});
/// An item of a list: a number, then whose it is.
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^[ \t]*[-*•·][ \t]+(?:[A-Z]{2,4}[ ])?#?[A-Z\d][A-Z\d-]*\d[A-Z\d-]*[ :,-]+(\p{Lu}[\p{L}'’&.-]+(?:[ ][\p{Lu}&][\p{L}'’&.-]*){1,4})[,:;]",
    )
});

/// A name that may be a customer's: where it stands, as written, and what proposed it.
pub(crate) struct Proposal {
    pub at: usize,
    pub name: String,
    pub by: &'static str,
}

/// All names of a mail that may be customers; `text` is subject, body and signature with quotations.
pub(crate) fn proposals(mail: &Mail, folded: &Folded, house: &House) -> Vec<Proposal> {
    let text = folded.whole();
    let mut found: Vec<Proposal> = Vec::new();
    let mut add = |at: usize, name: &str, by: &'static str| {
        // A longer run of capitalised words is no name.
        if found.len() < MOST
            && name.len() <= LONGEST
            && let Some(name) = clean(name)
        {
            found.push(Proposal { at, name, by });
        }
    };
    let lines: Vec<Range<usize>> = lines(text).collect();
    for line in lines.iter().filter(|line| may_end_a_name(&text[(*line).clone()])).cloned() {
        for name in ENDING.captures_iter(Input::new(text).range(line)).filter_map(|found| found.get_group(1)) {
            add(name.start, &text[name], "ending");
        }
    }
    for line in lines.iter().filter(|line| text[(*line).clone()].contains(" & ")).cloned() {
        for name in PAIRED.find_iter(Input::new(text).range(line)) {
            add(name.start(), &text[name.range()], "pair");
        }
    }
    for line in
        lines.iter().filter(|line| text[(*line).clone()].trim_start().starts_with(['-', '*', '•', '·'])).cloned()
    {
        for name in ITEM.captures_iter(Input::new(text).range(line)).filter_map(|found| found.get_group(1)) {
            add(name.start, &text[name], "item");
        }
    }
    for name in KIND.find_iter(text) {
        add(name.start(), &text[name.range()], "kind");
    }
    for name in introduced(folded) {
        if is_introduced_name(&text[name.clone()], &text[name.end..]) {
            add(name.start, &text[name], "label");
        }
    }
    let labels = labels(mail, text, house);
    let most = if labels.is_empty() { 400 } else { usize::MAX };
    let runs: Vec<Range<usize>> = blocks(text).take(most).collect();
    for name in runs.iter().take(400).filter(|name| text[(*name).clone()].contains(' ')) {
        add(name.start, &text[name.clone()], "words");
    }
    let display = mail.from.as_ref().and_then(|from| from.name.clone()).unwrap_or_default();
    for part in display.split(['|', '(', ')', ',', '/']).chain(display.split(" - ")).chain(display.split(" at ")) {
        add(0, part.trim(), "sender");
    }
    let shown: Vec<Range<usize>> = blocks(&display).collect();
    for label in labels {
        for (at, name) in named_like(&label, text, &runs) {
            add(at, name, "domain");
        }
        for (_, name) in named_like(&label, &display, &shown) {
            add(0, name, "domain");
        }
    }
    found
}

/// Runs of capitalised words. A name begins with a capital or a digit.
fn blocks(text: &str) -> impl Iterator<Item = Range<usize>> {
    scout::tried(&BLOCK, text, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte >= 0xc0)
}

/// The patterns of this module that are sought.
pub(crate) fn patterns() -> [&'static Sought; 1] {
    [&INTRODUCER]
}

/// Names after the words that introduce them.
fn introduced(folded: &Folded) -> Vec<Range<usize>> {
    let text = folded.whole();
    let mut found = Vec::new();
    let mut free = 0;
    for spot in INTRODUCER.spots(folded).unwrap_or_default() {
        let start = folded.position(*spot as usize);
        if start < free {
            continue;
        }
        let mut groups = INTRODUCED.create_captures();
        INTRODUCED.search_captures(&scout::anchored(text, start), &mut groups);
        if let (Some(all), Some(name)) = (groups.get_match(), groups.get_group(1)) {
            free = all.end();
            found.push(name.range());
        }
    }
    found
}

/// The lines of a text with their ends. Most patterns of names stay within one, and most lines have nothing for them.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_inclusive('\n').scan(0, |end, line| {
        let start = std::mem::replace(end, *end + line.len());
        Some(start..*end)
    })
}

/// Whether a form stands in a line as a word.
fn may_end_a_name(line: &str) -> bool {
    let bytes = line.as_bytes();
    let ends = |at: usize| bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphabetic());
    bytes.iter().enumerate().filter(|(_, byte)| matches!(byte, b' ' | b',')).any(|(at, _)| {
        let mut whole = false;
        FORM.follow(&bytes[at + 1..], |length| whole |= ends(at + 1 + usize::from(length)));
        whole
    })
}

/// Longest name, in bytes.
const LONGEST: usize = 160;
/// Proposals read of one mail.
const MOST: usize = 600;

static BLOCK: LazyLock<Regex> = LazyLock::new(|| pattern(NAME));

/// A name after a label: not a sentence ("Customer wants ...") and not a person ("Contact").
fn is_introduced_name(name: &str, rest: &str) -> bool {
    let words = name.split_whitespace().count();
    let capital = name.chars().next().is_some_and(char::is_uppercase);
    capital
        && words >= 1
        && name.len() >= 4
        && !(words == 1 && name.chars().all(|c| c.is_uppercase() || c.is_numeric()))
        && !rest.starts_with('@')
}

/// Domain labels of the outside people of a mail, as in `kiteworks` of `jo@kiteworks.example`.
fn labels(mail: &Mail, text: &str, house: &House) -> Vec<String> {
    let mut domains: Vec<String> = mail.from.iter().chain(&mail.to).chain(&mail.cc).map(|a| a.email.clone()).collect();
    for (at, _) in text.match_indices('@').take(100) {
        let tail: String =
            text[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
        domains.push(format!("x@{}", tail.trim_end_matches('.')));
    }
    let mut labels: Vec<String> = Vec::new();
    for email in domains {
        let address = crate::Address { name: None, email: email.to_lowercase() };
        if house.holds(&address.email) || party(&address) != Party::Unknown {
            continue;
        }
        let label: String = organisation_label(address.domain()).chars().filter(char::is_ascii_alphanumeric).collect();
        if label.len() >= 3 && !labels.contains(&label) && !FREE.holds(&label) {
            labels.push(label);
        }
    }
    labels
}

/// Mail services whose domain says nothing about an organisation.
static FREE: LazyLock<Words> =
    LazyLock::new(|| Words::of("gmail|outlook|hotmail|yahoo|gmx|web|icloud|aol|live|orange|freenet|proton|protonmail"));

/// Capitalised phrases of a text whose letters run like a domain label: `larkspurmed` and "Larkspur Medical Group".
fn named_like<'t>(label: &str, text: &'t str, phrases: &[Range<usize>]) -> Vec<(usize, &'t str)> {
    let mut found = Vec::new();
    for phrase in phrases.iter().filter(|phrase| phrase.len() <= LONGEST) {
        let words = word_starts(&text[phrase.clone()]).take(6).map(|at| phrase.start + at);
        if let Some(at) = words.into_iter().find(|at| runs_like(&text[*at..phrase.end], label)) {
            found.push((at, &text[at..phrase.end]));
        }
    }
    found
}

fn word_starts(phrase: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(phrase.match_indices(' ').map(|(at, _)| at + 1))
}

/// Whether the label is made of the first letters of the phrase's words, the first word being whole or long.
fn runs_like(phrase: &str, label: &str) -> bool {
    // Most phrases begin with another letter.
    if first_letter(phrase) != label.bytes().next() {
        return false;
    }
    let words: Vec<String> = phrase
        .split([' ', '-', '&'])
        .map(|word| fold::plain(word).chars().filter(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    let Some(first) = words.first() else { return false };
    if first.len() >= 3 && label.starts_with(first.as_str()) {
        let rest = &label[first.len()..];
        return rest.is_empty() || consumes(rest, &words[1..]) || first.len() >= 6 && first.len() * 2 >= label.len();
    }
    // Initials only: "nsd" and "Northfield School District".
    words.len() >= 3
        && label.len() >= 3
        && words.len() == label.len()
        && words.iter().zip(label.chars()).all(|(w, c)| w.starts_with(c))
}

/// The first letter or digit, folded.
fn first_letter(phrase: &str) -> Option<u8> {
    let plain =
        |c: char| if c.is_ascii() { Some(c as u8) } else { fold::plain(c.encode_utf8(&mut [0; 4])).bytes().next() };
    phrase.chars().filter_map(plain).find(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

/// Whether `rest` is a run of beginnings of the words in order.
fn consumes(rest: &str, words: &[String]) -> bool {
    if rest.is_empty() {
        return true;
    }
    let Some((word, later)) = words.split_first() else { return false };
    let common = rest.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
    (0..=common).rev().any(|used| consumes(&rest[used..], later))
}

/// First words of a person's function.
static TITLES: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "director|directora|directeur|directrice|vp|svp|avp|head|chief|manager|jefe|jefa|leiter|leiterin|leitung|\
    responsable|coordinador|coordinadora|coordinateur|coordinatrice|coordinator|buyer|owner|president|analyst|\
    administrator|supervisor|gerente|acheteur|acheteuse|einkäufer|einkäuferin|geschäftsführer|geschäftsführerin|senior|\
    junior|lead|principal|associate|executive|technician|técnico|técnica|technicien|encargado|encargada|chargé|chargée",
    )
});

/// What speaks against a name: it is our own, a vendor's, a person's, a department's.
pub(crate) fn objections(name: &str, house: &House, mail: &Mail) -> Vec<&'static str> {
    let own = house.domains.iter().any(|domain| {
        let label: String = organisation_label(domain).chars().filter(char::is_ascii_alphanumeric).collect();
        runs_like(name, &label)
    });
    let vendor = mail.from.iter().chain(&mail.to).filter(|a| party(a) != Party::Unknown).any(|a| {
        let label = organisation_label(a.domain());
        runs_like(name, label.split('-').next().unwrap_or_default())
    });
    let person = mail.from.iter().chain(&mail.to).chain(&mail.cc).any(|a| {
        a.name.as_deref().is_some_and(|n| {
            n == name
                && !crate::house::is_role(a)
                && n.split(' ').count() == 2
                && !ENDING.is_match(n)
                && !KIND.is_match(n)
                && !runs_like(n, &organisation_label(a.domain()).replace('-', ""))
        })
    });
    let lower = name.to_lowercase();
    let distributes = ["distribution", "distributor", "distribución"].iter().any(|word| lower.ends_with(word));
    let department = name.split_whitespace().last().is_some_and(|last| {
        let last = last.to_lowercase();
        [
            "coordinator",
            "specialist",
            "manager",
            "engineer",
            "desk",
            "orders",
            "quotes",
            "returns",
            "support",
            "street",
            "road",
            "avenue",
            "receiving",
            "purchasing",
            "accounts",
            "conditions",
            "handling",
        ]
        .contains(&last.as_str())
    });
    let title = lower.split([' ', '-', ',']).next().is_some_and(|first| TITLES.holds(first));
    [
        ("own", own),
        ("vendor", vendor),
        ("person", person),
        ("distributor", distributes),
        ("department", department),
        ("title", title),
        ("trade", is_trade_name(name)),
    ]
    .into_iter()
    .filter_map(|(objection, holds)| holds.then_some(objection))
    .collect()
}

/// Whether a name runs like the domain of an outside person of the mail.
pub(crate) fn matches_domain(name: &str, address: &crate::Address) -> bool {
    let label: String = organisation_label(address.domain()).chars().filter(char::is_ascii_alphanumeric).collect();
    label.len() >= 3 && !FREE.holds(&label) && runs_like(name, &label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    fn proposed(from: &str, text: &str) -> Vec<String> {
        let address = |email: &str| Address { name: None, email: email.to_owned() };
        let mail = Mail { from: Some(address(from)), to: vec![address("orders@bigdist.example")], ..Mail::default() };
        proposals(&mail, &Folded::new(text), &House::of(&mail, &[])).into_iter().map(|proposal| proposal.name).collect()
    }

    #[test]
    fn the_senders_organisation_is_proposed_with_the_help_of_the_domain() {
        let found = proposed("jo@tallowmed.example", "Hi\n\nJo Penn\nTallow Medical Partners");
        assert!(found.contains(&"Tallow Medical Partners".to_owned()));
        let found = proposed("jo@brassfern.example", "Jo Penn | Buyer\nBrass Fern IT");
        assert!(found.contains(&"Brass Fern IT".to_owned()));
    }

    #[test]
    fn introduced_names_are_proposed() {
        let text = "Reseller: Quarry Bay Systems\nEnd user: Town of Elmsby\nKunde: Müller Feinwerk GmbH";
        let found = proposed("x@nowhere.example", text);
        for name in ["Quarry Bay Systems", "Town of Elmsby", "Müller Feinwerk GmbH"] {
            assert!(found.contains(&name.to_owned()), "{name}");
        }
    }

    #[test]
    fn distributor_vendors_and_carriers_meet_objections() {
        let address = |email: &str| Address { name: None, email: email.to_owned() };
        let mail = Mail {
            from: Some(address("x@nowhere.example")),
            to: vec![address("orders@bigdist.example")],
            ..Mail::default()
        };
        let house = House::of(&mail, &[]);
        assert_eq!(objections("Bigdist Solutions", &house, &mail), ["own"]);
        assert_eq!(objections("Cisco Systems", &house, &mail), ["trade"]);
        assert!(objections("Quarry Bay Systems", &house, &mail).is_empty());
    }
}
