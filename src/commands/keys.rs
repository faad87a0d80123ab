//! `workflow keys`: makes, lists and revokes API keys, directly on the database.

use serde_json::{Value, json};
use shared::clock::Clock;
use shared::domain::access::{ApiKey, COMMAND_LINE, key_mailboxes};
use shared::key::issue::{self, IssueError, NewKey};
use shared::store::{Db, StoreError, keys};

use crate::cli::{CreateArgs, DatabaseArgs, KeysArgs, KeysVerb, ListArgs, RevokeArgs};
use crate::exit::Failure;
use crate::table::{age, plain, table, text};
use crate::{settings, wiring};

pub(super) async fn run(args: KeysArgs) -> Result<(), Failure> {
    match args.verb {
        KeysVerb::Create(args) => create(args).await,
        KeysVerb::List(args) => list(args).await,
        KeysVerb::Revoke(args) => revoke(args).await,
    }
}

async fn create(args: CreateArgs) -> Result<(), Failure> {
    let pepper = settings::pepper(&args.pepper)?;
    let mailboxes = if args.mailbox.is_empty() { None } else { Some(key_mailboxes(args.mailbox)) };
    let mailboxes = mailboxes.transpose().map_err(|wrong| Failure::Usage(format!("--mailbox: {wrong}")))?;
    let db = open(&args.database).await?;
    let now = Clock::system().now();
    let expires_at = args.expires_in.map(|span| now + span);
    let wish = NewKey { name: args.name, role: args.role, mailboxes, expires_at };
    let (key, secret) = issue::issue(&db, &pepper, wish, COMMAND_LINE, now).await.map_err(refused)?;
    db.close().await;
    let secret = secret.expose();
    if args.json {
        let mut shown = json!({"id": key.id, "name": key.name, "role": key.role, "key": secret});
        if let Some(end) = key.expires_at {
            shown["expires_at"] = json!(end);
        }
        if let Some(mailboxes) = key.scope() {
            shown["mailboxes"] = json!(mailboxes);
        }
        wiring::announce(&shown.to_string());
    } else {
        wiring::announce(secret);
        let until = key.expires_at.map_or("until it is revoked".to_owned(), |end| {
            format!("until {}", end.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        });
        eprintln!("workflow: this is shown once; {} has the role {}, {until}", key.name, key.role);
    }
    Ok(())
}

async fn list(args: ListArgs) -> Result<(), Failure> {
    let db = open(&args.database).await?;
    let rows = match db.read().await {
        Ok(mut session) => keys::list(&mut session).await,
        Err(error) => Err(error),
    };
    let rows = rows.map_err(|error| broken(&error))?;
    db.close().await;
    let now = Clock::system().now();
    let shown: Vec<Value> = rows.into_iter().map(|key| view(key, now)).collect();
    if args.json {
        wiring::announce(&json!({"keys": shown}).to_string());
        return Ok(());
    }
    let row = |key: &Value| {
        vec![
            text(key, "id"),
            text(key, "name"),
            text(key, "role"),
            text(key, "state"),
            plain(&key["mailboxes"]),
            age(&key["created_at"], now),
            age(&key["last_used_at"], now),
            age(&key["expires_at"], now),
        ]
    };
    let headings = ["ID", "NAME", "ROLE", "STATE", "MAILBOXES", "CREATED", "LAST USED", "EXPIRES"];
    wiring::announce(table(&headings, shown.iter().map(row)).trim_end());
    Ok(())
}

async fn revoke(args: RevokeArgs) -> Result<(), Failure> {
    let db = open(&args.database).await?;
    let revoked = issue::revoke(&db, args.id.trim(), COMMAND_LINE, Clock::system().now()).await;
    let key = revoked.map_err(|error| broken(&error))?;
    db.close().await;
    let key = key.ok_or_else(|| Failure::Failed(format!("no key has the id {}", args.id)))?;
    wiring::announce(&format!("key {} of {} is revoked; it opens nothing after 5 seconds", key.id, key.name));
    Ok(())
}

async fn open(args: &DatabaseArgs) -> Result<Db, Failure> {
    wiring::open(&settings::database(args)?, 1).await
}

fn view(key: ApiKey, now: chrono::DateTime<chrono::Utc>) -> Value {
    let (state, mailboxes) = (key.refusal(now).unwrap_or("active"), key.scope());
    let ApiKey { id, name, role, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by, .. } = key;
    json!({
        "id": id, "name": name, "role": role, "state": state, "mailboxes": mailboxes, "created_at": created_at,
        "created_by": created_by, "expires_at": expires_at, "last_used_at": last_used_at, "revoked_at": revoked_at,
        "revoked_by": revoked_by,
    })
}

fn refused(error: IssueError) -> Failure {
    match error {
        IssueError::Store(error) => broken(&error),
        IssueError::Taken(_) | IssueError::Invalid(..) | IssueError::NoRandomness => Failure::Failed(error.to_string()),
    }
}

fn broken(error: &StoreError) -> Failure {
    if error.is_transient() { Failure::Unavailable(error.to_string()) } else { Failure::Failed(error.to_string()) }
}
