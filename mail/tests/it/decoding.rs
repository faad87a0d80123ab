use mail::{Format, Limits, Signal, Unreadable, attachment, parse};

use crate::post::read;

#[test]
fn encoded_headers_and_bodies_are_decoded() {
    let mail = read(
        b"From: =?iso-8859-1?Q?J=F6rg_Pfau?= <JP@Pfau.example>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n aus Ulm\r\n\
          Message-ID: <a.1@pfau.example>\r\nReferences: <r1@x> <r2@x>\r\nContent-Type: text/plain; charset=windows-1252\r\n\
          Content-Transfer-Encoding: quoted-printable\r\n\r\nPreis: 5 =80 =96 bitte=\r\n pr=FCfen",
    );
    let from = mail.from.clone().unwrap();
    assert_eq!((from.name.as_deref(), from.email.as_str()), (Some("Jörg Pfau"), "jp@pfau.example"));
    assert_eq!(mail.subject, "Grüße aus Ulm");
    assert_eq!(mail.message_id.as_deref(), Some("a.1@pfau.example"));
    assert_eq!(mail.references, ["r1@x", "r2@x"]);
    assert_eq!(mail.text.trim(), "Preis: 5 € – bitte prüfen");
}

#[test]
fn text_in_a_windows_charset_that_claims_nothing_is_still_readable() {
    let mail = read(b"From: a@b.example\n\nCaf\xe9 \x80 5");
    assert_eq!(mail.text.trim(), "Café € 5");
}

#[test]
fn a_mail_without_from_date_and_id_is_fine() {
    let mail = read(b"Subject: bare\n\nhello");
    assert!(mail.from.is_none() && mail.date.is_none() && mail.message_id.is_none());
    assert_eq!(mail.new_text, "hello");
}

#[test]
fn absurd_and_invalid_dates_are_none() {
    for date in ["Tue, 01 Jan 1980 00:00:00 +0000", "sometime last week", "32 Foo 2025 99:99", ""] {
        assert_eq!(read(format!("From: a@b.example\nDate: {date}\n\nx").as_bytes()).date, None, "{date}");
    }
}

#[test]
fn html_only_mail_has_text_and_attachments_keep_their_numbers() {
    let raw = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/html\r\n\r\n\
        <p>Hello<br>there</p>\r\n--q\r\nContent-Type: application/pdf; name=\"one.pdf\"\r\nContent-Disposition: attachment\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--q\r\nContent-Type: text/csv\r\n\
        Content-Disposition: attachment; filename*=utf-8''zwei%20%C3%BC.csv\r\n\r\na;b\r\n--q--\r\n";
    let mail = read(raw);
    assert_eq!(mail.text, "Hello\nthere");
    assert_eq!(mail.attachments.len(), 2);
    assert_eq!(mail.attachments[1].name.as_deref(), Some("zwei ü.csv"));
    let (first, bytes) = attachment(raw, 0).unwrap();
    assert_eq!((first, bytes.as_slice()), (mail.attachments[0].clone(), b"ABC".as_slice()));
    assert!(attachment(raw, 2).is_none());
}

#[test]
fn a_mail_that_only_encloses_another_says_what_that_one_says() {
    let mail = read(
        b"From: a@b.example\r\nSubject: Fwd: crates\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\
          Content-Type: message/rfc822\r\n\r\nFrom: Cy <c@d.example>\r\nSubject: crates\r\n\r\nPlease send six crates.\r\n--q--\r\n",
    );
    assert_eq!(mail.new_text, "Please send six crates.");
}

#[test]
fn headers_say_how_a_mail_came_to_be() {
    let mail =
        read(b"From: MAILER-DAEMON@x.example\nauto-submitted: auto-replied\nPRECEDENCE: bulk\nX-Priority: 1\n\nx");
    for signal in [Signal::AutoReplied, Signal::Bulk, Signal::DeliveryReport, Signal::Important] {
        assert!(mail.has(signal), "{signal:?}");
    }
}

#[test]
fn a_json_mail_gives_the_same_as_its_raw_form() {
    let fields = br#"{"message_id":"<m@x>","from":{"name":"Ada Moss","email":"Ada@Kite.example"},
        "to":"Orders <orders@harbourdist.example>, \"Moss, B\" <b@kite.example>","subject":"Crates",
        "date":"2025-02-06T09:00:00Z","text":"Six please","references":["<a@x>"],
        "attachments":[{"name":"a.txt","content_type":"text/plain","content":"QUJD"}]}"#;
    let mail = parse(fields, Format::Json, &Limits::default()).unwrap();
    assert_eq!(mail.message_id.as_deref(), Some("m@x"));
    assert_eq!(mail.to[1].name.as_deref(), Some("Moss, B"));
    assert_eq!(mail.from.unwrap().email, "ada@kite.example");
    assert_eq!(mail.attachments[0].size, 3);
    assert_eq!(attachment(fields, 0).unwrap().1, b"ABC");
    let raw = r#"{"raw":"RnJvbTogYUBiLmV4YW1wbGUNClN1YmplY3Q6IGhpDQoNCmJvZHk="}"#;
    assert_eq!(parse(raw.as_bytes(), Format::Json, &Limits::default()).unwrap().subject, "hi");
    let raw = r#"{"raw":"From: a@b.example\nSubject: hi\n\nbody"}"#;
    assert_eq!(parse(raw.as_bytes(), Format::Json, &Limits::default()).unwrap().new_text, "body");
}

#[test]
fn a_json_mail_with_wrong_types_says_which_field() {
    let error = parse(br#"{"from":"a@b","subject":7}"#, Format::Json, &Limits::default()).unwrap_err();
    assert_eq!(error, Unreadable::Json("subject is not a string".to_owned()));
    assert!(matches!(parse(b"[1]", Format::Json, &Limits::default()), Err(Unreadable::Json(_))));
    assert!(matches!(parse(b"{}", Format::Json, &Limits::default()), Err(Unreadable::Json(_))));
}
