use serde_json::{Value, json};

use crate::support::in_both_forms;

fn message(id: &str, subject: &str, body: &str, more: &str) -> String {
    format!(
        "From: Nadia Brook <nadia@brookfield.example>\r\nTo: orders@distributor.example\r\nMessage-ID: <{id}@brookfield.example>\r\n\
         Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nSubject: {subject}\r\n{more}\r\n{body}\r\n"
    )
}

/// An mbox of these messages.
fn mbox(messages: &[String]) -> Vec<u8> {
    let one = |text: &String| format!("From x@y Mon Mar  2 09:00:00 2026\n{}\n", text.replace("\r\n", "\n"));
    messages.iter().map(one).collect::<Vec<_>>().concat().into_bytes()
}

fn account(batch: &Value) -> [i64; 6] {
    ["received", "tasks_created", "tasks_updated", "noise", "duplicates", "quarantined"]
        .map(|field| batch[field].as_i64().unwrap())
}

in_both_forms! {
    async fn mail_becomes_tasks_and_every_mail_is_accounted_for(system: System) {
        let order = message("o1", "PO 45018823", "Please enter PO 45018823 for us, total USD 61,240.00. Needed next month.", "");
        let follow = message("o2", "Re: PO 45018823", "Any update on this order?", "In-Reply-To: <o1@brookfield.example>\r\nReferences: <o1@brookfield.example>\r\n");
        let away = message("o3", "Automatic reply: PO", "I am out of the office until Monday.", "Auto-Submitted: auto-replied\r\n");
        let mails = [order.clone(), follow, away, order.clone()];

        let sent = system.post_bytes("/api/workflow/batches?mailbox=orders", "application/mbox", mbox(&mails)).await;
        let batch = system.finished(sent.json().await.unwrap()).await;

        assert_eq!(account(&batch), [4, 1, 1, 1, 1, 0]);
        let list = system.get("/api/workflow/list?fields=entities,analysis").await;
        let task = &list["tasks"][0];
        assert_eq!(task["entities"]["po_numbers"], json!(["45018823"]));
        assert_eq!((&task["dollar_value"], &task["mailbox_source"]), (&json!(61_240), &json!("orders")));
        assert!(task["analysis"]["workflow_category"]["rule"].is_string());
        let emails = system.get(&format!("/api/workflow/emails?task_id={}", task["task_id"].as_str().unwrap())).await;
        let first = &emails["emails"][0];
        let raw = system.send(reqwest::Method::GET, &format!("/api/workflow/emails/{}/raw", first["id"].as_str().unwrap()), None, &[]).await;
        assert_eq!(raw.text().await.unwrap().replace("\r\n", "\n").trim_end(), order.replace("\r\n", "\n").trim_end());

        let again = system.post_bytes("/api/workflow/batches?mailbox=orders", "application/mbox", mbox(&mails)).await;
        assert_eq!(account(&system.finished(again.json().await.unwrap()).await), [4, 0, 0, 0, 4, 0]);
        assert_eq!(system.get("/api/workflow/list").await["pagination"]["total"], 1);
    }

    async fn broken_mail_is_kept_with_its_reason_and_the_rest_goes_on(system: System) {
        let mut form = reqwest::multipart::Form::new().text("mailbox", "returns");
        let nested = (0..200).fold("text".to_owned(), |inner, n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n{inner}\r\n--b{n}--\r\n"));
        let nul = message("n1", "Return \0 of unit", "The unit arrived dead \0 please send an RMA.", "");
        let files: [(&str, Vec<u8>); 6] = [
            ("empty.eml", Vec::new()),
            ("garbage.eml", (0..5_000_u32).map(|n| (n * 7 % 256) as u8).collect()),
            ("nested.eml", format!("From: a@b.example\r\nSubject: deep\r\n{nested}").into_bytes()),
            ("good.eml", message("g1", "RMA request", "Please issue an RMA for the defective switch.", "").into_bytes()),
            ("nul.eml", nul.into_bytes()),
            ("bare.eml", b"Subject: no sender, no date\r\n\r\nWhere is order 88120457?\r\n".to_vec()),
        ];
        for (name, bytes) in files {
            form = form.part("email", reqwest::multipart::Part::bytes(bytes).file_name(name));
        }
        let url = format!("{}/api/workflow/batches", system.apis[0].url);
        let sent = reqwest::Client::new().post(url).multipart(form).send().await.unwrap();
        let batch = system.finished(sent.json().await.unwrap()).await;

        assert_eq!(account(&batch)[0], 6);
        assert_eq!(account(&batch)[1..].iter().sum::<i64>(), 6);
        let names: Vec<_> = batch["errors"].as_array().unwrap().iter().map(|error| error["email"].as_str().unwrap()).collect();
        assert_eq!(names, ["empty.eml", "garbage.eml", "nested.eml"]);
        assert!(batch["errors"].as_array().unwrap().iter().all(|error| !error["reason"].as_str().unwrap().is_empty()));
    }

    async fn a_mail_that_is_too_large_is_kept_in_part(system: System) {
        let mut large = message("l1", "Huge", "x", "").into_bytes();
        large.resize(27 << 20, b'x');
        let sent = system.post_bytes("/api/workflow/batches?mailbox=orders&source=huge.eml", "message/rfc822", large).await;
        let batch = system.finished(sent.json().await.unwrap()).await;
        assert_eq!(account(&batch), [1, 0, 0, 0, 0, 1]);
        let emails = system.get(&format!("/api/workflow/emails?batch_id={}", batch["id"].as_str().unwrap())).await;
        assert_eq!(emails["emails"][0]["size"], 27 << 20);
        let raw = system.send(reqwest::Method::GET, &format!("/api/workflow/emails/{}/raw", emails["emails"][0]["id"].as_str().unwrap()), None, &[]).await;
        assert_eq!(raw.bytes().await.unwrap().len(), 1 << 20);
    }

    async fn a_repeated_upload_key_makes_one_batch(system: System) {
        let body = json!({"emails": [{"subject": "Quote", "from": "a@b.example", "text": "Please quote 10 laptops."}]});
        let upload = || async {
            let sent = system.send(reqwest::Method::POST, "/api/workflow/batches", Some(body.clone()), &[("idempotency-key", "b-1")]).await;
            (sent.status().as_u16(), sent.json::<Value>().await.unwrap())
        };
        let (first, second) = tokio::join!(upload(), upload());
        assert_eq!((first.0, &first), (202, &second));
        assert_eq!(upload().await, first);
        assert_eq!(system.get("/api/workflow/batches").await["batches"].as_array().unwrap().len(), 1);
    }
}
