//! Where a matter stands when a mail arrives: opened by it, under way, or closed by it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::Category;
use crate::cue::Cues;
use crate::reading::Reading;
use crate::subject::Relation;

/// Stage of the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The first mail on a matter.
    StartPoint,
    /// The matter is under way.
    InProgress,
    /// The mail fulfils or closes the request.
    Completion,
}

impl State {
    /// All states.
    pub const ALL: [Self; 3] = [Self::StartPoint, Self::InProgress, Self::Completion];

    /// The name used in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StartPoint => "START_POINT",
            Self::InProgress => "IN_PROGRESS",
            Self::Completion => "COMPLETION",
        }
    }
}

/// Words that close a matter beyond doubt.
static CLOSES: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            4.0,
            r"no (?:further|more|other) (?:action|steps?)|no action (?:is )?(?:needed|required)|nothing (?:else|more|further) (?:is )?(?:needed|required)|kein(?:e|erlei)? (?:weitere[rns]? )?(?:aktion|schritte|massnahmen|handlungsbedarf)|sie mussen nichts (?:weiter|mehr)|aucune (?:autre )?action|rien d'autre|no (?:se requiere|hace falta|es necesari[oa]) (?:ningun\w* |nada )?(?:mas|accion|otra)",
        ),
        (
            4.0,
            r"clos(?:e|ing) (?:this|the|your|out|it)\b|(?:case|ticket|claim|request|escalation|incident|rma|trace|matter|issue)\b.{0,40}\b(?:is|are|has been|was|now) (?:now )?(?:closed|resolved|completed?)|(?:inc|cas|sr|rma|case|ticket)[\w-]* (?:resolved|closed)|(?:wir )?schliessen (?:den|das|die|diese\w*)|(?:ticket|fall|vorgang|reklamation|anfrage)\b.{0,40}\b(?:geschlossen|abgeschlossen|erledigt)|(?:nous )?(?:cloturons|fermons)|(?:dossier|ticket|reclamation|demande|sinistre|incident)\b.{0,40}\b(?:clos|cloture|resolu|ferme)\w*|(?:cerramos|doy por cerrad[oa]|damos por cerrad[oa]|se cierra)|(?:caso|ticket|reclamacion|solicitud|incidencia)\b.{0,40}\b(?:cerrad|resuelt|concluid|solucionad)[oa]",
        ),
        (
            4.0,
            r"all done|done here|(?:you're|you are|we're|we are) all set|you're set|that wraps|that(?:'s| is| should be) everything|all sorted|both .{0,30} (?:finished|done|complete)|is complete\b|everything is (?:complete|done|set)|consider (?:it|this) (?:done|closed)|alles erledigt|ist (?:hiermit |damit |somit |nun )?(?:erledigt|abgeschlossen)|damit ist|tout est (?:en ordre|regle|bon)|c'est (?:fait|regle|bon)|todo (?:listo|resuelto|en orden)|queda (?:todo )?(?:listo|resuelto|cerrad[oa]|concluid[oa]|hech[oa])|asunto (?:resuelto|cerrado)|probleme (?:est )?resolu",
        ),
        (
            3.5,
            r"(?:was|were|been|got|is) (?:now )?(?:fully )?(?:resolved|fixed|restored|reprocessed)|(?:is|are) (?:now )?(?:active|live|working|up) again|back (?:up|online)|works? (?:now|again)|working (?:now|again|fine)|wieder (?:aktiv|online|erreichbar|in betrieb)|funktioniert (?:jetzt|wieder|nun)|behoben|gelost\b|fonctionne (?:a nouveau|de nouveau|maintenant)|(?:est|a ete) (?:resolu|retabli|corrige|regle)e?|ya funciona|(?:ha sido|fue|quedo|esta) (?:resuelt|solucionad|restablecid|corregid)[oa]",
        ),
        (
            3.0,
            r"sorted\b|they(?:'re| are) (?:all )?here|all .{0,30}(?:arrived|received|here|in)\b|(?:has|have|was|were|got|been) (?:all )?(?:delivered|arrived|received)|arrived (?:this|today|safely|yesterday|and|complete)|signed for\b|ist (?:heute |gestern |soeben )?(?:angekommen|eingetroffen)|(?:sind|wurden?) (?:\w+ ){0,5}(?:angekommen|eingetroffen|zugestellt|ubergeben|ausgeliefert|angeliefert|geliefert)|(?:est|sont) (?:bien )?arrivee?s?|(?:a|ont) ete (?:bien )?(?:livre|remis|receptionne|distribue)\w*|bien (?:recu|arrive)\w*|(?:llego|llegaron|recibimos)\b.{0,30}(?:todo|complet|bien|hoy|esta manana)|(?:ha sido|fue|fueron|han sido|se entrego|quedo) ?(?:entregad[oa]s?)?\b.{0,20}entreg\w*",
        ),
    ])
});

/// Words by which one of ours, a vendor or a carrier says that the asked-for thing is done.
static FULFILS: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.5,
            r"(?:quote|quotation|bid|pricing|proposal)\b.{0,40}\b(?:is |are )?(?:attached|enclosed|below|ready|done)|(?:attached|enclosed|here|find|below) (?:is|are|you go|you will find)\b.{0,40}\b(?:quote|quotation|pricing|bid|q-?\d)|here you go|here(?:'s| is) (?:the|your)|(?:angebot|offerte)\b.{0,60}\b(?:anbei|beigefugt|im anhang|angehangt)|(?:anbei|im anhang|beigefugt|als anlage)\b.{0,60}\b(?:angebot|offerte|rechnung|kopie)\w*|(?:devis|offre|cotation)\b.{0,60}\b(?:ci-joint|en piece jointe|joint)|(?:ci-joint|en piece jointe|veuillez trouver|vous trouverez|voici)\b.{0,60}\b(?:devis|offre|cotation|factures?|copies?|duplicata)|(?:cotizacion|oferta|presupuesto)\b.{0,60}\badjunt[oa]|adjunt(?:o|amos|a|as)\b.{0,60}\b(?:cotizacion|oferta|presupuesto|facturas?|copias?)|(?:aqui|le) (?:esta|va|envio|mando|paso)\b.{0,40}\b(?:cotizacion|oferta|presupuesto)|(?:invoices?|copies|documents?|statements?) (?:are|is) attached",
        ),
        (
            2.2,
            r"(?:^|[.!,;\n] *)(?:done|updated|fixed|completed|approved|extended|loaded|cancel+ed|corrected|changed|added|activated|refunded|credited|confirmed and closed|storniert|annule|cancelad[oa]|corregid[oa]|erledigt|fait|hecho|listo|aktualisiert|geandert|angepasst|mis a jour|actualizado|modifie)\b[,.! ]|(?:is|are) (?:now )?(?:done|updated|live|active|loaded|extended|exempt|in place|finished)\b",
        ),
        (
            1.8,
            r"(?:has|have) been (?:\w+ )?(?:approved|updated|changed|corrected|extended|cancel+ed|loaded|added|activated|posted|issued|refunded|credited|reset|unlocked|removed|merged|completed|processed|registered|applied|opened|set up)|(?:was|were) (?:\w+ )?(?:approved|updated|changed|corrected|extended|cancel+ed|loaded|added|activated|posted|refunded|credited|reset|unlocked|removed|merged|completed|registered|applied|set up)|i(?:'ve| have) (?:also |now |just )?(?:updated|changed|corrected|extended|loaded|added|activated|reset|unlocked|removed|switched|applied|set)|(?:wurden?|ist|sind|habe[n]?)\b.{0,60}\b(?:genehmigt|aktualisiert|geandert|korrigiert|verlangert|storniert|geladen|eingepflegt|hinzugefugt|aktiviert|freigeschaltet|gutgeschrieben|zuruckgesetzt|hinterlegt|angelegt|eingerichtet|umgestellt|registriert|ubernommen)|(?:a|ont|est|sont|ai|avons)(?: bien)?(?: ete)? (?:bien )?(?:approuve|valide|mis(?:e)? a jour|modifie|corrige|prolonge|annule|charge|ajoute|active|credite|reinitialise|debloque|enregistre|cree|integre)e?s?\b|(?:ha|han|fue|fueron|hemos|he|quedo|quedaron|esta|estan|se)(?: sido)? (?:ya )?(?:aprob|actualiz|cambi|corrig|correg|extend|prorrog|cancel|carg|agreg|anad|activ|abon|restablec|desbloque|registr|modific|dad[oa] de alta|aplic)\w*",
        ),
    ])
});

/// Words that keep a matter open.
static OPEN: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.0,
            r"waiting|awaiting|pending|not yet|no (?:fix|eta|date|confirmed|update) yet|still\b|until then|stays open|remain(?:s|ing)\b|the rest|the other\b|the last \d|only (?:\d+|one|two|three|half)|partial\w*|half of|unallocated|noch (?:nicht|aus|offen)|warte[nt]?\b|ausstehend|offen\b|teilweise|en attente|pas encore|attend\w*|reste\b|en espera|pendientes?|todavia|aun no|esperando|falta\b|parcial\w*",
        ),
        (
            2.0,
            r"(?:i|we|he|she|they|driver|carrier|team)(?:'ll| will) \w+|will (?:be|come|call|follow|send|ship|revert|get back)\b|(?:wir|ich) (?:werde|melde|klare|prufe|warte)\w*|(?:je|nous) (?:vous )?(?:reviens|revenons|verifi\w+|tiens|tenons|confirmerai|confirmerons|enverr\w+)|(?:le|les) (?:avis|confirm|envi)\w+|(?:voy|vamos) a|les? (?:mantendr|informar)\w+",
        ),
        (
            2.0,
            r"being (?:picked|processed|pulled|sent|reviewed|worked|prepared|entered)|in progress|in the queue|queued|underway|in bearbeitung|wird (?:gerade |derzeit |heute |morgen )?(?:bearbeitet|gepruft|versendet|geliefert|kommissioniert)|en cours|en proceso|en tramite|expect(?:s|ed|ing)?\b|as soon as|sobald|des que|en cuanto|tan pronto|dispatched|on (?:its|the) way|scheduled|out for delivery|unterwegs|ships? (?:tomorrow|today|on|same)|allocated|due (?:in|into)\b|inbound|ready to ship|tonight|tomorrow|morgen\b|demain|manana\b",
        ),
        (
            3.0,
            r"(?:need|require)[sd]? (?:you|your|the|a|an|from|one|two|to)\b|please (?:send|confirm|provide|advise|keep|sign|return|reply|let me|let us|supply|complete|fill)|(?:bitte|benotig\w+|brauche\w*)\b.{0,50}\b(?:senden|schicken|bestatigen|mitteilen|sie|noch|wir|ich|um)|(?:merci de|veuillez|besoin de|il (?:nous|me) (?:faut|manque))|(?:favor de|por favor|necesit\w+|requerimos|nos falta)",
        ),
    ])
});

/// A chase, or words that refer to what went before.
static CHASE: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.0,
            r"any (?:update|news|word|progress)|status\b.{0,3}\?|^status|what(?:'s| is) the (?:status|latest)|where (?:is|are|does)\b|checking (?:on|in)|following up|follow(?:ing)?[- ]up|chasing|(?:asked|written|called|e-?mailed) (?:\w+ ){0,4}(?:times|twice|already|before)|(?:second|third|2nd|3rd|final) (?:request|reminder|time|notice)|reminder|(?:asking|ask) for an? (?:eta|update)|have(?:n't| not) (?:heard|received|had|got)|no (?:response|reply|answer|news)|still (?:waiting|no|not|have|can't|cannot|nothing|missing|showing)|order status|was there|as (?:discussed|agreed|promised|mentioned)|per (?:our|your|my) (?:call|conversation|e-?mail|discussion|last)|our call|last (?:ticket|week|e-?mail)|previous(?:ly)?|again\b|nobody (?:showed|came)|promised",
        ),
        (
            2.0,
            r"gibt es (?:schon |bereits )?(?:neuigkeiten|etwas neues|einen stand|news)|wie ist der (?:aktuelle )?(?:stand|status)|sachstand|wo (?:ist|bleibt|sind)|nachfrage|nachfassen|erinnerung|mahnung|immer noch|noch (?:keine|nicht|nichts)|wie (?:besprochen|telefonisch|vereinbart)|zum (?:zweiten|dritten) mal|erneut|zugesagt",
        ),
        (
            2.0,
            r"des nouvelles|ou en (?:est|sont|sommes)|relance|rappel\b|toujours (?:pas|rien|en attente)|sans (?:nouvelles|reponse)|comme (?:convenu|promis)|suite a (?:notre|votre|mon|ma|nos)|pas de (?:reponse|nouvelles)|(?:deuxieme|troisieme) (?:relance|fois|demande)|a nouveau",
        ),
        (
            2.0,
            r"alguna (?:novedad|noticia|actualizacion)|hay (?:novedades|noticias|respuesta)|cual es el (?:estado|estatus)|en que (?:estado|estatus|va)|donde (?:esta|estan)|seguimiento a|recordatorio|sigo (?:esperando|sin)|seguimos (?:esperando|sin)|sin (?:respuesta|noticias)|como (?:acordamos|comentamos|quedamos)|(?:segunda|tercera) (?:vez|solicitud)|de nuevo|todavia no|aun no",
        ),
    ])
});

/// Notices that tell and ask nothing.
static NOTICE: LazyLock<Cues> = LazyLock::new(|| {
    Cues::new(&[
        (
            2.0,
            r"(?:ship|shipment|shipping|delivery|order|dispatch) (?:notification|notice|confirmation|acknowledge?ment|exception|update)|has (?:been )?(?:shipped|created|dispatched)|is on its way|this (?:message was sent|is a system|is an automat)|scheduled (?:delivery|ship)|service request\b|estimate approval|versandbestatigung|versandbenachrichtigung|auftragsbestatigung|sendungsankundigung|avis d'expedition|confirmation d'expedition|confirmation de commande|aviso de (?:envio|embarque)|confirmacion de (?:envio|pedido)|next attempt|nachster (?:zustell)?versuch|prochaine tentative|proximo intento|automatisch (?:erstellt|generiert)|message automatique|mensaje automatico",
        ),
        (
            1.5,
            r"for your information|fyi\b|heads[- ]up|just letting you know|no change|nothing needed|will be (?:read-only|down|closed|unavailable)|everything is proceeding|zur (?:info|kenntnis)|pour info(?:rmation)?|a titre d'information|para su (?:conocimiento|informacion)|quick list|weekly|open (?:claims|orders|items)",
        ),
    ])
});

/// All cues of this module.
pub(crate) fn all_cues() -> [&'static Cues; 5] {
    [&CLOSES, &FULFILS, &OPEN, &CHASE, &NOTICE]
}

/// How loud each kind of cue is.
pub(crate) fn cues(reading: &Reading<'_>) -> Vec<(&'static str, f32)> {
    [("closes", &CLOSES), ("fulfils", &FULFILS), ("open", &OPEN), ("chase", &CHASE), ("notice", &NOTICE)]
        .into_iter()
        .map(|(name, cues)| (name, cues.find(&reading.new).weight))
        .collect()
}

/// The state by the rules.
pub(crate) fn decide(reading: &Reading<'_>, category: Category) -> State {
    let forwarded = reading.relation == Relation::Forward;
    let under_way = reading.is_reply() || forwarded;
    let closes = CLOSES.find(&reading.new);
    let served = reading.house.sent || reading.machine || is_supplier(reading);
    let fulfils = FULFILS.find(&reading.own);
    let open = OPEN.find(&reading.own);
    let questions = reading.own.text.matches('?').count() as f32;
    let against = open.weight + 2.0 * questions;
    let mut speaks = closes.weight;
    if served {
        // An approved return still has to come back.
        let scale = if category == Category::ReturnsAndRma { 0.5 } else { 1.0 };
        speaks += fulfils.weight * scale;
    }
    let may_close = under_way || ((reading.machine || is_supplier(reading)) && closes.weight >= 3.0);
    let firm = closes.weight >= 4.0 && questions == 0.0 && open.weight < closes.weight + 2.0;
    if may_close && speaks >= 1.8 && (speaks > against || firm) {
        return State::Completion;
    }
    if under_way {
        return under_way_state(reading);
    }
    let chase = CHASE.find(&reading.new);
    if chase.is_some() && category != Category::VendorPricingUpdates {
        return State::InProgress;
    }
    let notice = NOTICE.find(&reading.new);
    let moving = matches!(
        category,
        Category::ShippingAndLogistics | Category::OrderManagement | Category::ReturnsAndRma | Category::GeneralSupport
    );
    let tells = reading.machine || reading.house.sent || category == Category::ShippingAndLogistics;
    if moving && notice.is_some() && tells {
        return State::InProgress;
    }
    // One of ours who asks nothing tells of something that goes on.
    let told = reading.house.sent && reading.house.certain;
    if moving && (reading.machine || told) && !reading.asks {
        return State::InProgress;
    }
    State::StartPoint
}

/// Replies are under way; a forward that only passes a request on opens the matter for us.
fn under_way_state(reading: &Reading<'_>) -> State {
    if reading.relation == Relation::Forward && !reading.is_reply() {
        let speaks_of_progress = OPEN.find(&reading.own);
        let chase = CHASE.find(&reading.own);
        let progress = speaks_of_progress.is_some() || chase.is_some();
        let passes_on = reading.asks || !progress;
        if passes_on && !chase.is_some() {
            return State::StartPoint;
        }
        return State::InProgress;
    }
    State::InProgress
}

fn is_supplier(reading: &Reading<'_>) -> bool {
    reading.mail.from.as_ref().is_some_and(|from| crate::house::party(from) != crate::house::Party::Unknown)
}
