//! The page at `/`: any GET outside the API that accepts HTML gets it.

use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response, endpoint};

use crate::problem::Problem;

const CSP: &str = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self'; \
     script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const ASSETS: [(&str, &str, &[u8]); 3] = [
    ("/assets/app.js", "text/javascript; charset=utf-8", include_bytes!("../../page/app.js")),
    ("/assets/app.css", "text/css; charset=utf-8", include_bytes!("../../page/app.css")),
    ("/assets/favicon.svg", "image/svg+xml", include_bytes!("../../page/favicon.svg")),
];
const INDEX: &[u8] = include_bytes!("../../page/index.html");

pub(crate) fn routes() -> impl Endpoint<Output = Response> {
    endpoint::make(serve)
}

async fn serve(request: Request) -> poem::Result<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::new(StatusCode::NOT_FOUND, "no such route").into());
    }
    let path = request.original_uri().path();
    if let Some((_, kind, bytes)) = ASSETS.iter().find(|(name, ..)| *name == path) {
        return Ok(file(kind, bytes).finish());
    }
    let accept = request.header(header::ACCEPT).unwrap_or_default();
    if accept.contains("text/html") || path == "/" {
        let page = file("text/html; charset=utf-8", INDEX).header(header::CONTENT_SECURITY_POLICY, CSP);
        return Ok(page.header(header::REFERRER_POLICY, "same-origin").finish());
    }
    Err(Problem::new(StatusCode::NOT_FOUND, "no such route").into())
}

struct File(poem::ResponseBuilder, &'static [u8]);

impl File {
    fn header(self, name: header::HeaderName, value: &str) -> Self {
        Self(self.0.header(name, value), self.1)
    }

    fn finish(self) -> Response {
        self.0.body(self.1)
    }
}

fn file(kind: &str, bytes: &'static [u8]) -> File {
    File(Response::builder().header(header::CONTENT_TYPE, kind).header(header::CACHE_CONTROL, "no-cache"), bytes)
}
