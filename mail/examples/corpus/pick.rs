//! Candidates of what is picked out of a mail, labelled by the lists of the corpus, and the models they give.

use std::collections::HashMap;
use std::path::Path;

use mail::model::Linear;
use mail::model::fit::{Example, Fitted, Settings, fit_from};
use mail::model::questions::{Candidate, Models, Pick, candidates};

use crate::report;
use crate::set::{self, Gold, Set};
use crate::tally::{self, LISTS, Tally};

/// A model of each pick.
pub fn fitted(sets: &[&Set]) -> Vec<Fitted> {
    Pick::ALL
        .into_iter()
        .map(|pick| fit_from(&pick.beliefs(), &pick.classes(), &examples(pick, sets), settings(sets.len())))
        .collect()
}

/// The models alone.
pub fn models(fitted: &[Fitted]) -> [Linear; 3] {
    let models: Vec<Linear> = fitted.iter().map(|fitted| fitted.model.clone()).collect();
    models.try_into().expect("a model a pick")
}

fn settings(companies: usize) -> Settings {
    Settings { l2: 3.0, least: 3, groups: companies.min(2) }
}

fn examples(pick: Pick, sets: &[&Set]) -> Vec<Example> {
    let mut examples = Vec::new();
    // Short mails have no lists.
    for (group, set) in sets.iter().enumerate().filter(|(_, set)| !set.is_short()) {
        let mut drafts: Vec<(Candidate, usize)> = Vec::new();
        for (gold, raw) in set.mails.iter().filter(|(gold, _)| !gold.line.is_noise && gold.line.duplicate_of.is_none())
        {
            let Ok(mail) = mail::parse(raw, mail::Format::Rfc822, &mail::Limits::default()) else { continue };
            let mut candidates = candidates(pick, &mail, &set.own);
            if pick == Pick::Amount {
                // An amount of an earlier mail counts only if no later one names any.
                let at_stake = candidates.iter().find(|candidate| class(pick, gold, &candidate.text) == 1);
                if let Some(zone) = at_stake.and_then(|candidate| candidate.form.parse::<usize>().ok()) {
                    candidates.retain(|candidate| candidate.form.parse::<usize>().is_ok_and(|other| other <= zone));
                }
                for candidate in &mut candidates {
                    candidate.form.clone_from(&candidate.text);
                }
            }
            for candidate in candidates {
                let class = class(pick, gold, &candidate.text);
                drafts.push((candidate, class));
            }
        }
        let mut often: HashMap<(String, usize), f32> = HashMap::new();
        for (candidate, class) in &drafts {
            *often.entry((candidate.form.clone(), *class)).or_default() += 1.0;
        }
        for (candidate, class) in drafts {
            let common = often[&(candidate.form.clone(), class)].powf(-0.5);
            let own: &[&str] = match pick {
                Pick::Number => &["its "],
                Pick::Customer => &["first ", "last ", "word "],
                Pick::Amount => &["size "],
            };
            // What a company's own forms and names look like says little about those of others: each candidate is also
            // shown without.
            let unseen = candidate.features.only(|name| !own.iter().any(|own| name.starts_with(own)));
            examples.push(Example { features: unseen, class, group, weight: common });
            examples.push(Example { features: candidate.features, class, group, weight: 0.5 * common });
        }
    }
    examples
}

/// What the labels say a candidate is.
fn class(pick: Pick, gold: &Gold, text: &str) -> usize {
    match pick {
        Pick::Number => {
            let key = tally::number(text);
            let holds = |field: &&str| tally::list(&gold.line, field).iter().any(|value| tally::number(value) == key);
            LISTS[..6].iter().position(holds).map_or(0, |at| at + 1)
        }
        Pick::Customer => {
            let key = tally::name(text);
            usize::from(tally::list(&gold.line, "customers").iter().any(|value| tally::name(value) == key))
        }
        Pick::Amount => {
            let dollars = gold.line.dollar_value.as_ref().and_then(serde_json::Number::as_f64);
            usize::from(dollars.is_some_and(|dollars| format!("{:.0}", dollars * 100.0) == text))
        }
    }
}

/// Scores the picks alone, and prints every mistake.
pub fn leave_one_out(corpus: &Path) -> anyhow::Result<()> {
    let sets = set::read_all(corpus)?;
    let mut all = Tally::default();
    for out in &sets {
        let rest: Vec<&Set> = sets.iter().filter(|set| set.name != out.name).collect();
        let fitted = fitted(&rest);
        all.add(Tally::of(out, &Models::bundled().picking(models(&fitted))));
    }
    report::picks(&all);
    Ok(())
}
