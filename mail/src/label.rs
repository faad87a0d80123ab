//! Words that say what the number after them is, in English, Spanish, French and German.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;
use crate::fold::Folded;
use crate::scout::Sought;

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Po,
    Quote,
    Case,
    Order,
    Part,
    Tracking,
    /// Invoice, account, serial, phone: a number nobody tracks a task by.
    Other,
}

/// Labels of each kind, matched against folded text; of overlapping ones the longest wins.
static LABELS: LazyLock<Vec<(Kind, Sought)>> = LazyLock::new(|| {
    [
        (Kind::Po, r"(?:cdes?|ordenes|ihre bestell(?:ung|nummer)|ihre bestell-nr|customer order|cust\.? ord(?:er)?|kauf?auftrag|kundenbestell(?:nummer|-nr)|ref\.? client|votre commande|your order|your po|su pedido|p\.? ?o\.?'?s?|p/o|purchase orders?|cust(?:omer)?\.? p\.?o\.?|orden(?:es)? de compra|pedidos? de compra|pedidos?|o/c|oc|bons? de commande|commandes?(?: d'achat)?|bc|bestell(?:ung(?:en)?|nummern?|-?nr)|einkaufsbestellung|kundenbestellung)"),
        (Kind::Order, r"(?:our order|our ref(?:erence)?|notre commande|unser(?:e|en)? auftrag|auftragsnr|nuestro pedido|sales doc(?:ument)?s?|s/o|ab-nr|ab|acuse de pedido|confirmacion de pedido|confirmation de commande|sales orders?|s\.?o\.?'?s?|ords?|orders?|web ?orders?|(?:sales |web |renewal |customer )?order confirmation|ordenes de venta|orden de venta|orden|ov|pedidos? de venta|commandes? (?:de vente|client|web)|accuse de (?:reception de )?commande|arc|auftrag|auftrage|auftrags?(?:nummern?|-?nr|bestatigung)|kundenauftrag|verkaufsauftrag)"),
        (Kind::Quote, r"(?:bid no|cot|quotation no|angebotsnr|preisangebot|sonderpreis(?:angebot)?|special pricing|spq|estimation|n'?o? de devis|chiffrage|tarificacion|proforma|quotes?|quotations?|qte|bids?|estimates?|proposals?|cotizacion(?:es)?|ofertas?|presupuestos?|propuestas?|devis|offres?|cotations?|propositions?|angebote?s?|angebots?-?(?:nummern?|nr)|offerten?|kostenvoranschlag)"),
        (Kind::Case, r"(?:rgas?|rgs|ras|rma-nr|rma no|r\.?m\.?a\.?|expedientes?|enquetes?|trouble tickets?|traces?|freight claims?|cargo claims?|escalations?|retour(?:e|en)?(?:nummer|-nr)?|rucksendung(?:snummer|s-nr)?|schadens?meldung|schadenmeldung|stornofall|siniestros?|parte de averia|averia|incidents?|bon de retour|demande (?:sav|de retour|d'intervention)|numero de (?:caso|incidencia|ticket|rma)|ticketnummer|servicefall|serviceauftrag|helpdesk|alerts?|repairs?|ro|tkt|problem|cases?|tickets?|incidents?|incidencias?|service requests?|repair orders?|claims?|rmas?|rma requests?|return authori[sz]ations?|casos?|reclamacion(?:es)?|reclamos?|dossiers?(?: sav)?|sav|reclamations?|sinistres?|vorgang(?:s-?(?:nummern?|nr))?|fall(?:-?(?:nummern?|nr))?|reklamation(?:s-?(?:nummern?|nr))?|storung(?:s-?(?:nummern?|nr))?|ticket-?(?:nummern?|nr)|reparatur(?:auftrag|-?(?:nummern?|nr))?|schaden(?:sfall|s?-?(?:nummern?|nr))|rma-?(?:nummern?|nr)|retouren-?(?:nummern?|nr)|autorizacion de devolucion|work orders?|sr|inc)"),
        (Kind::Tracking, r"(?:sendungsnr|paketnr|bordereaux?|waybill no|track(?:ed)?|tracking no|numero de (?:guia|seguimiento|envio)|numero de suivi|suivi colis|n'?o? de colis|shipment id|envio|trackingnr|pro no|pro number|house bill|awb no|air bill|e-?tracking|tracking|tracking(?:-?nummern?| ids?| codes?)|trk|awbs?|air ?way ?bills?|way ?bills?|pro|pros|parcels?|consignments?|con ?notes?|seguimiento|rastreo|guias?(?: aerea)?|suivi|colis|lta|lettre de voiture|recepisse|sendungs?-?(?:nummern?|nr|verfolgung)?|sendungsverfolgungsnummer|pakets?-?(?:nummern?|nr)?|frachtbrief(?:-?(?:nummern?|nr))?|expediciones|expedicion|expedition)"),
        (Kind::Part, r"(?:parts?|part (?:number|no)|p/n|pn|skus?|items?|mpns?|mfr?\.? parts?|models?|modelos?|modeles?|modell|artikel(?:-?(?:nummern?|nr))?|art\.?-?nr|teile-?(?:nummern?|nr)|referencias?|references? (?:fabricant|fabricante|produit)|articulos?|articles?|productos?|products?|produits?|produkte?)"),
        (Kind::Other, r"(?:hrb|vat no|imo|deal reg|fon|ph|tfno|tlf|tlfno|npi|case qty|hotline|ifb|itb|sol|solicitation|lieferung ls|ls|demande|registrierung|meldung|pcn|advisory|bulletin|notification|gl|sku count|schedule|circular|customer account|freight account|ups account|shipper|invoices?|inv|facturas?|factures?|rechnung(?:en)?|rechnungs?-?(?:nummern?|nr)|credit (?:memos?|notes?)|gutschrift(?:en)?|gutschrifts?-?(?:nummern?|nr)|avoirs?|notas? de (?:credito|abono)|abonos?|accounts?|acct|a/c|cuentas?|comptes?|konto(?:nummer)?|kunden-?(?:nummern?|nr)|customer (?:id|no|number|code)|numero de cliente|cliente n|code client|numero client|contracts?|agreements?|contratos?|contrats?|vertrag|vertrags?-?(?:nummern?|nr)|serials?|serial numbers?|s/n|s/ns|sns?|seriennummern?|serien-?nr|numeros? de serie|n/s|imei|mac|tax|tax id|vat|ein|nif|cif|rfc|nit|ruc|siret|siren|tva|ust-?id(?:-?nr)?|ustid|steuernummer|iva|phone|tel|telephone|telefon|telefono|fax|mobile|mobil|movil|portable|cell|handy|ext|extension|durchwahl|deals?(?: ids?| reg(?:istration)?)?|deal registrations?|registrations?|registro(?: de oportunidad)?|opportunity|opp|oportunidad|projektschutz|bols?|b/l|bills? of lading|conocimiento de embarque|connaissement|appointments?|appt|termin|cita|rdv|rendez-vous|zeitfenster|rfqs?|rfps?|rfis?|rfq/rfp|itt|tender|ausschreibung|licitacion|appel d'offres|consultation|anfragen?|anfrage-?(?:nummern?|nr)|solicitud(?: de cotizacion)?|demande de (?:prix|devis)|requisitions?|reqs?|pr|imad|omad|duns|promos?|promo codes?|promotion|coupon|codes?|codigos?|lots?|batch|iban|bic|swift|routing|confirmation|auth(?:orization)?(?: code)?|refs?|references?|zip|suite|ste|room|unit|building|bldg|gebaude|docks?|doors?|gate|tor|p\.?o\.? box|postfach|apartado|bp|cp|plz|firmware|version|build|cert(?:ificate)?|policy|cost cent(?:er|re)|kostenstelle|projects?|projekt|proyecto|projet|stores?|tienda|lieferschein(?:-?(?:nummern?|nr))?|delivery notes?|deliver(?:y|ies)|albaran(?:es)?|bons? de livraison|packing slips?|containers?|seal|hs codes?|errors?|error codes?|fehler(?:code)?|ean|upc|gtin|extension|line|lines|zeile|linea|ligne|position|pos|page|seite)"),
    ]
    .into_iter()
    .map(|(kind, words)| (kind, Sought::new(&format!(r"\b{words}\b{{end-half}}"))))
    .collect()
});

/// Labels that are common words or initials in lower case.
const CAPITALS_ONLY: &[&str] = &[
    "so", "sos", "pro", "pros", "sr", "inc", "oc", "bc", "ov", "arc", "pr", "bp", "cp", "sav", "ein", "mac", "pos",
    "art", "tor", "po", "sn", "sns", "ord", "ords",
];

static CONNECTOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^(?:\s*(?:[:#=(\["'|]|-\s|->|\.(?:\s|#|:)?|n\s?[.o]?[o°]\.?:?|(?:numbers?|nos?|nrs?|num|nbr|nummern?|numeros?|ids?|codes?|refs?|reference|ist|lautet|lauten|is|are|was|est|sont|es|son|with|mit|unter|under|over|el|la|los|le|les|das|die|der|our|your|pedido|to|a|de|del|du|von)\b[.:#]?)){0,5}[\s#]*"#,
    )
});
static TOKEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[a-z0-9][a-z0-9_/.#*-]*[a-z0-9=]|^[a-z0-9]"));
static NEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\s*\([^()\n]{0,30}\))?\s*(?:,|;|/|&|\+|\band\b|\bund\b|\by\b|\bet\b|\bor\b|\boder\b|\bou\b|,\s*(?:and|und|y|et)\b)\s*#?\s*",
    )
});
static GROUPS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:1z ?[a-z0-9]{3}|\d{2,6})(?:[ ][a-z0-9]{2,6}){2,6}\b"));
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}-?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-?\d{2,4})$",
    )
});
/// Labels that say nothing about a code with letters: its shape decides.
const REFERS: &[&str] = &["ref", "refs", "reference", "references", "code", "codes", "codigo", "codigos"];
/// Labels that are also words for things: only a short number after them is meant.
static WEAK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:unit|room|suite|ste|building|bldg|gebaude|docks?|doors?|gate|tor|stores?|tienda|lines?|zeile|linea|ligne|position|pos|page|seite|deliver(?:y|ies)|containers?|projects?|projekt|proyecto|projet|portable|mobile?|handy|cell|build|version|registrations?|policy|termin|cita)$",
    )
});

/// All numbers that follow one of the labels: position in the original, kind, text as written.
pub(crate) fn labelled(folded: &Folded, labels: &[(Kind, Range<usize>)]) -> Vec<(usize, Kind, String)> {
    let mut found = Vec::new();
    let mut taken: Vec<Range<usize>> = Vec::new();
    for (kind, label) in labels.iter().cloned() {
        // More numbers than this are an export, not a message.
        if found.len() >= 2_000 {
            break;
        }
        let mut at = label.end + CONNECTOR.find(&folded.text[label.end..]).map_or(0, |m| m.end());
        let weak = kind == Kind::Other && WEAK.is_match(&folded.text[label.clone()]);
        let refers = REFERS.contains(&&folded.text[label.clone()]);
        let strict = kind == Kind::Part;
        let mut previous: Option<String> = None;
        while let Some(range) = token(&folded.text, at, kind) {
            let text = folded.original(range.clone()).to_owned();
            let alike = previous.as_ref().is_none_or(|earlier| is_alike(earlier, &text));
            if !is_number(&folded.text[range.clone()], kind)
                || !alike
                || (strict && !is_code(&text))
                || (weak && text.len() > 5)
                || (refers && has_letters(&text))
            {
                break;
            }
            if !taken.iter().any(|used| used.start < range.end && range.start < used.end) {
                found.push((folded.position(range.start), kind, text.clone()));
                taken.push(range.clone());
            }
            previous = Some(text);
            let Some(next) = NEXT.find(&folded.text[range.end..]) else { break };
            at = range.end + next.end();
        }
    }
    found
}

/// The patterns of the labels.
pub(crate) fn patterns() -> impl Iterator<Item = &'static Sought> {
    LABELS.iter().map(|(_, words)| words)
}

/// Labels by position; a label inside a longer one is dropped, as "order" in "purchase order".
pub(crate) fn labels(folded: &Folded) -> Vec<(Kind, Range<usize>)> {
    let mut all: Vec<(Kind, Range<usize>)> = Vec::new();
    for (kind, words) in LABELS.iter() {
        for found in words.find_iter(folded) {
            let label = &folded.text[found.clone()];
            let initials = CAPITALS_ONLY.contains(&label.trim_end_matches(['.', '\'']));
            let upper = folded.original(found.clone()).chars().next().is_some_and(char::is_uppercase);
            let marked = folded.text[found.end..].trim_start().starts_with(['#', ':']);
            let lower_po = label.starts_with("po");
            if !initials || upper || marked || lower_po {
                all.push((*kind, found));
            }
        }
    }
    all.sort_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end)));
    let mut kept: Vec<(Kind, Range<usize>)> = Vec::new();
    for (kind, range) in all {
        if kept.last().is_none_or(|(_, last)| range.start >= last.end) {
            kept.push((kind, range));
        }
    }
    kept
}

fn token(text: &str, at: usize, kind: Kind) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    if matches!(kind, Kind::Tracking | Kind::Po | Kind::Other)
        && let Some(groups) = GROUPS.find(rest)
        && groups.as_str().split(' ').skip(1).all(|group| group.bytes().filter(u8::is_ascii_digit).count() >= 2)
    {
        return Some(at..at + groups.end());
    }
    let found = TOKEN.find(rest)?;
    Some(at..at + found.end())
}

fn is_number(token: &str, kind: Kind) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let least = match kind {
        Kind::Po | Kind::Case => 3,
        Kind::Other | Kind::Part => 2,
        _ => 4,
    };
    let decimal =
        token.rsplit_once('.').is_some_and(|(_, tail)| tail.len() == 2 && tail.bytes().all(|b| b.is_ascii_digit()));
    digits >= least && !DATE.is_match(token) && !(decimal && kind != Kind::Other) && token.len() <= 40
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Numbers of one list look alike, so that a quantity or a date after a number is not taken for another one.
fn is_alike(first: &str, next: &str) -> bool {
    let letters = has_letters;
    let close = first.len().abs_diff(next.len()) <= 2;
    close && (letters(first) == letters(next)) || next.len() >= 5 && letters(next) && letters(first)
}

/// For labels that are also ordinary words: only what looks like a code.
fn is_code(token: &str) -> bool {
    let digits = token.chars().filter(char::is_ascii_digit).count();
    let letters = token.chars().filter(char::is_ascii_alphabetic).count();
    let lower = token.chars().any(|c| c.is_ascii_lowercase());
    !lower && ((letters > 0 && digits + letters >= 4) || digits >= 6)
}

static SUBJECT_OF_SHIPPING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[\s,;:(])(\d{7,10})\s+(?:is|was|has been|has|will be|ships|shipped|went|stays|remains|ist|wurde|wird|est|a ete|esta|fue|sera)\s+(?:\w+\s+){0,2}?(?:allocated|shipped|ships?|booked|released|picked|backordered|on hold|entered|confirmed|reserviert|versendet|freigegeben|gebucht|expediee?|confirmee?|reservee?|enviado|liberado|confirmado|asignado)\b",
    )
});

/// Bare numbers of which a sentence says that they ship: position in the original and text.
pub(crate) fn subjects_of_shipping(folded: &Folded) -> Vec<(usize, String)> {
    SUBJECT_OF_SHIPPING
        .captures_iter(&folded.text)
        .filter_map(|found| found.get(1))
        .map(|number| (folded.position(number.start()), number.as_str().to_owned()))
        .collect()
}
