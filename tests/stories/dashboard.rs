//! The web application comes out of the binary: cached, compressed and confined, and never in the place of the API.

use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::{Method, Response};
use serde_json::Value;

use crate::support::{System, in_both_forms};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn open(system: &System, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    system.send(method, path, None, headers).await
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Paths below `/assets/` that the page loads, and it may load none.
fn assets(page: &str) -> Vec<String> {
    let from = page.split("\"/assets/").skip(1);
    from.map(|rest| format!("/assets/{}", rest.split('"').next().unwrap())).collect()
}

/// The head of the answer to a target that an HTTP client would tidy up before it sends it.
fn raw(system: &System, target: &str) -> String {
    let authority = system.apis[0].url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {authority}\r\nAccept: */*\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

in_both_forms! {
    async fn a_browser_gets_the_application_at_every_address_of_its_own(system: System) {
        let root = open(&system, Method::GET, "/", &[("accept", BROWSER)]).await;
        assert_eq!((root.status().as_u16(), header(&root, "content-type")), (200, "text/html; charset=utf-8"));
        assert_eq!(header(&root, "cache-control"), "no-cache");
        assert_eq!(header(&root, "x-content-type-options"), "nosniff");
        assert_eq!(header(&root, "referrer-policy"), "same-origin");
        let csp = header(&root, "content-security-policy").to_owned();
        for rule in ["default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'",
                     "frame-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] {
            assert!(csp.split("; ").any(|known| known == rule), "{rule} in {csp}");
        }
        assert!(!csp.contains("unsafe"));
        let page = root.text().await.unwrap();
        assert!(page.contains("<html") && !page.contains("<style") && !page.contains("<script>"), "the policy would refuse it");
        for path in ["/tasks/TASK-1", "/board?by=owner", "/a/b/c"] {
            let deep = open(&system, Method::GET, path, &[("accept", BROWSER)]).await;
            assert_eq!((deep.status().as_u16(), header(&deep, "content-security-policy")), (200, csp.as_str()), "{path}");
            assert_eq!(deep.text().await.unwrap(), page, "{path}");
        }
    }

    async fn what_is_no_page_stays_a_problem(system: System) {
        for path in ["/api", "/api/nothing", "/api/workflow/nothing", "/ws/nothing", "/health/nothing", "/metrics/nothing",
                     "/openapi.json/x", "/assets/app-00000000.js", "/assets/"] {
            let missing = open(&system, Method::GET, path, &[("accept", BROWSER)]).await;
            assert_eq!(missing.status(), 404, "{path}");
            assert_eq!(header(&missing, "content-type"), "application/problem+json", "{path}");
            assert_eq!(missing.json::<Value>().await.unwrap()["status"], 404, "{path}");
        }
        for accept in ["*/*", "application/json", "image/webp,*/*;q=0.8"] {
            let missing = open(&system, Method::GET, "/tasks/TASK-1", &[("accept", accept)]).await;
            assert_eq!((missing.status().as_u16(), header(&missing, "content-type")), (404, "application/problem+json"), "{accept}");
        }
        assert_eq!(open(&system, Method::POST, "/tasks", &[("accept", BROWSER)]).await.status(), 404);
        assert_eq!(open(&system, Method::GET, "/", &[("accept", BROWSER), ("host", "evil.example")]).await.status(), 421);
        for target in ["/assets/../../Cargo.toml", "/../../../../etc/passwd", "/assets/%2e%2e/%2e%2e/Cargo.toml", "/..%2f..%2fetc%2fpasswd",
                       "//etc/passwd", "/assets/..\\..\\Cargo.toml"] {
            let answer = raw(&system, target);
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert!(["400", "404"].contains(&status), "{target}: {answer}");
            assert!(!answer.contains("[workspace]") && !answer.contains("root:"), "{target}");
        }
    }

    async fn files_are_compressed_and_not_sent_twice(system: System) {
        let page = open(&system, Method::GET, "/", &[("accept", BROWSER)]).await.text().await.unwrap();
        let mut paths = assets(&page);
        paths.push("/".to_owned());
        for path in paths {
            let whole = open(&system, Method::GET, &path, &[]).await;
            assert_eq!(whole.status(), 200, "{path}");
            let cached = if path == "/" { "no-cache" } else { "public, max-age=31536000, immutable" };
            assert_eq!(header(&whole, "cache-control"), cached, "{path}");
            assert!(header(&whole, "content-encoding").is_empty());
            let plain = header(&whole, "etag").to_owned();
            let vary = header(&whole, "vary").to_owned();
            let bytes = whole.bytes().await.unwrap();
            for (accepted, coding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", "")] {
                let asked = [("accept-encoding", accepted)];
                let got = open(&system, Method::GET, &path, &asked).await;
                let got_coding = header(&got, "content-encoding").to_owned();
                // A file that does not get smaller has one form.
                assert!(got_coding == coding || vary.is_empty(), "{path}");
                let tag = header(&got, "etag").to_owned();
                assert!(tag.starts_with('"') && tag.ends_with('"') && (tag == plain) == got_coding.is_empty(), "{path} {tag}");
                assert_eq!(header(&got, "vary"), vary);
                let length = header(&got, "content-length").to_owned();
                let sent = got.bytes().await.unwrap();
                assert_eq!(sent.len().to_string(), length);
                assert!(if got_coding.is_empty() { sent == bytes } else { sent.len() < bytes.len() }, "{path}");

                let head = open(&system, Method::HEAD, &path, &asked).await;
                assert_eq!((head.status().as_u16(), header(&head, "etag"), header(&head, "content-length")), (200, tag.as_str(), length.as_str()));
                assert!(head.bytes().await.unwrap().is_empty());

                for known in [tag.clone(), format!("W/{tag}"), "*".to_owned(), format!("\"other\", {tag}")] {
                    let again = open(&system, Method::GET, &path, &[asked[0], ("if-none-match", &known)]).await;
                    assert_eq!(again.status(), 304, "{path} {known}");
                    assert_eq!((header(&again, "etag"), header(&again, "cache-control"), header(&again, "vary")), (tag.as_str(), cached, vary.as_str()));
                    assert!(again.bytes().await.unwrap().is_empty());
                }
                let other = open(&system, Method::GET, &path, &[asked[0], ("if-none-match", "\"other\"")]).await;
                assert_eq!(other.status(), 200);
            }
        }
    }
}
