//! Counts right and wrong answers as the labelling guidelines compare them.

use std::collections::{BTreeMap, BTreeSet};

use mail::Line;
use mail::model::questions::Models;

use crate::set::Set;

/// Hits, false alarms and misses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub hits: usize,
    pub false_alarms: usize,
    pub misses: usize,
}

impl Counts {
    pub fn precision(self) -> f64 {
        ratio(self.hits, self.hits + self.false_alarms)
    }

    pub fn recall(self) -> f64 {
        ratio(self.hits, self.hits + self.misses)
    }

    pub fn f1(self) -> f64 {
        ratio(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// One mail as labelled and as read.
pub struct Case {
    pub set: String,
    pub language: String,
    pub gold: Line,
    pub said: Line,
    /// The pipeline's own confidence, if it made a task.
    pub confidence: f32,
}

/// All cases, with the counts made from them when asked.
#[derive(Default)]
pub struct Tally {
    pub cases: Vec<Case>,
}

pub const CLASSES: [&str; 4] = ["category", "state", "status", "priority"];
pub const LISTS: [&str; 7] =
    ["po_numbers", "quote_numbers", "case_numbers", "order_numbers", "part_numbers", "tracking_numbers", "customers"];

impl Tally {
    pub fn of(set: &Set, models: &Models) -> Self {
        let mut triage = mail::Triage::with(models);
        set.mails.iter().for_each(|(_, raw)| triage.learn(raw, mail::Format::Rfc822));
        let known = mail::Known::domains(&set.own);
        let cases = set
            .mails
            .iter()
            .map(|(gold, raw)| {
                let said = triage.take(&gold.line.file, raw, mail::Format::Rfc822);
                let confidence = mail::parse(raw, mail::Format::Rfc822, &mail::Limits::default())
                    .map_or(0.0, |mail| mail::analyse_with(models, &mail, known).confidence);
                let (set, language) = (set.name.clone(), gold.language.clone());
                Case { set, language, gold: gold.line.clone(), said, confidence }
            })
            .collect();
        Self { cases }
    }

    pub fn add(&mut self, other: Self) {
        self.cases.extend(other.cases);
    }

    /// The cases of one language.
    pub fn in_language(&self, language: Option<&str>) -> Vec<&Case> {
        self.cases.iter().filter(|case| language.is_none_or(|language| case.language == language)).collect()
    }
}

pub fn noise(cases: &[&Case]) -> Counts {
    let mut counts = Counts::default();
    for case in cases {
        match (case.gold.is_noise, case.said.is_noise) {
            (true, true) => counts.hits += 1,
            (false, true) => counts.false_alarms += 1,
            (true, false) => counts.misses += 1,
            (false, false) => {}
        }
    }
    counts
}

pub fn class<'a>(line: &'a Line, field: &str) -> Option<&'a str> {
    match field {
        "category" => line.workflow_category.as_deref(),
        "state" => line.workflow_state.as_deref(),
        "status" => line.task_status.as_deref(),
        _ => line.priority.as_deref(),
    }
}

fn tasks<'a>(cases: &'a [&'a Case]) -> impl Iterator<Item = &'a Case> {
    cases.iter().copied().filter(|case| !case.gold.is_noise)
}

/// Share of tasks with the right class, and the mean F1 over the classes.
pub fn classes(cases: &[&Case], field: &str) -> (f64, f64) {
    let mut by_class: BTreeMap<&str, Counts> = BTreeMap::new();
    let (mut right, mut all) = (0, 0);
    for case in tasks(cases) {
        let (gold, said) = (class(&case.gold, field), class(&case.said, field));
        all += 1;
        let Some(gold) = gold else { continue };
        if said == Some(gold) {
            right += 1;
            by_class.entry(gold).or_default().hits += 1;
        } else {
            by_class.entry(gold).or_default().misses += 1;
            if let Some(said) = said {
                by_class.entry(said).or_default().false_alarms += 1;
            }
        }
    }
    let labels: Vec<Counts> = by_class.into_values().filter(|counts| counts.hits + counts.misses > 0).collect();
    let mean = labels.iter().map(|counts| counts.f1()).sum::<f64>() / labels.len().max(1) as f64;
    (ratio(right, all), mean)
}

pub fn all_right(case: &Case) -> bool {
    CLASSES.iter().all(|field| class(&case.gold, field) == class(&case.said, field))
}

/// Share of tasks with all four classes right.
pub fn all_four(cases: &[&Case]) -> f64 {
    let all = tasks(cases).count();
    ratio(tasks(cases).filter(|case| all_right(case)).count(), all)
}

pub fn list<'a>(line: &'a Line, field: &str) -> &'a [String] {
    let e = &line.entities;
    match field {
        "po_numbers" => &e.po_numbers,
        "quote_numbers" => &e.quote_numbers,
        "case_numbers" => &e.case_numbers,
        "order_numbers" => &e.order_numbers,
        "part_numbers" => &e.part_numbers,
        "tracking_numbers" => &e.tracking_numbers,
        _ => &e.customers,
    }
}

pub fn entities(cases: &[&Case], field: &str) -> Counts {
    let mut counts = Counts::default();
    for case in tasks(cases) {
        let normal = |line: &Line| -> BTreeSet<String> {
            let one = if field == "customers" { name } else { number };
            list(line, field).iter().map(|value| one(value)).filter(|value| !value.is_empty()).collect()
        };
        let (gold, said) = (normal(&case.gold), normal(&case.said));
        counts.hits += gold.intersection(&said).count();
        counts.false_alarms += said.difference(&gold).count();
        counts.misses += gold.difference(&said).count();
    }
    counts
}

/// A number for comparison: upper case, without blanks, `- _ / .` and a leading `#` or `:`.
pub fn number(value: &str) -> String {
    let squeezed: String = value.chars().filter(|c| !c.is_whitespace() && !"-_/.".contains(*c)).collect();
    squeezed.to_uppercase().trim_start_matches(['#', ':']).to_owned()
}

const LEGAL: &[&str] = &[
    "inc",
    "incorporated",
    "llc",
    "llp",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "company",
    "gmbh",
    "ag",
    "kg",
    "sarl",
    "sas",
    "sa",
    "s a",
    "sa de cv",
    "s a de c v",
    "plc",
    "bv",
    "pty",
];

/// An organisation for comparison: lower case, without punctuation and legal form.
pub fn name(value: &str) -> String {
    let lower: String = value
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '&' || c == '_' { c } else { ' ' })
        .collect();
    let mut words = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some(rest) = LEGAL.iter().find_map(|form| words.strip_suffix(form).filter(|rest| rest.ends_with(' '))) {
        words = rest.trim_end().to_owned();
    }
    words
}

pub fn dollars(cases: &[&Case]) -> Counts {
    let mut counts = Counts::default();
    for case in tasks(cases) {
        let value = |line: &Line| line.dollar_value.as_ref().and_then(serde_json::Number::as_f64);
        match (value(&case.gold), value(&case.said)) {
            (Some(gold), Some(said)) if (gold - said).abs() < 0.005 => counts.hits += 1,
            (gold, said) => {
                counts.misses += usize::from(gold.is_some());
                counts.false_alarms += usize::from(said.is_some());
            }
        }
    }
    counts
}

/// Pairs of task mails in one thread.
pub fn threads(cases: &[&Case]) -> Counts {
    let pairs = |thread: &dyn Fn(&Case) -> String| {
        let mut members: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
        for case in tasks(cases) {
            members.entry((case.set.clone(), thread(case))).or_default().push(&case.gold.file);
        }
        let mut pairs = BTreeSet::new();
        for ((set, _), files) in members {
            for (at, first) in files.iter().enumerate() {
                for second in &files[at + 1..] {
                    pairs.insert((set.clone(), (*first).to_owned(), (*second).to_owned()));
                }
            }
        }
        pairs
    };
    let (gold, said) = (pairs(&|case| case.gold.thread.clone()), pairs(&|case| case.said.thread.clone()));
    Counts {
        hits: gold.intersection(&said).count(),
        false_alarms: said.difference(&gold).count(),
        misses: gold.difference(&said).count(),
    }
}
