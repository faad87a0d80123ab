//! Names of IMAP folders: RFC 3501, section 5.1.3.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// A folder's name as servers read it.
pub(super) fn encode(name: &str) -> String {
    let engine = GeneralPurpose::new(&IMAP_MUTF7, GeneralPurposeConfig::new().with_encode_padding(false));
    let (mut out, mut run) = (String::with_capacity(name.len()), Vec::new());
    let flush = |out: &mut String, run: &mut Vec<u8>| {
        if !run.is_empty() {
            out.push('&');
            engine.encode_string(&*run, out);
            out.push('-');
            run.clear();
        }
    };
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            flush(&mut out, &mut run);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            run.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut out, &mut run);
    out
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn names_are_written_in_modified_utf_7() {
        for (name, encoded) in [
            ("INBOX.Done", "INBOX.Done"),
            ("Verschickt & erledigt", "Verschickt &- erledigt"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Entwürfe", "Entw&APw-rfe"),
        ] {
            assert_eq!(encode(name), encoded);
        }
    }
}
