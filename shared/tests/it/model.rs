//! The queue against a small model of it: whatever is done, in whatever order, both say the same.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use shared::clock::Clock;
use shared::jobs::{JobState, NewJob};
use shared::store::Db;
use shared::store::jobs::{self, ClaimedRow, Fate, Lease, Verdict, Wish};

use crate::control::errand;
use crate::support::{noon, on_both};

const LEASE: TimeDelta = TimeDelta::seconds(15);
const KEYS: [Option<&str>; 3] = [None, Some("a"), Some("b")];

/// What may happen. Jobs are named by their place among those accepted.
#[derive(Clone, Debug)]
enum Step {
    Accept(usize),
    Claim,
    Complete(usize),
    Fail(usize),
    Retry(usize),
    Cancel(usize),
    Delete(usize),
    Pause,
    Resume,
    Wait,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..KEYS.len()).prop_map(Step::Accept),
        4 => Just(Step::Claim),
        3 => (0..8usize).prop_map(Step::Complete),
        2 => (0..8usize).prop_map(Step::Fail),
        2 => (0..8usize).prop_map(Step::Retry),
        2 => (0..8usize).prop_map(Step::Cancel),
        1 => (0..8usize).prop_map(Step::Delete),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        2 => Just(Step::Wait),
    ];
    proptest::collection::vec(step, 1..40)
}

#[derive(Clone, Debug)]
struct Known {
    key: Option<&'static str>,
    state: JobState,
    attempt: i16,
    most: i16,
    /// When it may run, or its lease ends.
    until: DateTime<Utc>,
}

#[derive(Default)]
struct Model {
    jobs: BTreeMap<i64, Known>,
    paused: bool,
}

impl Model {
    fn is_open(state: JobState) -> bool {
        !state.is_final()
    }

    fn accept(&mut self, seq: i64, key: Option<&'static str>, now: DateTime<Utc>) {
        let waits = key.is_some() && self.jobs.values().any(|job| job.key == key && Self::is_open(job.state));
        let state = if waits { JobState::Pending } else { JobState::Available };
        self.jobs.insert(seq, Known { key, state, attempt: 0, most: 2, until: now });
    }

    fn claim(&mut self, now: DateTime<Utc>) -> Option<i64> {
        if self.paused {
            return None;
        }
        let available = self.jobs.iter().filter(|(_, job)| job.state == JobState::Available);
        let (seq, _) = available.min_by_key(|(seq, job)| (job.until, **seq))?;
        let seq = *seq;
        let job = self.jobs.get_mut(&seq)?;
        (job.state, job.attempt, job.until) = (JobState::Running, job.attempt + 1, now + LEASE);
        Some(seq)
    }

    fn end(&mut self, seq: i64, state: JobState) {
        let Some(job) = self.jobs.get_mut(&seq) else { return };
        job.state = state;
        let key = job.key;
        self.release(key);
    }

    fn release(&mut self, key: Option<&'static str>) {
        let active = |job: &Known| job.key == key && Self::is_open(job.state) && job.state != JobState::Pending;
        if key.is_none() || self.jobs.values().any(active) {
            return;
        }
        if let Some(next) = self.jobs.values_mut().find(|job| job.key == key && job.state == JobState::Pending) {
            next.state = JobState::Available;
        }
    }

    fn time_passes(&mut self, now: DateTime<Utc>) {
        let late: Vec<i64> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.state == JobState::Running && job.until < now)
            .map(|(seq, _)| *seq)
            .collect();
        for seq in late {
            let Some(job) = self.jobs.get_mut(&seq) else { continue };
            if job.attempt >= job.most {
                self.end(seq, JobState::Discarded);
            } else {
                (job.state, job.until) = (JobState::Retryable, now);
            }
        }
        for job in self.jobs.values_mut() {
            if job.state == JobState::Retryable && job.until <= now {
                job.state = JobState::Available;
            }
        }
    }

    fn retry(&mut self, seq: i64, now: DateTime<Utc>) {
        let Some(job) = self.jobs.get(&seq).cloned() else { return };
        let state = match job.state {
            JobState::Retryable => JobState::Available,
            JobState::Cancelled | JobState::Discarded => {
                let waits = |other: &Known| other.key == job.key && Self::is_open(other.state);
                if job.key.is_some() && self.jobs.values().any(waits) { JobState::Pending } else { JobState::Available }
            }
            _ => return,
        };
        let most = if job.state.is_final() { job.most.max(job.attempt + 1) } else { job.most };
        self.jobs.insert(seq, Known { state, until: now, most, ..job });
    }
}

async fn story(db: &Db, steps: &[Step]) {
    db.execute_raw("DELETE FROM job_attempts").await;
    db.execute_raw("DELETE FROM jobs").await;
    db.execute_raw("DELETE FROM queues").await;
    let clock = Clock::fixed(noon());
    let (mut model, mut held, mut seqs) = (Model::default(), BTreeMap::<i64, ClaimedRow>::new(), Vec::new());
    for (number, step) in steps.iter().enumerate() {
        // Each step has an instant of its own, so that the order of jobs is never a draw.
        clock.advance(TimeDelta::milliseconds(1));
        let now = clock.now();
        let wish = Wish { principal: "ana", reason: None, now };
        let of = |place: usize| seqs.get(place).copied().unwrap_or(-1);
        let mut tx = db.begin().await.unwrap();
        match step {
            Step::Accept(key) => {
                let job = NewJob::of(&errand(0, KEYS[*key], "effect"), "ana");
                let seq = jobs::enqueue(&mut tx, &[job], now).await.unwrap()[0].seq;
                model.accept(seq, KEYS[*key], now);
                seqs.push(seq);
            }
            Step::Claim => {
                let claimed = jobs::claim(&mut tx, "mutations", 0, "w", now + LEASE, now).await.unwrap();
                assert_eq!(claimed.first().map(|job| job.seq), model.claim(now), "step {number}");
                held.extend(claimed.into_iter().map(|job| (job.seq, job)));
            }
            Step::Complete(place) => {
                let seq = of(*place);
                let Some(job) = held.remove(&seq) else { continue };
                let lease = Lease { seq, token: job.lease_token };
                let ours = model.jobs.get(&seq).is_some_and(|job| job.state == JobState::Running);
                let done = jobs::complete(&mut tx, lease, job.order_key.as_deref(), None, now).await;
                assert_eq!(done.is_ok(), ours, "step {number}: a lost lease completes nothing");
                if !ours {
                    continue;
                }
                model.end(seq, JobState::Completed);
            }
            Step::Fail(place) => {
                let seq = of(*place);
                let Some(job) = held.remove(&seq) else { continue };
                let known = model.jobs.get(&seq).cloned();
                let spent = job.attempt >= job.max_attempts;
                let later = now + TimeDelta::seconds(5);
                let fate = if spent { Fate::Discard } else { Fate::Retry(later) };
                jobs::fail(&mut tx, &job, "as told", fate, now).await.unwrap();
                if let Some(known) = known.filter(|known| known.state == JobState::Running) {
                    if spent {
                        model.end(seq, JobState::Discarded);
                    } else {
                        model.jobs.insert(seq, Known { state: JobState::Retryable, until: later, ..known });
                    }
                }
            }
            Step::Retry(place) => {
                jobs::retry(&mut tx, of(*place), wish).await.unwrap();
                model.retry(of(*place), now);
            }
            Step::Cancel(place) => {
                let verdict = jobs::cancel(&mut tx, of(*place), wish).await.unwrap();
                if let Verdict::Changed(_) = verdict {
                    held.remove(&of(*place));
                    model.end(of(*place), JobState::Cancelled);
                }
            }
            Step::Delete(place) => {
                if let Verdict::Changed(_) = jobs::delete(&mut tx, of(*place)).await.unwrap()
                    && let Some(job) = model.jobs.remove(&of(*place))
                    && !job.state.is_final()
                {
                    model.release(job.key);
                }
            }
            Step::Pause | Step::Resume => {
                model.paused = matches!(step, Step::Pause);
                let mut settings = jobs::lock_settings(&mut tx, "mutations").await.unwrap();
                settings.paused_at = model.paused.then_some(now);
                jobs::save_settings(&mut tx, &settings).await.unwrap();
            }
            Step::Wait => {
                clock.advance(TimeDelta::seconds(20));
                let now = clock.now();
                jobs::rescue(&mut tx, now).await.unwrap();
                jobs::promote_due(&mut tx, now).await.unwrap();
                model.time_passes(now);
                held.clear();
            }
        }
        tx.commit().await.unwrap();
        for (seq, known) in &model.jobs {
            let found =
                jobs::lookup(&mut db.read().await.unwrap(), *seq).await.unwrap().map(|job| (job.state, job.attempt));
            assert_eq!(found, Some((known.state, known.attempt)), "job {seq} after step {number}, {step:?}");
        }
    }
}

on_both! {
    async fn the_queue_does_what_its_model_does(db: Db) {
        // Sampled by hand: a runner of its own would need a runtime within the runtime.
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for case in 0..60 {
            let steps = steps().new_tree(&mut runner).unwrap().current();
            eprintln!("case {case}: {steps:?}");
            story(&db, &steps).await;
        }
    }
}
