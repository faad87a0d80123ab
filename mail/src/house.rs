//! Who is who: which of the organisations of a mail is the distributor that owns the mailbox, which are vendors and
//! carriers, and whether the sender is one of ours.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::words::Words;
use crate::{Address, Mail, Signal};

/// Local parts of shared mailboxes, in four languages; a number or a word may follow.
const ROLES: &str = "order|sales|quote|quoting|pricing|vendorpricing|vendor|return|rma|support|helpdesk|service|logistic|\
    shipping|freight|account|credit|billing|deal|customerservice|customercare|operations|ops|warehouse|renewal|\
    claims|pedido|venta|cotizacion|oferta|devolucion|soporte|logistica|cuenta|atencion|commande|devis|retour|\
    logistique|compte|adv|bestellung|auftrag|angebot|retoure|vertrieb|versand|buchhaltung|kundenservice|partner|\
    channel|licens|erp";

/// Vendors of IT goods whose names mark a sender or an organisation as no customer.
const VENDORS: &str = "acer|adobe|amd|apc|apple|arista|aruba|asus|autodesk|aws|barracuda|belkin|brother|canon|checkpoint|cisco|\
    citrix|commvault|crowdstrike|dell|eaton|epson|ergotron|extreme networks|f5|fortinet|fujitsu|google|\
    honeywell|hp|hpe|huawei|ibm|intel|jabra|juniper networks|kaspersky|kingston|lenovo|lexmark|lg|logitech|\
    meraki|micron|microsoft|netapp|netgear|nutanix|nvidia|oracle|palo alto|panasonic|poly|qnap|red hat|ricoh|\
    samsung|schneider|seagate|sonicwall|sony|sophos|startech|suse|symantec|synology|targus|toshiba|trend micro|\
    tripp lite|ubiquiti|veeam|veritas|vertiv|viewsonic|vmware|watchguard|western digital|xerox|yealink|zebra|\
    zyxel";

/// Carriers and forwarders.
const CARRIERS: &str = "ups|fedex|dhl|usps|tnt|gls|dpd|hermes|estes|xpo|saia|old dominion|odfl|r+l|abf|yrc|schenker|dachser|kuehne|\
    kühne|dsv|geodis|chronopost|colissimo|seur|mrw|correos|estafeta|la poste|deutsche post|purolator|\
    canada post|royal mail|expeditors|maersk|ceva|averitt|southeastern freight|conway|ontrac|raben|rhenus|\
    heppner|nacex|canpar|loomis|dao|postnl|bpost|swiss post|hellmann|nagel|zufall|kerry|tforce|arcbest|pitt ohio|\
    dayton freight|central transport|paquetexpress|redpack|tipsa|zeleris|envialia|calberson|mondial relay|relais colis";

/// Words in a mail domain that a vendor's or carrier's channel uses.
const CHANNEL_WORDS: &str =
    "channel|vendor|dist|notify|partner|svc|ltl|freight|csp|express|carrier|spedition|transport";

static ROLE_WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(ROLES));
static CARRIER_WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(CARRIERS));
static TRADE_NAMES: LazyLock<Words> =
    LazyLock::new(|| Words::from(VENDORS.split('|').chain(CARRIERS.split('|')).map(str::to_owned)));
/// As they are written in domains.
static VENDOR_LABELS: LazyLock<Words> = LazyLock::new(|| Words::from(VENDORS.split('|').map(squeezed)));
static CARRIER_LABELS: LazyLock<Words> = LazyLock::new(|| Words::from(CARRIERS.split('|').map(squeezed)));

fn squeezed(name: &str) -> String {
    name.replace([' ', '+'], "")
}

/// The parties of one mail.
#[derive(Debug, Default)]
pub(crate) struct House {
    /// Domains that belong to the distributor, most likely one.
    pub domains: Vec<String>,
    /// A shared mailbox or a signature tells; otherwise the domain is a guess.
    pub certain: bool,
    /// The sender is one of the distributor's people or systems.
    pub sent: bool,
}

impl House {
    /// Decides from roles, names and signatures. `known` are domains configured as our own.
    pub fn of(mail: &Mail, known: &[String]) -> Self {
        let mut scores: HashMap<String, i32> = HashMap::new();
        let from = mail.from.clone().unwrap_or_default();
        for address in mail.to.iter().chain(&mail.cc) {
            let named = address.name.as_deref().is_some_and(has_role_word);
            *scores.entry(address.domain().to_owned()).or_default() += if is_role(address) || named { 4 } else { 1 };
        }
        *scores.entry(from.domain().to_owned()).or_default() += i32::from(is_role(&from));
        let domains: Vec<String> = scores.keys().cloned().collect();
        for domain in &domains {
            let role_quoted = mail.quoted_text.match_indices(domain.as_str()).any(|(at, _)| {
                let local = mail.quoted_text[..at].rsplit(|c: char| c.is_whitespace() || "<([,;:>".contains(c)).next();
                local.and_then(|l| l.strip_suffix('@')).is_some_and(|l| role_local(&l.to_lowercase()))
            });
            *scores.entry(domain.clone()).or_default() += 3 * i32::from(role_quoted);
        }
        let distributes = |text: &str| {
            let lower = text.to_lowercase();
            ["distribution", "distributor", "distribuc", "distributie", "grossiste", "großhandel", "mayorista"]
                .iter()
                .any(|word| lower.contains(word))
        };
        if distributes(&mail.signature) {
            *scores.entry(from.domain().to_owned()).or_default() += 5;
        }
        if party(&from) != Party::Unknown || mail.has(Signal::Bulk) {
            scores.remove(from.domain());
        }
        scores.remove("");
        let best = scores
            .iter()
            .max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)))
            .map(|(domain, score)| (domain.clone(), *score));
        let certain = !known.is_empty() || best.as_ref().is_some_and(|(_, score)| *score >= 3);
        let best = best.map(|(domain, _)| domain);
        let domains = if known.is_empty() { best.into_iter().collect() } else { known.to_vec() };
        let sent = domains.iter().any(|domain| is_within(from.domain(), domain));
        Self { domains, certain, sent }
    }

    /// Whether an address is one of ours.
    pub fn holds(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.domains.iter().any(|own| is_within(domain, own))
    }
}

fn is_within(domain: &str, own: &str) -> bool {
    !own.is_empty() && (domain == own || domain.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')))
}

/// The domain that a mail shows to be the distributor's, if it leaves no doubt.
pub fn own_domain(mail: &Mail) -> Option<String> {
    let house = House::of(mail, &[]);
    house.domains.into_iter().next().filter(|_| house.certain)
}

/// What an address looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    Vendor,
    Carrier,
    Unknown,
}

/// Tells vendors and carriers by the first words of their domain or display name.
pub(crate) fn party(address: &Address) -> Party {
    let label = organisation_label(address.domain());
    let first = label.split('-').next().unwrap_or_default();
    let channel = || CHANNEL_WORDS.split('|').any(|word| label.contains(word));
    let begins = |list: &Words| {
        list.like(&label).iter().any(|known| {
            known == first || label.starts_with(known.as_str()) && (known.len() >= 5 || label == *known || channel())
        })
    };
    if begins(&CARRIER_LABELS) {
        Party::Carrier
    } else if begins(&VENDOR_LABELS) {
        Party::Vendor
    } else {
        Party::Unknown
    }
}

/// Whether an organisation's name is that of a vendor or carrier.
pub(crate) fn is_trade_name(name: &str) -> bool {
    let begins = |name: &str| {
        TRADE_NAMES.after(name).any(|rest| rest.is_empty() || rest.starts_with([' ', '-', ',', '\'', '.']))
    };
    // Most names begin like none of them.
    let first = name.bytes().next().map_or(0, |first| first.to_ascii_lowercase());
    if first.is_ascii() && TRADE_NAMES.like(char::from(first).encode_utf8(&mut [0; 4])).is_empty() {
        return false;
    }
    begins(&name.to_lowercase())
}

/// Whether a folded word is a carrier's name.
pub(crate) fn is_carrier_word(word: &str) -> bool {
    CARRIER_WORDS.holds(word)
}

/// The part of a domain an organisation is known by: `mail.kite-works.example` gives `kite-works`.
pub(crate) fn organisation_label(domain: &str) -> String {
    let mut labels: Vec<&str> = domain.split('.').collect();
    labels.pop();
    if labels.len() > 1 && labels.last().is_some_and(|label| ["co", "com", "org", "ac", "gov", "net"].contains(label)) {
        labels.pop();
    }
    labels.last().copied().unwrap_or_default().to_lowercase()
}

/// Whether an address is a shared mailbox rather than a person.
pub(crate) fn is_role(address: &Address) -> bool {
    role_local(address.local())
}

fn role_local(local: &str) -> bool {
    ROLE_WORDS.after(local).any(|rest| {
        rest.len() <= 2
            || rest.starts_with(['-', '.', '_'])
            || ROLE_WORDS.after(rest).next().is_some()
            || rest.starts_with("desk")
            || rest.starts_with("team")
            || rest.starts_with("ing")
    })
}

fn has_role_word(name: &str) -> bool {
    name.split_whitespace().skip(1).any(|word| role_local(&word.to_lowercase()))
}

/// Whether a machine wrote the mail.
pub(crate) fn is_machine(mail: &Mail) -> bool {
    let local = mail.from.as_ref().map_or("", |from| from.local());
    let squeezed: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    mail.has(Signal::AutoGenerated)
        || [
            "noreply",
            "donotreply",
            "notify",
            "notification",
            "alert",
            "mailer",
            "nepasrepondre",
            "noresponder",
            "nichtantworten",
            "automat",
            "system",
            "tracking",
        ]
        .iter()
        .any(|word| squeezed.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(email: &str) -> Address {
        Address { name: None, email: email.to_owned() }
    }

    #[test]
    fn the_domain_of_a_shared_mailbox_is_ours() {
        let mut mail = Mail {
            from: Some(address("jo@kite.example")),
            to: vec![address("orders@bigdist.example")],
            ..Mail::default()
        };
        let house = House::of(&mail, &[]);
        assert!(!house.sent && house.holds("any@mail.bigdist.example"));
        std::mem::swap(&mut mail.to[0], mail.from.as_mut().unwrap());
        assert!(House::of(&mail, &["bigdist.example".to_owned()]).sent);
    }

    #[test]
    fn vendors_and_carriers_are_told_by_domain() {
        assert_eq!(party(&address("x@cisco.com")), Party::Vendor);
        assert_eq!(party(&address("x@ups.com")), Party::Carrier);
        assert_eq!(party(&address("x@hpplumbing.example")), Party::Unknown);
    }
}
