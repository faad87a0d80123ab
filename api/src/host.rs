//! The names this process answers to.

use std::net::IpAddr;

use poem::Request;
use poem::http::{StatusCode, Version, header};

use crate::problem::Problem;

/// Refuses a request for a name that is not ours, which is a page of somebody else talking to us (DNS rebinding).
///
/// # Errors
/// 421; 400 if the request does not say which name it is for, or says it twice.
pub(crate) fn check(request: &Request, allowed: &[String]) -> Result<(), Problem> {
    let unclear = || Problem::bad_request("a request names one Host");
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = named.next().map(|host| host.to_str().map_err(|_| unclear())).transpose()?;
    if named.next().is_some() {
        return Err(unclear());
    }
    // In the target of a request to a proxy, and in HTTP/2. There it counts, whatever the field says.
    let authority = request.uri().authority().map(poem::http::uri::Authority::as_str);
    if host.or(authority).is_none() && request.version() > Version::HTTP_10 {
        return Err(unclear());
    }
    if [host, authority].into_iter().flatten().all(|name| is_allowed(name, allowed)) {
        return Ok(());
    }
    let detail = "this Host is not served here; see WORKFLOW_ALLOWED_HOSTS";
    Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail))
}

/// Whether a Host or an Origin's authority, with or without port, is a loopback name or a configured one.
pub(crate) fn is_allowed(authority: &str, allowed: &[String]) -> bool {
    let name = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(name, _)| name),
    };
    let is_loopback = name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_loopback
        || name.eq_ignore_ascii_case("localhost")
        || allowed.iter().any(|known| known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names_and_configured_hosts_are_served() {
        let allowed = vec!["flow.example".to_owned()];
        for host in ["localhost:3001", "127.0.0.1", "[::1]:3001", "flow.example", "FLOW.example:443"] {
            assert!(is_allowed(host, &allowed), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.8:3001", ""] {
            assert!(!is_allowed(host, &allowed), "{host}");
        }
    }

    #[test]
    fn the_name_in_the_target_must_be_ours_as_well() {
        let status = |target: &str, hosts: &[&str]| {
            let mut request = Request::builder().uri(target.parse().unwrap()).finish();
            for host in hosts {
                request.headers_mut().append(header::HOST, host.parse().unwrap());
            }
            check(&request, &[]).map_or_else(|problem| problem.status, |()| 200)
        };
        assert_eq!(status("/", &["localhost"]), 200);
        assert_eq!(status("http://localhost/", &["localhost"]), 200);
        assert_eq!(status("http://evil.example/", &["localhost"]), 421);
        assert_eq!(status("http://localhost/", &["evil.example"]), 421);
        assert_eq!(status("/", &[]), 400);
        assert_eq!(status("/", &["localhost", "localhost"]), 400);
    }
}
