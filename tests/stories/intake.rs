//! Mailboxes, what is fetched from them, and what is done with mail that was kept apart.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::dovecot::Account;
use crate::support::{Socket, System, eventually, in_both_forms};

async fn ask(system: &System, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let response = system.send(method, path, body, &[]).await;
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// The pointers of everything that is wrong.
fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|issue| issue["pointer"].as_str().unwrap()).collect()
}

fn mail(n: usize, subject: &str) -> String {
    format!(
        "From: Nadia Brook <nadia@brookfield.example>\r\nTo: orders@house.example\r\nSubject: {subject}\r\n\
         Message-ID: <{n}@brookfield.example>\r\n\r\nPlease enter PO 4501{n:04} for us.\r\n"
    )
}

/// Uploads a mail as it is and gives the account of its batch.
async fn upload(system: &System, mailbox: &str, raw: &[u8]) -> Value {
    let path = format!("/api/workflow/batches?mailbox={mailbox}");
    let sent = system.post_bytes(&path, "message/rfc822", raw.to_vec()).await;
    assert_eq!(sent.status(), 202);
    system.finished(sent.json().await.unwrap()).await
}

fn adds_up(batch: &Value) -> bool {
    let parts = ["tasks_created", "tasks_updated", "noise", "duplicates", "quarantined"];
    parts.iter().map(|part| batch[part].as_i64().unwrap()).sum::<i64>() == batch["received"].as_i64().unwrap()
}

in_both_forms! {
    async fn a_mailbox_is_added_changed_and_removed_and_the_audit_says_so(system: System) {
        let (status, made) = ask(&system, Method::POST, "/api/mailboxes", Some(json!({
            "name": "Orders EU", "display": "Orders", "default_owner": "Ana", "own_domains": ["House.example"],
            "source": {"kind": "folder", "path": "/srv/mail", "after": "keep"},
        }))).await;
        assert_eq!((status, &made["own_domains"], &made["review_below"], &made["flood_per_hour"]),
                   (201, &json!(["house.example"]), &json!(0.6), &json!(200)));
        assert_eq!((&made["source"]["pattern"], &made["source"]["move_to"]), (&json!("*.eml"), &json!("processed")));
        assert_eq!(ask(&system, Method::POST, "/api/mailboxes", Some(json!({"name": "Orders EU"}))).await.0, 409);
        let path = "/api/mailboxes/Orders%20EU";
        let (status, found) = ask(&system, Method::GET, path, None).await;
        assert_eq!((status, &found), (200, &made));

        // What a read shows can be written back.
        let mut again = found.clone();
        for computed in ["name", "last_polled_at", "last_success_at", "last_error", "failures", "next_poll_at",
                         "uidvalidity", "last_uid", "unacknowledged", "fetched", "last_batch_id", "version", "updated_at"] {
            again.as_object_mut().unwrap().remove(computed);
        }
        let (status, saved) = ask(&system, Method::PUT, path, Some(again)).await;
        assert_eq!((status, &saved["version"], &saved["source"]), (200, &json!(2), &found["source"]));
        let stale = system.send(Method::PUT, path, Some(json!({})), &[("if-match", "\"1\"")]).await;
        assert_eq!(stale.status(), 412);
        assert_eq!(ask(&system, Method::DELETE, path, None).await.0, 200);
        assert_eq!(ask(&system, Method::GET, path, None).await.0, 404);
        let audit = system.get("/api/audit").await;
        let actions: Vec<&str> = audit["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["mailbox.delete", "mailbox.save", "mailbox.save"]);
    }

    async fn what_is_wrong_with_a_mailbox_is_said_all_at_once(system: System) {
        for (body, wrong) in [
            (json!({"own_domains": ["nodot"], "review_below": 2, "flood_per_hour": -1, "colour": "red"}),
             vec!["/own_domains", "/review_below", "/flood_per_hour", "/colour"]),
            (json!({"category_use": "forced", "default_owner_email": "a@b.example"}), vec!["/default_owner_email", "/category_use"]),
            (json!({"source": {"kind": "pigeon"}}), vec!["/source/kind"]),
            (json!({"source": {"kind": "folder", "path": "relative", "pattern": "a/b", "move_to": "../up", "host": "x"}}),
             vec!["/source/host", "/source/path", "/source/pattern", "/source/move_to"]),
            (json!({"source": {"kind": "imap", "host": "mail.example", "user": "u", "tls": "none", "password_env": "DATABASE_URL", "password": "x"}}),
             vec!["/source/tls", "/source/password_env", "/source/password"]),
            (json!({"source": {"kind": "imap", "host": "mail.example", "user": "u"}}), vec!["/source/password_env"]),
            (json!({"source": {"kind": "imap", "host": "h", "user": "u", "password_file": "/run/x", "after": "move", "port": 0}}),
             vec!["/source/port", "/source/move_to"]),
        ] {
            let (status, problem) = ask(&system, Method::PUT, "/api/mailboxes/x", Some(body.clone())).await;
            assert_eq!(status, 422, "{body} {problem}");
            assert_eq!(pointers(&problem), wrong, "{body} {problem}");
        }
        assert_eq!(ask(&system, Method::POST, "/api/mailboxes", Some(json!({}))).await.0, 422);
        assert_eq!(ask(&system, Method::POST, "/api/mailboxes/none/fetch", None).await.0, 404);
    }

    async fn mail_of_an_imap_account_becomes_tasks_of_its_mailbox(system: System) {
        let Some(account) = Account::new() else { return };
        let source = account.source();
        let (status, made) = ask(&system, Method::POST, "/api/mailboxes", Some(json!({
            "name": "orders", "default_owner": "Ana", "default_owner_email": "ana@house.example",
            "source": {"kind": "imap", "host": source.host, "port": source.port, "user": source.user,
                       "password_file": source.password_file, "ca_file": source.ca_file},
        }))).await;
        assert_eq!(status, 201, "{made}");
        assert!(!made.to_string().contains("s3 cret"));
        let order = mail(1, "PO 45010001");
        account.deliver("1.M1.host", &order);
        account.deliver("2.M1.host", &mail(2, "PO 45010002"));
        assert_eq!(ask(&system, Method::POST, "/api/mailboxes/orders/fetch", None).await.0, 202);
        let list = eventually(Duration::from_secs(30), async || {
            let list = system.get("/api/workflow/list?mailbox=orders&fields=analysis").await;
            (list["pagination"]["total"] == 2).then_some(list)
        }).await;
        let task = &list["tasks"][0];
        assert_eq!((&task["current_owner"], &task["owner_email"]), (&json!("Ana"), &json!("ana@house.example")));
        assert_eq!(task["analysis"]["current_owner"]["rule"], "mailbox owner: orders");
        eventually(Duration::from_secs(10), async || (account.flags("") == ["S", "S"]).then_some(())).await;
        let emails = system.get("/api/workflow/emails").await;
        let first = emails["emails"].as_array().unwrap().iter().find(|email| email["message_id"] == "1@brookfield.example").unwrap();
        let raw = system.send(Method::GET, &format!("/api/workflow/emails/{}/raw", first["id"].as_str().unwrap()), None, &[]).await;
        assert_eq!(raw.bytes().await.unwrap(), order.as_bytes());
        let seen = eventually(Duration::from_secs(10), async || {
            let seen = system.get("/api/mailboxes/orders").await;
            (!seen["last_success_at"].is_null()).then_some(seen)
        }).await;
        assert_eq!((&seen["fetched"], &seen["last_uid"], &seen["unacknowledged"], &seen["last_error"]),
                   (&json!(2), &json!(2), &json!(0), &Value::Null));
    }

    async fn quarantined_mail_is_put_back_or_given_up_and_accounts_add_up(system: System) {
        assert_eq!(ask(&system, Method::PUT, "/api/mailboxes/alarms", Some(json!({"flood_per_hour": 2}))).await.0, 201);
        let mut batches = Vec::new();
        for n in 0..5 {
            batches.push(upload(&system, "alarms", mail(n, "Re: where is it?").as_bytes()).await);
        }
        let broken = upload(&system, "alarms", b" ").await;
        assert!(batches.iter().all(adds_up) && adds_up(&broken));
        let kept = system.get("/api/workflow/emails?outcome=quarantined").await;
        let kept = kept["emails"].as_array().unwrap();
        let reasons: Vec<bool> = kept.iter().map(|email| email["reason"].as_str().unwrap().starts_with("flood: ")).collect();
        assert_eq!(reasons, [true, true, true, false]);

        let dry = json!({"filter": {"reason": "flood", "mailbox": "alarms"}, "dry_run": true});
        let (status, tried) = ask(&system, Method::POST, "/api/workflow/quarantine/replay", Some(dry)).await;
        assert_eq!((status, &tried["matched"], tried["batches"].as_array().unwrap().len()), (200, &json!(3), 0));
        let id = kept[0]["id"].as_str().unwrap();
        let (status, replayed) = ask(&system, Method::POST, &format!("/api/workflow/emails/{id}/replay"), None).await;
        assert_eq!((status, &replayed["batch_id"]), (202, &kept[0]["batch_id"]));
        let batch = system.finished(replayed).await;
        assert!(adds_up(&batch) && batch["quarantined"] == 0, "{batch}");
        assert_eq!(ask(&system, Method::POST, &format!("/api/workflow/emails/{id}/replay"), None).await.0, 409);

        let (status, replayed) = ask(&system, Method::POST, "/api/workflow/quarantine/replay",
                                     Some(json!({"filter": {"reason": "flood"}}))).await;
        assert_eq!((status, &replayed["matched"]), (202, &json!(2)));
        for batch in replayed["batches"].as_array().unwrap() {
            let batch = system.finished(batch.clone()).await;
            assert!(adds_up(&batch) && batch["quarantined"] == 0, "{batch}");
        }

        let id = kept[3]["id"].as_str().unwrap();
        assert_eq!(ask(&system, Method::POST, &format!("/api/workflow/emails/{id}/dismiss"), Some(json!({}))).await.0, 422);
        let (status, email) = ask(&system, Method::POST, &format!("/api/workflow/emails/{id}/dismiss"), Some(json!({"reason": "a test"}))).await;
        assert_eq!((status, &email["outcome"], &email["reason"]), (200, &json!("noise"), &json!("dismissed by local: a test")));
        let batch = system.get(&format!("/api/workflow/batches/{}", kept[3]["batch_id"].as_str().unwrap())).await;
        assert!(adds_up(&batch) && batch["noise"] == 1);
        let audit = system.get("/api/audit?action=email.dismiss").await;
        assert_eq!(audit["entries"][0]["detail"]["reason"], "a test");
        assert_eq!(ask(&system, Method::POST, "/api/workflow/quarantine/replay", Some(json!({}))).await.0, 422);
        assert_eq!(ask(&system, Method::POST, "/api/workflow/emails/none/replay", None).await.0, 404);
    }

    async fn raw_mail_is_given_back_byte_for_byte(system: System) {
        let mut raw = mail(1, "PO 45010001").into_bytes();
        raw.extend((0..=255).cycle().take(5_000));
        raw.extend_from_slice(b"\r\n.\r\n\n\r");
        upload(&system, "bytes", &raw).await;
        let emails = system.get("/api/workflow/emails").await;
        let path = format!("/api/workflow/emails/{}/raw", emails["emails"][0]["id"].as_str().unwrap());
        assert_eq!(system.send(Method::GET, &path, None, &[]).await.bytes().await.unwrap(), raw);
    }

    async fn progress_of_a_long_batch_is_told_to_who_asks_for_it(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "?events=workflow:job:changed").await;
        let mails: Vec<Value> = (0..200).map(|n| json!({"raw": mail(n, &format!("PO 4501{n:04}"))})).collect();
        let batch = system.upload(mails).await;
        assert_eq!(batch["tasks_created"], 200, "{batch}");
        let mut told = Vec::new();
        loop {
            let frame = socket.next().await;
            let data = &frame["data"];
            if data["kind"] != "process-batch" {
                continue;
            }
            if data["progress"]["received"] == 200 {
                told.push(data["progress"]["processed"].as_i64().unwrap());
            }
            if data["state"] == "completed" {
                break;
            }
        }
        // Frames between two processes may be passed over, but the account only grows.
        assert!(!told.is_empty() && told.is_sorted() && told.iter().all(|n| [64, 128, 192, 200].contains(n)), "{told:?}");
    }
}
