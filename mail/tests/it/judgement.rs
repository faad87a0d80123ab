use mail::{Category, Priority, State, Status};

use crate::post::{judged, raw, read};

const ADA: &str = "Ada Moss <ada@kitefarm.example>";
const DESK: &str = "Ivo Lund <ivo.lund@harbourdist.example>";

#[test]
fn a_complete_purchase_order_starts_green() {
    let found = judged(
        ADA,
        "PO 70012",
        "Please enter the attached PO 70012 for six crates. Total $12,400.00.\n\nAda Moss\nKite Farm Systems",
    );
    assert_eq!((found.category, found.state), (Category::OrderManagement, State::StartPoint));
    assert_eq!((found.status, found.priority), (Status::Green, Priority::Medium));
    assert_eq!(found.dollar_cents, Some(1_240_000));
    assert_eq!(found.entities.po_numbers, ["70012"]);
    assert_eq!(found.entities.customers, ["Kite Farm Systems"]);
    assert_eq!(found.explanations["dollar_value"].span.as_deref(), Some("$12,400.00"));
}

#[test]
fn a_stopped_operation_is_red_and_critical_in_four_languages() {
    for body in [
        "Our packing line is down and we cannot ship anything.",
        "Unsere Produktion steht seit heute Morgen still, wir können nicht arbeiten.",
        "Notre ligne de production est à l'arrêt depuis ce matin.",
        "La línea de producción está parada desde esta mañana, no podemos trabajar.",
    ] {
        let found = judged(ADA, "Scanner", body);
        assert_eq!((found.status, found.priority), (Status::Red, Priority::Critical), "{body}");
    }
}

#[test]
fn negated_urgency_does_not_count() {
    assert_eq!(judged(ADA, "Quote", "Please quote 3 docks. This is not urgent, no rush.").priority, Priority::Normal);
    assert_eq!(judged(ADA, "Quote", "Please quote 3 docks. This is urgent.").priority, Priority::High);
}

#[test]
fn requests_are_sorted_in_four_languages() {
    let cases = [
        ("Bitte um ein Angebot", "Bitte senden Sie uns ein Angebot über 12 Monitore.", Category::QuoteProcessing),
        ("Demande de devis", "Pourriez-vous nous envoyer un devis pour 12 écrans ?", Category::QuoteProcessing),
        ("Cotización", "¿Nos pueden cotizar 12 monitores?", Category::QuoteProcessing),
        ("Bestellung 4711-882", "Bitte buchen Sie unsere Bestellung 4711-882.", Category::OrderManagement),
        ("Retour", "Appareil défectueux, merci d'ouvrir un retour RMA.", Category::ReturnsAndRma),
        ("Devolución", "El equipo no enciende, solicitamos RMA en garantía.", Category::ReturnsAndRma),
        (
            "Bankverbindung",
            "Unsere Bankverbindung hat sich geändert, bitte Stammdaten anpassen.",
            Category::AccountChanges,
        ),
        ("Aduana", "El embarque está detenido en aduana, falta la factura comercial.", Category::ShippingAndLogistics),
        ("Mot de passe", "Je ne peux plus me connecter au portail, mot de passe refusé.", Category::GeneralSupport),
        ("Deal registration", "Please register the below opportunity.", Category::DealActivations),
        ("Preisliste", "Preiserhöhung zum 1. April, neue Preisliste anbei.", Category::VendorPricingUpdates),
    ];
    for (subject, body, category) in cases {
        assert_eq!(judged("Ada Moss <ada@kitefarm.example>", subject, body).category, category, "{subject}");
    }
}

#[test]
fn answers_that_close_complete_and_answers_that_wait_do_not() {
    let reply = |body: &str| judged(DESK, "RE: Crates", &format!("{body}\n\nIvo Lund\nHarbour Distribution"));
    for body in [
        "All done, nothing else needed.",
        "Der Vorgang ist damit abgeschlossen.",
        "Le dossier est clôturé.",
        "El caso queda resuelto.",
    ] {
        let found = reply(body);
        assert_eq!((found.state, found.status), (State::Completion, Status::Completed), "{body}");
    }
    for body in ["I'm waiting for the vendor, will let you know.", "Could you send the serial number?"] {
        let found = reply(body);
        assert_eq!((found.state, found.status), (State::InProgress, Status::Yellow), "{body}");
    }
}

#[test]
fn the_value_comes_from_the_nearest_mail_that_names_one() {
    let body = "Approved.\n\nOn Mon, Feb 3, 2025 at 9:00 AM Ivo <ivo.lund@harbourdist.example> wrote:\n> New total $800.00\n>\n> On Sun, Feb 2, 2025 at 9:00 AM Ada <ada@kitefarm.example> wrote:\n>> Total $900.00";
    assert_eq!(judged(ADA, "Re: quote", body).dollar_cents, Some(80_000));
}

#[test]
fn noise_is_told_by_header_or_words_in_four_languages() {
    let noise = |subject: &str, body: &str, extra: &str| mail::analyse(&read(&raw(ADA, subject, body, extra))).noise;
    assert_eq!(noise("Re: x", "Back soon.", "Auto-Submitted: auto-replied\r\n").as_deref(), Some("auto-reply"));
    assert_eq!(noise("Abwesenheitsnotiz: Kisten", "Ich bin bis 3.3. im Urlaub.", "").as_deref(), Some("auto-reply"));
    assert_eq!(noise("Réponse automatique : x", "Je suis absent.", "").as_deref(), Some("auto-reply"));
    assert_eq!(noise("Fuera de la oficina", "Regreso el lunes.", "").as_deref(), Some("auto-reply"));
    assert_eq!(noise("Accepted: Call", "", "").as_deref(), Some("calendar"));
    assert_eq!(noise("Gelesen: Kisten", "", "").as_deref(), Some("read receipt"));
    assert_eq!(noise("Spring sale", "Shop now and save.", "List-Unsubscribe: <x>\r\n").as_deref(), Some("marketing"));
    assert_eq!(noise("Crates", "Could you send six crates?", ""), None);
}

#[test]
fn a_machines_mail_about_one_shipment_is_work() {
    let raw = raw(
        "Parcel <noreply@parcels.example>",
        "Delivery exception",
        "Tracking number 884412003977: consignee closed.\nUnsubscribe",
        "List-Unsubscribe: <x>\r\n",
    );
    let found = mail::analyse(&read(&raw));
    assert_eq!(found.noise, None);
    assert_eq!((found.state, found.status), (State::InProgress, Status::Yellow));
}

#[test]
fn numbers_of_one_list_and_short_numbers_are_read() {
    let found = judged(ADA, "Dates", "Can I get ship dates for POs 118-22, 118-23 and 118-27?").entities;
    assert_eq!(found.po_numbers, ["118-22", "118-23", "118-27"]);
}

#[test]
fn a_condition_does_not_negate_what_it_asks_for() {
    let body = "Order 5510021 was due last week and nothing has arrived. If this is not fixed today we take our business away.";
    let found = judged(ADA, "Order 5510021", body);
    assert_eq!((found.status, found.priority), (Status::Red, Priority::Critical));
}

#[test]
fn small_prices_are_not_the_value_at_stake() {
    let body = "The price on line 2 doesn't match (we have $88.00, you say $91.50). Order total $9,150.00.";
    assert_eq!(judged(ADA, "PO 70012", body).dollar_cents, Some(915_000));
}

#[test]
fn spans_are_literal_text_of_the_mail() {
    let body = "Notre ligne de production est à l'arrêt. Commande n° 77-1203, total 1 200,50 $.";
    let found = judged(ADA, "Arrêt", body);
    let text = format!("Arrêt. {body} Ada Moss");
    for (field, explanation) in &found.explanations {
        if let Some(span) = &explanation.span {
            assert!(text.contains(span.as_str()), "{field}: {span}");
        }
    }
}

#[test]
fn a_notice_of_our_own_that_asks_nothing_is_under_way() {
    let raw = raw(DESK, "Dock four", "Team, dock four is out of service until Thursday; use two and three.", "");
    assert_eq!(mail::analyse(&read(&raw)).state, State::InProgress);
}
