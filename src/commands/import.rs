//! `workflow import`: uploads mail through the API and prints what became of it.

use std::io::{self, Write};
use std::sync::Mutex;

use futures_util::StreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;

use super::import_crewai;
use crate::account::{self, Account};
use crate::cli::ImportArgs;
use crate::client::{Client, Problem};
use crate::exit::Failure;
use crate::mailfiles::{self, MailFile};
use crate::messages::{self, Unread};
use crate::upload::{self, Delivery, Packer};

/// Batches on their way at once.
const UPLOADS: usize = 4;
/// Mailbox of a file that is named by itself.
const MAILBOX: &str = "import";

pub(super) async fn run(args: ImportArgs) -> Result<(), Failure> {
    let client = Client::new(args.client.url, args.client.api_key).map_err(Failure::Config)?;
    if let Some(file) = &args.from_crewai {
        client.reach().await.map_err(|problem| unreachable(&client, &problem))?;
        return import_crewai::run(file, args.json, &client).await;
    }
    let found = mailfiles::find(&args.paths)?;
    client.reach().await.map_err(|problem| unreachable(&client, &problem))?;

    let bar = progress_bar();
    let (ready, deliveries) = mpsc::channel(1);
    let (accepted, batches) = mpsc::unbounded_channel();
    let reader = tokio::task::spawn_blocking({
        let bar = bar.clone();
        move || read(found.files, args.mailbox.as_deref(), &ready, &bar)
    });
    let lost = Mutex::new(Vec::new());
    let uploading = upload_all(&client, deliveries, accepted, &bar, &lost);
    let following = follow(&client, batches, args.no_wait, &bar, &lost);
    let ((), account) = tokio::join!(uploading, following);
    bar.finish_and_clear();

    let mut unread = reader.await.map_err(|error| Failure::Failed(format!("reading the mail failed: {error}")))?;
    unread.extend(found.unreadable);
    let mut failed = lost.into_inner().expect("nobody panics while it is held");
    if let Err(error) = print(&account, args.no_wait, found.skipped, &unread)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return Err(error.into());
    }
    failed.extend(account.failed);
    if failed.is_empty() { Ok(()) } else { Err(Failure::Failed(failed.join("; "))) }
}

fn unreachable(client: &Client, problem: &Problem) -> Failure {
    Failure::Unavailable(format!("no server answers at {}: {problem}; start one with `workflow up`", client.url()))
}

/// Reads the files, one mail at a time, into batches; gives the files that could not be read.
fn read(
    files: Vec<MailFile>,
    mailbox: Option<&str>,
    ready: &mpsc::Sender<Delivery>,
    bar: &ProgressBar,
) -> Vec<(String, String)> {
    let mut packer = Packer::default();
    let mut unread = Vec::new();
    for file in files {
        for message in messages::of(&file, upload::MOST_BYTES) {
            let message = match message {
                Ok(message) => message,
                Err(Unread { name, reason }) => {
                    unread.push((name, reason));
                    continue;
                }
            };
            bar.inc_length(1);
            let of_document = message.mailbox.clone();
            let mailbox = mailbox.or(of_document.as_deref()).or(file.folder.as_deref()).unwrap_or(MAILBOX);
            for delivery in packer.take(mailbox, message) {
                if ready.blocking_send(delivery).is_err() {
                    return unread;
                }
            }
        }
    }
    if let Some(rest) = packer.finish() {
        let _ = ready.blocking_send(rest);
    }
    unread
}

/// Delivers batches, some at once; what could not be delivered is named in `lost`.
async fn upload_all(
    client: &Client,
    mut deliveries: mpsc::Receiver<Delivery>,
    accepted: mpsc::UnboundedSender<String>,
    bar: &ProgressBar,
    lost: &Mutex<Vec<String>>,
) {
    let run = uuid::Uuid::now_v7().simple().to_string();
    let mut uploaded = 0;
    let mut answers = futures_util::stream::poll_fn(move |context| deliveries.poll_recv(context))
        .map(async |delivery| (upload::deliver(client, &run, &delivery).await, delivery))
        .buffer_unordered(UPLOADS);
    while let Some((answer, delivery)) = answers.next().await {
        match answer {
            Ok(batch) => {
                uploaded += delivery.mails();
                bar.set_message(format!("{uploaded} uploaded"));
                let _ = accepted.send(batch);
            }
            Err(problem) => {
                let text = format!("{} could not be delivered: {problem}", delivery.describe());
                lost.lock().expect("nobody panics while it is held").push(text);
            }
        }
    }
}

/// Waits for one batch after the other; with `no_wait` prints their ids instead.
async fn follow(
    client: &Client,
    mut batches: mpsc::UnboundedReceiver<String>,
    no_wait: bool,
    bar: &ProgressBar,
    lost: &Mutex<Vec<String>>,
) -> Account {
    let mut account = Account::default();
    let mut processed = 0;
    while let Some(id) = batches.recv().await {
        if no_wait {
            bar.suspend(|| {
                let mut out = io::stdout().lock();
                let _ = writeln!(out, "{id}").and_then(|()| out.flush());
            });
            continue;
        }
        match account::outcome(client, &id, |batch| bar.set_position(processed + batch.processed)).await {
            Ok(batch) => {
                processed += batch.processed;
                account.add(batch);
            }
            Err(problem) => {
                let text = format!("batch {id} was uploaded, its outcome is not known: {problem}");
                lost.lock().expect("nobody panics while it is held").push(text);
            }
        }
    }
    account
}

/// On standard error, and nothing at all where that is no terminal.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} mails processed, {msg}  {elapsed}")
        .expect("the template is valid");
    let bar = ProgressBar::new(0).with_style(style);
    bar.set_message("0 uploaded");
    bar
}

fn print(account: &Account, no_wait: bool, skipped: usize, unread: &[(String, String)]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if !no_wait {
        account.write(&mut out)?;
    }
    // With --no-wait standard output holds ids alone.
    let mut rest: Box<dyn Write> = if no_wait { Box::new(io::stderr().lock()) } else { Box::new(out) };
    if !unread.is_empty() {
        writeln!(rest, "unreadable files: {}", unread.len())?;
        account::write_named(&mut rest, unread, unread.len())?;
    }
    writeln!(rest, "skipped files: {skipped}")?;
    rest.flush()
}
