//! What the headers of a request choose: the page, a coding, or nothing new.

use poem::http::{HeaderMap, HeaderName, header};

use crate::routes::tasks::matches_tag;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    Whole,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Whole => None,
        }
    }
}

/// The items of a header, all its lines together.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// An item without its parameters, and its weight: 1 where none is said, 0 where it is no number.
fn weighed(item: &str) -> (&str, f32) {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
}

/// Whether the client asks for HTML by name: a browser that opens a page does, one that loads a picture or a program that
/// takes anything does not.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    items(headers, &header::ACCEPT)
        .map(weighed)
        .any(|(kind, weight)| weight > 0.0 && kind.eq_ignore_ascii_case("text/html"))
}

/// The coding that the client prefers of those there are; among equals the smaller one.
pub(super) fn coding(headers: &HeaderMap, has_brotli: bool, has_gzip: bool) -> Coding {
    let weights: Vec<_> = items(headers, &header::ACCEPT_ENCODING).map(weighed).collect();
    let said =
        |name: &str| weights.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, weight)| *weight);
    let weight = |name: &str| said(name).or_else(|| said("*")).unwrap_or(0.0);
    let whole = said("identity").unwrap_or(0.0);
    let (brotli, gzip) = (weight("br"), weight("gzip").max(said("x-gzip").unwrap_or(0.0)));
    if has_brotli && brotli > 0.0 && brotli >= gzip && brotli >= whole {
        Coding::Brotli
    } else if has_gzip && gzip > 0.0 && gzip >= whole {
        Coding::Gzip
    } else {
        Coding::Whole
    }
}

/// Whether `If-None-Match` names the tag, compared as weak ones are: a proxy may have weakened it on its way.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
    lines.into_iter().any(|tags| matches_tag(tags, tag))
}
