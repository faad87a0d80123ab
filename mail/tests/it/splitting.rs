use mail::split::{Piece, json, mbox};

fn pieces(file: &[u8], max: usize) -> Vec<Piece> {
    mbox(file, max).collect::<Result<_, _>>().expect("the fixture is an mbox")
}

#[test]
fn an_mbox_is_taken_apart_and_its_quoting_undone() {
    let file = b"From a@b Thu Feb  6 09:00:00 2025\nSubject: one\n\n>From here on\n>>From there\nFrom the start\n\n\
                 From c@d Thu Feb  6 10:00:00 2025\r\nSubject: two\r\n\r\ncut of";
    let found = pieces(file, 1 << 20);
    assert_eq!(found[0], Piece::Whole(b"Subject: one\n\nFrom here on\n>From there\nFrom the start\n".to_vec()));
    assert_eq!(found[1], Piece::Whole(b"Subject: two\r\n\r\ncut of".to_vec()));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_message_above_the_limit_keeps_its_head_size_and_hash() {
    let mut file = b"From a@b Thu Feb  6 09:00:00 2025\nSubject: big\n\n".to_vec();
    file.extend(vec![b'x'; 3 << 20]);
    file.extend(b"\n\nFrom a@b Thu Feb  6 09:00:00 2025\nSubject: small\n\nx\n");
    let found = pieces(&file, 2 << 20);
    let Piece::TooLarge { head, size, sha256 } = &found[0] else { panic!("the first message is large") };
    assert_eq!((head.len(), *size), (1 << 20, (3 << 20) + 16));
    assert_eq!(sha256.len(), 64);
    assert_eq!(found[1], Piece::Whole(b"Subject: small\n\nx\n".to_vec()));
}

#[test]
fn a_file_that_is_no_mbox_is_an_error_and_an_empty_one_holds_nothing() {
    let mut found = mbox(&b"Subject: one\n\nx"[..], 1 << 20);
    assert!(found.next().unwrap().is_err());
    assert!(found.next().is_none());
    assert!(pieces(b"", 10).is_empty());
}

#[test]
fn json_uploads_are_taken_apart_and_problems_are_located() {
    let (mailbox, mails) = json(br#"{"mailbox":"orders","emails":[{"subject":"a"},{"subject":"b"}]}"#).unwrap();
    assert_eq!((mailbox.as_deref(), mails.len()), (Some("orders"), 2));
    assert_eq!(mails[1], br#"{"subject":"b"}"#);
    assert_eq!(json(br#"[{"subject":"a"}]"#).unwrap().1.len(), 1);
    assert_eq!(json(br#"{"subject":"a"}"#).unwrap().1.len(), 1);
    assert_eq!(json(br#"{"emails":[{},3]}"#).unwrap_err().pointer, "/emails/1");
    assert_eq!(json(br#"{"emails":{}}"#).unwrap_err().pointer, "/emails");
    assert_eq!(json(b"{").unwrap_err().pointer, "");
}
