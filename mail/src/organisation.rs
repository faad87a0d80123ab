//! Names of organisations as written: trimmed of what a pattern took too much of, compared, and joined to their
//! longest form.

use std::sync::LazyLock;

use crate::fold;
use crate::house::is_trade_name;
use crate::words::Words;

/// First words that begin a sentence or a line, not a name.
static STARTERS: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "The|This|That|Our|Your|Their|For|From|To|With|At|On|In|Please|Hi|Hello|Hey|Dear|Thanks|Thank|Re|Fw|Fwd|Po|\
    PO|And|But|If|When|We|I|You|It|Is|Are|Of|Both|All|New|Updated|Reseller|End|Customer|Client|Partner|Ship|\
    Order|Quote|Invoice|Deal|Need|Der|Die|Das|Den|Dem|Für|Bei|Von|An|Im|Wir|Sehr|Hallo|Guten|Bitte|Unser|Unsere|\
    Unserem|Kunde|Kunden|Firma|Le|La|Les|L|De|Du|Des|Pour|Chez|Notre|Votre|Bonjour|Cliente|El|Los|Las|Para|Con|\
    Por|En|Nuestro|Nuestra|Su|Hola|Estimado|Estimada|Estimados|Buenos|Pending|Add|Any|Can|Could|Also|Regards|\
    Name|Account|Attached|Registration|Return|Quick|RE|FW|AW|Subject|Betreff|Objet|Asunto|Sent|Reference",
    )
});

/// Words that name a department, a role or a product rather than an organisation.
static NOT_NAMES: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "credit|purchasing|sales|support|logistics|returns|rma|accounts|services|service|solutions|systems|operations|\
    specialist|coordinator|manager|engineer|director|buyer|desk|team|department|division|office|analyst|\
    administrator|confirmed|portal|warehouse|dock|street|road|avenue|st|ave|blvd|suite|receiving|technology|\
    networks|customer|customers|order|orders|ltl|pricing|north|south|account|it|health|\
    clinical|medical|network|maint|procurement|einkauf|vertrieb|compras|achats|number|numbers|name|address|id|\
    po|ref|reference|contact|site|code|data|info",
    )
});

/// Trims what the patterns took too much of.
pub(crate) fn clean(raw: &str) -> Option<String> {
    let mut name = raw.split(['\n', '\t', '|']).next()?.trim().trim_end_matches([',', ';', ':', '-', '\'', '’']);
    for possessive in ["'s", "’s"] {
        if let Some((owner, rest)) = name.split_once(possessive)
            && (rest.is_empty() || rest.starts_with(' '))
        {
            name = owner;
        }
    }
    let whole = before_other_things(name);
    name = whole.as_str();
    loop {
        let first = name.split([' ', ',']).next().unwrap_or_default();
        let small = first.chars().next().is_none_or(|c| !c.is_uppercase() && !c.is_numeric());
        let starter = STARTERS.holds(first.trim_end_matches(['.', '\'']));
        let number = first.len() >= 3 && first.chars().any(|c| c.is_ascii_digit());
        if first.is_empty() || !(small || starter || number) || name.len() == first.len() {
            break;
        }
        name = name[first.len()..].trim_start_matches([' ', ',', ':']);
    }
    while let Some(last) = name.split_whitespace().last() {
        let connects =
            ["&", "and", "of", "de", "del", "la", "du", "der", "für", "et", "y", "und", "the", "for"].contains(&last);
        if !connects || name.len() == last.len() {
            break;
        }
        name = name[..name.len() - last.len()].trim_end();
    }
    let keeps_dot =
        ["Inc.", "Co.", "Ltd.", "Corp.", "S.A.", "S.L.", "C.V.", "e.V."].iter().any(|form| name.ends_with(form));
    if !keeps_dot {
        name = name.trim_end_matches('.');
    }
    // A full stop inside ends a sentence, unless it abbreviates.
    let ends = |at: &usize| name[..*at].rsplit(' ').next().is_some_and(|word| word.chars().count() > 3);
    if let Some(at) = name.match_indices(". ").map(|(at, _)| at).find(ends) {
        name = &name[..at];
    }
    let first_letter = name.chars().next()?;
    let words = name.split_whitespace().count();
    let generic = name
        .split_whitespace()
        .all(|w| NOT_NAMES.holds(&w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()));
    let first_word = name.split(' ').next().unwrap_or_default();
    (name.chars().count() >= 4
        && first_word.chars().count() >= 2
        && words <= 8
        && first_letter.is_uppercase()
        && !generic
        && !STARTERS.holds(name))
    .then(|| name.to_owned())
}

/// A name ends where a document, a department or a vendor is named.
fn before_other_things(name: &str) -> String {
    const THINGS: &[&str] = &[
        "PO",
        "P.O",
        "P.O.",
        "SO",
        "RMA",
        "RFQ",
        "AP",
        "AR",
        "AWB",
        "PRO",
        "Quote",
        "Order",
        "Purchase",
        "Purchasing",
        "Accounts",
        "Invoice",
        "Ticket",
        "Bestellung",
        "Pedido",
        "Commande",
        "Angebot",
    ];
    let mut end = name.len();
    let mut at = 0;
    for (index, word) in name.split(' ').enumerate() {
        if index > 0 && (THINGS.contains(&word.trim_end_matches([',', ':', ';'])) || is_trade_name(&name[at..])) {
            end = at;
            break;
        }
        at += word.len() + 1;
    }
    name[..end].trim().trim_end_matches(['-', '/', ',']).trim().to_owned()
}

/// Keeps the longest form of each name, in the order of appearance.
pub(crate) fn longest(mut found: Vec<(usize, String)>) -> Vec<String> {
    found.sort_by_key(|(at, _)| *at);
    let mut names: Vec<String> = Vec::new();
    for (_, name) in found {
        let key = name_key(&name);
        if let Some(known) = names.iter_mut().find(|known| begins_same(&name_key(known), &key)) {
            if key.len() > name_key(known).len() {
                *known = name;
            }
        } else {
            names.push(name);
        }
    }
    // A later, longer name may now cover an earlier one.
    let all = names.clone();
    names.retain(|name| {
        let key = name_key(name);
        !all.iter().any(|other| {
            other != name && {
                let o = name_key(other);
                o.len() > key.len() && (begins_same(&key, &o) || o.ends_with(&format!(" {key}")))
            }
        })
    });
    names.truncate(40);
    names
}

fn begins_same(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// A name for comparison: folded words only.
pub(crate) fn name_key(name: &str) -> String {
    fold::plain(name)
        .split(|c: char| !c.is_alphanumeric() && c != '&')
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
