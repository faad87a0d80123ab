use mail::{Format, Triage, fingerprint};

use crate::post::{raw, read};

const FROM: &str = "Ada Moss <ada@kitefarm.example>";

#[test]
fn the_same_content_under_another_id_and_date_has_the_same_fingerprint() {
    let first = raw(FROM, "PO 7001", "Please book PO 7001.", "Message-ID: <1@k>\r\n");
    let again = String::from_utf8(raw(FROM, "PO 7001", "Please  book\nPO 7001.", "Message-ID: <2@k>\r\n")).unwrap();
    let again = again.replace("06 Feb", "07 Feb");
    assert_eq!(fingerprint(&read(&first)), fingerprint(&read(again.as_bytes())));
    let other = raw(FROM, "PO 7001", "Please book PO 7002.", "Message-ID: <1@k>\r\n");
    assert_ne!(fingerprint(&read(&first)), fingerprint(&read(&other)));
}

#[test]
fn triage_names_the_mail_a_copy_repeats_and_gives_it_the_same_thread() {
    let mut triage = Triage::new();
    let mail = raw(FROM, "PO 7001", "Please book PO 7001.", "Message-ID: <1@k>\r\n");
    let first = triage.take("a.eml", &mail, Format::Rfc822);
    let second = triage.take("b.eml", &mail, Format::Rfc822);
    assert_eq!(first.duplicate_of, None);
    assert_eq!(second.duplicate_of.as_deref(), Some("a.eml"));
    assert_eq!(first.thread, second.thread);
}

#[test]
fn an_unreadable_mail_gives_a_line_with_its_reason() {
    let line = Triage::new().take("void.eml", b"", Format::Rfc822);
    assert_eq!(line.error.as_deref(), Some("the mail is empty"));
    let json = serde_json::to_value(&line).unwrap();
    assert_eq!(json["po_numbers"], serde_json::json!([]));
    assert_eq!(json["duplicate_of"], serde_json::Value::Null);
}
