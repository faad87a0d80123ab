//! What guards the intake against mail that comes round and round: our own, and too much of the same.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// A header of every mail that the product sends; what comes back with it makes no task.
pub const OWN_HEADER: &str = "X-Workflow-Mail";

/// What mails of one sender about one subject have in common: case, blanks and the marks of answers do not count. Numbers
/// do: a hundred orders in an hour are no flood, a hundred answers about one are. `None` if the sender is not known.
pub fn key(sender: &str, subject: &str) -> Option<String> {
    if sender.is_empty() {
        return None;
    }
    let mut text = String::with_capacity(sender.len() + subject.len() + 1);
    let _ = writeln!(text, "{}", sender.to_lowercase());
    for word in without_marks(&subject.to_lowercase()).split_whitespace() {
        text.push_str(word);
        text.push(' ');
    }
    let mut key = format!("{:x}", Sha256::digest(text.trim_end()));
    key.truncate(32);
    Some(key)
}

fn without_marks(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((mark, after)) = rest.split_once(':') {
        if !matches!(mark.trim(), "re" | "fw" | "fwd" | "aw" | "wg" | "sv" | "tr" | "rv") {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

/// Whether the headers of a raw mail say that the product sent it.
pub fn is_own(raw: &[u8]) -> bool {
    let head = &raw[..raw.len().min(256 << 10)];
    head.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .take_while(|line| !line.is_empty())
        .any(|line| {
            let name = OWN_HEADER.as_bytes();
            line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name) && line[name.len()] == b':'
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_and_marks_of_answers_do_not_count() {
        let first = key("Monitor@a.example", "Alert 17: disk 4 full");
        assert_eq!(first, key("monitor@a.example", "RE: Fwd: alert 17:  disk 4 full "));
        assert_ne!(first, key("monitor@b.example", "Alert 17: disk 4 full"));
        assert_ne!(first, key("monitor@a.example", "Alert 18: disk 4 full"));
        assert_eq!(key("", "Alert"), None);
    }

    #[test]
    fn our_own_mail_is_known_by_a_header_alone() {
        assert!(is_own(b"Subject: a\r\nx-workflow-mail: digest\r\n\r\nhello"));
        assert!(!is_own(b"Subject: a\r\n\r\nX-Workflow-Mail: digest\r\n"));
        assert!(!is_own(b"Subject: X-Workflow-Mail: digest\r\n\r\n"));
    }
}
