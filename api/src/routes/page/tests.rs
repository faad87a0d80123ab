use super::*;

static SOME: &[File] = &[
    File {
        path: "/index.html",
        kind: "text/html; charset=utf-8",
        tag: "i",
        whole: b"page",
        brotli: Some(b"b"),
        gzip: Some(b"g"),
    },
    File {
        path: "/assets/app-1a2b.js",
        kind: "text/javascript; charset=utf-8",
        tag: "a",
        whole: b"code",
        brotli: Some(b"b"),
        gzip: Some(b"gz"),
    },
    File { path: "/assets/dot-3c4d.png", kind: "image/png", tag: "p", whole: b"dots", brotli: None, gzip: None },
    File { path: "/favicon.svg", kind: "image/svg+xml", tag: "f", whole: b"<svg/>", brotli: None, gzip: None },
];

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn found(path: &str, accept: &str) -> Option<&'static str> {
    find(SOME, &Method::GET, path, &headers(&[("accept", accept)])).map(|file| file.path)
}

#[test]
fn a_browser_gets_the_page_at_any_path_that_is_not_the_products() {
    for path in ["/", "/tasks", "/tasks/TASK-1-x", "/board.v2", "/apis", "/wsx", "/index.html"] {
        assert_eq!(found(path, BROWSER), Some("/index.html"), "{path}");
    }
    for path in [
        "/api",
        "/api/nothing",
        "/api/workflow.lst",
        "/ws",
        "/ws/x",
        "/docs/x",
        "/health",
        "/health/x",
        "/metrics",
        "/openapi.json",
        "/asyncapi.json",
    ] {
        assert_eq!(found(path, BROWSER), None, "{path}");
    }
}

#[test]
fn the_page_stands_in_for_nothing_that_was_not_asked_for_as_html() {
    for accept in ["*/*", "application/json", "image/avif,image/webp,*/*", "text/html;q=0, */*", "text/htmlx", ""] {
        assert_eq!(found("/tasks", accept), None, "{accept}");
    }
    assert_eq!(found("/", "*/*"), Some("/index.html"));
    assert_eq!(found("/tasks", "TEXT/HTML;level=1"), Some("/index.html"));
    let post = find(SOME, &Method::POST, "/", &headers(&[("accept", BROWSER)]));
    assert!(post.is_none());
}

#[test]
fn a_file_that_there_is_not_is_never_the_page() {
    for path in [
        "/assets/app-0000.js",
        "/assets/",
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/assets/..%2f..%2fCargo.toml",
    ] {
        assert_eq!(found(path, BROWSER), None, "{path}");
    }
    for path in ["/favicon.ico", "/../Cargo.toml", "//index.html", "/%2e%2e/%2e%2e/etc/passwd", "/index.html/"] {
        assert_eq!(found(path, "*/*"), None, "{path}");
    }
    assert_eq!(found("/favicon.svg", "*/*"), Some("/favicon.svg"));
}

#[test]
fn assets_are_kept_for_ever_and_the_page_is_asked_for_each_time() {
    let cached =
        |file: usize| answer(&SOME[file], &headers(&[])).headers()["cache-control"].to_str().unwrap().to_owned();
    assert_eq!(cached(0), "no-cache");
    assert_eq!(cached(1), "public, max-age=31536000, immutable");
    assert_eq!(cached(3), "no-cache");
}

#[test]
fn the_coding_is_the_one_that_the_client_prefers() {
    for (accepted, expected) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip, deflate", Some("gzip")),
        ("br;q=0, gzip", Some("gzip")),
        ("br;q=0.5, gzip;q=0.9", Some("gzip")),
        ("br;q=0.5, identity", None),
        ("*", Some("br")),
        ("*;q=0.1, br;q=0", Some("gzip")),
        ("br;q=high", None),
        ("identity", None),
        ("", None),
        ("BR", Some("br")),
    ] {
        let response = answer(&SOME[1], &headers(&[("accept-encoding", accepted)]));
        let coding = response.headers().get("content-encoding").map(|name| name.to_str().unwrap());
        assert_eq!(coding, expected, "{accepted}");
        assert_eq!(response.headers()["vary"], "accept-encoding", "{accepted}");
        let length = match expected {
            Some("br") => "1",
            Some(_) => "2",
            None => "4",
        };
        assert_eq!(response.headers()["content-length"], length);
    }
    let picture = answer(&SOME[2], &headers(&[("accept-encoding", "br, gzip")]));
    assert!(picture.headers().get("content-encoding").is_none() && picture.headers().get("vary").is_none());
}

#[test]
fn who_has_the_file_already_is_told_so_with_its_headers() {
    let status = |tags: &[&str]| {
        let tags: Vec<_> = tags.iter().map(|tags| ("if-none-match", *tags)).collect();
        let mut request = headers(&tags);
        request.append("accept-encoding", "br".parse().unwrap());
        let response = answer(&SOME[0], &request);
        if response.status() == 304 {
            assert_eq!(response.headers()["etag"], "\"i-br\"");
            assert_eq!(response.headers()["cache-control"], "no-cache");
            assert_eq!(response.headers()["vary"], "accept-encoding");
            assert!(
                response.headers().get("content-type").is_none() && response.headers().get("content-length").is_none()
            );
        }
        response.status().as_u16()
    };
    for tags in [&["\"i-br\""][..], &["W/\"i-br\""], &["*"], &["\"x\", W/\"i-br\" , \"y\""], &["\"x\"", "\"i-br\""]] {
        assert_eq!(status(tags), 304, "{tags:?}");
    }
    // Of another coding, of another file, without its quotes.
    for tags in ["\"i\"", "\"i-gzip\"", "\"a-br\"", "i-br", "w/\"i-br\"", ""] {
        assert_eq!(status(&[tags]), 200, "{tags:?}");
    }
}

#[test]
fn what_is_built_in_is_what_was_packed() {
    use std::io::Read as _;
    assert!(FILES.iter().any(|file| file.path == INDEX));
    for file in FILES {
        if let Some(packed) = file.brotli {
            let mut whole = Vec::new();
            brotli::BrotliDecompress(&mut &packed[..], &mut whole).unwrap();
            assert!(whole == file.whole && packed.len() < whole.len(), "{}", file.path);
        }
        if let Some(packed) = file.gzip {
            let mut whole = Vec::new();
            flate2::read::GzDecoder::new(packed).read_to_end(&mut whole).unwrap();
            assert!(whole == file.whole && packed.len() < whole.len(), "{}", file.path);
        }
    }
}
