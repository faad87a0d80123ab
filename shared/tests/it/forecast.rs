//! Forecasts on a simulated mailbox: twelve weeks, of which the model knows nine.

mod mailbox;
mod stored;

use chrono::{DateTime, TimeDelta, Utc};
use shared::domain::forecast::{Calibration, Case, Model, Trial, hold_out};

use mailbox::Dice;

const WEEKS: i64 = 12;
const KNOWN: i64 = 9;

fn begin(cases: &[Case]) -> DateTime<Utc> {
    cases[0].created_at
}

/// Forecasts of the last three weeks.
fn trials(cases: &[Case], step: TimeDelta) -> Vec<Trial> {
    let from = begin(cases);
    hold_out(cases, from, from + TimeDelta::weeks(KNOWN), from + TimeDelta::weeks(WEEKS), step)
}

fn measured(trials: &[Trial], cases: &[Case]) -> Calibration {
    Calibration::of(trials, begin(cases) + TimeDelta::weeks(KNOWN)).unwrap()
}

fn shuffled<T>(items: &mut [T], dice: &mut Dice) {
    for n in (1..items.len()).rev() {
        items.swap(n, dice.below(n + 1));
    }
}

#[test]
fn forecasts_of_held_out_weeks_beat_every_base_rate_and_mean_what_they_say() {
    for seed in [1, 2, 3] {
        let cases = mailbox::weeks(WEEKS, seed);
        for (name, step) in [("hourly", TimeDelta::hours(1)), ("daily", TimeDelta::days(1))] {
            let trials = trials(&cases, step);
            let figures = measured(&trials, &cases);
            println!(
                "seed {seed}, {name}: {} tasks, {} forecasts, breached {:.3}, Brier {:.4}, base rate's {:.4} ({}), skill {:.3}",
                cases.len(),
                figures.forecasts,
                figures.breached_share,
                figures.brier,
                figures.base_brier,
                figures.base,
                figures.skill
            );
            assert!(figures.brier < figures.base_brier, "seed {seed}, {name}");
            assert!(figures.skill > 0.2, "seed {seed}, {name}: {}", figures.skill);
            let mut off = 0.0;
            for bin in &figures.bins {
                let (Some(said), Some(came)) = (bin.mean_forecast, bin.breached_share) else { continue };
                println!(
                    "  {:.1} to {:.1}: {:>6} forecasts, said {said:.3}, came {came:.3}",
                    bin.from, bin.to, bin.forecasts
                );
                off += (said - came).abs() * f64::from(bin.forecasts) / f64::from(figures.forecasts);
                if bin.forecasts >= 200 {
                    assert!((said - came).abs() < 0.15, "seed {seed}, {name}: said {said}, came {came}");
                }
            }
            println!("  off by {off:.3} on average");
            assert!(off < 0.06, "seed {seed}, {name}: {off}");
        }
    }
}

#[test]
fn forecasts_of_outcomes_that_were_shuffled_are_worth_nothing() {
    let cases = mailbox::weeks(WEEKS, 1);
    let mut trials = trials(&cases, TimeDelta::days(1));
    assert!(measured(&trials, &cases).skill > 0.2);
    let mut outcomes: Vec<bool> = trials.iter().map(|trial| trial.breached).collect();
    shuffled(&mut outcomes, &mut Dice::seeded(7));
    for (trial, breached) in trials.iter_mut().zip(outcomes) {
        trial.breached = breached;
    }

    let figures = measured(&trials, &cases);

    assert!(figures.brier > figures.base_brier && figures.skill < 0.0, "{figures:?}");
}

#[test]
fn knowing_how_busy_owners_are_makes_forecasts_better() {
    for seed in [1, 2, 3] {
        let mut cases = mailbox::weeks(WEEKS, seed);
        let knowing = measured(&trials(&cases, TimeDelta::hours(1)), &cases).brier;
        let mut owners: Vec<_> = cases.iter().map(|case| case.current_owner.clone()).collect();
        shuffled(&mut owners, &mut Dice::seeded(seed));
        for (case, owner) in cases.iter_mut().zip(owners) {
            case.current_owner = owner;
        }
        let not_knowing = measured(&trials(&cases, TimeDelta::hours(1)), &cases).brier;
        println!("seed {seed}: Brier {knowing:.4} with the load, {not_knowing:.4} with owners at random");
        assert!(knowing < not_knowing - 0.005, "seed {seed}");
    }
}

#[test]
fn a_model_is_compact_and_the_more_precise_the_more_is_known() {
    let cases = mailbox::weeks(WEEKS, 1);
    let from = begin(&cases);
    let model = Model::fit(&cases, from, from + TimeDelta::weeks(WEEKS)).unwrap();
    let size = serde_json::to_string(&model).unwrap().len();
    println!("{} curves of {} tasks, {size} bytes, {:?}", model.curves().len(), model.tasks, model.levels());
    assert!(size < 300_000, "{size}");
    assert!(Model::fit(&cases[..50], from, from + TimeDelta::weeks(WEEKS)).is_none(), "fifty tasks are too few");
}
