//! A mail prepared for the rules: its zones folded once, its place in a conversation, its parties.

use std::cell::OnceCell;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use crate::body;
use crate::command;
use crate::date::{self, DueDate};
use crate::fold::Folded;
use crate::house::{self, House};
use crate::language::{self, Language};
use crate::scout::Sought;
use crate::signature;
use crate::subject::{self, Relation};
use crate::{Category, Mail, Signal};

/// Longest text the rules read of one zone: beyond it are listings, not words. Keeps a mail of any size fast.
const ZONE: usize = 24 << 10;

/// Words of a request; a question mark is one too.
static REQUEST: LazyLock<Sought> = LazyLock::new(|| {
    Sought::new(
        r"\b(?:can|could|would|will) (?:you|someone|anyone|we)\b|\bplease\b|\bpls\b|\bplz\b|\bkindly\b|\bbitte\b|\bkonn(?:en|ten) sie\b|\bpodri?an?\b|\bpuede[ns]?\b|\bpor favor\b|\bfavor de\b|\bpouvez-vous\b|\bpourriez-vous\b|\bmerci de\b|\bveuillez\b|\bsvp\b|\bs'il vous plait\b",
    )
});
static WORK: LazyLock<Sought> = LazyLock::new(|| {
    Sought::new(
        r"\b(?:orders?|quotes?|shipments?|shipping|portal|customers?|invoices?|warehouse|carriers?|stock|pricing|edi|system|desk|bestell\w*|angebot\w*|lager|kunden?|versand|commandes?|devis|clients?|entrepot|expedition|pedidos?|cotizacion\w*|almacen|clientes?|envios?)\b",
    )
});

/// How a mail stands: to an earlier one, and who sends it to whom.
pub(crate) struct Stance<'a> {
    pub mail: &'a Mail,
    pub relation: Relation,
    pub house: House,
    /// Written by a machine.
    pub machine: bool,
}

/// A mail with what every rule needs.
pub(crate) struct Reading<'a> {
    stance: Stance<'a>,
    /// Cleaned subject, whoever wrote it.
    pub subject: Folded,
    /// What the sender wrote now: the subject if it opens a topic, and the new text.
    pub new: Arc<Folded>,
    /// The subject and the new text, whoever wrote the subject.
    pub opening: Folded,
    /// The new text alone.
    pub own: Arc<Folded>,
    /// Earlier mails, nearest first.
    pub layers: Vec<Folded>,
    /// Holds a question or a request.
    pub asks: bool,
    /// Of the new text.
    pub language: Language,
    /// What the rules say of each category, once asked.
    pub categories: OnceCell<Vec<(Category, f32)>>,
    dates: OnceCell<Vec<DueDate>>,
}

impl<'a> Deref for Reading<'a> {
    type Target = Stance<'a>;

    fn deref(&self) -> &Stance<'a> {
        &self.stance
    }
}

impl<'a> Stance<'a> {
    pub fn of(mail: &'a Mail, known: &[String]) -> Self {
        let relation = subject::relation(&mail.subject);
        Self { mail, relation, house: House::of(mail, known), machine: house::is_machine(mail) }
    }

    /// Answers an earlier mail.
    pub fn is_reply(&self) -> bool {
        self.relation == Relation::Reply || (self.mail.in_reply_to.is_some() && self.relation != Relation::Forward)
    }
}

impl<'a> Reading<'a> {
    pub fn new(mail: &'a Mail, known: &[String]) -> Self {
        let stance = Stance::of(mail, known);
        let relation = stance.relation;
        let cleaned = command::silence(subject::clean(&mail.subject));
        let own = command::silence(head(&mail.new_text));
        let opens = relation == Relation::Opens && mail.in_reply_to.is_none();
        let bare_forward = relation == Relation::Forward && own.len() < 20;
        let opening = Folded::new(&format!("{cleaned}\n{own}"));
        let new = (opens || bare_forward).then(|| Arc::new(Folded::new(&format!("{cleaned}.\n{own}"))));
        let own = Arc::new(Folded::new(&own));
        let asks = requests(&own);
        let language = language::of(&opening);
        let quoted = command::silence(head(&mail.quoted_text));
        Self {
            stance,
            subject: Folded::new(&cleaned),
            // One text where they are the same, so that what is found in it is found once.
            new: new.unwrap_or_else(|| Arc::clone(&own)),
            opening,
            own,
            layers: body::layers(&quoted).iter().take(12).map(|layer| Folded::new(&words(layer))).collect(),
            asks,
            language,
            categories: OnceCell::new(),
            dates: OnceCell::new(),
        }
    }

    /// The dates asked for or promised in what the sender wrote now.
    pub fn dates(&self) -> &[DueDate] {
        self.dates.get_or_init(|| date::dates(&self.new, self.mail.date))
    }

    /// The subject itself asks something of us, as in "Absence of driver - please reschedule".
    pub fn subject_is_request(&self) -> bool {
        requests(&self.subject) && !self.mail.has(Signal::AutoReplied)
    }

    /// Speaks of the business rather than of the staff.
    pub fn names_work(&self) -> bool {
        WORK.is_match(&self.new)
    }
}

/// The patterns of this module that are sought.
pub(crate) fn patterns() -> [&'static Sought; 2] {
    [&REQUEST, &WORK]
}

fn requests(text: &Folded) -> bool {
    text.text.contains('?') || REQUEST.is_match(text)
}

/// An earlier mail without its signature and disclaimer.
fn words(layer: &str) -> String {
    signature::cut(&layer.lines().collect::<Vec<_>>(), None).0
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(ZONE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
