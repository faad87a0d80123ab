//! The secret that a request shows: a key in its Authorization, or a session in its cookies.

use poem::Request;
use poem::http::{Method, header};
use shared::key::Secret;

use crate::host;
use crate::problem::Problem;

/// The session's cookie where it travels by TLS alone. Browsers let nobody but this host set a name that begins so.
const COOKIE: &str = "__Host-workflow_session";
/// The session's cookie on a loopback name, which has no TLS.
const LOOPBACK_COOKIE: &str = "workflow_session";

/// A secret that was shown.
#[derive(Debug)]
pub(crate) enum Shown {
    /// An API key.
    Key(Secret),
    /// A browser's session.
    Session(Secret),
}

/// The answer to whoever shows nothing, and to whoever shows what is worth nothing: it does not say why.
pub(crate) fn refused() -> Problem {
    Problem::unauthorized("a valid API key is needed, as `Authorization: Bearer wfk_...`")
}

/// What the request shows, if anything. A key counts before a cookie.
///
/// # Errors
/// 401 for two keys.
pub(crate) fn shown(request: &Request) -> Result<Option<Shown>, Problem> {
    let mut given = request.headers().get_all(header::AUTHORIZATION).iter();
    let first = given.next();
    if given.next().is_some() {
        return Err(refused());
    }
    // Another scheme is for a proxy in front of us.
    if let Some(key) = first.and_then(|value| bearer(value.as_bytes())) {
        return Ok(Some(Shown::Key(Secret::shown(&key))));
    }
    Ok(cookie(request).map(|secret| Shown::Session(Secret::shown(secret))))
}

fn bearer(value: &[u8]) -> Option<String> {
    let (scheme, rest) = value.split_at_checked("Bearer".len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"Bearer") && rest.first().is_none_or(|byte| *byte == b' ');
    is_bearer.then(|| String::from_utf8_lossy(rest).trim().to_owned())
}

fn cookie(request: &Request) -> Option<&str> {
    let name = cookie_name(request);
    let all = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn cookie_name(request: &Request) -> &'static str {
    if is_loopback(request) { LOOPBACK_COOKIE } else { COOKIE }
}

fn is_loopback(request: &Request) -> bool {
    host::is_allowed(request.header(header::HOST).unwrap_or_default(), &[])
}

/// The header that gives a browser its session, for so many seconds; for 0 it takes it away.
pub(crate) fn set_cookie(request: &Request, secret: &str, seconds: i64) -> String {
    let secure = if is_loopback(request) { "" } else { "; Secure" };
    let name = cookie_name(request);
    format!("{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Whether a cookie alone does not say that a page of ours asks: changes, and sockets, which no other policy covers.
pub(crate) fn needs_origin(request: &Request) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || request.header(header::UPGRADE).is_some()
}

/// Refuses a request that a page of somebody else may have made: its Origin must be the Host, or one of `allowed` to the
/// letter. Another port of this machine is somebody else, though browsers count it to the same site.
///
/// # Errors
/// 403.
pub(crate) fn check_origin(request: &Request, allowed: &[String]) -> Result<(), Problem> {
    let host = request.header(header::HOST).unwrap_or_default();
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    let origin = origins.next().filter(|_| origins.next().is_none()).and_then(|origin| origin.to_str().ok());
    // The cookie travels by TLS alone, but on loopback names.
    let authority = origin
        .and_then(|origin| origin.split_once("://"))
        .filter(|(scheme, authority)| *scheme == "https" || host::is_allowed(authority, &[]))
        .map(|(_, authority)| authority);
    let is_ours = |authority: &str| {
        !authority.is_empty()
            && (authority.eq_ignore_ascii_case(host)
                || allowed.iter().any(|known| known.eq_ignore_ascii_case(authority)))
    };
    if authority.is_some_and(is_ours) {
        return Ok(());
    }
    Err(Problem::forbidden("with a session this takes an Origin that is the Host; see WORKFLOW_ALLOWED_HOSTS"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let mut request = Request::builder().method(Method::POST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.finish()
    }

    fn read(headers: &[(&str, &str)]) -> String {
        match shown(&request(headers)) {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(Shown::Key(secret))) => format!("key {}", secret.expose()),
            Ok(Some(Shown::Session(secret))) => format!("session {}", secret.expose()),
            Err(problem) => problem.status.to_string(),
        }
    }

    #[test]
    fn a_key_counts_before_a_cookie_and_another_scheme_does_not_count() {
        let cookie = ("cookie", "a=1; workflow_session=s; b=2");
        let host = ("host", "localhost:3001");
        assert_eq!(read(&[host]), "nothing");
        assert_eq!(read(&[host, ("authorization", "Bearer k"), cookie]), "key k");
        assert_eq!(read(&[host, ("authorization", "bearer  k")]), "key k");
        assert_eq!(read(&[host, ("authorization", "Bearer")]), "key ");
        assert_eq!(read(&[host, ("authorization", "Basic k"), cookie]), "session s");
        assert_eq!(read(&[host, ("authorization", "Bearer k"), ("authorization", "Bearer l")]), "401");
        assert_eq!(read(&[("host", "flow.example"), cookie]), "nothing");
        assert_eq!(read(&[("host", "flow.example"), ("cookie", "__Host-workflow_session=t")]), "session t");
    }

    #[test]
    fn a_cookie_needs_the_origin_of_the_host_itself() {
        let judged = |host: &str, origins: &[&str]| {
            let mut headers = vec![("host", host)];
            headers.extend(origins.iter().map(|origin| ("origin", *origin)));
            check_origin(&request(&headers), &["flow.example".to_owned()]).is_ok()
        };
        assert!(judged("127.0.0.1:3001", &["http://127.0.0.1:3001"]));
        assert!(judged("inner:80", &["https://FLOW.example"]));
        for origins in [
            &[][..],
            &["null"],
            &[""],
            &["http://"],
            &["http://localhost:3001"],
            &["http://127.0.0.1:9999"],
            &["https://flow.example:8443"],
            &["http://flow.example"],
            &["http://127.0.0.1:3001", "http://evil.example"],
        ] {
            assert!(!judged("127.0.0.1:3001", origins), "{origins:?}");
        }
    }

    #[test]
    fn the_cookie_is_secure_away_from_loopback() {
        let cookie = |host: &str| set_cookie(&request(&[("host", host)]), "s", 60);
        let rest = "=s; Path=/; Max-Age=60; HttpOnly; SameSite=Strict";
        assert_eq!(cookie("[::1]:3001"), format!("workflow_session{rest}"));
        assert_eq!(cookie("flow.example"), format!("__Host-workflow_session{rest}; Secure"));
    }
}
