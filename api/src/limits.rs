//! What a request may be before anything looks into it: how long its target and its header section are, and whether
//! its target can be read at all.
//!
//! The server beneath has limits of its own, far beyond these, at which it answers without a body and closes: 414 for a
//! target over 65,534 bytes, 431 for more than 100 fields or a section over 408 KiB, 400 for what is not HTTP.

use poem::Request;
use poem::http::StatusCode;

use crate::problem::Problem;

/// Bytes of a target.
const LONGEST_TARGET: usize = 8 << 10;

/// Bytes of all names and values of a header section.
const LARGEST_SECTION: usize = 32 << 10;

/// Fields of a header section.
const MOST_FIELDS: usize = 100;

/// Refuses a request that is too long or whose target cannot be read.
///
/// # Errors
/// 414, 431, 400.
pub(crate) fn check(request: &Request) -> Result<(), Problem> {
    let uri = request.uri();
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    if authority + uri.path_and_query().map_or(0, |target| target.as_str().len()) > LONGEST_TARGET {
        return Err(Problem::new(StatusCode::URI_TOO_LONG, "the path and the query are at most 8 KiB together"));
    }
    let headers = request.headers();
    let section: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if section > LARGEST_SECTION || headers.len() > MOST_FIELDS {
        let detail = "the header section is at most 100 fields and 32 KiB";
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail));
    }
    readable("path", uri.path())?;
    readable("query", uri.query().unwrap_or_default())
}

/// Whatever is decoded later would otherwise be replaced or dropped there, and something else be looked for.
fn readable(part: &str, text: &str) -> Result<(), Problem> {
    let wrong = |what: &str| Err(Problem::bad_request(format!("the {part} {what}")));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return wrong("has a % without two hexadecimal digits after it; write %25 for the sign itself");
        };
        bytes.push((high * 16 + low) as u8);
    }
    match std::str::from_utf8(&bytes) {
        Err(_) => wrong("is not UTF-8"),
        Ok(text) if part == "path" && text.contains('\0') => wrong("contains NUL"),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(target: &str, fields: usize, value: usize) -> u16 {
        let mut request = Request::builder().uri(target.parse().unwrap());
        for n in 0..fields {
            request = request.header(format!("x-{n}"), "v".repeat(value));
        }
        check(&request.finish()).map_or_else(|problem| problem.status, |()| 200)
    }

    #[test]
    fn a_target_of_8_kib_is_taken_and_a_byte_more_is_not() {
        assert_eq!(status(&format!("/{}", "a".repeat((8 << 10) - 1)), 0, 0), 200);
        assert_eq!(status(&format!("/{}", "a".repeat(8 << 10)), 0, 0), 414);
        assert_eq!(status(&format!("/?q={}", "a".repeat(8 << 10)), 0, 0), 414);
    }

    #[test]
    fn a_header_section_has_an_end() {
        assert_eq!(status("/", 100, 300), 200);
        assert_eq!(status("/", 101, 1), 431);
        assert_eq!(status("/", 1, 33 << 10), 431);
        assert_eq!(status("/", 90, 400), 431);
    }

    #[test]
    fn a_target_that_cannot_be_decoded_is_refused() {
        for target in ["/a%20b", "/%C3%BC?q=%F0%9F%93%A6", "/?q=%00", "/?q=50%25"] {
            assert_eq!(status(target, 0, 0), 200, "{target}");
        }
        for target in ["/%", "/%2", "/%zz", "/%FF", "/?q=%C3%28", "/?q=50%", "/%00"] {
            assert_eq!(status(target, 0, 0), 400, "{target}");
        }
    }
}
