//! What is attached to mail is offered safely.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{System, in_both_forms};

fn mail(subject: &str) -> Value {
    json!({
        "from": "nadia@brookfield.example", "subject": subject, "text": format!("{subject}: please enter PO 45018823."),
        "attachments": [
            {"name": "../../etc/passwd", "content_type": "text/html", "content": "PGh0bWw+"},
            {"name": "a\r\nSet-Cookie: x=1\r\n\r\n.pdf", "content_type": "application/pdf", "content": "cGRm"},
            {"name": "Angebot für \"Zoë\" 100%.xlsx", "content_type": "application/x", "content": "eA=="},
            {"content": ""},
        ],
    })
}

const MIME: &str = "From: nadia@brookfield.example\r\nSubject: RE: PO 45018823\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nAny update on PO 45018823?\r\n--b\r\n\
    Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"C:\\\\docs\\\\scan.pdf\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\ncGRm\r\n--b--\r\n";

async fn download(system: &System, url: &str) -> Response {
    system.send(Method::GET, url, None, &[]).await
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

in_both_forms! {
    async fn attachments_of_a_task_are_listed_and_downloaded_as_harmless_files(system: System) {
        let batch = system.upload(vec![mail("PO 45018823"), json!({"raw": MIME})]).await;
        assert_eq!((&batch["tasks_created"], &batch["tasks_updated"]), (&json!(1), &json!(1)), "{batch}");
        let id = system.get("/api/workflow/list").await["tasks"][0]["task_id"].as_str().unwrap().to_owned();

        let list = system.get(&format!("/api/workflow/attachments/{id}")).await;

        let all = list["attachments"].as_array().unwrap();
        let names: Vec<_> = all.iter().map(|attachment| attachment["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["passwd", "a Set-Cookie_ x=1 .pdf", "Angebot für _Zoë_ 100%.xlsx", "attachment-3", "scan.pdf"]);
        assert_eq!((&all[0]["content_type"], &all[0]["size"], &all[4]["n"]), (&json!("text/html"), &json!(6), &json!(0)));
        for (attachment, bytes) in all.iter().zip(["<html>", "pdf", "x", "", "pdf"]) {
            let file = download(&system, attachment["url"].as_str().unwrap()).await;
            assert_eq!(file.status(), 200);
            assert_eq!(header(&file, "content-type"), "application/octet-stream");
            assert_eq!(header(&file, "x-content-type-options"), "nosniff");
            assert!(header(&file, "content-security-policy").starts_with("sandbox"));
            assert!(header(&file, "content-disposition").starts_with("attachment; filename="));
            assert!(file.headers().get("set-cookie").is_none());
            assert_eq!(file.text().await.unwrap(), bytes);
        }
        let file = download(&system, all[2]["url"].as_str().unwrap()).await;
        let offered = "attachment; filename=\"Angebot f_r _Zo__ 100_.xlsx\"; filename*=UTF-8''Angebot%20f%C3%BCr%20_Zo%C3%AB_%20100%25.xlsx";
        assert_eq!(header(&file, "content-disposition"), offered);

        let page = system.get(&format!("/api/workflow/attachments/{id}?limit=1")).await;
        assert_eq!(page["attachments"].as_array().unwrap().len(), 4, "a page is of whole mails");
        let rest = system.get(&format!("/api/workflow/attachments/{id}?cursor={}", page["next_cursor"].as_str().unwrap())).await;
        assert_eq!((rest["attachments"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
        assert_eq!(download(&system, &format!("/api/workflow/attachments/{id}?cursor=nonsense")).await.status(), 422);
    }

    async fn what_is_not_attached_is_not_found(system: System) {
        system.upload(vec![mail("PO 45018823")]).await;
        let email = system.get("/api/workflow/emails").await["emails"][0]["id"].as_str().unwrap().to_owned();
        for (path, expected) in [
            (format!("/api/workflow/emails/{email}/attachments/4"), 404),
            (format!("/api/workflow/emails/{email}/attachments/4294967295"), 404),
            (format!("/api/workflow/emails/{email}/attachments/-1"), 400),
            (format!("/api/workflow/emails/{email}/attachments/x"), 400),
            ("/api/workflow/emails/none/attachments/0".to_owned(), 404),
            ("/api/workflow/emails/%00/attachments/0".to_owned(), 400),
        ] {
            assert_eq!(download(&system, &path).await.status(), expected, "{path}");
        }
        let mut large = MIME.as_bytes().to_vec();
        large.resize(26 << 20, b'x');
        let sent = system.post_bytes("/api/workflow/batches?mailbox=orders", "message/rfc822", large).await;
        let batch = system.finished(sent.json().await.unwrap()).await;
        let emails = system.get(&format!("/api/workflow/emails?batch_id={}", batch["id"].as_str().unwrap())).await;
        let head = emails["emails"][0]["id"].as_str().unwrap();
        let part = download(&system, &format!("/api/workflow/emails/{head}/attachments/0")).await;
        assert_eq!(part.status(), 404, "a part of an attachment is not given for the whole");
        assert!(part.text().await.unwrap().contains("only the first part"));
    }
}
