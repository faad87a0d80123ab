//! Pages of other sites must not read events through a visitor's browser.

use poem::Request;
use poem::http::header;

use crate::host;
use crate::problem::Problem;

/// Refuses a socket to a page that is not ours.
///
/// The same-origin policy does not cover sockets, so the server has to check.
///
/// # Errors
/// 403.
pub fn check_origin(request: &Request, allowed_hosts: &[String]) -> poem::Result<()> {
    if is_from_ours(request, allowed_hosts) {
        Ok(())
    } else {
        Err(Problem::forbidden("pages of this Origin may not connect; see WORKFLOW_ALLOWED_HOSTS").into())
    }
}

/// Whether the Origin of a request is the Host it came to, a loopback name, or one of `allowed_hosts`. Programs other than
/// browsers send no Origin, which is well.
pub(crate) fn is_from_ours(request: &Request, allowed_hosts: &[String]) -> bool {
    let host = request.header(header::HOST).unwrap_or_default();
    let is_ours = |origin: &str| {
        // Neither `null` nor anything else without an authority has a place it could be compared with.
        origin.split_once("://").is_some_and(|(_, authority)| {
            authority.eq_ignore_ascii_case(host) || host::is_allowed(authority, allowed_hosts)
        })
    };
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    origins.all(|origin| origin.to_str().is_ok_and(is_ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(host: &str, origin: Option<&str>) -> bool {
        let mut request = Request::builder().header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        check_origin(&request.finish(), &["flow.example".to_owned()]).is_ok()
    }

    #[test]
    fn only_pages_of_this_server_or_of_known_names_may_connect() {
        assert!(allowed("127.0.0.1:3001", None));
        assert!(allowed("127.0.0.1:3001", Some("http://localhost:5173")));
        assert!(allowed("proxy.internal:80", Some("https://FLOW.example")));
        assert!(allowed("intra:3001", Some("http://intra:3001")));
        for origin in
            ["http://evil.example", "http://localhost.evil.example", "null", "", "file://", "http://intra:3002"]
        {
            assert!(!allowed("intra:3001", Some(origin)), "{origin}");
        }
    }
}
