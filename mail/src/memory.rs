//! What the mail of one house shows about all of it: which domain is its own, what its systems' numbers look like, who its
//! customers are. Learned from mail as read, without labels, so that a mail that says little is read by what others said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::{Known, searched};
use crate::fold::Folded;
use crate::model::questions::{Models, Pick};
use crate::reading::Stance;
use crate::{Formats, Mail, Names, name, number, own_domain};

/// Mails that must agree on a domain before it is taken to be the house's.
const AGREED: u32 = 3;
/// Domains remembered; when they are more, those of one mail are forgotten.
const DOMAINS: usize = 1_000;

/// What earlier mail showed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// How many mails showed a domain to be the house's own.
    domains: BTreeMap<String, u32>,
    /// Those of them that are.
    own_domains: Vec<String>,
    formats: Formats,
    names: Names,
}

/// What one mail teaches.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The domain it shows to be the house's.
    domain: Option<String>,
    /// Whom it comes from.
    party: String,
    numbers: Vec<number::Lesson>,
    /// Names, and how likely each is a customer's.
    names: Vec<(String, f32)>,
}

impl Lesson {
    /// What a mail teaches, read by what is known so far.
    pub fn of(models: &Models, mail: &Mail, known: Known<'_>) -> Self {
        let stance = Stance::of(mail, known.own_domains);
        let text = Folded::new(&searched(mail));
        let source = number::Source::of(&stance, &text);
        let values = number::values(&source, false);
        let names = name::names(&stance, &text, false);
        Self {
            domain: own_domain(mail),
            numbers: number::lessons(&values, models.pick(Pick::Number), known.formats),
            party: source.party,
            names: name::lessons(&names, models.pick(Pick::Customer)),
        }
    }
}

impl Memory {
    /// What is known so far.
    pub fn known(&self) -> Known<'_> {
        let Self { own_domains, formats, names, .. } = self;
        Known { own_domains, formats, names }
    }

    /// Learns it.
    pub fn take(&mut self, lesson: &Lesson) {
        for number in &lesson.numbers {
            self.formats.learn(number, &lesson.party);
        }
        for (key, probability) in &lesson.names {
            self.names.learn(key, *probability);
        }
        if let Some(domain) = &lesson.domain {
            if self.domains.len() >= DOMAINS {
                self.domains.retain(|_, mails| *mails > 1);
            }
            *self.domains.entry(domain.clone()).or_default() += 1;
            let all: u32 = self.domains.values().sum();
            let agreed = self.domains.iter().filter(|(_, mails)| **mails >= AGREED && **mails * 2 > all);
            self.own_domains = agreed.map(|(domain, _)| domain.clone()).collect();
        }
    }
}
