//! HTML mail bodies as a document that is safe to show in a frame.
//!
//! Two passes that know nothing of each other: [`writer`] writes a new body of the elements, attributes and style
//! properties that it knows, each closed, so that nothing of the mail's own markup is left; `ammonia` then reads that
//! as a browser would and takes out what should not be there. The first also bounds what the second is given: a tree
//! of hostile markup may be far larger than its text.
//!
//! A link is its text with the address behind it, for the frame it is shown in may not open one, and a reader is to
//! see where it leads; the whole of it is seen when pointed at. Pictures are those that the mail brings along ([`Pictures`]); no other is ever asked for.

mod attributes;
mod picture;
mod style;
mod writer;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

pub(crate) use picture::Pictures;

const BEGIN: &str = "<!doctype html>\n<html><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Mail</title><style>\
    html{background:#fff;color:#1b1b1f;font:14px/1.5 system-ui,sans-serif;overflow-wrap:break-word}\
    body{margin:12px}img{max-width:100%;height:auto}table{max-width:100%}\
    blockquote{margin:8px 0;padding-left:12px;border-left:3px solid #d4d4d8}pre{white-space:pre-wrap}\
    small{opacity:.8;font-size:12px}</style></head><body>\n";
const END: &str = "\n</body></html>\n";
const CUT: &str = "<hr><p><small>The mail goes on; its beginning is shown here.</small></p>";

/// The parts as one document; `None` if there is none.
pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>, pictures: &Pictures) -> Option<String> {
    let written: Vec<_> = parts.into_iter().map(|html| writer::write(html, pictures)).collect();
    if written.is_empty() {
        return None;
    }
    let is_cut = written.iter().any(|body| body.is_cut);
    let bodies: Vec<_> = written.iter().map(|body| SECOND.clean(&body.html).to_string()).collect();
    Some(format!("{BEGIN}{}{}{END}", bodies.join("<hr>"), if is_cut { CUT } else { "" }))
}

/// What is left of what the first pass should never have written.
static SECOND: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut second = Builder::empty();
    second
        .tags(writer::ELEMENTS.iter().copied().collect())
        .clean_content_tags(writer::SKIPPED.iter().chain(crate::html::RAW).copied().collect())
        .generic_attributes(writer::ATTRIBUTES.iter().copied().chain(["style"]).collect())
        .tag_attributes(HashMap::from([("img", HashSet::from(["src", "alt"])), ("u", HashSet::from(["title"]))]))
        .filter_style_properties(style::PROPERTIES.iter().copied().collect())
        .url_schemes(HashSet::from(["data"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => picture::is_data(value).then(|| value.into()),
            (_, "style") => style::kept(value).map(Into::into),
            _ => Some(value.into()),
        });
    second
});

#[cfg(test)]
mod tests;
