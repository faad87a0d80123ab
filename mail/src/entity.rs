//! Numbers and names a mail speaks of, by kind. A number is what the words before it call it; numbers that carry their
//! kind in a prefix, parcel numbers and part numbers are also known by their shape.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::fold::Folded;
use crate::label::{self, Kind};
use crate::shape;

/// What was found in a mail, each list in the order of appearance and as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entities {
    /// Purchase orders of customers.
    pub po_numbers: Vec<String>,
    /// Quotes and bids of distributor and vendors.
    pub quote_numbers: Vec<String>,
    /// Cases, tickets, claims, RMA numbers.
    pub case_numbers: Vec<String>,
    /// Sales and web orders of the distributor.
    pub order_numbers: Vec<String>,
    /// SKUs of manufacturers or the distributor.
    pub part_numbers: Vec<String>,
    /// Parcel numbers, waybills, PRO numbers.
    pub tracking_numbers: Vec<String>,
    /// Resellers and end users.
    pub customers: Vec<String>,
}

/// A number as the scorer and the threads compare it: upper case, no separators.
pub(crate) fn normal(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace() && !"-_/.".contains(*c)).collect::<String>().to_uppercase()
}

/// One sighting of a number.
struct Sighting {
    at: usize,
    kind: Kind,
    text: String,
    /// Named by words or prefix, rather than guessed from its shape.
    named: bool,
}

/// Reads the numbers of a text: subject, body, signature and quotation in this order. `labels` are those of the text.
pub(crate) fn numbers(folded: &Folded, labels: &[(Kind, Range<usize>)]) -> Entities {
    let text = folded.whole();
    let mut sightings: Vec<Sighting> = label::labelled(folded, labels)
        .into_iter()
        .map(|(at, kind, text)| Sighting { at, kind: shape::prefixed(&text).unwrap_or(kind), text, named: true })
        .collect();
    let mut known: HashMap<String, Kind> = HashMap::new();
    // Of several names for one number the most telling wins: a purchase order stays one when called "order" later.
    for sighting in &sightings {
        let entry = known.entry(normal(&sighting.text)).or_insert(sighting.kind);
        if rank(sighting.kind) > rank(*entry) {
            *entry = sighting.kind;
        }
    }
    for (range, token) in shape::tokens(text) {
        let key = normal(token);
        if known.contains_key(&key) {
            continue;
        }
        if let Some(kind) = shape::prefixed(token).or_else(|| shape::parcel(token)) {
            known.insert(key, kind);
            sightings.push(Sighting { at: range.start, kind, text: token.to_owned(), named: true });
        } else if shape::is_part(text, &range, token) {
            sightings.push(Sighting { at: range.start, kind: Kind::Part, text: token.to_owned(), named: false });
        }
    }
    for (at, token) in label::subjects_of_shipping(folded) {
        if let Entry::Vacant(entry) = known.entry(normal(&token)) {
            entry.insert(Kind::Order);
            sightings.push(Sighting { at, kind: Kind::Order, text: token, named: true });
        }
    }
    sightings.sort_by_key(|sighting| sighting.at);
    collect(&sightings, &known)
}

fn collect(sightings: &[Sighting], known: &HashMap<String, Kind>) -> Entities {
    let mut entities = Entities::default();
    for sighting in sightings {
        let key = normal(&sighting.text);
        let kind = if sighting.named { known.get(&key).copied().unwrap_or(sighting.kind) } else { sighting.kind };
        let list = match kind {
            Kind::Po => &mut entities.po_numbers,
            Kind::Quote => &mut entities.quote_numbers,
            Kind::Case => &mut entities.case_numbers,
            Kind::Order => &mut entities.order_numbers,
            Kind::Part => &mut entities.part_numbers,
            Kind::Tracking => &mut entities.tracking_numbers,
            Kind::Other => continue,
        };
        if list.len() < MOST && !list.iter().any(|seen| normal(seen) == key) {
            list.push(sighting.text.clone());
        }
    }
    // "PO45-1" and "45-1" are one number when both are written.
    let bare: Vec<String> = entities.po_numbers.iter().map(|number| normal(number)).collect();
    entities
        .po_numbers
        .retain(|number| normal(number).strip_prefix("PO").is_none_or(|rest| !bare.iter().any(|other| other == rest)));
    entities
}

/// No mail speaks of more numbers of a kind; a longer list is an export.
const MOST: usize = 200;

fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Po => 6,
        Kind::Tracking => 5,
        Kind::Case | Kind::Quote => 4,
        Kind::Other => 3,
        Kind::Order => 2,
        Kind::Part => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Entities {
        let folded = Folded::new(text);
        super::numbers(&folded, &label::labels(&folded))
    }

    #[test]
    fn numbers_take_the_kind_of_the_words_before_them() {
        let found = numbers("Our P.O. # 700-1182 is on sales order 5541290, ticket no. 88123, invoice 4471 1020.");
        assert_eq!(found.po_numbers, ["700-1182"]);
        assert_eq!(found.order_numbers, ["5541290"]);
        assert_eq!(found.case_numbers, ["88123"]);
        assert!(found.part_numbers.is_empty() && found.tracking_numbers.is_empty());
    }

    #[test]
    fn labels_are_read_in_four_languages() {
        assert_eq!(numbers("Ihre Bestellung Nr. 4711-882 ist gebucht").po_numbers, ["4711-882"]);
        assert_eq!(numbers("la orden de compra n.º 99120 y la cotización COT-5512").po_numbers, ["99120"]);
        assert_eq!(numbers("la cotización COT-5512").quote_numbers, ["COT-5512"]);
        assert_eq!(numbers("notre bon de commande n° BX-20114").po_numbers, ["BX-20114"]);
        assert_eq!(numbers("Sendungsnummer: 00340434161094").tracking_numbers, ["00340434161094"]);
        assert_eq!(numbers("Rechnungsnummer 55120 und Kundennummer 889911"), Entities::default());
    }

    #[test]
    fn lists_after_one_label_are_read_to_their_end() {
        assert_eq!(numbers("POs 81001, 81002 and 81003 are late").po_numbers, ["81001", "81002", "81003"]);
        assert_eq!(numbers("Serials: KX119023, KX119024, KX119025."), Entities::default());
    }

    #[test]
    fn part_numbers_are_known_by_shape_and_place() {
        let found = numbers("4 x QN-7731B-E Switch\n2 x LK9921A#ABB dock, 64GB, CAT6A, 12-MAR-2025");
        assert_eq!(found.part_numbers, ["QN-7731B-E", "LK9921A#ABB"]);
    }

    #[test]
    fn a_purchase_order_called_order_later_stays_one() {
        let found = numbers("PO 6611002 attached. When does order 6611002 ship?");
        assert_eq!(found.po_numbers, ["6611002"]);
        assert!(found.order_numbers.is_empty());
    }
}
