//! The web application: its files, and its page for any other path that a browser opens.
//!
//! Owns how they are cached, compressed and confined. Everything is in the binary, looked up by its exact path: there
//! is no file system to escape into.

mod choice;
#[cfg(test)]
mod tests;

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response, endpoint};

use crate::problem::Problem;
use choice::{Coding, accepts_html, coding, is_known};

/// What the application may do: load, ask and frame what is ours, and run no script that is written into a page.
const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Assets have the hash of their content in their names.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASSETS: &str = "/assets/";
const INDEX: &str = "/index.html";

/// Paths of the product that are no page, whoever asks, with all below them.
const RESERVED: [&str; 8] =
    ["/api", "/ws", "/docs", "/health", "/metrics", "/openapi.json", "/openapi-3.0.json", "/asyncapi.json"];

/// A file of the application.
struct File {
    /// Path, from `/`.
    path: &'static str,
    kind: &'static str,
    /// Identity of its content.
    tag: &'static str,
    whole: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// The files of `web/dist`, by `build.rs`.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

pub(crate) fn routes() -> impl Endpoint<Output = Response> {
    endpoint::make(serve)
}

async fn serve(request: Request) -> poem::Result<Response> {
    let found = find(FILES, request.method(), request.original_uri().path(), request.headers());
    let file = found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no such route"))?;
    Ok(answer(file, request.headers()))
}

/// The file at a path, or the page if a browser opens one that it makes up itself.
fn find<'a>(files: &'a [File], method: &Method, path: &str, headers: &HeaderMap) -> Option<&'a File> {
    let is = |wanted: &str| files.iter().find(|file| file.path == wanted);
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    if path == "/" {
        return is(INDEX);
    }
    let within = |root: &&str| path.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let opens = || accepts_html(headers) && !path.starts_with(ASSETS) && !RESERVED.iter().any(within);
    is(path).or_else(|| if opens() { is(INDEX) } else { None })
}

/// The file in the form that the client prefers, or 304 if it has that one.
fn answer(file: &File, headers: &HeaderMap) -> Response {
    let coding = coding(headers, file.brotli.is_some(), file.gzip.is_some());
    let (bytes, tag) = match coding {
        Coding::Brotli => (file.brotli, format!("\"{}-br\"", file.tag)),
        Coding::Gzip => (file.gzip, format!("\"{}-gzip\"", file.tag)),
        Coding::Whole => (None, format!("\"{}\"", file.tag)),
    };
    let bytes = bytes.unwrap_or(file.whole);
    let known = is_known(headers, &tag);
    let mut response = Response::builder()
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, if file.path.starts_with(ASSETS) { FOR_EVER } else { "no-cache" })
        .header(header::CONTENT_SECURITY_POLICY, CSP)
        .header(header::REFERRER_POLICY, "same-origin");
    if file.brotli.is_some() || file.gzip.is_some() {
        response = response.header(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if known {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    if let Some(name) = coding.name() {
        response = response.header(header::CONTENT_ENCODING, name);
    }
    // The length is said here for HEAD, which has no body to count.
    response.header(header::CONTENT_TYPE, file.kind).header(header::CONTENT_LENGTH, bytes.len()).body(bytes)
}
