//! Words of the eight categories in English, Spanish, French and German, with the weight each speaks with.

use std::sync::LazyLock;

use crate::Category;
use crate::cue::Cues;

/// Cues by category.
pub(crate) static CUES: LazyLock<Vec<(Category, Cues)>> = LazyLock::new(|| {
    vec![
        (Category::OrderManagement, Cues::new(ORDER)),
        (Category::QuoteProcessing, Cues::new(QUOTE)),
        (Category::ShippingAndLogistics, Cues::new(SHIPPING)),
        (Category::VendorPricingUpdates, Cues::new(VENDOR)),
        (Category::ReturnsAndRma, Cues::new(RETURNS)),
        (Category::AccountChanges, Cues::new(ACCOUNT)),
        (Category::DealActivations, Cues::new(DEAL)),
        (Category::GeneralSupport, Cues::new(SUPPORT)),
    ]
});

const ORDER: &[(f32, &str)] = &[
    (
        2.0,
        r"purchase orders?|orden(?:es)? de compra|pedidos? de compra|bons? de commande|bestellung(?:en)?\b|einkaufsbestellung",
    ),
    (1.2, r"p\.?o\.?s?\b|o\.?c\.? |sales orders?|so \d|auftrag|auftrage|pedidos?\b|commandes?\b"),
    (0.7, r"orders?\b"),
    (
        3.0,
        r"(?:please |kindly )?(?:enter|book|process|place)(?: in)? (?:the |this |our |attached |following )*(?:attached )?(?:p\.?o|purchase order|order)|please (?:book|order)\b|order(?:ing)? against|book against|place(?: an| the| this| our)? order|bitte (?:buchen|erfassen|bestellen)|merci d'enregistrer|(?:favor de|por favor) (?:procesar|ingresar|registrar|dar de alta) (?:el|la|nuestr\w+|est\w+) (?:pedido|orden)|wir bestellen|nous (?:vous )?(?:commandons|passons commande)|please enter",
    ),
    (
        2.0,
        r"acknowledge?ment|order confirmation|auftragsbestatigung|confirmation de commande|accuse de reception de commande|confirmacion de(?:l)? pedido|double[- ]?enter|entered twice|doppelt",
    ),
    (
        2.5,
        r"back-?order\w*|b/o\b|allocat\w*|unallocated|order status|ruckstand\w*|en rupture|reliquat|pendientes? de (?:surtir|entrega)|desabasto|auftragsstatus|estado del pedido|etat de (?:la|ma|notre) commande|zuteilung",
    ),
    (
        1.6,
        r"eta\b|ship dates?|lead[- ]?times?|due in|liefertermin\w*|lieferdatum|lieferzeit|date de livraison|delais? de livraison|fecha de (?:entrega|embarque|envio)|plazo de entrega|when will (?:it|they|this|we)|expected (?:date|in stock)|estimated (?:ship|delivery)",
    ),
    (
        3.0,
        r"credit hold|on hold|held up in credit|kreditsperre|liefersperre|(?:auftrag|bestellung|lieferung|konto)\b.{0,30}gesperrt|retenid[oa]s?|en retencion|bloque\w* (?:pour|par le) credit|blocage|commande bloquee",
    ),
    (
        2.5,
        r"cancel\w* (?:the |this |our |lines? |whole |entire |po|order|line)|cancel(?:lation)? (?:of )?(?:po|order|line)|stornier\w*|storno|annul\w* (?:la |notre |les |cette )?(?:commande|ligne)|cancelar (?:el|la|las|nuestr\w+) (?:pedido|orden|linea|partida)",
    ),
    (
        1.5,
        r"ship complete|split shipment|partial ship\w*|expedite|release (?:the|our|this|it)|lines? (?:accepted|\d+ and)|quantity (?:change|on)|change (?:the )?quantity|teillieferung|livraison partielle|entrega parcial|menge (?:andern|auf)|hold entry|holding entry|rush (?:this|the) order",
    ),
    (
        1.8,
        r"wrong (?:item|part|model|product)s? (?:was |were )?(?:shipped|sent|received|delivered)|falsch(?:e[rsn]?)? (?:artikel|ware) geliefert|mauvais (?:article|produit)|(?:articulo|producto|material) equivocado|instead of the|delivery address for (?:po|order)",
    ),
    (
        3.0,
        r"(?:change|update|correct|amend|new)\w* (?:the |our |your )?(?:delivery|shipping|ship-to) (?:address|date) (?:for|on|of) (?:\w+ )?(?:p\.?o|order|purchase)|lieferadresse .{0,30}(?:bestellung|auftrag)|adresse de livraison .{0,30}commande|direccion de entrega .{0,30}(?:pedido|orden)",
    ),
];

const QUOTE: &[(f32, &str)] = &[
    (1.6, r"quot(?:e|es|ed|ing|ation|ations)\b|bids?\b|angebot\w*|offerte\w*|cotizaci\w*|presupuesto|devis|cotation"),
    (
        3.5,
        r"pric(?:e|ing) request|request(?:s|ing)? (?:for )?(?:a )?(?:quote|quotation|pricing|bid)|rf[qp]\b|(?:need|like|want|send|get|have|provide|give) (?:\w+ ){0,3}(?:quote|pricing|quotation|price)\b|work up (?:a )?(?:pricing|quote)|angebotsanfrage|preisanfrage|(?:bitte|um) (?:\w+ ){0,4}(?:ein |unterbreiten sie |ein entsprechendes )?angebot|demande de (?:prix|devis|cotation)|(?:envoyer|etablir|faire|transmettre|chiffrer) (?:\w+ ){0,3}(?:devis|offre|prix)|solicitud de (?:cotizacion|presupuesto|precio)|(?:cotizar|cotizarnos|cotice|enviar (?:una |la )?cotizacion|pasar presupuesto)",
    ),
    (
        2.5,
        r"pric(?:e|ing) (?:on|for)\b|special pricing|sonderpreis|projektpreis|prix special|precio(?:s)? (?:para|de|especial)|preis fur|prix pour|how much",
    ),
    (
        2.0,
        r"(?:revise|revised|update|updated|extend|extension|renew|requote|re-quote) (?:\w+ ){0,4}(?:quote|quotation|pricing)|(?:quote|quotation)\b.{0,40}\b(?:expire|extend|extension|valid|revis)\w*|angebot\b.{0,40}\b(?:verlanger|gultig|uberarbeit)\w*|devis\b.{0,40}\b(?:expire|prolong|valable|revis)\w*|cotizacion\b.{0,40}\b(?:vence|vigen|actualiz|extend|prorrog)\w*",
    ),
    (0.8, r"budget\w*|not[- ]to[- ]exceed|valid (?:until|through|for)|gultig bis|valable jusqu|vigencia"),
];

const SHIPPING: &[(f32, &str)] = &[
    (
        2.0,
        r"tracking|sendung\w*|sendungsverfolgung|suivi|seguimiento|rastreo|numero de guia|guia\b|in transit|unterwegs|en transit",
    ),
    (
        1.0,
        r"ups\b|fedex|dhl|dpd|gls|carrier|ltl|spediteur|spedition|transporteur|transportista|paqueteria|mensajeria|estafeta|frachtfuhrer|kurier",
    ),
    (
        2.5,
        r"delivery exception|delivery attempt|redeliver\w*|proof of delivery|pod\b|signed for|abliefernachweis|zustell\w*|ablieferbeleg|preuve de livraison|emarge|(?:prueba|comprobante|acuse) de entrega|reentrega|nueva entrega|entrega fallida",
    ),
    (
        2.0,
        r"pallets?|skids?|cartons?|boxes|crates?|freight|liftgate|palette[ns]?|karton\w*|paket\w*|colis|cajas|tarimas?|palets?|bultos?|linehaul",
    ),
    (
        2.5,
        r"dock (?:appointment|hours)|appointments?|appt\b|delivery (?:window|appointment)|schedule (?:the )?(?:delivery|pick-?up)|zeitfenster|anlieferung|avis(?:ierung)?|rendez-vous|quai|cita de (?:entrega|descarga)|muelle|anden|pick-?up\b|abholung|enlevement|recoleccion|recogida",
    ),
    (
        3.0,
        r"customs|commercial invoice|hs codes?|brokerage|import duty|zoll\w*|verzollung|douane|dedouanement|aduana\w*|despacho aduanal|pedimento",
    ),
    (
        1.8,
        r"driver|truck|trailer|delivered|fahrer|lkw|chauffeur|livreur|camion\w*|conductor|chofer|repartidor|delivery\b|lieferung\b|livraison\b|entrega\b|shipment|envio\b",
    ),
    (
        2.0,
        r"missing (?:cartons?|boxes|pallets?|units|pieces)|(?:cartons?|boxes|pallets?|units) (?:are |is |were )?(?:missing|short)|short(?:age|ed)?\b|lost (?:in|by|shipment|package|freight)|fehlmenge|fehlt|fehlen|manqu(?:e|ent|ant)\w*|faltante|faltan|extraviad\w*|perdu|verloren|trace\b",
    ),
    (
        2.5,
        r"damaged in (?:transit|transport|shipping)|freight (?:claim|damage)|(?:transport|shipping|carrier) (?:damage|claim)|transportschaden|avarie|dommage|danad\w+ (?:en|durante) (?:el )?(?:transporte|envio)|crushed|forklift|wrong (?:store|address|location|site|dock)|falsche (?:adresse|filiale)|mauvaise adresse|direccion equivocada|misdeliver\w*",
    ),
];

const VENDOR: &[(f32, &str)] = &[
    (
        4.0,
        r"price (?:change|increase|decrease|file|list|uplift|update|adjustment|book|notice|reduction|drop)s?\b|list price change|cost (?:change|increase|update|file)|new (?:price list|pricing effective)|prices? (?:will )?(?:increase|rise|go up)|preisliste\w*|preiserhohung\w*|preisanpassung\w*|preisanderung\w*|preissenkung\w*|liste de prix|(?:grille|hausse|evolution|changement|nouveaux?|mise a jour)(?: \w+)? (?:tarif\w*|de(?:s)? prix)|tarifs? (?:applicable|en vigueur|\d)|lista de precios|(?:aumento|incremento|cambio|ajuste|actualizacion|reduccion) de (?:los )?precios?",
    ),
    (
        1.0,
        r"list\b|effective (?:\w+ )?(?:\d|january|february|march|april|may|june|july|august|september|october|november|december|immediately)|ab dem \d|gultig ab|a compter du|a partir del?\b|wirksam|load(?:ed)? (?:before|the|both|by)|dear distribut\w*|distribut\w+ (?:partner|must)",
    ),
    (
        4.0,
        r"end[- ]of[- ](?:sale|life|support)|eol\b|eos\b|last[- ](?:order|time)[- ](?:date|buy)|discontinu\w*|abkundig\w*|auslauf\w*|letzte bestell\w*|fin de (?:vente|vie|commercialisation)|arret de commercialisation|derniere date de commande|fin de (?:venta|vida)|descontinua\w*|ultima fecha de (?:pedido|compra)",
    ),
    (
        4.0,
        r"price protection|rebates?\b|sell-?through|sold-?through|sell-?out|ship(?:ped)? and debit|stock rotation|preisschutz|lagerwertausgleich|ruckvergutung\w*|bonusprogramm|wkz|protection (?:de|des) prix|protection tarifaire|remises? arrieres?|protection de stock|proteccion de precios?|bonificacion\w*|programa de (?:incentivos|rebates)|spiffs?\b|backend",
    ),
    (
        1.5,
        r"price file|promo sheet|pricing (?:team|analyst|ops)|old (?:cost|price|list)|new (?:cost|list)|uplift|msrp|claims? (?:must|window|will) ",
    ),
];

const RETURNS: &[(f32, &str)] = &[
    (
        4.0,
        r"rmas?\b|return (?:authori[sz]ation|request|label)|ruckgabe|ruckwaren\w*|retouren?\w*|rucksend\w*|autori[sz]acion de devolucion|devoluci\w*|demande de retour|retour (?:de|sav|marchandise|produit|client)",
    ),
    (
        1.8,
        r"return(?:s|ed|ing)?\b|send (?:it|them) back|zuruck(?:send|schick|geb)\w*|renvoyer|retourner|retours?\b|devolver|regresar",
    ),
    (
        4.0,
        r"doa\b|dead on arrival|defective|faulty|will not (?:power|turn|boot)|won't (?:power|turn|boot)|doesn't (?:power|turn|boot)|not powering|defekt\w*|geht nicht an|startet nicht|ausgefallen|defectueu\w*|en panne|ne (?:s'allume|demarre|fonctionne) pas|defectuos\w*|no (?:enciende|prende|arranca|funciona)|muert[oa]s? al llegar|averiad\w*",
    ),
    (
        3.0,
        r"warranty|repairs?\b|depot|advance replacement|replacement (?:unit|carts?|part)|garantie\w*|gewahrleistung\w*|reparatur\w*|austausch\w*|vorabaustausch|reparation\w*|echange|remplacement|garantia\w*|reparaci\w*|reemplazo|sustitucion",
    ),
    (
        2.5,
        r"restocking|still sealed|unopened|credit (?:memo|note|for (?:the )?return)|gutschrift|avoir\b|nota de credito|abono|ungeoffnet|originalverpackt|non ouvert|sin abrir|sellad[oa]",
    ),
    (
        1.8,
        r"cracked|damaged|broken|scratched|beschadigt\w*|gesprungen|endommage\w*|casse\w*|danad\w*|rot[oa]s?\b|ordered (?:the )?wrong|falsch bestellt|commande par erreur|pedimos (?:mal|por error)",
    ),
];

const ACCOUNT: &[(f32, &str)] = &[
    (
        4.0,
        r"resale certificate|tax[- ](?:exempt\w*|certificate)|exempt(?:ion)? certificate|w-?9\b|steuerbefrei\w*|freistellung\w*|ust-?id\w*|certificat (?:d'exoneration|fiscal)|attestation (?:fiscale|de tva)|certificado (?:de exencion|fiscal)|constancia (?:de situacion )?fiscal|kbis",
    ),
    (
        4.0,
        r"credit (?:limit|line|application|terms)|payment terms|net[- ]?(?:30|45|60|90)\b|kreditlimit|kreditlinie|zahlungsziel|zahlungsbedingung\w*|(?:plafond|encours|limite|ligne)s? (?:de )?credit|encours autorise|(?:conditions|delais?) de (?:paiement|reglement)|limite de credito|linea de credito|(?:condiciones|plazo) de (?:pago|credito)",
    ),
    (
        4.0,
        r"bank (?:details|account|information)|remittance (?:details|address|information)|banking (?:details|information)|bankverbindung|kontoverbindung|bankdaten|coordonnees bancaires|nouveau rib|rib\b|datos bancarios|cuenta bancaria|ach form|payment details|remit-to",
    ),
    (
        3.0,
        r"new (?:ship-?to|bill-?to|user|buyer|contact|login|address|location|account)|(?:add|remove|deactivate|delete|set up|create) (?:\w+ ){0,5}(?:user|buyer|contact|ship-?to|login|address|account)s?\b|portal user|change of address|address change|we(?:'ve| have)? moved|neue[rsn]? (?:ansprechpartner\w*|benutzer\w*|lieferadresse|adresse|anschrift|mitarbeiter\w*)|adressanderung|umgezogen|umzug|nouve(?:au|lle|l) (?:adresse|utilisateur|contact|acheteur|interlocuteur|compte)|changement d'adresse|demenage\w*|(?:nuev[oa]|alta de|baja de|agregar)(?: un| una| al)? (?:usuario|contacto|comprador|direccion|domicilio|cliente|sucursal)|cambio de (?:domicilio|direccion|razon social)|nos (?:mudamos|hemos mudado)",
    ),
    (
        3.0,
        r"(?:open|opening|set up|new) (?:an? |new )*(?:reseller |customer |business )?account\b|account (?:set-?up|application|opening|changes?|update)|legal name|name change|company name|kundenkonto|stammdaten|konto eroffn\w*|firmierung|umfirmierung|ouverture de compte|ouvrir un compte|raison sociale|abrir (?:una )?cuenta|alta como (?:cliente|distribuidor)|razon social|master data|rebrand\w*|merger",
    ),
    (
        1.2,
        r"ship-to|tax\b|account \d|our account|user access|ordering rights|on account|rights\b|authorized buyers?|zugriffsrechte|droits d'acces|permisos",
    ),
];

const DEAL: &[(f32, &str)] = &[
    (
        4.0,
        r"deal[- ]?reg\w*|register (?:the |this |below |following )*(?:deal|opportunity|project)|(?:deal|opportunity|project) registration|deal id|deal[- ]?registrierung|projektregistrierung|projektschutz|projektanmeldung|enregistrement (?:d'affaires?|de (?:l'|l )?(?:affaire|opportunite|projet)|d'opportunite)|registro de (?:la )?(?:oportunidad|proyecto|negocio)|registrar (?:la |esta |el )?(?:oportunidad|proyecto|negocio)|your registration has been",
    ),
    (
        3.5,
        r"(?:activat\w+|apply|enable)\b.{0,40}\b(?:promo\w*|subscription|licen[cs]e\w*|discount|bundle|membership|seats?|keys?|tenant)|(?:promo\w*|subscription|licen[cs]e\w*|membership)\b.{0,50}\b(?:activ\w+|lapsed|expired|provision\w*)|aktivier\w*|freischalt\w*|activation|activer|activaci\w*|activar",
    ),
    (
        2.5,
        r"subscriptions?|promo\b|promo code|co-?term\w*|abonnement\w*|abo\b|suscripci\w*|provision(?:ed|ing)|tenant|mandant\b|promocion\b",
    ),
    (
        1.6,
        r"licen[cs]es?\b|licen[cs]ing|seats?\b|renewals?\b|activat\w*|registration\b|lizenz\w*|verlangerung|licences?\b|renouvellement|licencias?\b|renovacion",
    ),
    (1.0, r"special bid|opportunit\w*|expected close|end customer|additional discount|cloud\b|csp\b"),
];

const SUPPORT: &[(f32, &str)] = &[
    (
        4.5,
        r"invoice cop(?:y|ies)|cop(?:y|ies) of (?:\w+ ){0,3}invoices?|rechnungskopie\w*|kopien? (?:der|von|unserer|ihrer)? ?rechnung\w*|(?:copie|duplicata)s? (?:de |des |de la |d')?(?:la |les |vos )?factures?|copias? de (?:la |las |las? )?facturas?|statement of account|kontoauszug|releve de compte|estado de cuenta",
    ),
    (
        3.5,
        r"edi\b|api\b|as2\b|punch-?out|cxml|data feed|catalog feed|integration|schnittstelle|integracion|integration|850s?\b|855s?\b|856s?\b|810s?\b",
    ),
    (
        3.0,
        r"log ?-?in\b|log on|password|locked out|lock-?outs?|mfa\b|two-factor|2fa\b|passwort|kennwort|anmeld(?:en|ung)|einloggen|gesperrter zugang|mot de passe|connexion|connecter|identifiant\w*|contrasena|iniciar sesion|acceso al portal|bloquead[oa] (?:el )?acceso|sign in",
    ),
    (
        2.0,
        r"portal|web ?site|webshop|online shop|portail|site web|pagina web|sitio web|error (?:message|code|\d)|fehlermeldung|message d'erreur|mensaje de error|maintenance|wartung|outage",
    ),
    (
        2.5,
        r"how (?:do|can|to|would) (?:we|i|you)?|is there a way|wie (?:kann|konnen|funktioniert)|gibt es eine moglichkeit|comment (?:puis|peut|faire|pouvons)|como (?:puedo|podemos|se puede|hago)|hay (?:alguna )?(?:manera|forma)|where (?:do|can) (?:we|i) find|wo finde",
    ),
    (
        1.0,
        r"export\w*|report\b|training|script|download\w*|question about|who (?:is|should|do)|contact person|audit\w*|ticket",
    ),
];
