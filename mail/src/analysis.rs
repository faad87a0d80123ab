//! Everything a task is made of, read from one mail.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::date::DueDate;
use crate::fold::Folded;
use crate::model::document::{self, Evidence, Speaker, Texts};
use crate::model::questions::{Models, Pick, Weighed};
use crate::reading::{Reading, Stance};
use crate::verdict::{self, Verdict};
use crate::{
    Category, Entities, Formats, Mail, Names, Priority, State, Status, money, name, noise, number, stake, status,
    subject,
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

/// A number or name that was read, with the list it stands in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// Name of the list, such as `po_numbers`.
    pub field: String,
    /// Literal text of the mail.
    pub text: String,
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
    /// Each of them with its confidence.
    #[serde(default)]
    pub values: Vec<Value>,
    /// Amount at stake in cents.
    pub dollar_cents: Option<i64>,
    /// ISO code of that amount.
    pub currency: Option<String>,
    /// The next step is the customer's.
    pub waiting_on_customer: bool,
    /// A title for the task, at most 200 characters.
    pub title: String,
    /// Dates asked for or promised in the new text, in its order.
    #[serde(default)]
    pub due_dates: Vec<DueDate>,
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
    analyse_with(Models::bundled(), mail, Known::domains(own_domains))
}

/// What is known of the house a mail came to.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// Mail domains that are the house's own.
    pub own_domains: &'k [String],
    /// What its numbers look like.
    pub formats: &'k Formats,
    /// Who its customers are.
    pub names: &'k Names,
}

impl<'k> Known<'k> {
    /// Nothing but its domains.
    pub fn domains(own_domains: &'k [String]) -> Self {
        static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::default);
        static NAMES: LazyLock<Names> = LazyLock::new(Names::default);
        Self { own_domains, formats: &FORMATS, names: &NAMES }
    }
}

/// As [`analyse_for`], with models of the caller's and what is known of the company.
pub fn analyse_with(models: &Models, mail: &Mail, known: Known<'_>) -> Analysis {
    Draft::of(models, mail, known).analysis
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
    weighed: Weighed<'m>,
    texts: Texts,
    speaker: Speaker,
}

impl<'m> Draft<'m> {
    /// Reads a mail.
    pub fn of(models: &'m Models, mail: &Mail, known: Known<'_>) -> Self {
        let reading = Reading::new(mail, known.own_domains);
        let text = Folded::new(&searched(mail));
        let (entities, values) = entities(models, &text, &reading, known);
        let amount = amount(models, &reading);
        let cents = amount.as_ref().map(|(amount, _)| amount.cents);
        let by_rule = noise::reason(&reading, &entities);
        let reason = by_rule.as_ref().map(|(reason, _)| *reason);
        let evidence = Evidence { reading: &reading, entities: &entities, cents, noise: reason };
        let weighed = models.look_up(document::features(&evidence, false));
        let mut why = explained(&values, amount.as_ref());
        let speaker = Speaker::of(&reading);
        let asks_back = status::asks_back(&reading);
        let due_dates = reading.dates().to_vec();
        let kind = verdict::is_noise(&weighed).then(|| by_rule.unwrap_or_else(|| (noise::loudest(&reading), None)));
        let texts = Texts::of(reading);
        let noise = kind.map(|(reason, span)| {
            let (confidence, words) = verdict::noise(&weighed, &texts);
            let span = span.or(words);
            why.insert("noise".to_owned(), Explanation { rule: reason.to_owned(), span, confidence });
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
            values,
            dollar_cents: cents,
            currency: amount.map(|(amount, _)| amount.currency.to_owned()),
            waiting_on_customer: asks_back,
            title: title(mail),
            due_dates,
            confidence: 0.0,
            explanations: why,
        };
        Verdict::of(&weighed, &texts, cents).enter(&mut analysis);
        Self { analysis, weighed, texts, speaker }
    }

    /// The reading in the light of what the task it joins, or opens, is.
    pub fn conclude(&self, before: Before) -> Analysis {
        let mut weighed = self.weighed.clone();
        weighed.add(document::context(self.speaker, before, false));
        let mut analysis = self.analysis.clone();
        Verdict::of(&weighed, &self.texts, analysis.dollar_cents).enter(&mut analysis);
        analysis
    }
}

/// Reasons for numbers, names and the amount: of a list its first value.
fn explained(values: &[Value], amount: Option<&(money::Amount, f32)>) -> BTreeMap<String, Explanation> {
    let mut why = BTreeMap::new();
    if let Some((amount, confidence)) = amount {
        let span = Some(amount.span.clone());
        let reason = Explanation { rule: "model amount".to_owned(), span, confidence: *confidence };
        why.insert("dollar_value".to_owned(), reason);
    }
    for value in values {
        let rule = if value.field == "customers" { "model customer" } else { "model number" };
        why.entry(value.field.clone()).or_insert_with(|| Explanation {
            rule: rule.to_owned(),
            span: Some(value.text.clone()),
            confidence: value.confidence,
        });
    }
    why
}

/// Where subject, new text, signature and quotation begin in the searched text.
pub(crate) fn zones(mail: &Mail) -> [usize; 4] {
    let own = mail.subject.len() + 1;
    let signature = own + mail.new_text.len() + 1;
    [0, own, signature, signature + mail.signature.len() + 1]
}

/// Numbers and customers of a mail, each also as a value with its confidence.
pub(crate) fn entities(
    models: &Models,
    text: &Folded,
    stance: &Stance<'_>,
    known: Known<'_>,
) -> (Entities, Vec<Value>) {
    let source = number::Source::of(stance, text);
    let found = number::decide(&number::values(&source, false), models.pick(Pick::Number), known.formats);
    let mut entities = number::lists(&found);
    let customers = name::decide(&name::names(stance, text, false), models.pick(Pick::Customer), known.names);
    entities.customers = customers.iter().map(|(name, _)| name.clone()).collect();
    let numbers = found.into_iter().filter_map(|number| {
        let field = number::field(number.kind)?;
        Some(Value { field: field.to_owned(), text: number.text, confidence: number.confidence })
    });
    let customers =
        customers.into_iter().map(|(text, confidence)| Value { field: "customers".to_owned(), text, confidence });
    let values = numbers.chain(customers).collect();
    (entities, values)
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

/// The amount in the new text, or in the nearest earlier mail that names one, with its probability.
pub(crate) fn amount(models: &Models, reading: &Reading<'_>) -> Option<(money::Amount, f32)> {
    stake::decide(&stake::zones(reading, false), models.pick(Pick::Amount))
}

/// The subject without prefixes, else the first words.
fn title(mail: &Mail) -> String {
    let subject = subject::clean(&mail.subject);
    let first = mail.new_text.lines().map(str::trim).find(|line| line.chars().count() > 10);
    let title = if subject.is_empty() { first.unwrap_or("(no subject)") } else { subject };
    title.chars().take(200).collect::<String>().trim().to_owned()
}
