//! Cue words: patterns over folded text that speak for something, each with a weight. A negated cue is silent unless its
//! pattern holds the negation itself.

use std::sync::Arc;

use crate::fold::Folded;
use crate::scout::Sought;

/// Compiled cues of one question.
pub(crate) struct Cues(Vec<(f32, Sought)>);

/// What the cues of one question found in a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hit {
    /// Sum of the weights of the cues found, each counted once.
    pub weight: f32,
    /// Literal words of the heaviest cue.
    pub span: Option<Arc<str>>,
    heaviest: f32,
}

impl Hit {
    /// Whether any cue was found.
    pub fn is_some(&self) -> bool {
        self.weight > 0.0
    }

    /// Literal words of the heaviest cue.
    pub fn words(&self) -> Option<String> {
        self.span.as_deref().map(str::to_owned)
    }

    /// Adds the findings of another text, scaled.
    pub fn add(&mut self, other: &Self, scale: f32) {
        self.weight += other.weight * scale;
        if other.heaviest * scale > self.heaviest {
            self.heaviest = other.heaviest * scale;
            self.span.clone_from(&other.span);
        }
    }
}

impl Cues {
    /// Compiles `(weight, alternatives)`; alternatives are matched at word beginnings in folded text.
    pub fn new(cues: &[(f32, &str)]) -> Self {
        // Folded text has hardly a letter beyond ASCII. Boundaries by Unicode would send each search of a text with one
        // such character to the slowest engine.
        let ascii = |words: &str| format!(r"\b(?:{words})").replace(r"\b", r"(?-u:\b)");
        Self(cues.iter().map(|(weight, words)| (*weight, Sought::new(&ascii(words)))).collect())
    }

    /// The patterns of all cues.
    pub fn patterns(&self) -> impl Iterator<Item = &Sought> {
        self.0.iter().map(|(_, words)| words)
    }

    /// Finds each cue once, in a clause that does not negate it.
    pub fn find(&self, text: &Folded) -> Hit {
        text.once(std::ptr::from_ref(self).addr(), || self.search(text))
    }

    fn search(&self, text: &Folded) -> Hit {
        let mut hit = Hit::default();
        for (weight, words) in &self.0 {
            let found = words.find_iter(text).take(20).find(|found| !text.negated(found.start));
            if let Some(found) = found {
                hit.weight += weight;
                if *weight > hit.heaviest {
                    hit.heaviest = *weight;
                    hit.span = Some(text.original(found).trim().into());
                }
            }
        }
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negated_cue_is_silent_and_a_cue_counts_once() {
        let cues = Cues::new(&[(2.0, "urgent"), (1.0, r"late\b")]);
        assert!(!cues.find(&Folded::new("This is not urgent.")).is_some());
        let hit = cues.find(&Folded::new("Late, late and URGENT"));
        assert!((hit.weight - 3.0).abs() < f32::EPSILON);
        assert_eq!(hit.span.as_deref(), Some("URGENT"));
    }
}
