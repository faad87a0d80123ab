//! Training: maximum likelihood with an L2 penalty, by L-BFGS (Nocedal and Wright, Numerical Optimization, 2nd ed.,
//! algorithm 7.4) with a backtracking line search. Deterministic: one thread, no randomness, features in name order.

use std::collections::{BTreeMap, BTreeSet};

use super::features::{Features, key};
use super::linear::Linear;

/// One labelled example.
#[derive(Clone, Debug)]
pub struct Example {
    /// What is seen; built with [`Features::named`].
    pub features: Features,
    /// Index of the right class.
    pub class: usize,
    /// Which company's mail it is from. What only one company's mail shows is not learned.
    pub group: usize,
    /// How much it counts.
    pub weight: f32,
}

/// How a question is trained.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Penalty on the squared weights.
    pub l2: f64,
    /// A feature must occur in so many examples.
    pub least: usize,
    /// A feature must occur in the mail of so many companies.
    pub groups: usize,
}

/// A trained model with its text form.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Ready to be asked.
    pub model: Linear,
    /// What is written to the file.
    pub text: String,
}

/// Steps kept by L-BFGS.
const MEMORY: usize = 8;
/// Steps taken at most.
const STEPS: usize = 120;
/// Smaller weights are left out of the file.
const FAINT: f64 = 0.02;

/// What is believed of a feature before any mail is seen: its name, a class, and the weight that the penalty draws it to.
#[derive(Clone, Debug)]
pub struct Belief {
    /// Name of the feature.
    pub feature: String,
    /// Index of the class.
    pub class: usize,
    /// Weight without evidence.
    pub weight: f64,
}

/// Fits a model. Classes without examples keep a low bias.
pub fn fit(classes: &[&str], examples: &[Example], settings: Settings) -> Fitted {
    fit_from(&[], classes, examples, settings)
}

/// As [`fit`], but weights are drawn to what is believed rather than to nothing. Believed features need no evidence.
pub fn fit_from(beliefs: &[Belief], classes: &[&str], examples: &[Example], settings: Settings) -> Fitted {
    let mut names = vocabulary(examples, settings);
    for belief in beliefs {
        let key = key(&[&belief.feature]);
        if !names.iter().any(|(known, _)| *known == key) {
            names.push((key, belief.feature.clone()));
        }
    }
    names.sort_by(|a, b| a.1.cmp(&b.1));
    let index: BTreeMap<u64, usize> = names.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
    let mut prior = vec![0.0; names.len() * classes.len()];
    for belief in beliefs {
        prior[index[&key(&[&belief.feature])] * classes.len() + belief.class] = belief.weight;
    }
    let problem = Problem {
        prior,
        classes: classes.len(),
        features: names.len(),
        l2: settings.l2,
        rows: examples
            .iter()
            .map(|example| Row {
                class: example.class,
                weight: f64::from(example.weight),
                entries: example
                    .features
                    .entries
                    .iter()
                    .filter_map(|feature| Some((*index.get(&feature.key)?, f64::from(feature.value))))
                    .collect(),
            })
            .collect(),
    };
    let solution = minimise(&problem);
    let round = |weight: f64| ((weight * 1_000.0).round() / 1_000.0) as f32;
    let k = classes.len();
    let bias = solution[problem.features * k..].iter().map(|weight| round(*weight)).collect();
    let rows = names.iter().enumerate().filter_map(|(at, (key, _))| {
        let row = &solution[at * k..(at + 1) * k];
        row.iter().any(|weight| weight.abs() >= FAINT).then(|| (*key, row.iter().map(|w| round(*w)).collect()))
    });
    let model = Linear::new(classes.iter().map(|class| (*class).to_owned()).collect(), bias, rows);
    let text = model.write(&names.iter().map(|(key, name)| (*key, name.as_str())).collect::<Vec<_>>());
    Fitted { model, text }
}

/// Features worth a weight, by name.
fn vocabulary(examples: &[Example], settings: Settings) -> Vec<(u64, String)> {
    let mut seen: BTreeMap<u64, (usize, BTreeSet<usize>, &Features)> = BTreeMap::new();
    for example in examples {
        let keys: BTreeSet<u64> = example.features.entries.iter().map(|feature| feature.key).collect();
        for key in keys {
            let entry = seen.entry(key).or_insert_with(|| (0, BTreeSet::new(), &example.features));
            entry.0 += 1;
            entry.1.insert(example.group);
        }
    }
    let mut names: Vec<(u64, String)> = seen
        .into_iter()
        .filter(|(_, (count, groups, _))| *count >= settings.least && groups.len() >= settings.groups)
        .filter_map(|(key, (_, _, features))| Some((key, features.name(key)?.to_owned())))
        .collect();
    names.sort_by(|a, b| a.1.cmp(&b.1));
    names
}

struct Row {
    class: usize,
    weight: f64,
    entries: Vec<(usize, f64)>,
}

struct Problem {
    /// What the penalty draws each weight to.
    prior: Vec<f64>,
    classes: usize,
    features: usize,
    l2: f64,
    rows: Vec<Row>,
}

impl Problem {
    /// Penalised negative log-likelihood per example, and its gradient.
    fn evaluate(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let k = self.classes;
        let bias = self.features * k;
        gradient.fill(0.0);
        let mut loss = 0.0;
        let mut scores = vec![0.0; k];
        for row in &self.rows {
            scores.copy_from_slice(&w[bias..]);
            for (at, value) in &row.entries {
                for (score, weight) in scores.iter_mut().zip(&w[at * k..(at + 1) * k]) {
                    *score += weight * value;
                }
            }
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
            loss += row.weight * (sum.ln() + most - scores[row.class]);
            for (class, score) in scores.iter_mut().enumerate() {
                *score = row.weight * ((*score - most).exp() / sum - f64::from(u8::from(class == row.class)));
            }
            for (at, value) in &row.entries {
                for (slope, error) in gradient[at * k..(at + 1) * k].iter_mut().zip(&scores) {
                    *slope += error * value;
                }
            }
            for (slope, error) in gradient[bias..].iter_mut().zip(&scores) {
                *slope += error;
            }
        }
        for ((slope, weight), prior) in gradient[..bias].iter_mut().zip(&w[..bias]).zip(&self.prior) {
            let off = weight - prior;
            loss += 0.5 * self.l2 * off * off;
            *slope += self.l2 * off;
        }
        loss
    }
}

fn minimise(problem: &Problem) -> Vec<f64> {
    let size = (problem.features + 1) * problem.classes;
    let (mut w, mut slope) = (vec![0.0; size], vec![0.0; size]);
    w[..problem.prior.len()].copy_from_slice(&problem.prior);
    let mut loss = problem.evaluate(&w, &mut slope);
    let mut history: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    for _ in 0..STEPS {
        let direction = descend(&slope, &history);
        let along = dot(&direction, &slope);
        if along > -1e-9 {
            break;
        }
        let mut step = if history.is_empty() { 1.0 / dot(&slope, &slope).sqrt().max(1.0) } else { 1.0 };
        let (mut next, mut next_slope) = (w.clone(), slope.clone());
        let mut next_loss = f64::INFINITY;
        for _ in 0..30 {
            for ((next, old), way) in next.iter_mut().zip(&w).zip(&direction) {
                *next = old + step * way;
            }
            next_loss = problem.evaluate(&next, &mut next_slope);
            if next_loss <= loss + 1e-4 * step * along {
                break;
            }
            step /= 2.0;
        }
        if next_loss >= loss {
            break;
        }
        let moved: Vec<f64> = next.iter().zip(&w).map(|(a, b)| a - b).collect();
        let turned: Vec<f64> = next_slope.iter().zip(&slope).map(|(a, b)| a - b).collect();
        let curvature = dot(&moved, &turned);
        if curvature > 1e-10 {
            if history.len() == MEMORY {
                history.remove(0);
            }
            history.push((moved, turned, 1.0 / curvature));
        }
        let gained = (loss - next_loss) / loss.abs().max(1.0);
        (w, slope, loss) = (next, next_slope, next_loss);
        if gained < 1e-6 {
            break;
        }
    }
    w
}

/// The two-loop recursion.
fn descend(slope: &[f64], history: &[(Vec<f64>, Vec<f64>, f64)]) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|value| -value).collect();
    let mut alphas = Vec::with_capacity(history.len());
    for (moved, turned, rho) in history.iter().rev() {
        let alpha = rho * dot(moved, &direction);
        add(&mut direction, turned, -alpha);
        alphas.push(alpha);
    }
    if let Some((moved, turned, _)) = history.last() {
        let scale = dot(moved, turned) / dot(turned, turned);
        for value in &mut direction {
            *value *= scale;
        }
    }
    for ((moved, turned, rho), alpha) in history.iter().zip(alphas.iter().rev()) {
        let beta = rho * dot(turned, &direction);
        add(&mut direction, moved, alpha - beta);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], from: &[f64], scale: f64) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += scale * from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(words: &[&str], class: usize, group: usize) -> Example {
        let mut features = Features::named();
        for word in words {
            features.add(&[word], 1.0, None);
        }
        Example { features, class, group, weight: 1.0 }
    }

    #[test]
    fn what_several_companies_show_is_learned_and_what_one_shows_is_not() {
        let examples: Vec<Example> = (0..20)
            .map(|n| example(if n % 2 == 0 { &["late", "acme"] } else { &["thanks", "acme"] }, n % 2, n / 2 % 2))
            .chain((0..20).map(|_| example(&["late", "onlyhere"], 0, 1)))
            .collect();
        let fitted = fit(&["red", "green"], &examples, Settings { l2: 0.1, least: 2, groups: 2 });
        let asked = example(&["thanks"], 0, 0);
        assert!(fitted.model.probabilities(&asked.features)[1] > 0.6);
        assert!(!fitted.text.contains("onlyhere"));
        let again = fit(&["red", "green"], &examples, Settings { l2: 0.1, least: 2, groups: 2 });
        assert_eq!(fitted.text, again.text);
    }
}
