//! Which matter a mail belongs to. Pure: the caller stores keys and finds the candidates that hold one of them.
//!
//! Headers come first, then the subject together with people, then distinctive numbers together with people. A number
//! alone never joins, so a mail that merely quotes a stranger's number stays a matter of its own.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::reading::Stance;
use crate::subject::{self, Relation};
use crate::{Analysis, Category, Mail, State, entity, house, organisation, reference};

/// Most keys of either kind.
const MOST: usize = 40;

/// What ties a mail to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Keys to store once the mail belongs to a task, each usable as an exact lookup.
    pub keys: Vec<String>,
    /// Keys to look up, the most telling first.
    pub sought: Vec<String>,
    /// Outside people and organisations: addresses, `@domain` and `org:name`; only if there are none, our own people.
    pub participants: Vec<String>,
    /// The mail is the first on its matter.
    pub opens: bool,
    /// The mail answers or forwards another one.
    pub answers: bool,
    /// A machine or a shared desk outside reports on something.
    #[serde(default)]
    pub reports: bool,
}

impl Links {
    /// Keys to store for this mail once it belongs to a task.
    pub fn stored(&self) -> Vec<String> {
        self.keys.clone()
    }

    /// Keys to look up before the mail is given a task.
    pub fn lookup(&self) -> Vec<String> {
        self.sought.clone()
    }
}

/// A task that shares at least one key with a mail.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Opaque id of the task.
    pub thread: String,
    /// Its stored keys that matched.
    pub keys: Vec<String>,
    /// Participants of its mails.
    pub participants: Vec<String>,
    /// Instant of its newest mail.
    pub last_at: DateTime<Utc>,
}

/// The links of an analysed mail.
pub fn links(mail: &Mail, analysis: &Analysis) -> Links {
    links_for(mail, analysis, &[])
}

/// As [`links`], knowing the mail domains that are the distributor's own.
pub fn links_for(mail: &Mail, analysis: &Analysis, own_domains: &[String]) -> Links {
    let stance = Stance::of(mail, own_domains);
    let answers = stance.is_reply() || stance.relation == Relation::Forward;
    let mut stored = Vec::new();
    let mut sought = Vec::new();
    if let Some(id) = &mail.message_id {
        stored.push(key("id", id));
        // Someone may have answered this mail before it came to us.
        sought.push(key("ref", id));
    }
    let references = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    for id in references.take(15) {
        sought.push(key("id", id));
        stored.push(key("ref", id));
    }
    let numbers = numbers(analysis);
    let subject = subject::key(&mail.subject);
    if !subject.is_empty() {
        stored.push(key("subject", &subject));
        for (_, number) in numbers.iter().take(6) {
            stored.push(key("subject", &format!("{subject}#{number}")));
            sought.push(key("subject", &format!("{subject}#{number}")));
        }
        if numbers.is_empty() {
            stored.push(key("subject", &format!("{subject}#")));
        } else {
            sought.push(key("subject", &format!("{subject}#")));
        }
        if answers || numbers.is_empty() {
            sought.push(key("subject", &subject));
        }
    }
    // A list of many matters belongs to none of them.
    let lists_many = numbers.iter().filter(|(kind, _)| *kind == "case" || *kind == "tracking").count() > 2;
    let category = analysis.category.as_str().to_lowercase().replace(' ', "-");
    for (kind, number) in numbers.iter().filter(|_| !lists_many).take(12) {
        // What a machine reports is not a conversation people can join by number alone.
        let conversation = if stance.machine { "auto-" } else { "" };
        // A case is one matter, whatever is said about it; an order may be late first and then be returned.
        let matter = if *kind == "case" { "*" } else { category.as_str() };
        stored.push(key(&format!("{conversation}{kind}"), &format!("{number}/{matter}")));
        sought.push(key(kind, &format!("{number}/{matter}")));
        if stance.machine || *kind == "case" {
            sought.push(key(&format!("auto-{kind}"), &format!("{number}/{matter}")));
        }
    }
    let unfit = [&analysis.entities.part_numbers, &analysis.entities.quote_numbers];
    let known: Vec<String> = unfit.into_iter().flatten().map(|part| entity::normal(part)).collect();
    let titled = reference::tokens(&mail.subject);
    for token in titled.iter().chain(&reference::tokens(&mail.new_text)).filter(|_| !lists_many).take(12) {
        let kind = numbers.iter().find(|(_, number)| number == token).map(|(kind, _)| *kind);
        // Orders and parcels have their own rules.
        if known.contains(token) || kind.is_some_and(|kind| kind != "case") {
            continue;
        }
        stored.push(key("token", &format!("{token}/{category}")));
        if !answers {
            sought.push(key("token", &format!("{token}/{category}")));
        }
    }
    stored.truncate(MOST);
    sought.truncate(MOST);
    let participants = participants(mail, analysis, &stance);
    let opens = analysis.state == State::StartPoint && !answers;
    let desk = mail.from.as_ref().is_some_and(house::is_role) && !stance.house.sent;
    Links { keys: stored, sought, participants, opens, answers, reports: stance.machine || desk }
}

fn key(kind: &str, value: &str) -> String {
    format!("{kind}:{value}").chars().take(200).collect()
}

/// Numbers that tell matters apart.
fn numbers(analysis: &Analysis) -> Vec<(&'static str, String)> {
    let lists = [
        ("po", &analysis.entities.po_numbers),
        ("order", &analysis.entities.order_numbers),
        ("case", &analysis.entities.case_numbers),
        ("tracking", &analysis.entities.tracking_numbers),
    ];
    // An order names the quote it comes from, and is not about it.
    let quotes =
        (analysis.category == Category::QuoteProcessing).then_some(("quote", &analysis.entities.quote_numbers));
    lists
        .into_iter()
        .chain(quotes)
        .flat_map(|(kind, list)| list.iter().map(move |number| (kind, entity::normal(number))))
        .collect()
}

fn participants(mail: &Mail, analysis: &Analysis, stance: &Stance<'_>) -> Vec<String> {
    const FREE: &[&str] =
        &["gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "gmx.de", "icloud.com", "aol.com", "live.com"];
    let mut addresses: Vec<String> =
        mail.from.iter().chain(&mail.to).chain(&mail.cc).map(|a| a.email.clone()).collect();
    for text in [&mail.quoted_text, &mail.signature] {
        for (at, _) in text.match_indices('@').take(40) {
            let before: String =
                text[..at].chars().rev().take_while(|c| c.is_ascii_alphanumeric() || "._-+".contains(*c)).collect();
            let after: String =
                text[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).collect();
            let local: String = before.chars().rev().collect();
            addresses.push(format!("{local}@{}", after.trim_end_matches('.')).to_lowercase());
        }
    }
    let mut found: Vec<String> = Vec::new();
    let mut add = |value: String| {
        if value.len() > 1 && !found.contains(&value) {
            found.push(value);
        }
    };
    // Where our own domain is only a guess, everybody counts.
    let ours = |email: &str| stance.house.certain && stance.house.holds(email);
    let outside: Vec<&String> = addresses.iter().filter(|email| email.contains('@') && !ours(email)).collect();
    for email in &outside {
        add((*email).clone());
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        if !FREE.contains(&domain) {
            add(format!("@{domain}"));
        }
    }
    for name in &analysis.entities.customers {
        add(format!("org:{}", organisation::name_key(name)));
    }
    if outside.is_empty() {
        for address in mail.from.iter().chain(&mail.to).chain(&mail.cc).filter(|address| !house::is_role(address)) {
            add(address.email.clone());
        }
    }
    found.truncate(60);
    found
}

/// How firmly a candidate matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Number,
    Subject,
    Header,
}

/// The candidate this mail belongs to; none makes it a new matter.
pub fn choose<'a>(links: &Links, at: DateTime<Utc>, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
    candidates
        .iter()
        .filter_map(|candidate| {
            let matched: Vec<usize> = links
                .sought
                .iter()
                .enumerate()
                .filter(|(_, key)| candidate.keys.contains(key))
                .map(|(i, _)| i)
                .collect();
            let first = *matched.first()?;
            let tier = tier(links, at, candidate, &matched)?;
            // Of one tier the nearest reference wins, then the most shared keys, then the newest.
            let nearest = if tier == Tier::Header { usize::MAX - first } else { matched.len() };
            Some(((tier, nearest, candidate.last_at), candidate))
        })
        .max_by_key(|(order, _)| *order)
        .map(|(_, candidate)| candidate)
}

fn tier(links: &Links, at: DateTime<Utc>, candidate: &Candidate, matched: &[usize]) -> Option<Tier> {
    let kinds: Vec<&str> = matched.iter().map(|i| links.sought[*i].split(':').next().unwrap_or_default()).collect();
    let shared = links.participants.iter().any(|person| candidate.participants.contains(person));
    let age = (at - candidate.last_at).abs();
    let by_subject = kinds.contains(&"subject");
    if kinds.iter().any(|kind| *kind == "id" || *kind == "ref") {
        // A stranger who holds the id of one of our mails does not get into its task, unless the subject fits too.
        let nobody = links.participants.is_empty() || candidate.participants.is_empty();
        if shared || nobody || by_subject {
            return Some(Tier::Header);
        }
    }
    if by_subject
        && shared
        && age <= Duration::days(if links.answers { 90 } else { 30 })
        && !(links.opens && kinds.len() < 2)
    {
        return Some(Tier::Subject);
    }
    let numbered =
        kinds.iter().any(|kind| ["po", "order", "case", "tracking"].contains(&kind.trim_start_matches("auto-")));
    if numbered && shared && !links.opens && age <= Duration::days(60) {
        return Some(Tier::Number);
    }
    // A case is opened once: whoever names its number and knows its people, or reports on it, speaks of that matter.
    let cased = kinds.iter().any(|kind| ["case", "quote"].contains(&kind.trim_start_matches("auto-")));
    if cased && (shared || links.reports) && age <= Duration::days(60) {
        return Some(Tier::Number);
    }
    let tracked = kinds.iter().any(|kind| kind.trim_start_matches("auto-") == "tracking");
    if tracked && links.reports && age <= Duration::days(30) {
        return Some(Tier::Number);
    }
    if kinds.contains(&"token") && (shared || links.reports) && age <= Duration::days(60) {
        return Some(Tier::Number);
    }
    None
}
