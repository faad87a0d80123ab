//! Everything a task is made of, read from one mail.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::document::{self, Evidence, Speaker, Texts};
use crate::model::questions::{Known, Models};
use crate::reading::Reading;
use crate::verdict::{self, Verdict};
use crate::{
    Category, Entities, Mail, Priority, State, Status, category, customer, entity, money, noise, status, subject,
};

/// Why a field has its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Name of the rule.
    pub rule: String,
    /// Literal text of the mail that holds the value or the cue.
    pub span: Option<String>,
    /// From 0 to 1.
    pub confidence: f32,
}

/// What one mail says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Analysis {
    /// Why the mail makes no task, if so: auto-reply, bounce, calendar, read receipt, newsletter, marketing, survey,
    /// sales pitch, phishing or broadcast.
    pub noise: Option<String>,
    /// What is asked.
    pub category: Category,
    /// Other categories that nearly won.
    pub secondary: Vec<Category>,
    /// Stage of the matter.
    pub state: State,
    /// How well it goes.
    pub status: Status,
    /// How soon it must be looked at.
    pub priority: Priority,
    /// Numbers and customers.
    pub entities: Entities,
    /// Amount at stake in cents.
    pub dollar_cents: Option<i64>,
    /// ISO code of that amount.
    pub currency: Option<String>,
    /// The next step is the customer's.
    pub waiting_on_customer: bool,
    /// A title for the task, at most 200 characters.
    pub title: String,
    /// Confidence in category, state and status together, from 0 to 1.
    pub confidence: f32,
    /// Reasons by task field name.
    pub explanations: BTreeMap<String, Explanation>,
}

/// Longest text searched for numbers and names; beyond it are exports.
const SEARCHED: usize = 256 << 10;

/// Reads a mail. Instants such as "tomorrow" are relative to the mail's own date.
pub fn analyse(mail: &Mail) -> Analysis {
    analyse_for(mail, &[])
}

/// As [`analyse`], knowing the mail domains that are the distributor's own.
pub fn analyse_for(mail: &Mail, own_domains: &[String]) -> Analysis {
    analyse_with(Models::bundled(), mail, own_domains)
}

/// As [`analyse_for`], with models of the caller's.
pub fn analyse_with(models: &Models, mail: &Mail, own_domains: &[String]) -> Analysis {
    Draft::of(models, mail, own_domains).analysis
}

/// What was said on a matter before a mail came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// The mail joins a task that exists.
    pub joined: bool,
    /// What the last mail on it said.
    pub status: Option<Status>,
}

/// A mail read for itself. Which task it joins is found by what it says; [`Draft::conclude`] then weighs what that task
/// is known to be.
#[derive(Debug)]
pub struct Draft<'m> {
    /// What the mail says on its own.
    pub analysis: Analysis,
    known: Known<'m>,
    texts: Texts,
    speaker: Speaker,
}

impl<'m> Draft<'m> {
    /// Reads a mail.
    pub fn of(models: &'m Models, mail: &Mail, own_domains: &[String]) -> Self {
        let reading = Reading::new(mail, own_domains);
        let text = searched(mail);
        let entities = entities(mail, &text, &reading);
        let amount = amount(&reading);
        let cents = amount.as_ref().map(|amount| amount.cents);
        let by_rule = noise::reason(&reading, &entities);
        let reason = by_rule.as_ref().map(|(reason, _)| *reason);
        let evidence = Evidence { reading: &reading, entities: &entities, cents, noise: reason };
        let known = models.look_up(document::features(&evidence, false));
        let mut why = explained(&entities, amount.as_ref());
        let speaker = Speaker::of(&reading);
        let asks_back = status::asks_back(&reading);
        let loudest = noise::loudest(&reading);
        let texts = Texts::of(reading);
        let said = verdict::noise(&known, &texts);
        let noise = said.value.then(|| {
            let (reason, span) = by_rule.unwrap_or((loudest, None));
            let span = span.or(said.span);
            why.insert("noise".to_owned(), Explanation { rule: reason.to_owned(), span, confidence: said.confidence });
            reason.to_owned()
        });
        let mut analysis = Analysis {
            noise,
            category: Category::GeneralSupport,
            secondary: Vec::new(),
            state: State::StartPoint,
            status: Status::Green,
            priority: Priority::Normal,
            entities,
            dollar_cents: cents,
            currency: amount.map(|amount| amount.currency.to_owned()),
            waiting_on_customer: asks_back,
            title: title(mail),
            confidence: 0.0,
            explanations: why,
        };
        Verdict::of(&known, &texts, cents).enter(&mut analysis);
        Self { analysis, known, texts, speaker }
    }

    /// The reading in the light of what the task it joins, or opens, is.
    pub fn conclude(&self, before: Before) -> Analysis {
        let mut known = self.known.clone();
        known.add(document::context(self.speaker, before));
        let mut analysis = self.analysis.clone();
        Verdict::of(&known, &self.texts, analysis.dollar_cents).enter(&mut analysis);
        analysis
    }
}

/// Reasons for numbers, names and the amount.
fn explained(entities: &Entities, amount: Option<&money::Amount>) -> BTreeMap<String, Explanation> {
    let mut why = BTreeMap::new();
    let mut explain = |field: &str, rule: &str, span: &str, confidence: f32| {
        why.insert(
            field.to_owned(),
            Explanation { rule: rule.to_owned(), span: Some(span.to_owned()), confidence },
        );
    };
    if let Some(amount) = amount {
        explain("dollar_value", "amount at stake", &amount.span, if amount.weight > 2 { 0.9 } else { 0.6 });
    }
    let lists = [
        ("po_numbers", &entities.po_numbers),
        ("quote_numbers", &entities.quote_numbers),
        ("case_numbers", &entities.case_numbers),
        ("order_numbers", &entities.order_numbers),
        ("part_numbers", &entities.part_numbers),
        ("tracking_numbers", &entities.tracking_numbers),
        ("customers", &entities.customers),
    ];
    for (field, list) in lists {
        if let Some(first) = list.first() {
            let rule = if field == "customers" { "organisation name" } else { "labelled number" };
            explain(field, rule, first, 0.85);
        }
    }
    why
}

/// Numbers and customers of a mail.
pub(crate) fn entities(mail: &Mail, text: &str, reading: &Reading<'_>) -> Entities {
    let mut entities = entity::numbers(text);
    entities.customers = customer::customers(mail, text, &reading.house);
    entities
}

/// Subject, new text, signature and quotation, in this order.
pub(crate) fn searched(mail: &Mail) -> String {
    let mut text = format!("{}\n{}\n{}\n{}", mail.subject, mail.new_text, mail.signature, mail.quoted_text);
    let mut end = text.len().min(SEARCHED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// The amount in the new text, or in the nearest earlier mail that names one.
pub(crate) fn amount(reading: &Reading<'_>) -> Option<money::Amount> {
    let category = category::choose(reading).category;
    let own = if reading.is_reply() { &reading.own } else { &reading.opening };
    let own = own.original(0..own.text.len());
    if category == Category::VendorPricingUpdates && !reading.is_reply() {
        return money::at_stake(own).filter(|amount| amount.weight >= 6);
    }
    money::at_stake(own)
        .or_else(|| reading.layers.iter().find_map(|layer| money::at_stake(layer.original(0..layer.text.len()))))
}

/// The subject without prefixes, else the first words.
fn title(mail: &Mail) -> String {
    let subject = subject::clean(&mail.subject);
    let first = mail.new_text.lines().map(str::trim).find(|line| line.chars().count() > 10);
    let title = if subject.is_empty() { first.unwrap_or("(no subject)") } else { subject };
    title.chars().take(200).collect::<String>().trim().to_owned()
}
