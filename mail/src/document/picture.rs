//! Pictures that a mail brings along, as addresses that hold them.

use std::cell::Cell;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes of one picture, at most.
const LARGEST: usize = 1 << 20;
/// Bytes of all pictures of a document, at most: one that is shown a thousand times is sent a thousand times.
const TOGETHER: usize = 6 << 20;

/// The types that are shown, each by how its bytes begin; what a mail claims does not count. None of them can hold a
/// script, as SVG can.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The pictures of a mail by their Content-ID.
#[derive(Default)]
pub(crate) struct Pictures {
    by_id: HashMap<String, Vec<u8>>,
    used: Cell<usize>,
}

impl Pictures {
    /// Adds a part if it is a picture that can be shown; the first of an id counts.
    pub fn bring(&mut self, id: &str, bytes: &[u8]) {
        if bytes.len() < LARGEST && kind(bytes).is_some() {
            self.by_id.entry(bare(id)).or_insert_with(|| bytes.to_vec());
        }
    }

    /// An address that holds the picture at `source`, which is `cid:` or `data:`; `None` for any other, for what is no
    /// picture, and once the document has enough of them.
    pub fn data(&self, source: &str) -> Option<String> {
        let source = source.trim();
        let (scheme, rest) = source.split_once(':')?;
        if scheme.eq_ignore_ascii_case("cid") {
            let id = percent(rest);
            return self.address(self.by_id.get(&bare(&id))?);
        }
        if !scheme.eq_ignore_ascii_case("data") || rest.len() > LARGEST * 3 / 2 {
            return None;
        }
        let (head, content) = rest.split_once(',')?;
        head.to_ascii_lowercase().ends_with(";base64").then_some(())?;
        let content: String = percent(content).chars().filter(|c| !c.is_ascii_whitespace()).collect();
        self.address(&STANDARD.decode(content).ok()?)
    }

    fn address(&self, bytes: &[u8]) -> Option<String> {
        let kind = kind(bytes)?;
        let used = self.used.get() + bytes.len();
        if bytes.len() >= LARGEST || used > TOGETHER {
            return None;
        }
        self.used.set(used);
        Some(format!("data:{kind};base64,{}", STANDARD.encode(bytes)))
    }
}

/// Whether an address is one that [`Pictures::data`] gives.
pub(super) fn is_data(address: &str) -> bool {
    let rest = address.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    rest.is_some_and(|(kind, content)| {
        ["png", "jpeg", "gif", "webp"].contains(&kind)
            && content.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    })
}

fn bare(id: &str) -> String {
    id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// A text with what percent signs stand for.
fn percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = if *first == b'%' { after.get(..2) } else { None };
        let code = code.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
