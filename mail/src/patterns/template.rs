//! Templates of a mail, once it is known which words are frequent.

use super::structure::Structures;
use crate::patterns::figures;

/// A gap of words that are not frequent.
const GAP: &str = "*";

/// Words by their frequency, in a table of a fixed size: a word is never counted too low.
#[derive(Clone, Debug)]
pub(super) struct Counts(Vec<u32>);

impl Counts {
    pub(super) fn new() -> Self {
        Self(vec![0; 1 << 20])
    }

    fn slot(&self, key: u64) -> usize {
        (key as usize) & (self.0.len() - 1)
    }

    pub(super) fn add(&mut self, key: u64) {
        let slot = self.slot(key);
        self.0[slot] = self.0[slot].saturating_add(1);
    }

    pub(super) fn at(&self, key: u64) -> u64 {
        u64::from(self.0[self.slot(key)])
    }
}

/// FNV-1a with a final mix: the same on every machine and in every run.
pub(super) fn hash(text: &str) -> u64 {
    let mut hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

/// Each word of a mail once.
pub(super) fn words(structures: &Structures) -> Vec<&str> {
    let texts = std::iter::once(&structures.subject).chain(&structures.sentences);
    let mut words: Vec<&str> = texts.flat_map(|text| text.split(' ')).filter(|word| !word.starts_with('{')).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The templates of a mail, each once, as they are shown: `subject "..."`, `sentence "..."`, `number po A-#`, `from DOMAIN,
/// subject "..."`. At two thresholds of frequency, so that names which many mails share do not split a template.
pub(super) fn templates(structures: &Structures, words: &Counts, mails: u64) -> Vec<String> {
    let least = figures::min_support(mails);
    let mut found = Vec::new();
    for threshold in [least, least * 5] {
        if let Some(subject) = gapped(&structures.subject, words, threshold).filter(|subject| tells(subject, 1, 2)) {
            if let Some(domain) = &structures.domain {
                found.push(format!("from {domain}, subject \"{subject}\""));
            }
            found.push(format!("subject \"{subject}\""));
        }
        for sentence in &structures.sentences {
            if let Some(sentence) = gapped(sentence, words, threshold).filter(|sentence| tells(sentence, 4, 4)) {
                found.push(format!("sentence \"{sentence}\""));
            }
        }
    }
    for number in &structures.numbers {
        found.push(format!("number {number}"));
        if let Some(domain) = &structures.domain {
            found.push(format!("from {domain}, number {number}"));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn gapped(text: &str, words: &Counts, threshold: u64) -> Option<String> {
    let mut tokens: Vec<&str> = Vec::new();
    for token in text.split(' ').filter(|token| !token.is_empty()) {
        let kept = token.starts_with('{') || words.at(hash(token)) >= threshold;
        let token = if kept { token } else { GAP };
        if token != GAP || tokens.last() != Some(&GAP) {
            tokens.push(token);
        }
    }
    (!tokens.is_empty()).then(|| tokens.join(" "))
}

/// Whether a template has so many words, one of them of substance, so many words and slots together, and fewer gaps than
/// half of those.
fn tells(template: &str, least_words: usize, least: usize) -> bool {
    let (mut words, mut slots, mut gaps, mut long) = (0, 0, 0, false);
    for token in template.split(' ') {
        match token {
            GAP => gaps += 1,
            slot if slot.starts_with('{') => slots += 1,
            word => {
                words += 1;
                long |= word.chars().count() > 3 && !is_common(word);
            }
        }
    }
    let named = slots > 0 && words > 0;
    words >= least_words && words + slots >= least && gaps * 2 <= words + slots && (long || (named && least < 4))
}

/// Words of no substance, beyond those that are short.
fn is_common(word: &str) -> bool {
    const COMMON: &[&str] = &[
        "that",
        "this",
        "with",
        "from",
        "your",
        "have",
        "will",
        "please",
        "would",
        "could",
        "about",
        "thanks",
        "thank",
        "know",
        "them",
        "they",
        "been",
        "were",
        "what",
        "when",
        "just",
        "hello",
        "dear",
        "best",
        "kind",
        "regards",
        "nous",
        "vous",
        "pour",
        "avec",
        "dans",
        "votre",
        "notre",
        "merci",
        "bonjour",
        "para",
        "este",
        "esta",
        "gracias",
        "hola",
        "nuestro",
        "bitte",
        "haben",
        "sind",
        "eine",
        "einen",
        "unser",
        "unsere",
        "ihre",
        "danke",
        "hallo",
        "question",
        "questions",
        "fragen",
        "preguntas",
        "need",
        "anything",
        "else",
        "further",
        "forward",
        "hearing",
    ];
    COMMON.contains(&word)
}

/// How much of a template is said in words and slots: of templates in the same mails the one that says most is kept.
pub(super) fn specificity(template: &str) -> usize {
    let text = template.split(' ').filter(|token| token.trim_matches('"') != GAP);
    text.map(|token| if token.contains('{') { 4 } else { 4 + token.chars().count() }).sum()
}
