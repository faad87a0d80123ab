//! Secrets that open the API, `wfk_<id>_<256 random bits>`, and what is kept of them: an HMAC-SHA-256, keyed with the
//! server's pepper. A slow hash is for passwords that people choose; these cannot be guessed, and each costs a microsecond.

pub mod issue;

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use rand::rngs::OsRng;

/// What every key begins with, so that scanners of source code find one that was left there.
const PREFIX: &str = "wfk_";
/// Bytes of a key's id.
const ID_BYTES: usize = 8;
/// Bytes of randomness of a secret.
const BYTES: usize = 32;
/// Characters of those bytes.
const LENGTH: usize = 43;
/// Characters of a pepper, at least.
const SHORTEST_PEPPER: usize = 16;
/// Keys the HMAC where the server has no pepper: digests are then as good as an unkeyed hash of 256 random bits.
const UNPEPPERED: &str = "workflow-intelligence/api-key/1";

/// A secret as its holder shows it. It is written nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new key and its id; `None` if the system has no randomness to give.
    pub fn key() -> Option<(String, Self)> {
        let mut id = [0; ID_BYTES];
        OsRng.try_fill_bytes(&mut id).ok()?;
        let id = u64::from_be_bytes(id);
        let id = format!("{id:016x}");
        Some((id.clone(), Self(format!("{PREFIX}{id}_{}", random()?))))
    }

    /// A new secret of a session; `None` if the system has no randomness to give.
    pub fn session() -> Option<Self> {
        random().map(Self)
    }

    /// What somebody shows.
    pub fn shown(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The id of a key that has the form of one.
    pub fn key_id(&self) -> Option<&str> {
        let (id, secret) = self.0.strip_prefix(PREFIX)?.split_once('_')?;
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (id.len() == 2 * ID_BYTES && id.bytes().all(hexadecimal) && secret.len() == LENGTH).then_some(id)
    }

    /// The secret itself: for its holder, once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

fn random() -> Option<String> {
    let mut bytes = [0; BYTES];
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// Keeps and recognises secrets.
#[derive(Clone)]
pub struct Pepper(hmac::Key);

impl Pepper {
    /// With the server's own secret, or without one.
    ///
    /// # Errors
    /// It is too short to be one.
    pub fn new(secret: Option<&str>) -> Result<Self, String> {
        let secret = match secret.filter(|secret| !secret.is_empty()) {
            Some(secret) if secret.chars().count() < SHORTEST_PEPPER => {
                return Err(format!(
                    "must be at least {SHORTEST_PEPPER} characters, such as those of `openssl rand -hex 32`"
                ));
            }
            Some(secret) => secret,
            None => UNPEPPERED,
        };
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }

    /// What is kept of a secret, in hexadecimal.
    pub fn digest(&self, secret: &Secret) -> String {
        hex(hmac::sign(&self.0, secret.0.as_bytes()).as_ref())
    }

    /// Whether this digest was made of the secret. Takes as long for a wrong one as for the right one.
    pub fn matches(&self, secret: &Secret, digest: &str) -> bool {
        hmac::verify(&self.0, secret.0.as_bytes(), &unhex(digest)).is_ok()
    }
}

impl Default for Pepper {
    fn default() -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, UNPEPPERED.as_bytes()))
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(..)")
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of a digest; what is none gives 32 bytes that no secret has.
fn unhex(digest: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digest.as_bytes().chunks(2).map(byte).collect();
    bytes.filter(|bytes| bytes.len() == BYTES).unwrap_or_else(|| vec![0; BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_its_digest_and_by_no_other_pepper() {
        let pepper = Pepper::new(Some("0123456789abcdef")).unwrap();
        let (id, key) = Secret::key().unwrap();
        assert_eq!(key.key_id(), Some(id.as_str()));
        assert_eq!(key.expose().len(), 4 + 16 + 1 + 43);
        let digest = pepper.digest(&key);
        assert!(pepper.matches(&key, &digest));
        assert!(!digest.contains(&key.expose()[21..]));
        assert!(!Pepper::new(None).unwrap().matches(&key, &digest));
        assert!(!pepper.matches(&Secret::shown(&key.expose()[..60]), &digest));
        for broken in ["", "zz", &digest[..62], &"é".repeat(32)] {
            assert!(!pepper.matches(&key, broken), "{broken}");
        }
        assert!(Pepper::new(Some("short")).is_err() && Pepper::new(Some("")).is_ok());
        assert_eq!(format!("{key:?} {pepper:?}"), "Secret(..) Pepper(..)");
    }

    #[test]
    fn what_has_not_the_form_of_a_key_has_no_id() {
        let (_, key) = Secret::key().unwrap();
        let text = key.expose();
        for wrong in [&text[1..], &text[..63], &format!("{text}x"), "", "wfk_", &text.replace("wfk_", "WFK_")] {
            assert_eq!(Secret::shown(wrong).key_id(), None, "{wrong}");
        }
    }

    #[test]
    fn digests_are_those_of_hmac_sha_256() {
        // Computed with Python's hmac.
        let pepper = Pepper::new(Some("0123456789abcdef")).unwrap();
        let digest = pepper.digest(&Secret::shown("wfk_a"));
        assert_eq!(digest, "a5f5c65b991fa31cdffdffd5a6aae94e98f776c465b7a696ee4e53e7c5a0d1c2");
    }
}
