//! What numbers of one form have turned out to be in earlier mail of the same company: its systems write orders, quotes
//! and cases each in a form of their own, and customers their purchase orders. Learned from mail as read, without labels.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{KINDS, Lesson};

/// How often each kind is met at large, in the order of [`KINDS`].
const AT_LARGE: [f32; KINDS.len()] = [0.46, 0.12, 0.06, 0.08, 0.1, 0.12, 0.06];
/// So many numbers of a form weigh as much as what is known at large.
const DOUBT: f32 = 1.5;
/// Outside organisations remembered of a form.
const PARTIES: usize = 4;
/// Forms kept; when they are more, those seen once are forgotten.
const MOST: usize = 20_000;

/// Kinds of the forms seen so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Formats {
    forms: HashMap<String, Form>,
    /// How often a number was learned from, so that a long thread counts little more than one mail.
    seen: HashMap<String, u16>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Form {
    /// In the order of [`KINDS`].
    counts: [f32; KINDS.len()],
    /// Different numbers.
    numbers: u16,
    /// Outside organisations it was met with, up to [`PARTIES`].
    parties: Vec<String>,
}

impl Formats {
    /// Learns from a number what those of its form most likely are, and with which outside organisation it was met.
    pub(crate) fn learn(&mut self, lesson: &Lesson, party: &str) {
        let Lesson { form, key, probabilities } = lesson;
        if self.seen.len() >= MOST {
            self.seen.retain(|_, times| *times > 1);
            self.forms.retain(|_, form| form.numbers > 1);
        }
        let times = self.seen.entry(key.clone()).or_default();
        *times = times.saturating_add(1);
        let weight = 1.0 / f32::from(*times);
        let first = *times == 1;
        let form = self.forms.entry(form.clone()).or_default();
        for (count, probability) in form.counts.iter_mut().zip(probabilities) {
            *count += weight * probability;
        }
        form.numbers = form.numbers.saturating_add(u16::from(first));
        if !party.is_empty() && form.parties.len() < PARTIES && !form.parties.iter().any(|known| known == party) {
            form.parties.push(party.to_owned());
        }
    }

    /// How much likelier than at large each kind is for a number of this form.
    pub(super) fn ratios(&self, form: &str) -> [f32; KINDS.len()] {
        // A few bare digits may be anything.
        let plain = form.starts_with('9') && form[1..].parse::<u8>().is_ok_and(|length| length < 6);
        let Some(known) = self.forms.get(form).filter(|_| !plain) else { return [1.0; KINDS.len()] };
        let all: f32 = known.counts.iter().sum();
        let mut ratios = [1.0; KINDS.len()];
        for ((ratio, count), large) in ratios.iter_mut().zip(known.counts).zip(AT_LARGE) {
            *ratio = (count + DOUBT * large) / ((all + DOUBT) * large);
        }
        // A purchase order has the form of its customer; what many customers' mail shows is a form of our own.
        if form.len() >= 3 {
            match (known.parties.len(), known.numbers) {
                (3.., 3..) => ratios[1] *= 0.15,
                (2, 2..) => ratios[1] *= 0.5,
                (1, 3..) => {
                    ratios[1] *= 2.0;
                    ratios[4] *= 0.5;
                    ratios[2] *= 0.5;
                }
                _ => {}
            }
        }
        ratios
    }

    /// Whether nothing was learned yet.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_after_a_few_numbers_and_a_thread_counts_little_more_than_once() {
        let mut formats = Formats::default();
        let order = |key: &str| {
            let probabilities = vec![0.1, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0];
            Lesson { form: "f".to_owned(), key: key.to_owned(), probabilities }
        };
        formats.learn(&order("1"), "");
        let once = formats.ratios("f")[4];
        formats.learn(&order("1"), "");
        let again = formats.ratios("f")[4];
        formats.learn(&order("2"), "");
        assert!(once > 2.0 && again > once && formats.ratios("f")[4] > again);
        assert!(formats.ratios("g").iter().all(|ratio| (ratio - 1.0).abs() < f32::EPSILON));
    }
}
