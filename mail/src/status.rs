//! How well a matter goes, and how soon it must be looked at.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::cue::{Cues, Hit};
use crate::date;
use crate::reading::Reading;
use crate::{Category, State};

/// Traffic light of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Harm is happening and no recovery is confirmed.
    Red,
    /// Waits on somebody or at risk.
    Yellow,
    /// On track.
    Green,
    /// Done.
    Completed,
}

impl Status {
    /// What an open matter may be.
    pub const OPEN: [Self; 3] = [Self::Red, Self::Yellow, Self::Green];

    /// Reads the name used in the API and the database.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Red, Self::Yellow, Self::Green, Self::Completed].into_iter().find(|status| status.as_str() == name)
    }

    /// The name used in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Red => "RED",
            Self::Yellow => "YELLOW",
            Self::Green => "GREEN",
            Self::Completed => "COMPLETED",
        }
    }
}

/// Urgency of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Priority {
    /// Drop everything.
    Critical,
    /// Today.
    High,
    /// Soon.
    Medium,
    /// In turn.
    Normal,
}

impl Priority {
    /// The name used in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "CRITICAL",
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Normal => "NORMAL",
        }
    }
}

/// An operation stands still.
static STOPPED: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        4.0,
        r"(?:completely|totally|we(?:'re| are)|is|are|site|system|line|plant|store|network|server|production) down\b|cannot (?:place|process|ship|work|operate|open|invoice|take|bill|receive|treat|serve|run)|can't (?:place|process|ship|work|operate|open|invoice|take|bill|serve|run)|unable to (?:place|process|ship|work|operate|open|invoice|treat|serve)|outage|at a standstill|stalled|stand(?:s|ing)? (?:still|idle)|sitting idle|on the clock|no way to\b|(?:production|line|operation\w*|work|plant|site) (?:is |has |are )?(?:stopped|halted)|have no way|dead in the water|steht still|stillstand|(?:produktion|linie|betrieb|werk|lager|kasse\w*|system)\b.{0,30}\b(?:steht|stehen|ausgefallen|gestoppt)|lahmgelegt|konnen nicht (?:arbeiten|bestellen|liefern|produzieren|offnen|fakturieren)|a l'arret|(?:production|ligne|site|magasin|usine|activite|systeme)\b.{0,30}\b(?:arrete|bloque|en panne|paralyse)\w*|ne pouvons (?:plus|pas) (?:travailler|commander|produire|ouvrir|facturer|livrer)|impossible de (?:travailler|commander|produire|ouvrir|facturer)|(?:produccion|linea|planta|operacion|sistema|tienda|almacen)\b.{0,30}\b(?:parad[oa]|detenid[oa]|caid[oa]|paralizad[oa])|no podemos (?:trabajar|operar|vender|facturar|producir|abrir|colocar|hacer pedidos)|estamos parados|sin operar",
    )])
});

/// Escalation, lawyers, fraud, threats.
static ESCALATES: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        4.0,
        r"escalat\w*|lawyers?|attorneys?|legal (?:action|counsel|team|department)|(?:our|my|their) counsel|fraud\w*|go elsewhere|(?:tak|pull|mov)(?:e|ing) (?:our|my) business|parler a (?:un|votre) (?:responsable|directeur)|hablar con (?:un|su) (?:gerente|responsable)|cancel (?:the )?(?:whole|entire|everything|all)|or we (?:will )?cancel|we(?:'ll| will) (?:have to )?cancel|unacceptable|inacceptable|(?:from|speak (?:to|with)|talk to) (?:a|your) (?:manager|director|management|supervisor)|eskal\w*|rechtsanwalt|anwalt|anwalte|rechtsabteilung|betrug\w*|inakzeptabel|nicht (?:hinnehmbar|akzeptabel)|geschaftsfuhr\w*|vorstand|stornieren wir|avocat\w*|service juridique|fraude\w*|inadmissible|intolerable|direction generale|annul(?:er|erons|ons) (?:toute|l'ensemble|la totalite)|escal(?:ar|amos|o|amiento|ada)|abogad[oa]s?|juridico|inaceptable|cancelar(?:emos)? tod[oa]|gerencia|direccion general|breach|penalt(?:y|ies) (?:clause|apply)|vertragsstrafe|penalites de retard",
    )])
});

/// A date was missed, goods are wrong or gone, a service lapsed.
static HARM: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            3.0,
            r"(?:was|were|been) (?:promised|supposed|due|guaranteed|committed)|(?:date|deadline|delivery)\b.{0,30}\b(?:was |were |been )?missed|missed (?:the|our|your) (?:date|deadline|delivery)|never (?:arrived|came|showed|received|shipped|activated)|(?:nobody|no ?one|driver never) (?:showed|came|arrived|turned)|no[- ]show|(?:days?|weeks?|months?) (?:late|overdue|behind)|should have (?:arrived|shipped|been)|did(?:n't| not) (?:arrive|activate|show|ship|come)|nothing (?:has |is |was |has been )?(?:arrived|shipped|happened|provisioned|delivered|received|activated)|(?:for|since) (?:three|two|four|\d+) (?:weeks|days)\b.{0,30}(?:nothing|no )|hatte[n]? .{0,40}(?:sollen|geliefert|eintreffen)|(?:war|waren) (?:fur|zum|am) .{0,30}(?:zugesagt|versprochen)|(?:wochen?|tage) (?:verspatet|zu spat|in verzug)|nie (?:angekommen|geliefert)|nicht (?:geliefert|angekommen|erschienen|eingetroffen)|termin .{0,30}(?:verstrichen|geplatzt|nicht (?:gehalten|eingehalten))|(?:devait|devaient|aurait du|auraient du) (?:etre |arriver|livrer)|(?:jours|semaines) de retard|(?:jamais|pas) (?:ete )?(?:arrive|livre|recu|venu)\w*|personne (?:n'est|ne s'est)|(?:debia|debian|deberia|tenia que|tenian que) (?:haber )?(?:llegar|llegado|entregar|entregado|estar)|(?:dias|semanas) de (?:retraso|atraso)|(?:nunca|no) (?:llego|llegaron|ha llegado|han llegado|se presento|entregaron)|nadie (?:llego|se presento|vino)|prometi\w*",
        ),
        (
            2.5,
            r"wrong (?:store|item|items|address|part|model|site|goods|product)|(?:cartons?|boxes|pallets?|units|pieces|monitors) (?:are |is |were )?missing|missing (?:cartons?|boxes|pallets?|units)|they were not|short (?:the )?(?:two|three|\d+)|lost\b|crushed|smashed|destroyed|dead on arrival|doa\b|will not power|won't power|falsche[rsn]? (?:ware|artikel|filiale|adresse|gerate)|fehlen\b|verloren gegangen|zerstort|beschadigt|(?:mauvais|mauvaise) (?:article|adresse|magasin|produit|materiel)|manquent|perdu\w*|ecrase\w*|endommage\w*|(?:articulo|producto|direccion|tienda|equipo) (?:equivocad[oa]|incorrect[oa])|faltan\b|perdid[oa]s?|extraviad[oa]s?|danad[oa]s?",
        ),
        (
            2.5,
            r"lapsed|(?:has|have|is|was) (?:been )?(?:deactivated|suspended|shut off|cut off)|reduced functionality|credit (?:hold|block)|on credit|payment block|frozen|kreditsperre|liefersperre|gesperrt|abgelaufen|abgeschaltet|bloque\w*|suspendu\w*|expire\b|expiree|suspendid[oa]|bloquead[oa]|retenid[oa] (?:por|en) credito|vencid[oa] y|caduc\w*|reject(?:ing|ed)\b|locked out of",
        ),
    ])
});

/// Something dated or needed hangs on it, or the sender protests.
static NEEDED: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        2.0,
        r"at midnight|(?:install(?:ation)?|go-?live|opening|launch|cut-?over|migration|event|exam|classes|school) (?:is|are|starts?|begins?|on)\b|opens?\b|start(?:s|ing)? (?:on )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow)|tonight|tomorrow|today|right now|this (?:morning|afternoon|weekend)|(?:need|needed|must have) (?:it|them|this|these)?\b.{0,30}\b(?:by|before|for)\b|deadline|grant|no one told|nobody told|(?:crew|team|users?|patients?|nurses|customers?|installers?|technicians?) (?:is|are|can't|cannot|have|has|get|getting)|asap|immediately|(?:three|four|five|\d) times|how (?:is|can) (?:this|that)|heute|morgen\b|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sofort|umgehend|dringend|inbetriebnahme|eroffnung|techniker|monteure?|warten seit|aujourd'hui|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|ouverture|immediatement|d'urgence|techniciens?|hoy\b|manana\b|lunes|martes|miercoles|jueves|viernes|sabado|apertura|inmediat\w*|urge\w*|instalacion|tecnicos|monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    )])
});

/// Help is arranged, with a time or an act.
static RECOVERS: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        2.0,
        r"dispatched|leaves? (?:\w+ ){0,2}(?:tonight|today|tomorrow)|eta\b|(?:is|are) (?:now )?(?:on (?:its|the|their) way|released|covered|moving|being (?:picked|loaded|rushed))|released (?:\d|the|it)|expect (?:it|them|a|the|this)|will (?:arrive|be delivered|be there|ship) (?:today|tonight|tomorrow|on|by|at)|(?:ships?|shipping|goes out|going out|arriv\w+) (?:overnight|tonight|today|tomorrow|on|next-day|by)|(?:replacement|loaner)s? (?:\w+ )?(?:is|are|ship|leave|left|issued|with)|is issued with|grace period|workaround|about half|some of|goes? through now|asked .{0,40} to (?:lift|force|release|expedite|waive)|(?:geht|gehen|verlasst|kommt|trifft|treffen|liefern|zustellung) .{0,40}(?:heute|morgen|uhr|am \d)|ist unterwegs|freigegeben|ersatz\b.{0,50}(?:heute|morgen|unterwegs|versand)|(?:part|partent|sera livre|seront livres|arrive|livraison) .{0,40}(?:ce soir|demain|aujourd'hui|\d+ ?h)|en route|debloque\w*|(?:sale|salen|llega|llegan|llegara|se entrega|entrega) .{0,40}(?:hoy|manana|esta (?:noche|tarde)|\d+:\d)|en camino|liberad[oa]|va en camino",
    )])
});

/// Help is not in sight.
static NO_RECOVERY: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        3.0,
        r"no (?:fix|eta|date|confirmed date|solution|answer|recovery|timeline)\b|do(?:es)? not have (?:a|an|any) (?:\w+ )?(?:date|eta|fix|answer)|don't have (?:a|an|any) (?:\w+ )?(?:date|eta|fix|answer)|opened a trace|keep .{0,30}frozen|(?:not|haven't|hasn't) (?:yet )?(?:found|located|fixed|confirmed)|can't (?:find|locate)|noch kein\w* (?:termin|losung|ergebnis)|nachforschung\w*|pas (?:encore )?de (?:date|solution)|aucune (?:date|solution)|enquete ouverte|sin (?:fecha|solucion)|no (?:hay|tenemos) (?:fecha|solucion)|investigacion abierta",
    )])
});

/// Waits on somebody or at risk.
static WAITS: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.0,
            r"waiting|awaiting|pending|once (?:you|they|we) (?:have|send|confirm|get|receive|hear)|(?:come|get) back to you|i(?:'ll| will) (?:check|chase|follow up|keep (?:you|on))|until (?:i hear|we (?:hear|receive|get)|the estimate)|on hold|holding (?:entry|the|off|it|your|this)|hold the request|missing\b|(?:don't|do not|doesn't|does not) (?:know|have|say|say which|specify)|not sure|unclear|which (?:one|model)|what do you need|need(?:s|ed)? (?:\w+ ){0,3}from you|i(?:'ll| will)? need|we need (?:the|a|your|an|to know|confirmation)|still (?:can't|cannot|need|waiting|investigating|no|get|rejected|not)|(?:approval|approve|decision|signature) (?:is |are )?(?:required|needed|missing|pending)|required before|before (?:i|we) (?:can|submit|price|enter|release|ship|process)|can't (?:release|process|activate|ship|enter|proceed)|cannot (?:release|process|activate|ship|enter|proceed)|not confirmed|warte[nt]?\b|fehlt\b|fehlen\b|ausstehend|brauchen (?:wir )?noch|unklar|zuruckgestellt|nicht zugestellt|nachster (?:zustell)?versuch|n'a pas pu etre|prochaine tentative|en attente|il (?:nous |me )?manque|manquant\w*|avant de pouvoir|no (?:se )?pud\w+|no se ha podido|proximo intento|en espera|pendiente\w*|nos falta|falta\b|no (?:sabemos|tenemos|indica)|antes de (?:poder|procesar)",
        ),
        (
            2.0,
            r"delay\w*|backorder\w*|b/o\b|slip(?:ped|s)?\b|pushed (?:out|back)|exception|re-?attempt|next attempt|short(?:age|fall)?\b|stuck|customs hold|held (?:at|in|by)|damage\w*|cracked|broken|rejected|error\w*|intermittent\w*|slow\b|degraded|locked out|declined|discrepanc\w*|does(?:n't| not) match|mismatch|problem\w*|verzoger\w*|verspat\w*|ruckstand|beschadig\w*|abweich\w*|fehler\w*|retard\w*|rupture|reliquat|endommag\w*|ecart|erreur|probleme\w*|retraso\w*|demora\w*|atras\w*|desabasto|danad\w*|diferencia|discrepancia|exhausted|constrained",
        ),
        (
            2.0,
            r"expires? (?:tomorrow|today|tonight|on friday|this|in \d|soon)|runs? out|expiring|last[- ]order[- ]date|respond by|action required|final notice|cut-?off|estimate\b.{0,40}\bapprov\w*|lauft .{0,20}(?:morgen|heute|ab)|ablauf\w*|expire (?:demain|aujourd'hui|ce|le|dans)|vence (?:manana|hoy|el|este|en)|caduca|last (?:date|day)|letzte[rn]? (?:tag|bestell)|derniere date|ultima fecha|by friday|price(?:s)? (?:expire|valid only)",
        ),
    ])
});

/// Asks for an answer rather than for a service.
static ASKS_BACK: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        2.0,
        r"(?:please|pls|kindly) (?:confirm|advise|clarify|let (?:me|us) know|check|respond|reply|provide|send|supply|sign|verify|reopen|revise|keep)|(?:can|could|would|will) (?:you|someone|anyone) (?:\w+ )?(?:confirm|check|advise|clarify|tell|let|send|provide|revise|reopen|resend|look|explain|verify|find|cover)|let me know|tell me (?:before|why|if|when|what|whether)|want to\b.{0,40}\bor\b|(?:benotig\w*|brauchen|besoin de|il (?:nous |me )?faut|necesit\w+|requerimos)|(?:bitte|konn(?:en|ten) sie)\b.{0,60}\b(?:bestatigen|prufen|mitteilen|klaren|senden|zusenden|schicken|informieren|bescheid)|(?:merci de|pouvez-vous|pourriez-vous|veuillez)\b.{0,40}\b(?:confirmer|verifier|preciser|indiquer|envoyer|transmettre|renvoyer|revoir|tenir)|(?:favor de|podria\w*|puede\w*|por favor)\b.{0,40}\b(?:confirm|revis|indic|envi|aclar|verific|avis|inform|inform)\w*",
    )])
});

/// The sender asks for speed.
static URGENT: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        2.0,
        r"urgent\w*|asap\b|a\.s\.a\.p|as soon as possible|immediately|right away|rush\b|expedite|top priority|high priority|today\b|tonight|end of (?:the )?(?:day|business)|eod\b|cob\b|by tomorrow|first thing|dringend\w*|eilt\b|eilig|sofort|umgehend|schnellstmoglich|so schnell wie moglich|noch heute|bis morgen|heute noch|d'urgence|urgence|au plus vite|des que possible|immediatement|aujourd'hui|avant ce soir|d'ici demain|urge\b|cuanto antes|lo antes posible|de inmediato|inmediatamente|hoy mismo|a la brevedad|para (?:hoy|manana)",
    )])
});

/// Demanded for today.
static TODAY: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[(
        1.0,
        r"today|tonight|(?:before )?end of (?:the )?(?:day|business)|eod\b|cob\b|right now|within (?:the|an|one|two|\d) hours?|heute\b|bis (?:feierabend|dienstschluss)|innerhalb (?:der nachsten|von \d) stunden|aujourd'hui|ce soir|dans l'heure|hoy\b|esta (?:noche|tarde)|de inmediato|this afternoon|by noon|bis mittag|avant midi",
    )])
});

/// All cues of this module.
pub(crate) fn all_cues() -> [&'static Cues; 10] {
    [&STOPPED, &ESCALATES, &HARM, &NEEDED, &RECOVERS, &NO_RECOVERY, &WAITS, &ASKS_BACK, &URGENT, &TODAY]
}

/// How loud each kind of cue is, in the new text and in what was said before.
pub(crate) fn cues(reading: &Reading<'_>) -> Vec<(&'static str, f32)> {
    let new = [
        ("stopped", &STOPPED),
        ("escalates", &ESCALATES),
        ("harm", &HARM),
        ("needed", &NEEDED),
        ("recovers", &RECOVERS),
        ("no recovery", &NO_RECOVERY),
        ("waits", &WAITS),
        ("asks back", &ASKS_BACK),
        ("urgent", &URGENT),
        ("today", &TODAY),
    ];
    let before = [
        ("stopped before", &STOPPED),
        ("escalated before", &ESCALATES),
        ("harm before", &HARM),
        ("today before", &TODAY),
    ];
    let in_layers = |cues: &Cues| reading.layers.iter().map(|layer| cues.find(layer).weight).fold(0.0, f32::max);
    new.into_iter()
        .map(|(name, cues)| (name, cues.find(&reading.new).weight))
        .chain(before.into_iter().map(|(name, cues)| (name, in_layers(cues))))
        .collect()
}

/// What the rules alone say of a mail whose state and value are known.
pub(crate) fn judge(reading: &Reading<'_>, state: State, category: Category, cents: Option<i64>) -> (Status, Priority) {
    let status = status(reading, state, category);
    (status, priority(reading, status, cents.unwrap_or(0)))
}

/// Whether one of ours asks back, so that the next step is the customer's.
pub(crate) fn asks_back(reading: &Reading<'_>) -> bool {
    reading.house.sent && (reading.own.text.contains('?') || ASKS_BACK.find(&reading.own).is_some())
}

fn status(reading: &Reading<'_>, state: State, category: Category) -> Status {
    if state == State::Completion {
        return Status::Completed;
    }
    if harm(reading, category).is_some() {
        return Status::Red;
    }
    let mut waits = WAITS.find(&reading.new);
    let back = ASKS_BACK.find(&reading.own);
    let questions = reading.own.text.contains('?');
    if state == State::InProgress {
        if questions || back.is_some() {
            waits.add(&back, 1.0);
            waits.weight += 1.0;
        }
        let recovery = RECOVERS.find(&reading.own);
        if recovery.is_some() && history(reading).is_some() {
            waits.add(&recovery, 1.0);
        }
        if reading.machine && category == Category::OrderManagement && !WAITS.find(&reading.own).is_some() {
            waits = Hit::default();
        }
    } else if questions && HARM.find(&reading.new).is_some() {
        waits.weight += 1.0;
    }
    if state == State::StartPoint && category == Category::AccountChanges && waits.weight <= 2.0 && !questions {
        // "Our certificate expires, the new one is attached" waits on nobody.
        return Status::Green;
    }
    if waits.is_some() { Status::Yellow } else { Status::Green }
}

/// The harm a mail reports, unless it arranges the recovery itself.
fn harm(reading: &Reading<'_>, category: Category) -> Hit {
    let mut hit = Hit::default();
    if category == Category::VendorPricingUpdates && !reading.is_reply() {
        return hit;
    }
    let (stopped, escalates) = (STOPPED.find(&reading.new), ESCALATES.find(&reading.new));
    let (damage, needed) = (HARM.find(&reading.new), NEEDED.find(&reading.new));
    let recovers = RECOVERS.find(&reading.own);
    let stuck = NO_RECOVERY.find(&reading.own);
    if reading.house.sent && reading.is_reply() {
        // Our own answer: red only while nothing is arranged.
        if stuck.is_some() && history(reading).is_some() {
            hit.add(&stuck, 1.0);
        } else if escalates.weight > 0.0 && !recovers.is_some() && stuck.is_some() {
            hit.add(&escalates, 1.0);
        }
        return hit;
    }
    if reading.machine || (recovers.is_some() && reading.is_reply()) {
        return hit;
    }
    if stopped.is_some() || escalates.is_some() {
        hit.add(&stopped, 1.0);
        hit.add(&escalates, 1.0);
        hit.add(&damage, 0.5);
    } else if damage.is_some() && (needed.is_some() || damage.weight >= 5.0) {
        hit.add(&damage, 1.0);
        hit.add(&needed, 0.5);
    }
    hit
}

/// Harm in the earlier mails and the subject.
fn history(reading: &Reading<'_>) -> Hit {
    let mut hit = Hit::default();
    for text in reading.layers.iter().chain(std::iter::once(&reading.subject)) {
        for cues in [&STOPPED, &ESCALATES, &HARM] {
            hit.add(&cues.find(text), 1.0);
        }
    }
    if !reading.is_reply() {
        hit = Hit::default();
    }
    hit
}

fn priority(reading: &Reading<'_>, status: Status, cents: i64) -> Priority {
    const DOLLARS: i64 = 100;
    match status {
        Status::Completed => return Priority::Normal,
        Status::Red => {
            let mut grave = Hit::default();
            let texts = std::iter::once(&*reading.new).chain(&reading.layers).chain(std::iter::once(&reading.subject));
            for text in texts {
                for cues in [&STOPPED, &ESCALATES, &TODAY] {
                    grave.add(&cues.find(text), 1.0);
                }
            }
            let critical = grave.is_some() || cents >= 100_000 * DOLLARS;
            return if critical { Priority::Critical } else { Priority::High };
        }
        Status::Yellow | Status::Green => {}
    }
    let urgent = URGENT.find(&reading.new);
    let may_ask = !reading.machine && !reading.house.sent;
    if may_ask && urgent.is_some() && reading.asks {
        return Priority::High;
    }
    if may_ask && date::due_soon(reading.dates(), reading.mail.date).is_some() {
        return Priority::High;
    }
    if cents >= 50_000 * DOLLARS {
        return Priority::High;
    }
    if status == Status::Yellow || cents >= 10_000 * DOLLARS {
        return Priority::Medium;
    }
    Priority::Normal
}
