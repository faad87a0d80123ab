//! Mail that should make no task: answers of machines, mail in bulk, offers nobody asked for, fraud.

use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;
use crate::cue::Cues;
use crate::reading::Reading;
use crate::{Entities, Signal};

static AWAY_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response|antwort)|out of (?:the )?office|ooo\b|away from|abwesen(?:d|heit)|automatische (?:antwort|abwesenheit)|nicht im (?:buro|hause)|urlaubs?(?:notiz|abwesenheit)|reponse automatique|absen(?:ce|t)|message d'absence|respuesta automatica|fuera de (?:la )?oficina|ausen(?:cia|te)|autoreply|vacation)",
    )
});
static AWAY: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.0,
            r"out of (?:the )?office|on (?:annual |parental |sick |medical )?(?:leave|vacation|pto|holiday)|away from (?:my desk|the office|my e-?mail)|currently (?:away|out|travel(?:l)?ing)|am travel(?:l)?ing|im urlaub|nicht im (?:buro|haus)|abwesend|ausser haus|en (?:conges?|vacances|deplacement)|absent\w*|fuera de (?:la )?oficina|de vacaciones|ausente",
        ),
        (
            1.0,
            r"(?:limited|intermittent|no) access to (?:my )?e-?mails?|will (?:respond|reply|answer) (?:when|upon|on|after)|upon my return|when i (?:return|am back|get back)|until (?:\w+ ){0,3}\d|in (?:urgent|dringenden)|for urgent|if your (?:matter|request) is urgent|zuruck|wieder erreichbar|vertretung|de retour|a mon retour|en cas d'urgence|a mi regreso|regreso|en caso de urgencia|para asuntos urgentes|thank you for (?:your|contacting)|vielen dank fur ihre nachricht|merci (?:pour|de) votre|gracias por su (?:mensaje|correo)",
        ),
    ])
});
static ACKNOWLEDGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"we (?:have )?received your (?:e-?mail|message|inquiry|enquiry)|this is an automat(?:ic|ed) (?:reply|response|acknowledge?ment)|your (?:message|e-?mail) has been received|dies ist eine automatische (?:antwort|eingangsbestatigung)|ceci est une reponse automatique|esta es una respuesta automatica|hemos recibido su (?:mensaje|correo)|wir haben ihre (?:nachricht|e-?mail) erhalten|nous avons bien recu votre (?:message|courriel|e-?mail)",
    )
});
static BOUNCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"undeliver(?:ed|able)|delivery (?:status notification|has failed|failure|incomplete|delayed)|returned mail|mail delivery (?:failed|subsystem|system)|failure notice|could not (?:be delivered|send message)|message (?:delayed|not delivered|could not be delivered)|unzustellbar|zustellung (?:fehlgeschlagen|verzogert)|nicht zugestellt werden|non remis|echec de (?:la )?remise|n'a pas pu etre (?:remis|distribue|livre)|no (?:se ha podido|se pudo) entregar|correo no entregado|entrega fallida|devuelto al remitente",
    )
});
static RECEIPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W*(?:read|gelesen|lu|leido|read receipt|lesebestatigung|confirmation de lecture|acuse de lectura|not read|ungelesen geloscht)\s*:|^(?:your message|ihre nachricht|votre message|su mensaje)\b.{0,200}\b(?:was read|wurde .{0,60}gelesen|a ete lu|fue leido)",
    )
});
static CALENDAR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W*(?:accepted|declined|tentative(?:ly accepted)?|canceled event|cancelled event|invitation|updated invitation|meeting (?:request|cancel+ed)|zugesagt|abgesagt|abgelehnt|mit vorbehalt|zusage|absage|termineinladung|accepte|refuse|decline|provisoire|aceptad[ao]|rechazad[ao]|provisional|invitacion)\s*:",
    )
});
static ANSWERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"has (?:accepted|declined|tentatively accepted)|hat (?:zugesagt|abgesagt|die einladung)|a (?:accepte|refuse|decline) (?:l'|votre )?invitation|ha (?:aceptado|rechazado) la invitacion",
    )
});
static MARKETING: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            1.5,
            r"unsubscribe|opt[- ]?out|manage (?:your )?preferences|you(?:'re| are) receiving this|view (?:this (?:e-?mail )?)?in (?:your )?browser|abmelden|abbestellen|newsletter|se desabonner|desinscri|darse de baja|cancelar (?:la )?suscripcion|dejar de recibir|reply stop",
        ),
        (
            1.5,
            r"webinar|whitepaper|e-?book|free trial|complimentary|register now|jetzt (?:anmelden|registrieren|sichern)|inscrivez-vous|registrese|inscribase|reserve your|save your seat|you(?:'re| are) invited|join us|join \d|exhibit|booth|messe|salon\b",
        ),
        (
            1.5,
            r"flash sale|shop now|% off|up to \d+ ?%|limited[- ]time|hurry|deal expires|don't miss|exclusive offer|special offer|best[- ]sell|jetzt (?:kaufen|zugreifen)|rabatt(?:aktion)?|sonderangebot|nur (?:heute|solange)|offre (?:speciale|exclusive|exceptionnelle)|profitez|promotion exceptionnelle|oferta (?:especial|exclusiva)|aproveche|descuentos? (?:de )?hasta|slashed|cheaper|great news|gewinn(?:en|spiel)|gagnez|gane\b|win a",
        ),
        (
            1.5,
            r"this (?:week|month) in|top stories|weekly (?:digest|roundup|news)|monthly newsletter|in this issue|read more|learn more|digest, vol|in dieser ausgabe|dans ce numero|en este numero|follow us|wochenruckblick|news(?: der woche| digest)|today's topics",
        ),
        (
            2.0,
            r"(?:take|complete) (?:our|this|a) (?:\S+ )?survey|survey|how did we do|rate your|your (?:opinion|feedback) matters|umfrage|ihre meinung|bewerten sie|enquete|votre avis|sondage|encuesta|su opinion|valore",
        ),
    ])
});
static PITCH: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            1.5,
            r"(?:we|i) help (?:companies|businesses|firms|distributors|resellers|teams)|companies like yours|businesses like yours|we (?:offer|provide|specialize)|our (?:platform|solution|agency) (?:helps|can)|wir helfen|unternehmen wie|nous aidons|entreprises comme|ayudamos a|empresas como|we work with (?:companies|distributors)|wir unterstutzen unternehmen",
        ),
        (
            1.5,
            r"no[- ]obligation|no strings attached|qualified (?:meetings|leads|prospects)|free (?:demo|consultation|audit|assessment|estimate)|unverbindlich|kostenlos|sans engagement|gratuit|sin compromiso|gratuit[ao]|leads?\b|seo\b|boost your|increase your (?:sales|revenue)|cut (?:your )?\S+ ?(?:bills?|costs?)|reduce (?:your )?costs|save you|einspar|kosten (?:senken|sparen)|reduire vos|ahorr",
        ),
        (
            1.5,
            r"(?:fifteen|twenty|thirty) minutes this week|(?:quick|brief|short|15|10|20|30)[- ]?(?:minute|min)?s? (?:call|chat|meeting|demo|question)|book a (?:call|demo|meeting)|schedule a (?:call|demo|meeting)|what does (?:monday|tuesday|wednesday|thursday|friday|your) |are you the right person|kurzes (?:gesprach|telefonat)|un (?:bref|rapide) (?:appel|echange)|una (?:breve )?llamada|worth a (?:chat|call)|open to (?:a|learning)|hop on",
        ),
        (
            1.0,
            r"i (?:noticed|came across|saw|wanted to reach out|hope this finds)|reaching out|mir ist aufgefallen|bin auf (?:ihr|sie)|j'ai (?:remarque|vu) que|he visto que|me pongo en contacto|just following up on my (?:last|previous)|could i send",
        ),
    ])
});
static PHISHING: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.0,
            r"(?:verify|confirm|validate|update|restore) your (?:account|identity|password|mailbox|credentials|information|email)|verifizieren sie|bestatigen sie ihr(?:e|en|)? (?:konto|identitat|daten)|verifiez votre|confirmez votre (?:compte|identite)|verifique su (?:cuenta|identidad)|confirme su (?:cuenta|identidad|contrasena)|keep (?:the )?same password|re-?validate",
        ),
        (
            2.0,
            r"your (?:mailbox|account|password|storage|e-?mail|access) (?:\w+ ){0,4}(?:suspend\w*|expir\w*|full|exceed\w*|deactivat\w*|limited|locked|terminated|closed)|quota (?:exceeded|full)|postfach (?:ist )?voll|konto (?:wurde|wird) gesperrt|compte (?:a ete|sera) (?:suspendu|bloque|desactive)|cuenta (?:ha sido|sera) (?:suspendida|bloqueada|desactivada)|unusual (?:sign-?in|activity)|held messages|(?:undelivered|pending|quarantined) (?:messages|e-?mails) (?:are|in)",
        ),
        (
            1.5,
            r"click (?:here|the link|below|on the)|klicken sie|cliquez|haga clic|pulse aqui|sign in (?:here|below)|log ?in (?:here|now|below)|within (?:24|48) hours|innerhalb von (?:24|48)|sous (?:24|48) ?h|en (?:24|48) horas",
        ),
        (
            2.5,
            r"gift cards?|wire (?:it )?to|inheritance|beneficiary|lottery|bitcoin|wallet|kindly (?:provide|send)|next of kin|are you available|task for you|docusign|shared a (?:file|document) with you|voicemail|fax received|million dollars",
        ),
    ])
});
static BROADCAST: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.0,
            r"open enrol+ment|benefits|human resources|\bhr\b|payroll|personalabteilung|ressources humaines|recursos humanos|401\(?k|pension plan|betriebsrat|comite d'entreprise|mutuelle",
        ),
        (
            2.0,
            r"(?:holiday|christmas|summer|retirement|company|team) (?:party|picnic|lunch|bbq|outing)|potluck|blood drive|town hall|all[- ]hands|wellness|flu shots?|betriebsversammlung|sommerfest|weihnachtsfeier|betriebsausflug|fete du personnel|fin d'annee|fiesta|posada|convivio|donation|birthday|parking lot|canteen|kantine|cantine|comedor|fundraiser|raffle|united way",
        ),
        (
            1.0,
            r"all (?:employees|staff|associates|colleagues|team members)|dear (?:colleagues|team|all|associates)|liebe kolleg\w*|an alle mitarbeit\w*|chers? collegues|a tous les (?:collaborateurs|salaries)|estimad[oa]s? (?:companer|colabor|coleg)\w*|todo el personal|a todos los (?:emplead|colab)\w*|rsvp|mandatory training|policy reminder|dress code",
        ),
    ])
});

/// All cues of this module.
pub(crate) fn all_cues() -> [&'static Cues; 5] {
    [&AWAY, &MARKETING, &PITCH, &PHISHING, &BROADCAST]
}

/// How loud each kind of cue is.
pub(crate) fn cues(reading: &Reading<'_>) -> Vec<(&'static str, f32)> {
    let found = |regex: &Regex, text: &str| f32::from(u8::from(regex.is_match(text))) * 2.0;
    let subject = reading.subject.text.as_str();
    let own = reading.own.text.as_str();
    vec![
        ("away", AWAY.find(&reading.new).weight),
        ("away subject", found(&AWAY_SUBJECT, subject)),
        ("acknowledged", found(&ACKNOWLEDGED, own)),
        ("bounce", found(&BOUNCE, subject).max(found(&BOUNCE, own))),
        ("receipt", found(&RECEIPT, subject)),
        ("calendar", found(&CALENDAR, subject).max(found(&ANSWERED, own))),
        ("marketing", MARKETING.find(&reading.new).weight),
        ("pitch", PITCH.find(&reading.new).weight),
        ("phishing", PHISHING.find(&reading.new).weight),
        ("broadcast", BROADCAST.find(&reading.new).weight),
    ]
}

/// The kind of noise a mail is most like, where no rule names it.
pub(crate) fn loudest(reading: &Reading<'_>) -> &'static str {
    const REASONS: &[(&str, &str)] = &[
        ("away", "auto-reply"),
        ("away subject", "auto-reply"),
        ("acknowledged", "auto-reply"),
        ("bounce", "bounce"),
        ("receipt", "read receipt"),
        ("calendar", "calendar"),
        ("marketing", "marketing"),
        ("pitch", "sales pitch"),
        ("phishing", "phishing"),
        ("broadcast", "broadcast"),
    ];
    let cues = cues(reading);
    let loudest = cues.iter().filter(|(_, weight)| *weight > 0.0).max_by(|a, b| a.1.total_cmp(&b.1));
    loudest
        .and_then(|(name, _)| REASONS.iter().find(|(cue, _)| cue == name))
        .map_or("unsolicited", |(_, reason)| *reason)
}

/// The reason a mail is noise, with the words that gave it away.
pub(crate) fn reason(reading: &Reading<'_>, entities: &Entities) -> Option<(&'static str, Option<String>)> {
    let mail = reading.mail;
    let subject = reading.subject.text.as_str();
    let new = reading.own.text.as_str();
    let first = |regex: &Regex, text: &str| regex.find(text).map(|found| found.as_str().trim().to_owned());
    if let Some(span) =
        first(&CALENDAR, subject).or_else(|| mail.has(Signal::Calendar).then(|| first(&ANSWERED, new))?)
    {
        return Some(("calendar", Some(span)));
    }
    if mail.has(Signal::Calendar) && new.len() < 400 && !reading.asks {
        return Some(("calendar", None));
    }
    if mail.has(Signal::ReadReceipt) {
        return Some(("read receipt", None));
    }
    if let Some(span) = first(&RECEIPT, subject).or_else(|| first(&RECEIPT, new)) {
        return Some(("read receipt", Some(span)));
    }
    let away = AWAY.find(&reading.own);
    if AWAY_SUBJECT.is_match(subject) && !reading.subject_is_request() {
        return Some(("auto-reply", Some(mail.subject.clone())));
    }
    if mail.has(Signal::AutoReplied) {
        return Some(("auto-reply", away.words()));
    }
    if away.weight >= 3.0 && new.len() < 900 && !reading.asks {
        return Some(("auto-reply", away.words()));
    }
    if mail.has(Signal::DeliveryReport)
        || (first(&BOUNCE, subject).is_some()
            && (reading.machine || first(&BOUNCE, new).is_some() || new.contains("smtp")))
    {
        return Some(("bounce", first(&BOUNCE, subject).or_else(|| first(&BOUNCE, new))));
    }
    if let Some(span) = first(&ACKNOWLEDGED, new).filter(|_| reading.machine && new.len() < 900) {
        return Some(("auto-reply", Some(span)));
    }
    // A machine's mail about one order, shipment or case is work, whatever its footer offers.
    let about_one = !(entities.order_numbers.is_empty()
        && entities.tracking_numbers.is_empty()
        && entities.case_numbers.is_empty()
        && entities.po_numbers.is_empty()
        && entities.quote_numbers.is_empty());
    bulk(reading, about_one).or_else(|| unasked(reading, about_one))
}

/// Newsletters, surveys, digests and advertisements.
fn bulk(reading: &Reading<'_>, about_one: bool) -> Option<(&'static str, Option<String>)> {
    let mail = reading.mail;
    let marketing = MARKETING.find(&reading.new);
    let sent_in_bulk = mail.has(Signal::Bulk);
    if sent_in_bulk && (!about_one || marketing.weight >= 3.0) {
        let survey = marketing.span.as_deref().is_some_and(|span| span.to_lowercase().contains("survey"));
        return Some((if survey { "survey" } else { "marketing" }, marketing.words()));
    }
    if mail.has(Signal::List)
        && !about_one
        && !reading.house.sent
        && (marketing.is_some() || reading.own.text.len() > 1500)
    {
        return Some(("newsletter", marketing.words()));
    }
    if !about_one && !reading.is_reply() && marketing.weight >= 3.0 && !reading.house.sent {
        return Some(("marketing", marketing.words()));
    }
    None
}

/// Cold pitches, phishing and broadcasts of our own people.
fn unasked(reading: &Reading<'_>, about_one: bool) -> Option<(&'static str, Option<String>)> {
    if reading.is_reply() || about_one {
        return None;
    }
    let phishing = PHISHING.find(&reading.new);
    if phishing.weight >= 3.5 {
        return Some(("phishing", phishing.words()));
    }
    let pitch = PITCH.find(&reading.new);
    if pitch.weight >= 3.0 && !reading.house.sent {
        return Some(("sales pitch", pitch.words()));
    }
    let broadcast = BROADCAST.find(&reading.new);
    if broadcast.weight >= 3.0 || (broadcast.weight >= 2.0 && reading.house.sent && !reading.names_work()) {
        return Some(("broadcast", broadcast.words()));
    }
    None
}
