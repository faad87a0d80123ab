//! Speed as ratios: the product and a ceiling measured in turn, in one run, on one machine.
//!
//! `cargo xtask bench` builds and starts what it needs. One line a figure: name, ratio, bar, both absolute figures.
//! Ceiling and product alternate in slices; a round whose neighbouring ceiling readings differ by more than a quarter is
//! void; the figure is the median of the ratios of the others.

mod bare;
mod claims;
mod crowd;
mod http;
mod mail;
mod mutations;
mod peer;
mod process;
mod queue;
mod reads;
mod rounds;
mod sockets;
mod sums;
mod sweep;
mod writer;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

/// Command line of the benchmarks.
#[derive(Clone, Debug, Parser)]
#[command(name = "bench")]
pub struct Terms {
    /// Figures, all if none is named: p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 p12 p13 p14
    names: Vec<String>,
    /// Rounds of ceiling and product
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of one slice
    #[arg(long, default_value_t = 5)]
    slice: u64,
    /// A driver of another queue: a program that takes `drain` or `latency` and prints a JSON object with `jobs_per_s`, or
    /// `p50_ms` and `p99_ms`, for the database in `DATABASE_URL`
    #[arg(long, env = "WORKFLOW_BENCH_PEER")]
    peer: Option<String>,
    /// Tasks of P11
    #[arg(long, default_value_t = 1_000_000)]
    tasks: i64,
    /// Measure P9 with five million tasks on PostgreSQL too
    #[arg(long)]
    large: bool,
    /// Be the ceiling of P13, with so many connections
    #[arg(long, hide = true)]
    writer: Option<usize>,
}

impl Terms {
    /// How long one slice takes.
    pub fn slice(&self) -> Duration {
        Duration::from_secs(self.slice)
    }
}

/// One figure.
pub struct Figure {
    /// Its number and what it compares.
    pub name: String,
    /// The ratio, or the time in milliseconds.
    pub value: f64,
    /// What it is to be.
    pub bar: Bar,
    /// The absolute figures behind it.
    pub detail: String,
}

/// What a figure is to be.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Reported only.
    None,
}

impl Figure {
    /// The line that is printed.
    fn line(&self) -> String {
        let (bar, verdict) = match self.bar {
            Bar::AtLeast(bar) => (format!(">= {bar}"), if self.value >= bar { "met" } else { "MISSED" }),
            Bar::AtMost(bar) => (format!("<= {bar}"), if self.value <= bar { "met" } else { "MISSED" }),
            Bar::None => ("-".to_owned(), "reported"),
        };
        format!("{:<44} {:>8.2}  {bar:<8} {verdict:<8} {}", self.name, self.value, self.detail)
    }
}

/// The median; 0 of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A percentile of durations, in milliseconds.
pub fn percentile(durations: &mut [Duration], percent: usize) -> f64 {
    durations.sort_unstable();
    let index = (durations.len() * percent / 100).min(durations.len().saturating_sub(1));
    durations.get(index).map_or(0.0, Duration::as_secs_f64) * 1000.0
}

#[tokio::main]
async fn main() -> ExitCode {
    let terms = Terms::parse();
    let done = match terms.writer {
        Some(connections) => writer::run(connections),
        None if terms.names == [process::BARE] => bare::serve().await,
        None => run(&terms).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(terms: &Terms) -> Result<()> {
    let wanted = |name: &str| terms.names.is_empty() || terms.names.iter().any(|wanted| wanted == name);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load before: {}", load.trim());
    let mut lines = Vec::new();
    let mut report = |figures: Vec<Figure>| {
        for figure in figures {
            println!("{}", figure.line());
            lines.push(figure.line());
        }
    };
    report(reads::figures(terms, wanted).await?);
    if wanted("p4") || wanted("p5") {
        report(mutations::figures(terms).await?);
    }
    if wanted("p6") {
        report(queue::latency(terms).await?);
    }
    if wanted("p7") {
        report(queue::drain(terms).await?);
    }
    if wanted("p8") {
        report(claims::figures(terms).await?);
    }
    if wanted("p9") {
        report(sums::reads(terms).await?);
    }
    if wanted("p10") {
        report(sums::writes(terms).await?);
    }
    if wanted("p11") {
        report(sweep::figures(terms).await?);
    }
    if wanted("p12") {
        report(mail::figures(terms).await?);
    }
    if wanted("p13") {
        report(sockets::fan_out(terms).await?);
    }
    if wanted("p14") {
        report(sockets::latency(terms).await?);
    }
    Ok(())
}
