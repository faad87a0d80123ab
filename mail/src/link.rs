//! Hosts of links: where one leads, and which one its text shows.

use crate::house::organisation_label;

/// Services that receivers put in front of every link of a mail.
const WRAPPERS: &[&str] = &[
    "safelinks.protection.outlook.com",
    "urldefense.com",
    "urldefense.proofpoint.com",
    "linkprotect.cudasvc.com",
    "mimecast.com",
    "mimecastprotect.com",
    "secure-web.cisco.com",
    "trendmicro.com",
];

/// The host of an address of the web, in lower case.
pub(crate) fn host(url: &str) -> Option<String> {
    let url = url.trim().to_ascii_lowercase();
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    // What stands before an "@" is no host, though it is often made to look like one.
    let host = authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    (!host.is_empty()).then(|| host.to_owned())
}

/// Whether the text of a link to `host` shows the host of another organisation.
pub(crate) fn misleads(host: &str, text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 300 || text.contains(char::is_whitespace) || is_wrapper(host) {
        return false;
    }
    let shown = self::host(text).or_else(|| self::host(&format!("http://{text}")).filter(|_| is_bare_host(text)));
    shown.is_some_and(|shown| is_name(&shown) && organisation_label(&shown) != organisation_label(host))
}

fn is_wrapper(host: &str) -> bool {
    WRAPPERS.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
}

/// Looks like `www.kite.example/path` rather than like a file, a number or an address.
fn is_bare_host(text: &str) -> bool {
    let head = text.split('/').next().unwrap_or_default();
    !text.contains('@') && (text.starts_with("www.") || text.contains('/') || has_known_end(head))
}

fn has_known_end(host: &str) -> bool {
    let end = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    [
        "com", "org", "net", "edu", "gov", "io", "co", "de", "fr", "es", "mx", "uk", "at", "ch", "eu", "us", "ca",
        "example",
    ]
    .contains(&end.as_str())
}

fn is_name(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(name, end)| {
        !name.is_empty() && end.len() >= 2 && end.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_organisations_host_misleads() {
        assert!(misleads("evil.example", "www.bank.example/login"));
        assert!(misleads("evil.example", "HTTPS://bank.example"));
        assert!(!misleads("login.bank.example", "bank.example"));
        assert!(!misleads("nam02.safelinks.protection.outlook.com", "bank.example"));
        assert!(!misleads("evil.example", "invoice.pdf"));
        assert!(!misleads("evil.example", "1.200.50"));
        assert_eq!(host("https://bank.example@evil.example:8080/x").as_deref(), Some("evil.example"));
    }
}
