//! Prints figures.

use crate::tally::{self, CLASSES, Case, LISTS, Tally};

/// One line a set.
pub fn brief(name: &str, tally: &Tally) {
    let cases = tally.in_language(None);
    let category = tally::classes(&cases, "category").1;
    let accuracy = |field| tally::classes(&cases, field).0;
    println!(
        "{name}: {} mails; category F1 {category:.3}, state {:.3}, status {:.3}, priority {:.3}, all four {:.3}, noise F1 {:.3}, threads {:.3}",
        cases.len(),
        accuracy("state"),
        accuracy("status"),
        accuracy("priority"),
        tally::all_four(&cases),
        tally::noise(&cases).f1(),
        tally::threads(&cases).f1(),
    );
}

/// Every figure by language, calibration, and the worst mails.
pub fn full(title: &str, tally: &Tally, shown: usize) {
    println!("\n{title}: {} mails\n", tally.cases.len());
    println!("| figure | all | en | es | fr | de |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let row = |name: &str, figure: &dyn Fn(&[&Case]) -> f64| {
        let cells: Vec<String> = [None, Some("en"), Some("es"), Some("fr"), Some("de")]
            .iter()
            .map(|language| {
                let cases = tally.in_language(*language);
                if cases.is_empty() { "-".to_owned() } else { format!("{:.3}", figure(&cases)) }
            })
            .collect();
        println!("| {name} | {} |", cells.join(" | "));
    };
    row("noise precision", &|cases| tally::noise(cases).precision());
    row("noise recall", &|cases| tally::noise(cases).recall());
    for field in CLASSES {
        row(&format!("{field} accuracy"), &|cases| tally::classes(cases, field).0);
        row(&format!("{field} macro-F1"), &|cases| tally::classes(cases, field).1);
    }
    row("all four right", &|cases| tally::all_four(cases));
    for field in LISTS {
        row(&format!("{field} F1"), &|cases| tally::entities(cases, field).f1());
        row(&format!("{field} precision"), &|cases| tally::entities(cases, field).precision());
    }
    row("dollar_value F1", &|cases| tally::dollars(cases).f1());
    row("thread pairs F1", &|cases| tally::threads(cases).f1());
    calibration(tally);
    confusions(tally);
    worst(tally, shown);
}

/// How often a mail is read wholly right, by what the pipeline believed.
fn calibration(tally: &Tally) {
    println!("\n| confidence | mails | category, state and status right |");
    println!("| --- | --- | --- |");
    for band in 0..5 {
        let (from, to) = (band as f32 * 0.2, (band + 1) as f32 * 0.2);
        let within: Vec<&Case> = tally
            .cases
            .iter()
            .filter(|case| !case.gold.is_noise && !case.said.is_noise)
            .filter(|case| case.confidence >= from && (case.confidence < to || band == 4))
            .collect();
        let right = within
            .iter()
            .filter(|case| CLASSES[..3].iter().all(|f| tally::class(&case.gold, f) == tally::class(&case.said, f)))
            .count();
        if !within.is_empty() {
            println!("| {from:.1} to {to:.1} | {} | {:.2} |", within.len(), right as f64 / within.len() as f64);
        }
    }
}

fn confusions(tally: &Tally) {
    for field in CLASSES {
        let mut counts: std::collections::BTreeMap<(&str, &str), usize> = std::collections::BTreeMap::new();
        for case in tally.cases.iter().filter(|case| !case.gold.is_noise) {
            let (gold, said) = (tally::class(&case.gold, field), tally::class(&case.said, field));
            if gold != said {
                *counts.entry((gold.unwrap_or("noise"), said.unwrap_or("noise"))).or_default() += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let lines: Vec<String> =
            counts.iter().take(8).map(|((gold, said), count)| format!("{gold} read as {said}: {count}")).collect();
        println!("\n{field}: {}", lines.join("; "));
    }
}

/// The mails with most fields wrong, the surest first.
fn worst(tally: &Tally, shown: usize) {
    println!("\nworst:");
    let wrong = |case: &Case| -> Vec<String> {
        let mut wrong = Vec::new();
        if case.gold.is_noise != case.said.is_noise {
            wrong.push(format!("noise {} read as {}", case.gold.is_noise, case.said.is_noise));
        }
        if case.gold.is_noise || case.said.is_noise {
            return wrong;
        }
        for field in CLASSES {
            let (gold, said) = (tally::class(&case.gold, field), tally::class(&case.said, field));
            if gold != said {
                wrong.push(format!("{field} {} read as {}", gold.unwrap_or("none"), said.unwrap_or("none")));
            }
        }
        for field in LISTS {
            if tally::entities(&[case], field).f1() < 1.0 {
                wrong.push(format!("{field} {:?} read as {:?}", tally::list(&case.gold, field), tally::list(&case.said, field)));
            }
        }
        if tally::dollars(&[case]).f1() < 1.0 {
            wrong.push(format!("dollars {:?} read as {:?}", case.gold.dollar_value, case.said.dollar_value));
        }
        wrong
    };
    let mut cases: Vec<(&Case, Vec<String>)> = tally.cases.iter().map(|case| (case, wrong(case))).collect();
    cases.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(b.0.confidence.total_cmp(&a.0.confidence)));
    for (case, wrong) in cases.iter().take(shown).filter(|(_, wrong)| !wrong.is_empty()) {
        println!("  {}/{} ({}, {:.2}): {}", case.set, case.gold.file, case.language, case.confidence, wrong.join("; "));
    }
}
