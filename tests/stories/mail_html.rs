//! The HTML of a mail, as a frame may show it.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{System, in_both_forms};

const GIF: &str = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==";

fn mime() -> String {
    format!(
        "From: nadia@brookfield.example\r\nSubject: PO 45018823\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
         --a\r\n\r\nPlease enter PO 45018823.\r\n--a\r\nContent-Type: text/html; charset=iso-8859-1\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n<html><body onload=3D\"alert(1)\"><p style=3D\"color:red;background:url(http://evil.example/x)\">\
         Gr=FC=DFe, please enter PO <b>45018823</b>.</p><img src=3D\"cid:logo@brookfield\" alt=3DLogo>\
         <img src=3Dhttp://evil.example/t.gif><script>alert(1)</script><a href=3D\"https://kite.example/track\">Track</a>\r\n\
         --a--\r\n--r\r\nContent-Type: image/gif\r\nContent-ID: <logo@brookfield>\r\nContent-Transfer-Encoding: base64\r\n\r\n{GIF}\r\n--r--\r\n"
    )
}

async fn html(system: &System, id: &str) -> Response {
    system.send(Method::GET, &format!("/api/workflow/emails/{id}/html"), None, &[("accept", "text/html")]).await
}

async fn detail(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let problem: Value = response.json().await.unwrap();
    (status, problem["detail"].as_str().unwrap_or_default().to_owned())
}

in_both_forms! {
    async fn the_html_of_a_mail_is_shown_without_what_it_could_do(system: System) {
        let hostile = "<svg onload=alert(1)></svg><math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>\
            <meta http-equiv=refresh content='0;url=http://evil.example/'><base href=http://evil.example/>\
            <form action=http://evil.example/><input name=q></form><a href=javascript:alert(1)>one</a>\
            <a href='data:text/html,<script>alert(1)</script>'>two</a><iframe src=//evil.example></iframe><p id=x class=y>PO 45018824</p>";
        system.upload(vec![
            json!({"raw": mime()}),
            json!({"from": "ben@brookfield.example", "subject": "PO 45018824", "html": hostile}),
            json!({"from": "cy@brookfield.example", "subject": "PO 45018825", "text": "<b>PO 45018825</b>"}),
        ]).await;
        let emails = system.get("/api/workflow/emails").await;
        let id = |subject: &str| {
            let mut all = emails["emails"].as_array().unwrap().iter();
            all.find(|email| email["subject"] == subject).unwrap()["id"].as_str().unwrap().to_owned()
        };

        let document = html(&system, &id("PO 45018823")).await;
        assert_eq!(document.status(), 200);
        let header = |name: &str| document.headers().get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(
            header("content-security-policy"),
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
        );
        assert_eq!((header("x-content-type-options"), header("referrer-policy"), header("x-frame-options")), ("nosniff", "no-referrer", ""));
        assert_eq!(document.headers().get_all("content-security-policy").iter().count(), 1);
        let text = document.text().await.unwrap();
        assert!(text.starts_with("<!doctype html>") && text.trim_end().ends_with("</html>"));
        let body = text.split_once("<body>").unwrap().1;
        for kept in ["<p style=\"color:red\">Grüße, please enter PO <b>45018823</b>.</p>",
                     &format!("<img src=\"data:image/gif;base64,{GIF}\" alt=\"Logo\">"),
                     "<u title=\"https://kite.example/track\">Track</u> <small>[kite.example/track]</small>"] {
            assert!(body.contains(kept), "{kept} in {body}");
        }
        for gone in ["evil", "script", "alert", "url(", "onload"] {
            assert!(!body.contains(gone), "{gone} in {body}");
        }

        let text = html(&system, &id("PO 45018824")).await.text().await.unwrap();
        let body = text.split_once("<body>").unwrap().1;
        assert_eq!(body.trim(), "onetwo<p>PO 45018824</p>\n</body></html>");

        let none = detail(html(&system, &id("PO 45018825")).await).await;
        assert_eq!(none, (404, "the mail has no HTML part".to_owned()));
        let unknown = detail(html(&system, "nothing").await).await;
        assert_eq!(unknown.0, 404);
        assert_ne!(unknown.1, none.1);
        assert_eq!(html(&system, "%00").await.status(), 400);
        let query = system.send(Method::GET, "/api/workflow/emails/x/html?raw=1", None, &[]).await;
        assert_eq!(query.status(), 422, "an unknown parameter is named");
    }
}
