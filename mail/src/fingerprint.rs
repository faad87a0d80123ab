//! Content identity, so that a mail delivered again under another Message-ID is found.

use sha2::{Digest as _, Sha256};

use crate::Mail;

/// 64 hex digits over sender, subject, body and attachment sizes; never over Message-ID, Date or Received.
pub fn fingerprint(mail: &Mail) -> String {
    let mut hash = Sha256::new();
    let mut feed = |part: &str| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    };
    feed(mail.from.as_ref().map_or("", |from| from.email.as_str()));
    feed(&squeeze(&mail.subject));
    feed(&squeeze(&mail.text));
    for attachment in &mail.attachments {
        // Mail systems rewrite blanks and case in file names.
        let name: String =
            attachment.name.iter().flat_map(|name| name.chars()).filter(|c| c.is_alphanumeric()).collect();
        feed(&name.to_lowercase());
        feed(&attachment.size.to_string());
    }
    format!("{:x}", hash.finalize())
}

/// White space is what gateways change most.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
