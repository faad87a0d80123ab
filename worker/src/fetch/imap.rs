//! Reads an IMAP folder by UID: what is above the last UID that is in a batch is new, seen by people or not.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use shared::domain::mailbox::{ImapSource, MailAfter};
use shared::store::mail::NewEmail;
use shared::store::mailboxes;

use super::connect::{Connection, TALK, connect, step};
use super::intake::{Intake, Mark};
use super::{BATCH_BYTES, Ended, HEAD, LARGEST, LIMIT, head, utf7, whole};

/// Mails that are asked for at once.
const CHUNK: usize = 50;
/// How long one job goes on; the next poll takes the rest.
const TURN: Duration = Duration::from_mins(5);

/// Takes new mail, and tells the server what is in a batch.
pub(crate) async fn fetch(intake: &mut Intake<'_>, source: &ImapSource, root: Option<&Path>) -> Result<(), Ended> {
    let started = Instant::now();
    let mut connection = connect(source, root).await.map_err(Ended::Source)?;
    let outcome = read(intake, source, &mut connection, started).await;
    if outcome.is_ok() {
        connection.allow(TALK);
        // What was to be done is done; a server that does not take leave is no failure.
        let _ = step("logging out", connection.session.logout()).await;
    }
    outcome
}

async fn read(
    intake: &mut Intake<'_>,
    source: &ImapSource,
    connection: &mut Connection,
    started: Instant,
) -> Result<(), Ended> {
    let folder = utf7::encode(&source.folder);
    let selected = step("opening the folder", connection.session.select(&folder)).await.map_err(Ended::Source)?;
    let uidvalidity =
        selected.uid_validity.ok_or_else(|| Ended::Source("the server gives no UIDVALIDITY".to_owned()))?;
    let progress = &intake.row().progress;
    // Under another numbering nothing is known; what was taken before is found by its bytes.
    let is_same = progress.uidvalidity == Some(uidvalidity.into());
    let (mut last, left) = if is_same { (progress.last_uid, progress.unacknowledged.clone()) } else { (0, Vec::new()) };
    let place = Place { uidvalidity: uidvalidity.into(), source };
    place.acknowledge(intake, connection, last, &left).await?;

    let new = new_uids(connection, last).await.map_err(Ended::Source)?;
    for chunk in new.chunks(CHUNK) {
        let sizes = sizes(connection, chunk).await.map_err(Ended::Source)?;
        let (mut mails, mut bytes, mut uids) = (Vec::new(), 0, Vec::new());
        for (n, uid) in chunk.iter().enumerate() {
            // Whoever removed it meanwhile did not want it here.
            if let Some(size) = sizes.get(uid)
                && let Some(mail) = mail(connection, *uid, *size).await.map_err(Ended::Source)?
            {
                bytes += mail.raw.len();
                mails.push(mail);
                uids.push(i64::from(*uid));
            }
            last = i64::from(*uid);
            if bytes >= BATCH_BYTES || n + 1 == chunk.len() {
                bytes = 0;
                place.take(intake, connection, last, std::mem::take(&mut mails), &std::mem::take(&mut uids)).await?;
            }
        }
        if started.elapsed() > TURN {
            break;
        }
    }
    Ok(())
}

/// The folder that is read.
struct Place<'a> {
    uidvalidity: i64,
    source: &'a ImapSource,
}

impl Place<'_> {
    /// Commits mails, and only then tells the server.
    async fn take(
        &self,
        intake: &mut Intake<'_>,
        connection: &mut Connection,
        last: i64,
        mails: Vec<NewEmail>,
        uids: &[i64],
    ) -> Result<(), Ended> {
        let mark = Mark::Uids { uidvalidity: self.uidvalidity, last, unacknowledged: uids };
        intake.commit(mails, mark).await?;
        self.acknowledge(intake, connection, last, uids).await
    }

    /// Tells the server which mails are in a batch, and remembers that it knows.
    async fn acknowledge(
        &self,
        intake: &Intake<'_>,
        connection: &mut Connection,
        last: i64,
        uids: &[i64],
    ) -> Result<(), Ended> {
        for chunk in uids.chunks(CHUNK) {
            connection.allow(TALK);
            tell(connection, self.source, chunk).await.map_err(Ended::Source)?;
        }
        if !uids.is_empty() {
            let mut tx = intake.context().db().begin().await?;
            mailboxes::advance(&mut tx, &intake.row().mailbox.name, self.uidvalidity, last, &[]).await?;
            intake.context().checkpoint(tx, &json!({"acknowledged": uids.len()})).await?;
        }
        Ok(())
    }
}

async fn tell(connection: &mut Connection, source: &ImapSource, uids: &[i64]) -> Result<(), String> {
    let set = set(uids);
    match (source.after, &source.move_to) {
        (MailAfter::Move, Some(to)) => move_to(connection, &set, &utf7::encode(to)).await,
        _ => flag(connection, &set, "\\Seen").await,
    }
}

async fn flag(connection: &mut Connection, set: &str, flag: &str) -> Result<(), String> {
    let store = async {
        let said = connection.session.uid_store(set, format!("+FLAGS.SILENT ({flag})")).await?;
        said.try_collect::<Vec<_>>().await
    };
    step("marking mail", store).await.map(drop)
}

async fn move_to(connection: &mut Connection, set: &str, folder: &str) -> Result<(), String> {
    let capabilities = step("asking what the server can", connection.session.capabilities()).await?;
    let (can_move, can_expunge) = (capabilities.has_str("MOVE"), capabilities.has_str("UIDPLUS"));
    let session = &mut connection.session;
    let first = if can_move { session.uid_mv(set, folder).await } else { session.uid_copy(set, folder).await };
    if first.is_err() {
        // Most often it is not there yet. If that is not why, the second try says what is.
        let _ = step("making the folder", session.create(folder)).await;
        if can_move {
            step("moving mail", session.uid_mv(set, folder)).await?;
        } else {
            step("copying mail", session.uid_copy(set, folder)).await?;
        }
    }
    if !can_move {
        flag(connection, set, "\\Seen \\Deleted").await?;
        // Without UIDPLUS others' deletions would go too: whoever looks after the folder removes ours.
        if can_expunge {
            let expunge = async {
                let said = connection.session.uid_expunge(set).await?;
                said.try_collect::<Vec<_>>().await
            };
            step("removing mail", expunge).await?;
        }
    }
    Ok(())
}

fn set(uids: &[i64]) -> String {
    uids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// UIDs above the last, in order.
async fn new_uids(connection: &mut Connection, last: i64) -> Result<Vec<u32>, String> {
    connection.allow(TALK);
    let query = format!("UID {}:*", last + 1);
    let found = step("looking for mail", connection.session.uid_search(query)).await?;
    // The highest UID is always an answer, even below the range.
    let mut new: Vec<u32> = found.into_iter().filter(|uid| i64::from(*uid) > last).collect();
    new.sort_unstable();
    Ok(new)
}

async fn sizes(connection: &mut Connection, uids: &[u32]) -> Result<BTreeMap<u32, u64>, String> {
    connection.allow(TALK);
    let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let ask = async {
        let said = connection.session.uid_fetch(set, "(UID RFC822.SIZE)").await?;
        said.try_collect::<Vec<_>>().await
    };
    let said = step("asking for sizes", ask).await?;
    Ok(said.iter().filter_map(|mail| Some((mail.uid?, u64::from(mail.size?)))).collect())
}

/// A mail; of a larger one than is kept, its first part. `None` if it is gone.
async fn mail(connection: &mut Connection, uid: u32, size: u64) -> Result<Option<NewEmail>, String> {
    let source = format!("uid {uid}");
    if size <= LIMIT {
        let Some(raw) = part(connection, uid, "BODY.PEEK[]", LIMIT).await? else { return Ok(None) };
        // Its size was the server's word.
        if raw.len() as u64 <= LIMIT {
            return Ok(Some(whole(&source, "rfc822", raw)));
        }
    }
    if size > LARGEST {
        let Some(raw) = part(connection, uid, &format!("BODY.PEEK[]<0.{HEAD}>"), HEAD as u64).await? else {
            return Ok(None);
        };
        // Nobody waits for more than 1 GiB: what is hashed is what is kept.
        let sha256 = format!("{:x}", Sha256::digest(&raw));
        return Ok(Some(head(&source, raw, size, sha256)));
    }
    large(connection, uid, source).await
}

/// Reads a large mail in pieces, and keeps the first.
async fn large(connection: &mut Connection, uid: u32, source: String) -> Result<Option<NewEmail>, String> {
    let (mut hash, mut kept, mut total) = (Sha256::new(), None, 0u64);
    while total <= LARGEST {
        let query = format!("BODY.PEEK[]<{total}.{HEAD}>");
        let Some(piece) = part(connection, uid, &query, HEAD as u64).await? else { return Ok(None) };
        hash.update(&piece);
        total += piece.len() as u64;
        let is_last = piece.len() < HEAD;
        kept.get_or_insert(piece).truncate(HEAD);
        if is_last {
            break;
        }
    }
    Ok(kept.map(|kept| head(&source, kept, total, format!("{:x}", hash.finalize()))))
}

async fn part(connection: &mut Connection, uid: u32, query: &str, bytes: u64) -> Result<Option<Vec<u8>>, String> {
    connection.allow(bytes + (1 << 20));
    let ask = async {
        let said = connection.session.uid_fetch(uid.to_string(), format!("(UID {query})")).await?;
        said.try_collect::<Vec<_>>().await
    };
    let said = step("fetching a mail", ask).await?;
    let ours = said.iter().find(|mail| mail.uid == Some(uid));
    Ok(ours.and_then(|mail| mail.body()).map(<[u8]>::to_vec))
}
