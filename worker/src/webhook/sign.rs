//! The signature of a message, symmetric as in Standard Webhooks.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The header `webhook-signature`: a signature for each secret, separated by spaces. Seconds since the epoch are those of
/// the header `webhook-timestamp`.
///
/// A secret that cannot be read signs nothing; none are stored but those made here.
pub(super) fn signatures(secrets: &[String], message_id: &str, seconds: i64, body: &str) -> String {
    let content = format!("{message_id}.{seconds}.{body}");
    let keys = secrets.iter().filter_map(|secret| STANDARD.decode(secret.strip_prefix("whsec_")?).ok());
    let signed = keys.map(|key| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), content.as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    });
    signed.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        // Computed with Python's hmac over the same bytes.
        let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned();
        let signed = signatures(std::slice::from_ref(&secret), "msg_1_a", 1_767_607_200, r#"{"event":"x"}"#);
        assert_eq!(signed, "v1,3+gaZ6bvs8EV/0kQW0KUqpw+P3CwLTbEqrZ2egso3wk=");
        let both = signatures(&[secret.clone(), secret], "msg_1_a", 1_767_607_200, r#"{"event":"x"}"#);
        assert_eq!(both, format!("{signed} {signed}"));
    }
}
