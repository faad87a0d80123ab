//! Arguments of `keys`, which needs no server.

use clap::builder::{FalseyValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use shared::domain::access::Role;

use super::DatabaseArgs;

/// What the digests of keys are made with.
#[derive(Debug, Args)]
pub struct PepperArgs {
    /// Secret of at least 16 characters that the digests of API keys are made with; another one makes all keys worthless
    #[arg(long, env = "WORKFLOW_KEY_PEPPER", hide_env_values = true, value_name = "SECRET")]
    pub key_pepper: Option<String>,
}

/// Arguments of `keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    pub verb: KeysVerb,
}

/// What is done with keys.
#[derive(Debug, Subcommand)]
pub enum KeysVerb {
    /// Makes a key and shows it, this once
    Create(CreateArgs),
    /// Lists all keys, the newest first, without their secrets
    List(ListArgs),
    /// Revokes a key: it opens nothing after 5 seconds
    Revoke(RevokeArgs),
}

/// Arguments of `keys create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// What it may do
    #[arg(long, env = "WORKFLOW_KEY_ROLE", value_name = "ROLE")]
    #[arg(value_parser = PossibleValuesParser::new(Role::ALL.iter().map(|role| role.as_str())).map(|text| role(&text)))]
    pub role: Role,
    /// Who history and audit say it was
    #[arg(long, env = "WORKFLOW_KEY_NAME", value_name = "NAME", value_parser = shared::domain::access::key_name)]
    pub name: String,
    /// Mailboxes it is limited to, separated by commas; all if absent
    #[arg(long, env = "WORKFLOW_KEY_MAILBOXES", value_name = "NAMES", value_delimiter = ',')]
    pub mailbox: Vec<String>,
    /// How long it is good, such as 12h, 90d or 52w; for ever if absent
    #[arg(long, env = "WORKFLOW_KEY_EXPIRES_IN", value_name = "SPAN", value_parser = span)]
    pub expires_in: Option<chrono::TimeDelta>,
    /// One JSON object instead of lines
    #[arg(long, env = "WORKFLOW_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    #[command(flatten)]
    pub pepper: PepperArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Arguments of `keys list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// One JSON object instead of a table
    #[arg(long, env = "WORKFLOW_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Arguments of `keys revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The key's id: the part between the first two underscores
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

fn role(text: &str) -> Role {
    Role::parse(text).expect("the roles alone are accepted")
}

/// A span of time: a number, and m, h, d or w.
fn span(text: &str) -> Result<chrono::TimeDelta, String> {
    let wrong = || format!("{text} is not a span such as 12h, 90d or 52w");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u32 = number.parse().ok().filter(|number| (1..=100_000).contains(number)).ok_or_else(wrong)?;
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        _ => return Err(wrong()),
    };
    Ok(chrono::TimeDelta::minutes(i64::from(number) * minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        assert_eq!(span("90d").unwrap().num_hours(), 2_160);
        assert_eq!(span("5m").unwrap().num_minutes(), 5);
        for wrong in ["", "d", "90", "-1d", "0h", "1y", "9999999d", "1é"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
