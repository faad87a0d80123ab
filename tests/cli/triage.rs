//! `workflow triage` over all forms of mail.

use std::path::Path;

use serde_json::Value;

use crate::process::run;

fn mail(n: usize) -> String {
    format!(
        "From: Buyer <buyer{n}@customer.example>\r\nTo: orders@seller.example\r\nSubject: Purchase order PO-77{n}1\r\n\
         Message-ID: <m{n}@customer.example>\r\nDate: Mon, 16 Nov 2026 10:0{n}:00 +0000\r\n\r\n\
         Please find our purchase order PO-77{n}1 for $1,250.00.\r\n"
    )
}

/// Writes a folder with every form of mail, and some files that are none.
pub fn tree(folder: &Path) {
    let write = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    write("a/one.eml", mail(1).as_bytes());
    write("a/garbage.eml", &[0xff, 0xfe, 0, 1, 2, 3]);
    write("a/empty.eml", b"");
    let from = "From x@y.example Mon Nov 16 10:00:00 2026\n";
    // The last message ends in the middle of a header.
    let mbox = format!("{from}{}\n{from}{}\n{from}Subject: cut o", mail(2), mail(3)).replace("\r\n", "\n");
    write("box.mbox", mbox.as_bytes());
    write("not.mbox", b"this is no mbox\n");
    write("md/cur/1700000000.M1:2,S", mail(4).as_bytes());
    write("md/new/1700000001.M2", mail(5).as_bytes());
    write("md/tmp/1700000002.M3", b"half");
    let json = r#"{"mailbox": "orders", "emails": [{"from": "c6@customer.example", "subject": "RFQ", "text": "Please quote 5 units."}]}"#;
    write("list.json", json.as_bytes());
    write("broken.json", b"{\"emails\": [");
    write("gold.jsonl", b"{}\n");
    write("README.md", b"# no mail\n");
}

#[test]
fn every_mail_gives_a_line_and_an_unreadable_one_says_why() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let ended = run(folder.path(), &["triage", ".", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let lines: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<_> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    let expected = [
        "a/empty.eml",
        "a/garbage.eml",
        "a/one.eml",
        "box.mbox#0",
        "box.mbox#1",
        "box.mbox#2",
        "broken.json",
        "list.json#0",
        "md/cur/1700000000.M1:2,S",
        "md/new/1700000001.M2",
        "not.mbox",
    ];
    assert_eq!(files, expected);
    for line in &lines {
        let file = line["file"].as_str().unwrap();
        let broken = ["a/empty.eml", "a/garbage.eml", "broken.json", "not.mbox"].contains(&file);
        assert_eq!(line.get("error").is_some(), broken, "{line}");
    }
    assert_eq!(lines[2]["po_numbers"], serde_json::json!(["PO-7711"]), "{}", lines[2]);
    assert!(ended.err.contains("2 other files"), "{}", ended.err);
}

#[test]
fn without_json_it_is_a_table_with_titles() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let ended = run(folder.path(), &["triage", "a"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.starts_with("STATUS"), "{}", ended.out);
    assert!(ended.out.contains("Purchase order PO-7711") && ended.out.contains("unreadable"), "{}", ended.out);
}
