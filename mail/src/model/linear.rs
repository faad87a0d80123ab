//! A multinomial logistic regression: its text form, its scores and what spoke for a class.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::features::{ByKey, Features, key};

/// Weights of one question.
#[derive(Clone, Debug, Default)]
pub struct Linear {
    classes: Vec<String>,
    bias: Vec<f32>,
    weights: HashMap<u64, Box<[f32]>, ByKey>,
}

/// Why a model's text is none.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadModel {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub problem: &'static str,
}

impl Linear {
    /// A model from its parts; `rows` are a feature's key and its weight for each class.
    pub(crate) fn new(classes: Vec<String>, bias: Vec<f32>, rows: impl IntoIterator<Item = (u64, Vec<f32>)>) -> Self {
        let weights = rows.into_iter().map(|(key, row)| (key, row.into_boxed_slice())).collect();
        Self { classes, bias, weights }
    }

    /// Reads the text form: a line `classes<TAB>A<TAB>B`, a line `bias` with a weight a class, then a line a feature.
    ///
    /// # Errors
    ///
    /// [`BadModel`] with the line that is missing, too short or too long, or holds no number.
    pub fn read(text: &str) -> Result<Self, BadModel> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let bad = |line, problem| BadModel { line, problem };
        let (_, head) = lines.next().ok_or(bad(1, "the classes are missing"))?;
        let classes: Vec<String> =
            head.strip_prefix("classes\t").ok_or(bad(1, "no classes"))?.split('\t').map(str::to_owned).collect();
        let mut model = Self { classes, ..Self::default() };
        for (line, text) in lines {
            let mut cells = text.split('\t');
            let name = cells.next().unwrap_or_default();
            let row: Vec<f32> = cells
                .map(|cell| if cell.is_empty() { Ok(0.0) } else { cell.parse() })
                .collect::<Result<_, _>>()
                .map_err(|_| bad(line, "a weight is no number"))?;
            if row.len() != model.classes.len() {
                return Err(bad(line, "a row needs a weight for each class"));
            }
            if line == 2 {
                model.bias = row;
            } else {
                model.weights.insert(key(&[name]), row.into_boxed_slice());
            }
        }
        if model.bias.is_empty() { Err(bad(2, "the bias is missing")) } else { Ok(model) }
    }

    /// The text form; `names` gives the names of the keys, in the order they are to stand.
    pub(crate) fn write(&self, names: &[(u64, &str)]) -> String {
        let mut text = format!("classes\t{}\n", self.classes.join("\t"));
        let mut line = |name: &str, row: &[f32]| {
            text.push_str(name);
            for weight in row {
                text.push('\t');
                if *weight != 0.0 {
                    let _ = write!(text, "{weight}");
                }
            }
            text.push('\n');
        };
        line("bias", &self.bias);
        for (key, name) in names {
            if let Some(row) = self.weights.get(key) {
                line(name, row);
            }
        }
        text
    }

    /// Names of the classes, in the order of all results.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Probability of each class.
    pub fn probabilities(&self, features: &Features) -> Vec<f32> {
        let mut scores = self.bias.clone();
        for feature in &features.entries {
            if let Some(row) = self.weights.get(&feature.key) {
                for (score, weight) in scores.iter_mut().zip(row) {
                    *score += weight * feature.value;
                }
            }
        }
        softmax(&scores)
    }

    /// Weight of each class for a mail without features.
    pub(crate) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Every feature's key and weights.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u64, &[f32])> {
        self.weights.iter().map(|(key, row)| (*key, &**row))
    }
}

/// Turns scores into probabilities that add up to 1.
pub(crate) fn softmax(scores: &[f32]) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The likeliest and the second class.
pub(crate) fn best_two(probabilities: &[f32]) -> (usize, usize) {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]).then(a.cmp(b)));
    (order[0], order.get(1).copied().unwrap_or(order[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_survives_its_text_form() {
        let text = "classes\tno\tyes\nbias\t0.5\t-0.5\nown late\t\t2\n";
        let model = Linear::read(text).unwrap();
        assert_eq!(model.write(&[(key(&["own late"]), "own late")]), text);
        let mut features = Features::default();
        features.add(&["own", "late"], 1.0, None);
        let probabilities = model.probabilities(&features);
        assert!((probabilities[1] - 1.0 / (1.0 + (-1.0_f32).exp())).abs() < 1e-6);
    }

    #[test]
    fn a_broken_text_is_refused_with_its_line() {
        for (text, said) in [
            ("", "line 1: the classes are missing"),
            ("classes\ta\tb\nbias\t0\t0\nx\t1\n", "line 3: a row needs a weight for each class"),
            ("classes\ta\tb\nbias\t0\tz\n", "line 2: a weight is no number"),
        ] {
            assert_eq!(Linear::read(text).unwrap_err().to_string(), said);
        }
    }
}
