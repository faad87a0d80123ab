//! Mail is fetched from a watched folder, kept apart where there is too much of it, and put back to work.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use shared::clock::Clock;
use shared::domain::mailbox::{CategoryUse, FileAfter, FolderSource, Mailbox, Source};
use shared::domain::{Category, Status};
use shared::jobs::testing::TestQueue;
use shared::jobs::{FetchMailbox, NewJob, PollMail, ProcessBatch};
use shared::store::mail::NewEmail;
use shared::store::mailboxes::{self, MailboxRow};
use shared::store::quarantine::{self, QuarantineFilter};
use shared::store::{self, Db};

use crate::{in_both_databases, noon};

/// A mail about an order.
pub fn mail(n: usize) -> String {
    format!(
        "From: Nadia Brook <nadia@brookfield.example>\r\nTo: orders@house.example\r\nSubject: PO 4501{n:04}\r\n\
         Message-ID: <{n}@brookfield.example>\r\n\r\nPlease enter PO 4501{n:04} for us.\r\n"
    )
}

/// Saves a mailbox with this source.
pub async fn save(db: &Db, source: Source) -> Mailbox {
    let mailbox = Mailbox { source, ..Mailbox::unknown("orders".to_owned(), noon()) };
    let mut tx = db.begin().await.unwrap();
    mailboxes::save(&mut tx, &mailbox).await.unwrap();
    tx.commit().await.unwrap();
    mailbox
}

/// The mailbox as it is.
pub async fn row(db: &Db) -> MailboxRow {
    mailboxes::lookup(&mut db.read().await.unwrap(), "orders").await.unwrap().unwrap()
}

pub fn queue(db: &Db, clock: &Clock) -> TestQueue {
    TestQueue::new(db, clock, worker::registry(worker::Retention::default()), Vec::new())
}

/// One poll, and all that follows from it.
pub async fn poll(db: &Db, clock: &Clock) {
    let queue = queue(db, clock);
    queue.enqueue(&PollMail {}).await;
    queue.run_dry().await;
    assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state <> 'completed'").await, 0);
}

pub async fn outcomes(db: &Db) -> [i64; 4] {
    let mut counts = [0; 4];
    for (count, outcome) in counts.iter_mut().zip(["created", "duplicate", "quarantined", "noise"]) {
        *count = db.query_i64(&format!("SELECT count(*) FROM emails WHERE outcome = '{outcome}'")).await;
    }
    counts
}

fn folder(path: &Path, after: FileAfter) -> Source {
    Source::Folder(FolderSource {
        path: path.to_str().unwrap().to_owned(),
        pattern: "*.*".to_owned(),
        after,
        move_to: "done".to_owned(),
    })
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// As if it had been written to at another time.
fn touch(path: &Path) {
    let at = path.metadata().unwrap().modified().unwrap() - Duration::from_hours(1);
    File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
}

in_both_databases! {
    async fn a_file_is_taken_once_it_stands_still_and_put_away_after_its_batch(db: Db) {
        let (home, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(noon()));
        save(&db, folder(home.path(), FileAfter::Move)).await;
        let path = home.path().join("a.eml");
        fs::write(&path, "From: a@b.example\r\nSub").unwrap();
        fs::write(home.path().join(".hidden.eml"), mail(9)).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", home.path().join("link.eml")).unwrap();
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await, [0; 4], "it may still be written to");

        fs::write(&path, mail(1)).unwrap();
        let both = mail(2) + "\n";
        let mbox = format!("From a@b Mon Mar  2 09:00:00 2026\n{}\nFrom a@b Mon Mar  2 09:00:00 2026\n{both}", mail(1));
        fs::write(home.path().join("b.mbox"), mbox.replace("\r\n", "\n")).unwrap();
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await, [0; 4], "it has grown since");

        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await, [2, 1, 0, 0]);
        assert_eq!(names(home.path()), [".hidden.eml", "done", "link.eml"]);
        assert_eq!(names(&home.path().join("done")), ["a.eml", "b.mbox"]);
        let row = row(&db).await;
        assert_eq!((row.progress.fetched, row.progress.last_error), (3, None));
        assert_eq!(db.query_i64("SELECT count(*) FROM batches WHERE origin = 'folder' AND received = 3").await, 1);
        assert_eq!(db.query_i64("SELECT count(*) FROM mailbox_files").await, 0);

        fs::write(&path, mail(3)).unwrap();
        poll(&db, &clock).await;
        poll(&db, &clock).await;
        assert_eq!(names(&home.path().join("done")), ["a-1.eml", "a.eml", "b.mbox"], "nothing is written over");
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await, [3, 1, 0, 0]);
    }

    async fn files_that_are_kept_are_read_once_until_they_change(db: Db) {
        let (home, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(noon()));
        save(&db, folder(home.path(), FileAfter::Keep)).await;
        let path = home.path().join("a.eml");
        fs::write(&path, mail(1)).unwrap();
        for _ in 0..4 {
            poll(&db, &clock).await;
        }
        assert_eq!(outcomes(&db).await, [1, 0, 0, 0]);
        touch(&path);
        poll(&db, &clock).await;
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await, [1, 1, 0, 0], "what changed is read again, and found to be the same");
        fs::remove_file(&path).unwrap();
        poll(&db, &clock).await;
        assert_eq!(db.query_i64("SELECT count(*) FROM mailbox_files").await, 0);
    }

    async fn a_file_whose_batch_was_committed_is_put_away_by_the_next_poll(db: Db) {
        let (home, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(noon()));
        save(&db, folder(home.path(), FileAfter::Keep)).await;
        fs::write(home.path().join("a.eml"), mail(1)).unwrap();
        poll(&db, &clock).await;
        poll(&db, &clock).await;
        // As a worker leaves it that died between the commit and the removal.
        save(&db, folder(home.path(), FileAfter::Delete)).await;
        poll(&db, &clock).await;
        assert_eq!((names(home.path()).len(), outcomes(&db).await), (0, [1, 0, 0, 0]));
    }

    async fn what_is_new_in_a_maildir_is_taken_at_once(db: Db) {
        let (home, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(noon()));
        for part in ["new", "cur", "tmp"] {
            fs::create_dir(home.path().join(part)).unwrap();
        }
        save(&db, folder(home.path(), FileAfter::Move)).await;
        fs::write(home.path().join("tmp/1.M1.host"), mail(1)).unwrap();
        fs::write(home.path().join("new/2.M2.host"), mail(2)).unwrap();
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await, [1, 0, 0, 0]);
        assert_eq!((names(&home.path().join("new")).len(), names(&home.path().join("cur"))), (0, vec!["2.M2.host:2,S".to_owned()]));
    }

    async fn a_folder_that_is_missing_is_said_and_left_alone_for_a_while(db: Db) {
        let clock = Clock::fixed(noon());
        save(&db, folder(Path::new("/nowhere/at/all"), FileAfter::Move)).await;
        poll(&db, &clock).await;
        poll(&db, &clock).await;
        let before = row(&db).await.progress;
        assert!(before.last_error.as_deref().unwrap().contains("/nowhere/at/all"), "{before:?}");
        assert_eq!((before.failures, before.next_poll_at), (2, Some(noon() + TimeDelta::minutes(2))));
        poll(&db, &clock).await;
        assert_eq!(row(&db).await.progress, before, "it is left alone");
        clock.advance(TimeDelta::minutes(2));
        poll(&db, &clock).await;
        assert_eq!(row(&db).await.progress.failures, 3);
    }

    async fn a_mail_over_the_limit_is_kept_in_part_and_apart(db: Db) {
        let (home, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(noon()));
        save(&db, folder(home.path(), FileAfter::Delete)).await;
        let mut huge = mail(1).into_bytes();
        huge.resize(26 << 20, b'x');
        fs::write(home.path().join("huge.eml"), &huge).unwrap();
        poll(&db, &clock).await;
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await, [0, 0, 1, 0]);
        let kept = "SELECT count(*) FROM emails AS e JOIN email_contents AS c ON c.email_id = e.id
                    WHERE e.format = 'head' AND e.size = 27262976 AND length(c.raw) = 1048576";
        assert_eq!((db.query_i64(kept).await, names(home.path()).len()), (1, 0));
    }

    async fn the_mailbox_gives_its_tasks_an_owner_and_a_category(db: Db) {
        let clock = Clock::fixed(noon());
        let mut mailbox = Mailbox::unknown("orders".to_owned(), noon());
        mailbox.default_owner = Some("Ana".to_owned());
        mailbox.default_owner_email = Some("ana@house.example".to_owned());
        (mailbox.category, mailbox.category_use) = (Some(Category::AccountChanges), CategoryUse::Forced);
        let mut tx = db.begin().await.unwrap();
        mailboxes::save(&mut tx, &mailbox).await.unwrap();
        tx.commit().await.unwrap();
        upload(&db, "batch-1", &[mail(1)]).await;
        poll(&db, &clock).await;
        let told = "SELECT count(*) FROM workflow_tasks WHERE current_owner = 'Ana' AND owner_email = 'ana@house.example'
                    AND workflow_category = 'Account Changes' AND CAST(secondary_categories AS text) LIKE '%Order Management%'
                    AND CAST(analysis AS text) LIKE '%mailbox owner: orders%'
                    AND CAST(analysis AS text) LIKE '%mailbox category: orders%'";
        assert_eq!(db.query_i64(told).await, 1);
        let why = "SELECT count(*) FROM workflow_status_history WHERE changed_by = 'mail' AND change_reason LIKE '%mailbox orders'";
        assert_eq!(db.query_i64(why).await, 1);
    }

    async fn too_much_of_the_same_is_kept_apart_and_can_be_put_back(db: Db) {
        let clock = Clock::fixed(noon());
        let mailbox = Mailbox { flood_per_hour: 3, ..Mailbox::unknown("orders".to_owned(), noon()) };
        let mut tx = db.begin().await.unwrap();
        mailboxes::save(&mut tx, &mailbox).await.unwrap();
        tx.commit().await.unwrap();
        let about = |n: usize| mail(n).replace(&format!("Subject: PO 4501{n:04}"), "Subject: Re: where is it?");
        let mails: Vec<String> = (0..8).map(about).chain([mail(20)]).collect();
        upload(&db, "batch-1", &mails).await;
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await[2], 5, "of eight that are alike five are too many");
        let taken = db.query_i64("SELECT count(*) FROM emails WHERE outcome IN ('created', 'updated')").await;
        assert_eq!(taken, 4);
        let finished = "SELECT count(*) FROM batches WHERE state = 'completed' AND finished_at IS NOT NULL";
        assert_eq!(db.query_i64(finished).await, 1);

        let filter = QuarantineFilter { reason: Some("flood".to_owned()), ..QuarantineFilter::default() };
        let kept = quarantine::find(&mut db.read().await.unwrap(), &filter, 100).await.unwrap();
        assert_eq!(kept.len(), 5);
        // A copy that comes meanwhile is one of the mail that is kept apart.
        upload(&db, "batch-2", &[mails[7].clone()]).await;
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await[1], 1);

        let ids: Vec<&str> = kept.iter().map(|kept| kept.id.as_str()).collect();
        let mut tx = db.begin().await.unwrap();
        store::mail::lock_intake(&mut tx).await.unwrap();
        let job = NewJob::of(&ProcessBatch { batch_id: "batch-1".to_owned() }, "ana");
        let seq = store::jobs::enqueue(&mut tx, &[job], clock.now()).await.unwrap()[0].seq;
        assert_eq!(quarantine::reopen(&mut tx, "batch-1", &ids, seq).await.unwrap(), 5);
        tx.commit().await.unwrap();
        queue(&db, &clock).run_dry().await;
        assert_eq!((outcomes(&db).await[1], outcomes(&db).await[2]), (1, 0), "none is a copy of its own copy");
        assert_eq!(db.query_i64("SELECT count(*) FROM emails WHERE outcome = 'pending'").await, 0);
        assert_eq!(db.query_i64(finished).await, 2);
        let ended = "SELECT count(*) FROM workflow_events WHERE event = 'workflow:batch:completed'";
        assert_eq!(db.query_i64(ended).await, 3, "each time a batch ends it says so");
    }

    async fn old_mail_that_is_uploaded_at_once_is_no_flood(db: Db) {
        let clock = Clock::fixed(noon());
        let mailbox = Mailbox { flood_per_hour: 3, ..Mailbox::unknown("orders".to_owned(), noon()) };
        let mut tx = db.begin().await.unwrap();
        mailboxes::save(&mut tx, &mailbox).await.unwrap();
        tx.commit().await.unwrap();
        let about = |n: usize| {
            let date = format!("Date: Mon, {:02} Feb 2026 09:00:00 +0000\r\nSubject: where is it?", n + 1);
            mail(n).replace(&format!("Subject: PO 4501{n:04}"), &date)
        };
        upload(&db, "batch-1", &(0..8).map(about).collect::<Vec<_>>()).await;
        poll(&db, &clock).await;
        assert_eq!(outcomes(&db).await[2], 0);
    }

    async fn mail_of_our_own_that_comes_back_is_kept_apart(db: Db) {
        let clock = Clock::fixed(noon());
        upload(&db, "batch-1", &[format!("X-Workflow-Mail: digest\r\n{}", mail(1))]).await;
        poll(&db, &clock).await;
        let why = "SELECT count(*) FROM emails WHERE outcome = 'quarantined' AND reason LIKE 'loop: %'";
        assert_eq!(db.query_i64(why).await, 1);
    }

    async fn fetching_twice_changes_nothing(db: Db) {
        let (home, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(noon()));
        save(&db, folder(home.path(), FileAfter::Keep)).await;
        fs::write(home.path().join("a.eml"), mail(1)).unwrap();
        poll(&db, &clock).await;
        poll(&db, &clock).await;
        let once = row(&db).await.progress;
        let queue = queue(&db, &clock);
        queue.enqueue(&FetchMailbox { mailbox: "orders".to_owned() }).await;
        queue.enqueue(&FetchMailbox { mailbox: "nobody's".to_owned() }).await;
        queue.run_dry().await;
        assert_eq!(row(&db).await.progress, once);
        assert_eq!(db.query_i64("SELECT count(*) FROM batches").await, 1);
        let red = db.query_i64(&format!("SELECT count(*) FROM workflow_tasks WHERE task_status = '{}'", Status::Red)).await;
        assert_eq!(red, 0);
    }
}

async fn upload(db: &Db, batch: &str, mails: &[String]) {
    let emails: Vec<NewEmail> = mails
        .iter()
        .enumerate()
        .map(|(n, text)| NewEmail {
            id: format!("{batch}-{n}"),
            source: None,
            format: "rfc822",
            size: text.len() as i64,
            sha256: format!(
                "{:?}",
                text.as_bytes().iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
            ),
            raw: text.as_bytes().to_vec(),
        })
        .collect();
    let mut tx = db.begin().await.unwrap();
    store::mail::insert_batch(&mut tx, batch, "orders", &emails, 0, noon()).await.unwrap();
    tx.commit().await.unwrap();
}
