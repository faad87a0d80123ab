//! Mail is fetched from a real IMAP server, which may be slow, refuse, forget its numbering or die in the middle.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use shared::clock::Clock;
use shared::domain::mailbox::{ImapSource, MailAfter, Source, Tls};
use shared::store::Db;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::dovecot::Account;
use crate::intake::{mail, outcomes, poll, row, save};
use crate::{in_both_databases, noon};

/// Passes on to the server until it has said so many bytes in all, then cuts every connection, as a server that dies.
async fn frail(port: u16, bytes: i64) -> (u16, Arc<AtomicI64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicI64::new(bytes));
    let counter = Arc::clone(&left);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let left = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let (mut up, mut down) = (vec![0; 1_024], vec![0; 1_024]);
                loop {
                    tokio::select! {
                        n = client.read(&mut up) => match n {
                            Ok(n) if n > 0 => server.write_all(&up[..n]).await.unwrap(),
                            _ => return,
                        },
                        n = server.read(&mut down) => match n {
                            Ok(n) if n > 0 => {
                                if left.fetch_sub(n as i64, Ordering::Relaxed) < n as i64 {
                                    return;
                                }
                                client.write_all(&down[..n]).await.unwrap();
                            }
                            _ => return,
                        },
                    }
                }
            });
        }
    });
    (own, left)
}

/// The server forgets how it numbered the mails.
fn renumber(account: &Account) {
    for entry in fs::read_dir(account.maildir()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("dovecot") {
            fs::remove_file(path).unwrap();
        }
    }
}

async fn error(db: &Db) -> String {
    row(db).await.progress.last_error.expect("the last poll failed")
}

in_both_databases! {
    async fn new_mail_is_taken_once_and_marked_as_seen(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        save(&db, Source::Imap(account.source())).await;
        for n in 0..3 {
            account.deliver(&format!("{n}.M1.host"), &mail(n));
        }
        poll(&db, &clock).await;
        let progress = row(&db).await.progress;
        assert_eq!((progress.last_error, progress.fetched, progress.last_uid), (None, 3, 3));
        assert_eq!((outcomes(&db).await, account.flags("")), ([3, 0, 0, 0], vec!["S".to_owned(); 3]));
        assert!(progress.unacknowledged.is_empty());
        let raw = "SELECT count(*) FROM emails AS e JOIN email_contents AS c ON c.email_id = e.id WHERE e.size = length(c.raw)";
        assert_eq!(db.query_i64(raw).await, 3);
        assert_eq!(db.query_i64("SELECT count(*) FROM batches WHERE origin = 'imap'").await, 1);

        poll(&db, &clock).await;
        assert_eq!(row(&db).await.progress.fetched, 3, "nothing is new");
        account.deliver("4.M1.host", &mail(4));
        poll(&db, &clock).await;
        assert_eq!((row(&db).await.progress.last_uid, outcomes(&db).await), (4, [4, 0, 0, 0]));
    }

    async fn starttls_and_a_folder_that_mail_is_moved_to(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        let source = ImapSource {
            port: account.ports().0,
            tls: Tls::Upgrade,
            after: MailAfter::Move,
            move_to: Some("Erledigt-Büro".to_owned()),
            ..account.source()
        };
        save(&db, Source::Imap(source)).await;
        account.deliver("1.M1.host", &mail(1));
        poll(&db, &clock).await;
        assert_eq!((row(&db).await.progress.last_error, outcomes(&db).await), (None, [1, 0, 0, 0]));
        assert_eq!((account.flags("").len(), account.flags(".Erledigt-B&APw-ro").len()), (0, 1));
    }

    async fn a_certificate_nobody_trusts_and_a_wrong_password_are_said(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        account.deliver("1.M1.host", &mail(1));
        save(&db, Source::Imap(ImapSource { ca_file: None, ..account.source() })).await;
        poll(&db, &clock).await;
        let said = error(&db).await;
        assert!(said.starts_with("TLS: ") && said.contains("certificate"), "{said}");

        fs::write(account.secret.path().join("password"), "wr0ng").unwrap();
        save(&db, Source::Imap(account.source())).await;
        poll(&db, &clock).await;
        let said = error(&db).await;
        assert!(said.starts_with("logging in: ") && said.contains("AUTHENTICATIONFAILED"), "{said}");
        assert!(!said.contains("wr0ng"), "{said}");
        assert_eq!(outcomes(&db).await, [0; 4]);

        fs::write(account.secret.path().join("password"), "s3 cret").unwrap();
        save(&db, Source::Imap(account.source())).await;
        poll(&db, &clock).await;
        assert_eq!((row(&db).await.progress.failures, outcomes(&db).await), (0, [1, 0, 0, 0]));
    }

    async fn another_numbering_brings_copies_and_no_tasks(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        save(&db, Source::Imap(account.source())).await;
        account.deliver("1.M1.host", &mail(1));
        account.deliver("2.M1.host", &mail(2));
        poll(&db, &clock).await;
        let before = row(&db).await.progress;
        // A numbering is named by the second it began in.
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        renumber(&account);
        account.deliver("3.M1.host", &mail(3));
        poll(&db, &clock).await;
        let after = row(&db).await.progress;
        assert_ne!(before.uidvalidity, after.uidvalidity);
        assert_eq!((after.last_error, after.last_uid, outcomes(&db).await), (None, 3, [3, 2, 0, 0]));
    }

    async fn a_server_that_dies_in_the_middle_loses_and_repeats_nothing(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        for n in 0..120 {
            account.deliver(&format!("{n:03}.M1.host"), &(mail(n) + &"x".repeat(2_000)));
        }
        let (port, left) = frail(account.ports().0, 150_000).await;
        save(&db, Source::Imap(ImapSource { port, tls: Tls::None, ..account.source() })).await;
        poll(&db, &clock).await;
        let first = row(&db).await.progress;
        assert!(first.last_error.is_some() && (1..120).contains(&first.fetched), "{first:?}");
        assert_eq!(outcomes(&db).await[0], first.fetched, "what is in a batch is worked on");

        // It dies again and again, each time at another place.
        for more in [1_000, 30_000, 61_000, 90_000] {
            left.store(more, Ordering::Relaxed);
            clock.advance(chrono::TimeDelta::hours(1));
            poll(&db, &clock).await;
        }
        left.store(i64::MAX, Ordering::Relaxed);
        clock.advance(chrono::TimeDelta::hours(1));
        poll(&db, &clock).await;
        let last = row(&db).await.progress;
        assert_eq!((last.last_error, last.fetched, last.last_uid), (None, 120, 120));
        assert_eq!((outcomes(&db).await, account.flags("")), ([120, 0, 0, 0], vec!["S".to_owned(); 120]));
    }

    async fn a_mail_over_the_limit_is_not_fetched_whole_into_memory_but_kept_in_part(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        save(&db, Source::Imap(account.source())).await;
        account.deliver("1.M1.host", &(mail(1) + &"0123456789abcdef".repeat(27 << 16)));
        account.deliver("2.M1.host", &mail(2));
        poll(&db, &clock).await;
        assert_eq!((row(&db).await.progress.last_error, outcomes(&db).await), (None, [1, 0, 1, 0]));
        let kept = "SELECT count(*) FROM emails AS e JOIN email_contents AS c ON c.email_id = e.id
                    WHERE e.format = 'head' AND e.size > 28311552 AND length(c.raw) = 1048576";
        assert_eq!(db.query_i64(kept).await, 1);
    }

    async fn what_the_server_was_not_told_is_said_by_the_next_poll(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        save(&db, Source::Imap(account.source())).await;
        account.deliver("1.M1.host", &mail(1));
        poll(&db, &clock).await;
        // As a worker leaves it that died after the commit.
        let seen = fs::read_dir(account.maildir().join("cur")).unwrap().next().unwrap().unwrap().path();
        let unseen = seen.to_str().unwrap().replace(":2,S", ":2,");
        fs::rename(&seen, unseen).unwrap();
        db.execute_raw("UPDATE mailboxes SET unacknowledged = '[1]'").await;
        assert_eq!(account.flags(""), [""]);
        poll(&db, &clock).await;
        assert_eq!((account.flags(""), row(&db).await.progress.fetched), (vec!["S".to_owned()], 1));
        assert!(row(&db).await.progress.unacknowledged.is_empty());
    }

    async fn a_server_that_says_more_than_it_was_asked_for_is_left(db: Db) {
        let Some(account) = Account::new() else { return };
        let clock = Clock::fixed(noon());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            client.write_all(b"* OK hello {900000000}\r\n").await.unwrap();
            while client.write_all(&vec![b'x'; 1 << 16]).await.is_ok() {}
        });
        save(&db, Source::Imap(ImapSource { port, tls: Tls::None, ..account.source() })).await;
        poll(&db, &clock).await;
        assert!(!error(&db).await.is_empty());
        assert_eq!(outcomes(&db).await, [0; 4]);
    }
}
