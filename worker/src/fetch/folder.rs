//! Watches a folder. A file is taken when it looks as it did at the last poll; what a Maildir calls new is complete.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use shared::domain::mailbox::{FileAfter, FilePlan, FolderSource, Seen, plan};
use shared::store::mail::NewEmail;
use shared::store::mailboxes;
use tokio::sync::mpsc;

use super::folder_files::{self, Listing};
use super::intake::{Intake, Mark};
use super::{BATCH_BYTES, BATCH_MAILS, Ended, within};

/// What the thread that reads files has to say.
enum Read {
    /// A mail.
    Mail(NewEmail),
    /// All mails of the N-th file were given.
    End(usize),
    /// The N-th file cannot be read.
    Failed(usize, String),
}

/// Takes what is complete, and puts away what was taken.
pub(crate) async fn fetch(intake: &mut Intake<'_>, source: &FolderSource, root: Option<&Path>) -> Result<(), Ended> {
    let folder = within(root, &source.path).map_err(Ended::Source)?;
    let listing = list(&folder, &source.pattern).await?;
    let known = mailboxes::files(&mut intake.context().db().read().await?, &intake.row().mailbox.name).await?;
    let known: HashMap<&str, _> = known.iter().map(|file| (file.name.as_str(), file)).collect();
    let mut plans: HashMap<FilePlan, Vec<&Seen>> = HashMap::new();
    for file in &listing.files {
        plans.entry(plan(file, known.get(file.name.as_str()).copied())).or_default().push(file);
    }
    let mut of = |kind| plans.remove(&kind).unwrap_or_default();
    let (wait, take, mut done) = (of(FilePlan::Wait), of(FilePlan::Take), of(FilePlan::Acknowledge));

    let listed: std::collections::HashSet<&str> = listing.files.iter().map(|file| file.name.as_str()).collect();
    let gone: Vec<&str> = known.keys().copied().filter(|name| !listed.contains(name)).collect();
    note(intake, &wait, &gone).await?;

    let (taken, mut failed) = take_files(intake, &folder, listing.is_maildir, &take).await?;
    done.extend(taken);
    if source.after != FileAfter::Keep {
        failed.extend(put_away(intake, &folder, listing.is_maildir, source, &done).await?);
    }
    match failed.as_slice() {
        [] => Ok(()),
        [only] => Err(Ended::Source(only.clone())),
        [first, rest @ ..] => Err(Ended::Source(format!("{first}; and {} more files", rest.len()))),
    }
}

async fn list(folder: &Path, pattern: &str) -> Result<Listing, Ended> {
    let (folder, pattern) = (folder.to_owned(), pattern.to_owned());
    let shown = folder.display().to_string();
    let listed = blocking(move || folder_files::list(&folder, &pattern)).await?;
    listed.map_err(|error| Ended::Source(format!("{shown}: {error}")))
}

/// Remembers how files look that may still be written to, and forgets those that are gone.
async fn note(intake: &Intake<'_>, wait: &[&Seen], gone: &[&str]) -> Result<(), Ended> {
    if wait.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let name = &intake.row().mailbox.name;
    let mut tx = intake.context().db().begin().await?;
    if mailboxes::lock(&mut tx, name).await?.is_none() {
        return Err(Ended::Overtaken);
    }
    mailboxes::remember_files(&mut tx, name, wait, false).await?;
    mailboxes::forget_files(&mut tx, name, gone).await?;
    Ok(intake.context().checkpoint(tx, &json!({"waiting": wait.len()})).await?)
}

/// Takes the mails of files, one batch in memory at a time; gives the files that were taken whole, and what is wrong with
/// the others.
async fn take_files<'f>(
    intake: &mut Intake<'_>,
    folder: &Path,
    is_maildir: bool,
    files: &[&'f Seen],
) -> Result<(Vec<&'f Seen>, Vec<String>), Ended> {
    let (tell, mut told) = mpsc::channel(4);
    let reading = {
        let (folder, names) = (folder.to_owned(), files.iter().map(|file| file.name.clone()).collect());
        tokio::task::spawn_blocking(move || read_all(&folder, is_maildir, names, &tell))
    };
    let (mut taken, mut failed) = (Vec::new(), Vec::new());
    let (mut mails, mut bytes, mut whole): (Vec<NewEmail>, usize, Vec<&Seen>) = (Vec::new(), 0, Vec::new());
    while let Some(read) = told.recv().await {
        match read {
            Read::Mail(mail) => {
                bytes += mail.raw.len();
                mails.push(mail);
            }
            Read::End(n) => whole.push(files[n]),
            Read::Failed(n, why) => failed.push(format!("{}: {why}", files[n].name)),
        }
        if bytes >= BATCH_BYTES || mails.len() >= BATCH_MAILS {
            bytes = 0;
            intake.commit(std::mem::take(&mut mails), Mark::Files(&whole)).await?;
            taken.append(&mut whole);
        }
    }
    if !mails.is_empty() || !whole.is_empty() {
        intake.commit(mails, Mark::Files(&whole)).await?;
        taken.append(&mut whole);
    }
    reading.await.map_err(|error| Ended::Source(format!("reading the folder failed: {error}")))?;
    Ok((taken, failed))
}

fn read_all(folder: &Path, is_maildir: bool, names: Vec<String>, tell: &mpsc::Sender<Read>) {
    for (n, name) in names.into_iter().enumerate() {
        let mut open = true;
        let read = folder_files::read(folder, is_maildir, &name, &mut |mail| {
            open = tell.blocking_send(Read::Mail(mail)).is_ok();
            open
        });
        let end = match read {
            Ok(()) => Read::End(n),
            Err(error) => Read::Failed(n, error.to_string()),
        };
        if !open || tell.blocking_send(end).is_err() {
            return;
        }
    }
}

/// Puts files away whose mail is in a batch; gives what is wrong with those that stay.
async fn put_away(
    intake: &Intake<'_>,
    folder: &Path,
    is_maildir: bool,
    source: &FolderSource,
    files: &[&Seen],
) -> Result<Vec<String>, Ended> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let files: Vec<Seen> = files.iter().map(|file| (*file).clone()).collect();
    let (folder, source): (PathBuf, FolderSource) = (folder.to_owned(), source.clone());
    let (gone, failed) = blocking(move || {
        let (mut gone, mut failed) = (Vec::new(), Vec::new());
        for file in files {
            match folder_files::put_away(&folder, is_maildir, &source, &file) {
                Ok(true) => gone.push(file.name),
                Ok(false) => {}
                Err(error) => failed.push(format!("{} stays: {error}", file.name)),
            }
        }
        (gone, failed)
    })
    .await?;
    let names: Vec<&str> = gone.iter().map(String::as_str).collect();
    let mut tx = intake.context().db().begin().await?;
    mailboxes::forget_files(&mut tx, &intake.row().mailbox.name, &names).await?;
    intake.context().checkpoint(tx, &json!({"put_away": names.len()})).await?;
    Ok(failed)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Ended> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Ended::Source(format!("the folder cannot be read: {error}")))
}
