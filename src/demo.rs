//! The bundled demo mail: dated relative to now and sent through the real endpoint and batch job.

use chrono::{DateTime, TimeDelta, Utc};
use include_dir::{Dir, include_dir};
use mail::Format;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use shared::clock::Clock;
use shared::domain::access::{COMMAND_LINE, Role};
use shared::key::Pepper;
use shared::key::issue::{self, NewKey};
use shared::store::Db;

use crate::account::{self, Account};
use crate::client::{Client, Problem};
use crate::upload::{self, Delivery, Load, Upload};
use crate::wiring;

/// One folder a mailbox.
static MAIL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/mail");
/// Who works on what comes of it: teams and people as their routes take them, by name.
const TEAM: &str = include_str!("../demo/team.json");
/// Starts the one header line that is replaced.
const MARK: &[u8] = b"Date: @now-";

#[derive(Deserialize)]
struct Batches {
    batches: Vec<Value>,
}

/// Who loads it where authentication is required.
const PRINCIPAL: &str = "demo";
/// How long their key would be good if it were not revoked when all is loaded.
const LIFE: TimeDelta = TimeDelta::minutes(15);

/// The server that is loaded.
pub struct Target {
    /// Where it is.
    pub url: String,
    /// Its database, for a key.
    pub db: Db,
    /// What keys are made with, if it asks for one.
    pub pepper: Option<Pepper>,
}

/// Loads the demo mail, unless something is there already, and prints what became of it.
pub async fn load(target: &Target, clock: Clock) {
    let loaded = match &target.pepper {
        None => try_load(&target.url, None, &clock).await,
        Some(pepper) => with_key(target, pepper, &clock).await,
    };
    match loaded {
        Ok(line) => wiring::announce(&line),
        Err(reason) => eprintln!("workflow: demo mail could not be loaded: {reason}"),
    }
}

/// Loads it with a key that is good for nothing afterwards.
async fn with_key(target: &Target, pepper: &Pepper, clock: &Clock) -> Result<String, String> {
    let now = clock.now();
    let wish = NewKey { name: PRINCIPAL.to_owned(), role: Role::Admin, mailboxes: None, expires_at: Some(now + LIFE) };
    let issued = issue::issue(&target.db, pepper, wish, COMMAND_LINE, now).await;
    let (key, secret) = issued.map_err(|error| error.to_string())?;
    let loaded = try_load(&target.url, Some(secret.expose().to_owned()), clock).await;
    let revoked = issue::revoke(&target.db, &key.id, COMMAND_LINE, clock.now()).await;
    revoked.map_err(|error| error.to_string())?;
    loaded
}

async fn try_load(url: &str, key: Option<String>, clock: &Clock) -> Result<String, String> {
    let base = reqwest::Url::parse(url).map_err(|error| error.to_string())?;
    let client = Client::new(base, key)?;
    if !is_empty(&client).await.map_err(|problem| problem.to_string())? {
        return Ok("demo: the database is not empty; demo mail was not loaded".to_owned());
    }
    for (route, name, body) in members() {
        let path = format!("/api/{route}/{}", name.replace(' ', "%20"));
        client
            .send(Method::PUT, &path, |request| Ok(request.json(&body)))
            .await
            .map_err(|problem| problem.to_string())?;
    }
    let run = uuid::Uuid::now_v7().simple().to_string();
    let mut account = Account::default();
    for delivery in deliveries(clock.now()) {
        let problem = |problem: Problem| format!("{}: {problem}", delivery.mailbox);
        let id = upload::deliver(&client, &run, &delivery).await.map_err(problem)?;
        // One mailbox after the other, so that the same mail always finds the same one before it.
        account.add(account::outcome(&client, &id, |_| ()).await.map_err(problem)?);
    }
    match account.failed.first() {
        Some(failed) => Err(failed.clone()),
        None => Ok(format!("demo: {}", account.summary())),
    }
}

/// Teams before their people.
fn members() -> Vec<(&'static str, String, Value)> {
    let mut team: Value = serde_json::from_str(TEAM).expect("a document of ours");
    let mut all = Vec::new();
    for route in ["teams", "people"] {
        let Value::Object(named) = team[route].take() else { continue };
        all.extend(named.into_iter().map(|(name, body)| (route, name, body)));
    }
    all
}

async fn is_empty(client: &Client) -> Result<bool, Problem> {
    let batches: Batches = client.get("/api/workflow/batches").await?;
    let tasks: Value = client.get("/api/workflow/list?limit=1").await?;
    let no_tasks = tasks.get("tasks").and_then(Value::as_array).is_none_or(Vec::is_empty);
    Ok(batches.batches.is_empty() && no_tasks)
}

/// One delivery a mailbox, its mails in the order of their file names.
fn deliveries(now: DateTime<Utc>) -> Vec<Delivery> {
    let mut folders: Vec<_> = MAIL.dirs().collect();
    folders.sort_by_key(|folder| folder.path());
    let mailbox = |(number, folder): (usize, &Dir<'_>)| {
        let mut files: Vec<_> = folder.files().collect();
        files.sort_by_key(|file| file.path());
        let mails = files.into_iter().map(|file| Upload {
            name: file.path().to_string_lossy().into_owned(),
            format: Format::Rfc822,
            raw: dated(file.contents(), now),
        });
        Delivery {
            number,
            mailbox: folder.path().to_string_lossy().into_owned(),
            load: Load::Together(mails.collect()),
        }
    };
    folders.into_iter().enumerate().map(mailbox).collect()
}

/// The mail with its relative date made absolute. Everything else stays as it is, byte for byte.
fn dated(raw: &[u8], now: DateTime<Utc>) -> Vec<u8> {
    let mut at = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        let age = line.strip_prefix(MARK).and_then(|rest| age(std::str::from_utf8(rest.trim_ascii_end()).ok()?));
        if let Some(age) = age {
            let end = at + line.trim_ascii_end().len();
            let date = format!("Date: {}", (now - age).to_rfc2822());
            return [&raw[..at], date.as_bytes(), &raw[end..]].concat();
        }
        at += line.len();
    }
    raw.to_vec()
}

/// Reads `3d4h`, `26h15m` or `45m`.
fn age(text: &str) -> Option<TimeDelta> {
    let mut age = TimeDelta::zero();
    for part in text.split_inclusive(|c: char| c.is_ascii_alphabetic()) {
        let number: i64 = part.get(..part.len() - 1)?.parse().ok()?;
        age += match part.as_bytes()[part.len() - 1] {
            b'd' => TimeDelta::try_days(number),
            b'h' => TimeDelta::try_hours(number),
            b'm' => TimeDelta::try_minutes(number),
            _ => None,
        }?;
    }
    Some(age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_date_becomes_absolute_and_nothing_else_changes() {
        let now = "2026-11-22T21:00:00Z".parse().unwrap();
        let date = |raw: &[u8]| dated(raw, now);
        assert_eq!(
            date(b"A: b\r\nDate: @now-26h15m\r\n\r\n\xff"),
            b"A: b\r\nDate: Sat, 21 Nov 2026 18:45:00 +0000\r\n\r\n\xff"
        );
        assert_eq!(
            date(b"Date: @now-1d4h30m\n\nDate: @now-1d\n"),
            b"Date: Sat, 21 Nov 2026 16:30:00 +0000\n\nDate: @now-1d\n"
        );
        for raw in [&b"A: b\n\nDate: @now-1d\n"[..], b"Date: @now-soon\n\nx", b"\x00\xfe garbage", b""] {
            assert_eq!(date(raw), raw);
        }
    }

    #[test]
    fn every_mailbox_of_the_demo_is_one_batch_without_relative_dates() {
        let deliveries = deliveries("2026-11-22T21:00:00Z".parse().unwrap());
        let mailboxes: Vec<_> = deliveries.iter().map(|delivery| &*delivery.mailbox).collect();
        assert_eq!(mailboxes, ["orders", "quotes", "returns", "shipping", "vendors"]);
        assert!(deliveries.iter().map(Delivery::mails).sum::<usize>() >= 60);
        for delivery in deliveries {
            let Load::Together(mails) = delivery.load else { panic!("demo mails travel together") };
            for mail in mails {
                assert!(!mail.raw.windows(MARK.len()).any(|window| window == MARK), "{}", mail.name);
            }
        }
    }
}
