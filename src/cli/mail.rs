//! Arguments of how mail is read, and of `corrections`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::OpsArgs;

/// When a person is asked to look.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Confidence below which a task that mail opens is labelled `review`, from 0 (none is) to 1
    #[arg(long, env = "WORKFLOW_REVIEW_BELOW", default_value_t = shared::domain::review::BELOW, value_name = "CONFIDENCE")]
    #[arg(value_parser = fraction)]
    pub review_below: f64,
}

/// Which language model is asked about mails below that, if any.
#[derive(Debug, Args)]
pub struct AdviserArgs {
    /// OpenAI-compatible endpoint, such as `https://llm.example/v1`, that is asked about mails which are hard to read and
    /// is sent their text; unset: none is
    #[arg(long, env = "WORKFLOW_LLM_URL", value_name = "URL")]
    pub llm_url: Option<String>,
    /// Model to ask
    #[arg(long, env = "WORKFLOW_LLM_MODEL", value_name = "NAME")]
    pub llm_model: Option<String>,
    /// Key of that endpoint
    #[arg(long, env = "WORKFLOW_LLM_KEY", hide_env_values = true, value_name = "KEY")]
    pub llm_key: Option<String>,
    /// Calls a UTC day at most, of all workers together
    #[arg(long, env = "WORKFLOW_LLM_DAILY_BUDGET", default_value_t = 200, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub llm_daily_budget: u32,
}

/// Arguments of `corrections`.
#[derive(Debug, Args)]
pub struct CorrectionsArgs {
    #[command(flatten)]
    pub ops: OpsArgs,
    #[command(subcommand)]
    pub verb: Option<CorrectionsVerb>,
}

/// What is done with corrections.
#[derive(Debug, Subcommand)]
pub enum CorrectionsVerb {
    /// Lists them, oldest first; what `workflow corrections` does
    List {
        /// Corrections at most
        #[arg(long, env = "WORKFLOW_LIMIT", value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Writes the corrected mails with their labels, for tests and training
    Export {
        /// A folder that is made, or is empty
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

fn fraction(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "must be a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&number) { Ok(number) } else { Err("must be from 0 to 1".to_owned()) }
}
