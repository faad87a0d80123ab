//! `workflow import` against a running server.

use crate::process::{Ended, Server, run};
use crate::triage;

fn figure(ended: &Ended, name: &str) -> u64 {
    let line = ended.out.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {}", ended.out)).parse().unwrap()
}

#[test]
fn every_mail_is_accounted_for_and_the_same_import_again_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mails = folder.path().join("mails");
    triage::tree(&mails);
    let server = Server::up(folder.path(), &[]);

    let first = run(folder.path(), &["import", "mails", "--url", &server.url]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!(figure(&first, "received"), 9);
    let parts = ["tasks created", "tasks updated", "noise", "duplicates", "quarantined"];
    assert_eq!(parts.iter().map(|name| figure(&first, name)).sum::<u64>(), 9);
    assert_eq!(figure(&first, "quarantined"), 2, "{}", first.out);
    for line in ["  a/empty.eml: ", "  a/garbage.eml: ", "  broken.json: ", "  not.mbox: ", "skipped files: 2"] {
        assert!(first.out.contains(line), "{line} is not in {}", first.out);
    }
    assert_eq!(first.err, "", "no progress bar where there is no terminal");
    let batches = server.get("/api/workflow/batches");
    let mailboxes: Vec<_> = batches["batches"].as_array().unwrap().iter().map(|batch| &batch["mailbox"]).collect();
    assert!(mailboxes.contains(&&"mails".into()) && mailboxes.contains(&&"orders".into()), "{mailboxes:?}");

    let again = run(folder.path(), &["import", "mails", "--url", &server.url]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(figure(&again, "duplicates"), 9, "{}", again.out);

    let unwaited = run(folder.path(), &["import", "mails/a", "--no-wait", "--mailbox", "mine", "--url", &server.url]);
    assert_eq!(unwaited.code, 0, "{}", unwaited.err);
    let batch = server.get(&format!("/api/workflow/batches/{}", unwaited.out.trim()));
    assert_eq!(batch["mailbox"], "mine");
}

#[test]
fn a_mail_over_the_limit_is_quarantined_and_the_rest_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let mails = folder.path().join("mails");
    triage::tree(&mails);
    let mut huge = b"From: a@b.example\nSubject: huge\n\n".to_vec();
    huge.resize(60 << 20, b'x');
    std::fs::write(mails.join("a/huge.eml"), &huge).unwrap();
    let mut mbox = b"From x@y.example Mon Nov 16 10:00:00 2026\n".to_vec();
    mbox.extend_from_slice(&huge);
    // Another mail than the file's, though as large.
    mbox.push(b'y');
    std::fs::write(mails.join("a/huge.mbox"), &mbox).unwrap();

    let server = Server::up(folder.path(), &[]);
    let ended = run(folder.path(), &["import", "mails/a", "--url", &server.url]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(figure(&ended, "received"), 5, "{}", ended.out);
    assert_eq!(figure(&ended, "quarantined"), 4, "{}", ended.out);
    assert!(ended.out.contains("  huge.eml: ") && ended.out.contains("  huge.mbox#0: "), "{}", ended.out);
}

#[test]
fn without_a_server_it_ends_with_69() {
    let folder = tempfile::tempdir().unwrap();
    triage::tree(folder.path());
    run(folder.path(), &["import", "a", "--url", "http://127.0.0.1:1"])
        .is_refusal(69, &["http://127.0.0.1:1", "workflow up"]);
}
