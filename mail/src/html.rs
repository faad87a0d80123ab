//! HTML mail bodies as plain text: block elements become lines, table cells are set apart by tabs, quoted blocks get
//! the `> ` of plain mail, and what a reader would not see is dropped.

use crate::html_entity::decode_entities;
use crate::html_style::{Look, attribute, hidden_classes, hides};
use crate::html_text::Out;
use crate::link;

/// Elements whose content is never shown.
const HIDDEN: &[&str] = &["head", "noscript", "object", "template"];

/// Elements whose content is no markup, and is not shown either.
pub(crate) const RAW: &[&str] = &["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"];

/// Elements without an end tag.
pub(crate) const VOID: &[&str] = &["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"];

/// Elements that end an open paragraph.
const ENDS_PARAGRAPH: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "center",
    "div",
    "dl",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// Deepest nesting that is followed; what is nested deeper looks like what is around it.
const DEEPEST: usize = 2_000;

/// How many open elements are looked through for the one that an end tag ends.
const LOOKED_THROUGH: usize = 64;

/// What an HTML body shows.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub text: String,
    /// A link shows another host than the one it leads to.
    pub misleading: bool,
}

/// Converts an HTML body to text.
pub(crate) fn to_text(html: &str) -> String {
    read(html).text
}

/// Reads an HTML body in one pass over the input.
pub(crate) fn read(html: &str) -> Page {
    let mut reader = Reader::default();
    let mut rest = html;
    while !rest.is_empty() {
        let open = rest.find('<').unwrap_or(rest.len());
        reader.text(&rest[..open]);
        rest = &rest[open..];
        if rest.is_empty() {
            break;
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = after_comment(comment);
            continue;
        }
        let begins_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let Some(close) = tag_end(rest).filter(|_| begins_tag) else {
            // A bare "<", as in "a < b".
            reader.text("<");
            rest = &rest[1..];
            continue;
        };
        let tag = Tag::new(&rest[1..close]);
        rest = &rest[close + 1..];
        if !tag.ends && RAW.contains(&tag.name.as_str()) {
            let (content, after) = raw_content(rest, &tag.name);
            if tag.name == "style" {
                reader.hidden_classes.extend(hidden_classes(content));
            }
            rest = after;
        } else if tag.ends {
            reader.end(&tag);
        } else {
            reader.begin(tag);
        }
    }
    Page { text: reader.out.finish(), misleading: reader.misleading }
}

/// What follows a comment; `-->` may close it at once, and a stray `--!>` does.
pub(crate) fn after_comment(comment: &str) -> &str {
    for short in [">", "->"] {
        if let Some(after) = comment.strip_prefix(short) {
            return after;
        }
    }
    let end = comment.find("--").and_then(|from| {
        let ends = |mark: &str| comment[from..].find(mark).map(|at| from + at + mark.len());
        match (ends("-->"), ends("--!>")) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    });
    end.map_or("", |end| &comment[end..])
}

/// Content of a raw element, and what follows its end tag.
pub(crate) fn raw_content<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    let mut from = 0;
    while let Some(at) = text[from..].find("</").map(|at| from + at) {
        let tail = &text.as_bytes()[at + 2..];
        if tail.len() >= name.len() && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
            let after = text[at..].find('>').map_or("", |end| &text[at + end + 1..]);
            return (&text[..at], after);
        }
        from = at + 2;
    }
    (text, "")
}

/// Position of the `>` that ends the tag, minding quoted attributes of sane length.
fn tag_end(tag: &str) -> Option<usize> {
    unquoted_end(tag, SHORT + 1).or_else(|| any_end(tag))
}

/// Bytes of the longest tag of sane length.
pub(crate) const SHORT: usize = 8192;

/// Position of the first `>` outside quotes, within so many bytes.
pub(crate) fn unquoted_end(tag: &str, reach: usize) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate().take(reach).skip(1) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Position of the first `>` of all in a tag of sane length.
pub(crate) fn any_end(tag: &str) -> Option<usize> {
    tag.bytes().take(SHORT).position(|byte| byte == b'>')
}

/// A tag, in lower case.
pub(crate) struct Tag {
    pub name: String,
    pub attributes: String,
    pub ends: bool,
}

impl Tag {
    fn new(inner: &str) -> Self {
        let (ends, inner) = inner.strip_prefix('/').map_or((false, inner), |rest| (true, rest));
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        Self { name: inner[..end].to_ascii_lowercase(), attributes: inner[end..].to_ascii_lowercase(), ends }
    }

    /// Whether this quotes; mail programs indent with the same element, without a line at its side.
    fn quotes(&self) -> bool {
        if self.name == "div" {
            let named = |name, part: &str| attribute(&self.attributes, name).is_some_and(|value| value.contains(part));
            return named("class", "yahoo_quoted") || named("name", "quote");
        }
        let bare = ["class", "type", "cite"].iter().all(|name| attribute(&self.attributes, name).is_none());
        let style = attribute(&self.attributes, "style").unwrap_or_default();
        self.name == "blockquote" && !(bare && (style.contains("border:none") || style.contains("border: none")))
    }
}

/// An element that has begun.
struct Open {
    name: String,
    look: Look,
    quotes: bool,
    /// A table cell that is shown.
    cell: bool,
}

#[derive(Default)]
struct Reader {
    out: Out,
    open: Vec<Open>,
    /// Place in `open` of the outermost element that is not shown.
    hidden: Option<usize>,
    hidden_classes: Vec<String>,
    /// Host a link leads to, and where its text begins.
    link: Option<(String, usize)>,
    misleading: bool,
}

impl Reader {
    fn look(&self) -> Look {
        self.open.last().map_or_else(Look::default, |open| open.look)
    }

    fn text(&mut self, raw: &str) {
        if self.hidden.is_none() && !raw.is_empty() && self.look().is_legible() {
            self.out.text(&decode_entities(raw));
        }
    }

    fn begin(&mut self, tag: Tag) {
        let name = tag.name.as_str();
        if self.open.last().is_some_and(|open| closes_itself(&open.name, name)) {
            self.close(self.open.len() - 1);
        }
        if VOID.contains(&name) {
            if self.hidden.is_none() {
                self.out.begin(name);
            }
            return;
        }
        if self.open.len() >= DEEPEST {
            return;
        }
        let hides = HIDDEN.contains(&name) || hides(&tag.attributes, &self.hidden_classes);
        if self.hidden.is_none() && !hides {
            if name == "a" {
                self.link = attribute(&tag.attributes, "href")
                    .and_then(|href| link::host(&decode_entities(href)))
                    .map(|host| (host, self.out.len()));
            }
            self.out.begin(name);
        } else if self.hidden.is_none() {
            self.hidden = Some(self.open.len());
        }
        let cell = self.hidden.is_none() && matches!(name, "td" | "th");
        let quotes = self.hidden.is_none() && tag.quotes();
        if quotes {
            self.out.quote();
        }
        self.open.push(Open { look: self.look().inside(&tag.attributes), quotes, cell, name: tag.name });
    }

    fn end(&mut self, tag: &Tag) {
        let lowest = self.open.len().saturating_sub(LOOKED_THROUGH);
        let known = self.open[lowest..].iter().rposition(|open| open.name == tag.name);
        let around = |at: usize| self.hidden.is_none_or(|hidden| lowest + at < hidden);
        let shown = known.map_or(self.hidden.is_none(), around);
        if let Some(at) = known {
            self.close(lowest + at);
        }
        if shown {
            if tag.name == "a"
                && let Some((host, from)) = self.link.take()
            {
                self.misleading |= link::misleads(&host, self.out.since(from));
            }
            // Cells have ended with what is open.
            if !matches!(tag.name.as_str(), "td" | "th") {
                self.out.end(&tag.name);
            }
        }
    }

    /// Ends the elements from this place in `open` on.
    fn close(&mut self, at: usize) {
        for open in self.open.drain(at..).rev() {
            if open.cell {
                self.out.end(&open.name);
            }
            if open.quotes {
                self.out.unquote();
            }
        }
        if self.hidden.is_some_and(|hidden| self.open.len() <= hidden) {
            self.hidden = None;
        }
    }
}

/// Whether an open element ends because another begins.
pub(crate) fn closes_itself(open: &str, next: &str) -> bool {
    match open {
        "p" => ENDS_PARAGRAPH.contains(&next),
        "li" | "option" => next == open,
        "td" | "th" => matches!(next, "td" | "th" | "tr"),
        "tr" => next == "tr",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "head" => next == "body",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_tabs_and_rows_are_lines() {
        let html = "<table><tr><td>Item</td><td>K7-99X</td></tr><tr><td>Qty</td><td>3</td></tr></table>";
        assert_eq!(to_text(html), "Item\tK7-99X\nQty\t3");
        let paragraphs = "<table><tr><td><p class=MsoNormal>Item</p></td>\n<td><p><b>K7-99X</b></p>\n</td></tr>\
            <tr><td><div>Qty</div></td><td><p>3</p></td></tr></table>after";
        assert_eq!(to_text(paragraphs), "Item\tK7-99X\nQty\t3\nafter");
        let unclosed = "<table><tr><td>Item<td>K7-99X<tr><td>Qty<td>3</table>after";
        assert_eq!(to_text(unclosed), "Item\tK7-99X\nQty\t3\nafter");
    }

    #[test]
    fn a_cell_of_several_lines_keeps_them() {
        let html = "<table><tr><td><p>Dear Ben,</p><p>six crates.</p></td></tr></table>";
        assert_eq!(to_text(html), "Dear Ben,\n\nsix crates.");
    }

    #[test]
    fn what_a_reader_does_not_see_is_dropped() {
        let html = "<style>p{} .pre{display:none}</style><div style='display:none'>peek<div>a</div></div><p>Hi&nbsp;&#x27;you&#39;</p>\
            <p style=\"color:#ffffff\">white</p><span style=\"font-size:0\">tiny</span><div class=pre>class</div>\
            <!-- note --><!-->shown<script>if (a < b) { '</div>' }</script><table bgcolor=navy><tr><td style=\"color:#fff\">button</table>";
        assert_eq!(to_text(html), "Hi 'you'\n\nshown\nbutton");
    }

    #[test]
    fn what_is_hidden_ends_with_the_element_around_it() {
        assert_eq!(to_text("<div>a<span style=\"display:none\">b</div>c"), "a\nc");
        assert_eq!(to_text("<p style=\"display:none\">b<p>c"), "c");
    }

    #[test]
    fn quoted_blocks_look_like_plain_quotes() {
        assert_eq!(to_text("ok<blockquote>one<br>two</blockquote>"), "ok\n> one\n> two");
        assert_eq!(
            to_text("ok<blockquote style=\"margin:0 0 0 40px;border:none\">indented</blockquote>"),
            "ok\nindented"
        );
    }

    #[test]
    fn a_link_that_shows_another_host_is_noticed() {
        let misleads = |html: &str| read(html).misleading;
        assert!(misleads("<a href=\"http://evil.example/x\">https://www.bank.example/login</a>"));
        assert!(misleads("<a href='http://evil.example/x'><b>bank.example</b></a>"));
        assert!(!misleads("<a href=\"https://www.bank.example\">bank.example</a>"));
        assert!(!misleads("<a href=\"https://evil.example\">Click here. Now</a>"));
        assert!(!misleads("<a href=\"mailto:a@b.example\">a@b.example</a>"));
    }

    #[test]
    fn broken_markup_is_text() {
        assert_eq!(to_text("a < b && c <"), "a < b && c <");
        assert_eq!(to_text("<p unterminated"), "<p unterminated");
        assert_eq!(to_text("<script>never closed"), "");
    }
}
