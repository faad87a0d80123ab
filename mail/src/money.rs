//! Amounts of money and the one at stake. Unit prices, list prices, rates and fees are told from totals by the words
//! around them; money is counted in whole cents.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;
use crate::fold::Folded;

static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(us ?\$|usd ?\$?|\$ ?|c\$|ca\$|cad ?\$?|a\$|aud ?\$?|mx\$|mxn ?\$?|eur ?|€ ?|£ ?|gbp ?|chf ?|¥ ?|jpy ?)\s?(\d{1,3}(?:[,. '\u{a0}]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)\s?(k|mm?|million|thousand|mio|mil)?\b\s?(usd|us|cad|aud|mxn|eur)?|\b(\d{1,3}(?:[,. '\u{a0}]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)\s?(k|million|thousand|mio|mil)?\s?(us-?dollars?|us ?\$|usd|dollars?|dolares(?: americanos)?|euros?|eur|€|gbp|£|chf|mxn|pesos|cad|aud|\$))",
    )
});
static UNIT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:@|\beach|\bea|\bunit(?: price| cost)?|\bper unit|\blist(?: price)?|\bmsrp|\bstk|\bpreis je|\bstuckpreis|\blistenpreis|\bprecio unitario|\bp\.?u\.?|\bprix unitaire|\bpu|\ba|\bx)\s*:?\s*(?:of |is |at |von |de )?$",
    )
});
static UNIT_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:/|\(?(?:each|ea\b|apiece|per\b|a (?:day|week|month|year|piece|unit|seat|user)|an hour|pro\b|je\b|jeweils|por\b|cada|c/u|l'unite|piece\b|par\b|pp\b|p\.?u\b|unit\b|gift|monthly|al mes|par mois|im monat))",
    )
});
static FEE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:fees?|rate|restocking|rebate of|deductible|gift card|limit|approval limit|spend(?:ing)? (?:limit|authority)|threshold|surcharge|freight charge|handling|late charge|penalt(?:y|ies)|minimum|gebuhr|pauschale|zuschlag|kreditlimit|kreditrahmen|limite|tarifa|recargo|comision|frais|taux|plafond de credit|old (?:price|list)|new (?:price|list)|was|statt|en lugar de|au lieu de|shows|instead of|discount of|off|save|up to|list price|per)\b[^.;\n]{0,24}$",
    )
});
static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:grand |order |po |quote |new |revised |net |sub)?total(?:s|ling|e|es|betrag)?|amount(?:s|ing)?|value[ds]?|worth|sum|in total|comes to|adds up to|gesamt(?:betrag|summe|wert|preis)?|summe|wert|auftragswert|bestellwert|betrag|in hohe von|importe(?: total)?|valor|por valor de|suma|asciende a|montant(?: total)?|valeur|somme|d'un montant de|s'eleve a)\b[^.;\n]{0,40}$",
    )
});
static STATED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:credit(?: memo| note)?|refund|claim|paid|pay(?:ment)?|wire|redirect|deal|quote[ds]?|order|p\.?o\.?|purchase order|invoice|quotation|estimate|project|priced|gutschrift|erstattung|zahlung|angebot|bestellung|auftrag|rechnung|abono|pago|oferta|cotizacion|pedido|orden|factura|avoir|paiement|devis|commande|facture)\b[^;\n]{0,60}$",
    )
});
static EXPECTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:expected|expecting|est\.?|estimated|approx\w*|about|around|roughly|ca\.?|circa|etwa|rund|env\.?|environ|aprox\w*|unos|volume|deal size)\s*:?\s*$",
    )
});
static PRICE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:prices?|costs?|preise?|precios?|prix|line \d+)\b(?:[^.;\n]|\.\d){0,80}$"));
static BUDGET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:budget(?:ed)?|not[ -]to[ -]exceed|nte|ceiling|cap(?:ped)?|max(?:imum)?|obergrenze|hochstens|maximal|presupuesto|tope|maximo|plafond|maximum|enveloppe)\b[^.;\n]{0,40}$",
    )
});

/// An amount in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Amount {
    pub cents: i64,
    pub currency: &'static str,
    /// Higher is more likely the amount at stake; below zero it is not.
    pub weight: i32,
    pub span: String,
    /// Bytes in the folded text.
    pub range: Range<usize>,
    /// What the words around say.
    pub signs: Vec<&'static str>,
}

/// Amounts read of one text; a text with more is a price list.
const MOST: usize = 300;

/// All amounts of a text with what the words around say about them.
pub(crate) fn in_folded(folded: &Folded) -> Vec<Amount> {
    let make = |range: Range<usize>, cents: i64, currency: &'static str| {
        let (weight, signs) = weigh(folded, range.clone(), cents < 100_000);
        let span = folded.original(range.clone()).trim().to_owned();
        Amount { cents, currency, weight, span, range, signs }
    };
    let text = folded.text.as_str();
    let names = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // Patterns are asked only where what they need is there.
    let marked = names(&["$", "usd", "dol", "eur", "€", "cad", "aud", "mxn", "pesos", "gbp", "£", "chf", "¥", "jpy"]);
    let mut amounts: Vec<Amount> = marked
        .then(|| AMOUNT.captures_iter(text))
        .into_iter()
        .flatten()
        .filter_map(|found| {
            let all = found.get(0)?;
            let group = |n: usize| found.get(n).map_or("", |m| m.as_str().trim());
            let (number, scale) = if group(2).is_empty() { (group(5), group(6)) } else { (group(2), group(3)) };
            let preceded = folded.text[..all.start()].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
            if preceded || followed_by_digit(&folded.text[all.end()..]) {
                return None;
            }
            let mark = format!("{} {}{}", group(1), group(4), group(7));
            Some(make(all.range(), cents(number, scale)?, currency(&mark)))
        })
        .take(MOST)
        .collect();
    let covered = |amounts: &[Amount], range: &Range<usize>| {
        amounts.iter().any(|known| known.range.start < range.end && range.start < known.range.end)
    };
    // Without a currency: "18.4k", "35 thousand", "thirty-five thousand", the total of a table in dollars.
    let dollars = folded.text.contains('$') || folded.text.contains("usd") || folded.text.contains("dollar");
    let others = ["eur", "€", "cad", "gbp", "mxn", "chf"].iter().any(|mark| folded.text.contains(mark));
    let mut more: Vec<Amount> = Vec::new();
    let bare = may_be_scaled(text).then(|| BARE.captures_iter(text));
    for found in bare.into_iter().flatten().take(MOST) {
        let Some(all) = found.get(0) else { continue };
        let (Some(number), Some(scale)) = (found.get(1), found.get(2)) else { continue };
        if !covered(&amounts, &all.range())
            && let Some(cents) = cents(number.as_str(), scale.as_str())
        {
            more.push(make(all.range(), cents, "USD"));
        }
    }
    let spelled = names(&["hundred", "thousand", "million"]).then(|| WORDED.find_iter(text));
    for found in spelled.into_iter().flatten().take(20) {
        if let Some(whole) = worded(found.as_str())
            && !covered(&amounts, &found.range())
        {
            more.push(make(found.range(), whole * 100, "USD"));
        }
    }
    if (dollars || !others) && names(&["total", "gesamt", "summe"]) {
        for found in TOTALLED.captures_iter(&folded.text).take(20) {
            let Some(number) = found.get(1) else { continue };
            if !covered(&amounts, &number.range())
                && let Some(cents) = cents(number.as_str(), "")
            {
                more.push(make(number.range(), cents, "USD"));
            }
        }
    }
    amounts.extend(more);
    amounts.sort_by_key(|amount| amount.range.start);
    amounts
}

static BARE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{1,4}(?:[.,]\d{1,2})?)\s?(k|mio|million|thousand|grand|tausend|mille|mil)\b"));
static WORDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -])+(?:(?:hundred|thousand|million)(?:[ -](?:and[ -])?(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)\b[ -]?)*)?)",
    )
});
static TOTALLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^[>\s|]*(?:grand total|total|gesamt(?:betrag|summe)?|summe|importe total|montant total|total general|total net)[^\d\n]{0,20}?(\d{1,3}(?:[,. ']\d{3})+(?:[.,]\d{2})?|\d+[.,]\d{2})[\s|]*$",
    )
});

/// The number written in words, as in "thirty-five thousand", if it is a thousand or more.
fn worded(text: &str) -> Option<i64> {
    const SMALL: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: &[&str] = &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let (mut whole, mut part): (i64, i64) = (0, 0);
    for word in text.split([' ', '-']).filter(|word| !word.is_empty() && *word != "and") {
        if word == "a" {
            part = 1;
        } else if let Some(at) = SMALL.iter().position(|small| *small == word) {
            part += at as i64;
        } else if let Some(at) = TENS.iter().position(|ten| *ten == word) {
            part += 10 * (at as i64 + 2);
        } else {
            let factor = match word {
                "hundred" => 100,
                "thousand" => 1_000,
                _ => 1_000_000,
            };
            part = part.max(1).checked_mul(factor)?;
            if factor > 100 {
                whole = whole.checked_add(part)?;
                part = 0;
            }
        }
    }
    let sum = whole.checked_add(part)?;
    (1_000..1_000_000_000).contains(&sum).then_some(sum)
}

/// Whether a digit stands right before what may be a `k`, thousand or million.
fn may_be_scaled(text: &str) -> bool {
    let scale = |byte: &u8| matches!(byte, b'k' | b'm' | b't' | b'g') || !byte.is_ascii();
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit() || !byte.is_ascii()).any(|(at, _)| {
        match bytes.get(at + 1) {
            Some(blank) if blank.is_ascii_whitespace() || *blank == 0x0b => bytes.get(at + 2).is_some_and(scale),
            next => next.is_some_and(scale),
        }
    })
}

fn followed_by_digit(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_digit())
}

fn currency(mark: &str) -> &'static str {
    const MARKS: &[(&str, &str)] = &[
        ("cad", "CAD"),
        ("c$", "CAD"),
        ("ca$", "CAD"),
        ("aud", "AUD"),
        ("a$", "AUD"),
        ("mx", "MXN"),
        ("pesos", "MXN"),
        ("eur", "EUR"),
        ("€", "EUR"),
        ("gbp", "GBP"),
        ("£", "GBP"),
        ("chf", "CHF"),
        ("jpy", "JPY"),
        ("¥", "JPY"),
    ];
    MARKS.iter().find(|(sign, _)| mark.contains(sign)).map_or("USD", |(_, code)| code)
}

/// Cents of a number written with either decimal sign; a single sign before three digits groups thousands.
fn cents(number: &str, scale: &str) -> Option<i64> {
    let last = number.rfind(['.', ',']);
    let decimals = last.map_or(0, |at| number.len() - at - 1);
    let (whole, fraction) = match last {
        Some(at) if decimals <= 2 => (&number[..at], &number[at + 1..]),
        _ => (number, ""),
    };
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let base: i64 = digits.parse().ok().filter(|value| *value < 1_000_000_000_000)?;
    let hundredths: i64 = format!("{fraction:0<2}").parse().ok()?;
    let factor = match scale {
        "k" | "thousand" | "mil" | "grand" | "tausend" | "mille" => 1_000,
        "m" | "mm" | "million" | "mio" => 1_000_000,
        _ => 1,
    };
    (base * 100 + hundredths).checked_mul(factor)
}

fn weigh(folded: &Folded, at: Range<usize>, small: bool) -> (i32, Vec<&'static str>) {
    let from = floor(&folded.text, at.start.saturating_sub(200));
    let before = &folded.text[from..at.start];
    let before = before.rsplit('\n').next().unwrap_or(before);
    let before = &before[floor(before, before.len().saturating_sub(80))..];
    let after = &folded.text[at.end..];
    let after = &after[..floor(after, after.len().min(40))];
    let sentence = before.rsplit(". ").next().unwrap_or(before);
    let signs: Vec<&'static str> = [
        ("total", TOTAL.is_match(before)),
        ("unit after", UNIT_AFTER.is_match(after)),
        ("unit before", UNIT_BEFORE.is_match(before)),
        ("fee", FEE.is_match(before) || after.trim_start().starts_with("fee")),
        ("budget", BUDGET.is_match(before)),
        ("price", PRICE.is_match(before)),
        ("expected", EXPECTED.is_match(before)),
        ("stated", STATED.is_match(before)),
        ("quantity", sentence.contains(" x ")),
        ("tabbed", before.trim_end().ends_with('\t')),
    ]
    .into_iter()
    .filter_map(|(sign, holds)| holds.then_some(sign))
    .collect();
    let is = |sign: &str| signs.contains(&sign);
    let total = is("total");
    let weight = if is("unit after") || (is("unit before") && !total) {
        -10
    } else if (is("fee") && !total && !is("budget")) || (!total && small && is("price")) {
        -5
    } else {
        i32::from(total) * 6 + i32::from(is("expected")) * 5 + i32::from(is("stated")) * 3 + i32::from(is("budget")) * 3
            - i32::from(is("quantity") && !total) * 4
            - i32::from(is("tabbed") && !total)
    };
    (weight, signs)
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The amount at stake in one piece of text, if it names one: the best supported, of equals the largest.
    fn at_stake(text: &str) -> Option<Amount> {
        let amounts: Vec<Amount> = in_folded(&Folded::new(text))
            .into_iter()
            .filter(|a| a.weight >= 0 && a.cents > 0 && a.currency == "USD")
            .collect();
        let distinct =
            amounts.iter().filter(|a| a.weight == 0).map(|a| a.cents).collect::<std::collections::BTreeSet<_>>().len();
        let best = amounts.into_iter().max_by_key(|amount| (amount.weight, amount.cents))?;
        // Several bare amounts are a price list.
        (best.weight > 0 || distinct == 1).then_some(best)
    }

    fn value(text: &str) -> Option<i64> {
        at_stake(text).map(|amount| amount.cents)
    }

    #[test]
    fn both_ways_of_writing_decimals_are_understood() {
        assert_eq!(value("Total: $12,345.60"), Some(1_234_560));
        assert_eq!(value("Gesamtbetrag: 12.345,60 USD"), Some(1_234_560));
        assert_eq!(value("montant total 12 345,60 $"), Some(1_234_560));
        assert_eq!(value("a deal worth $1.2 million"), Some(120_000_000));
        assert_eq!(value("total of $45k"), Some(4_500_000));
    }

    #[test]
    fn unit_prices_and_fees_are_not_at_stake() {
        assert_eq!(value("5 x AB-1 @ $99.00\nPO total $495.00"), Some(49_500));
        assert_eq!(value("It costs us $800 a day"), None);
        assert_eq!(value("rebate of $40/unit"), None);
    }

    #[test]
    fn other_currencies_do_not_count() {
        assert_eq!(value("Total 4.000,00 EUR"), None);
        assert_eq!(value("Total C$4,000.00"), None);
    }
}
