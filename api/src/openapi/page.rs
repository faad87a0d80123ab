//! The page to read and try the document with, from assets in the binary.

use std::fmt::Write;

use poem::endpoint::make_sync;
use poem::http::header;
use poem::{Endpoint, Request, Response};

use super::{described, openapi_json};

/// Serves the page and its scripts below `/docs`.
pub(crate) fn routes() -> impl Endpoint<Output = Response> {
    let service = described();
    let generated = service.swagger_ui_html().replace(&service.spec(), openapi_json());
    let page = DocsPage::new(&generated);
    make_sync(move |request: Request| page.answer(request.original_uri().path()))
}

/// Where the documents are, above the operations.
const LINKS: &str = "<nav style=\"font: 14px sans-serif; padding: 12px 20px; background: #f4f4f5\">\
    <a href=\"/openapi.json\">OpenAPI 3.1</a> &middot; <a href=\"/openapi-3.0.json\">OpenAPI 3.0</a> &middot; \
    <a href=\"/asyncapi.json\">AsyncAPI (the socket)</a> &middot; <a href=\"/\">Start</a></nav>";

/// The generator's page carries its scripts inside itself; here each is a file of its own, so that the page can be
/// served without allowing inline script.
struct DocsPage {
    html: String,
    scripts: Vec<String>,
}

impl DocsPage {
    fn new(generated: &str) -> Self {
        let (mut html, mut scripts, mut rest) = (String::from("<!doctype html>"), Vec::new(), generated);
        while let Some((before, after)) = rest.split_once("<script") {
            let Some((script, after)) = after.split_once("</script>") else { break };
            let (attributes, code) = script.split_once('>').unwrap_or(("", script));
            html.push_str(before);
            let _ = write!(html, "<script{attributes} src=\"/docs/{}.js\"></script>", scripts.len());
            scripts.push(code.to_owned());
            rest = after;
        }
        html.push_str(rest);
        let html = html
            .replace("<html charset=\"UTF-8\">", "<html lang=\"en\">")
            .replace("<title>Swagger UI</title>", "<title>Workflow Intelligence: HTTP API</title>")
            .replace("<body>", &format!("<body>{LINKS}"));
        Self { html, scripts }
    }

    fn answer(&self, path: &str) -> Response {
        const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
             font-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
        let number = path.strip_prefix("/docs/").and_then(|name| name.strip_suffix(".js")?.parse::<usize>().ok());
        match number.and_then(|number| self.scripts.get(number)) {
            Some(code) => {
                Response::builder().header(header::CONTENT_TYPE, "text/javascript; charset=utf-8").body(code.clone())
            }
            None => Response::builder()
                .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
                .header(header::CONTENT_SECURITY_POLICY, CSP)
                .body(self.html.clone()),
        }
    }
}
