//! Everything a task is made of, read from one mail.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::date::DueDate;
use crate::model::document::{self, Evidence};
use crate::model::questions::{Models, Pick};
use crate::reading::Reading;
use crate::verdict::Verdict;
use crate::{
    Category, Entities, Formats, Mail, Names, Priority, State, Status, date, money, name, noise, number, stake, status,
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
    analyse_with(Models::bundled(), mail, &Known { own_domains: own_domains.to_vec(), ..Known::default() })
}

/// What earlier mail of the same company showed.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Mail domains that are the distributor's own.
    pub own_domains: Vec<String>,
    /// What its numbers look like.
    pub formats: Formats,
    /// Who its customers are.
    pub names: Names,
}

/// Learns from a mail what helps to read others.
pub fn learn(models: &Models, mail: &Mail, known: &mut Known) {
    let reading = Reading::new(mail, &known.own_domains);
    let text = searched(mail);
    let source = number::Source::of(&reading, &text);
    number::learn(&number::values(&source, false), &source.party, models.pick(Pick::Number), &mut known.formats);
    name::learn(&name::names(&reading, &text, false), models.pick(Pick::Customer), &mut known.names);
}

/// As [`analyse_for`], with models of the caller's and what is known of the company.
pub fn analyse_with(models: &Models, mail: &Mail, known: &Known) -> Analysis {
    let reading = Reading::new(mail, &known.own_domains);
    let text = searched(mail);
    let (entities, values) = entities(models, &text, &reading, known);
    let amount = amount(models, &reading);
    let cents = amount.as_ref().map(|(amount, _)| amount.cents);
    let by_rule = noise::reason(&reading, &entities);
    let evidence =
        Evidence { reading: &reading, entities: &entities, cents, noise: by_rule.as_ref().map(|(reason, _)| *reason) };
    let verdict = Verdict::of(models, &reading, &document::features(&evidence, false), cents);
    let mut why = BTreeMap::new();
    let mut explain = |field: &str, rule: &str, span: Option<String>, confidence: f32| {
        why.insert(field.to_owned(), Explanation { rule: rule.to_owned(), span, confidence });
    };
    explain("workflow_category", "model category", verdict.category.span.clone(), verdict.category.confidence);
    explain("workflow_state", "model state", verdict.state.span.clone(), verdict.state.confidence);
    explain("task_status", "model status", verdict.status.span.clone(), verdict.status.confidence);
    explain("priority", verdict.priority_rule, verdict.priority.span.clone(), verdict.priority.confidence);
    if let Some((amount, confidence)) = &amount {
        explain("dollar_value", "model amount", Some(amount.span.clone()), *confidence);
    }
    for value in &values {
        if !why.contains_key(&value.field) {
            let rule = if value.field == "customers" { "model customer" } else { "model number" };
            let (span, confidence) = (Some(value.text.clone()), value.confidence);
            why.insert(value.field.clone(), Explanation { rule: rule.to_owned(), span, confidence });
        }
    }
    let mut explain = |field: &str, rule: &str, span: Option<String>, confidence: f32| {
        why.insert(field.to_owned(), Explanation { rule: rule.to_owned(), span, confidence });
    };
    let noise = verdict.noise.value.then(|| {
        let (reason, span) = by_rule.unwrap_or_else(|| (noise::loudest(&reading), None));
        explain("noise", reason, span.or(verdict.noise.span), verdict.noise.confidence);
        reason.to_owned()
    });
    let sure = [verdict.category.confidence, verdict.state.confidence, verdict.status.confidence];
    Analysis {
        noise,
        category: verdict.category.value,
        secondary: verdict.secondary,
        state: verdict.state.value,
        status: verdict.status.value,
        priority: verdict.priority.value,
        entities,
        values,
        dollar_cents: cents,
        currency: amount.map(|(amount, _)| amount.currency.to_owned()),
        waiting_on_customer: status::waits_on_customer(&reading, verdict.status.value),
        title: title(mail),
        due_dates: date::dates(&reading.new, mail.date),
        confidence: sure.iter().product(),
        explanations: why,
    }
}

/// Where subject, new text, signature and quotation begin in the searched text.
pub(crate) fn zones(mail: &Mail) -> [usize; 4] {
    let own = mail.subject.len() + 1;
    let signature = own + mail.new_text.len() + 1;
    [0, own, signature, signature + mail.signature.len() + 1]
}

/// Numbers and customers of a mail, each also as a value with its confidence.
pub(crate) fn entities(models: &Models, text: &str, reading: &Reading<'_>, known: &Known) -> (Entities, Vec<Value>) {
    let source = number::Source::of(reading, text);
    let found = number::decide(&number::values(&source, false), models.pick(Pick::Number), &known.formats);
    let mut entities = number::lists(&found);
    let customers = name::decide(&name::names(reading, text, false), models.pick(Pick::Customer), &known.names);
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
