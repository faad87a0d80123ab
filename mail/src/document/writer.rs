//! The first pass: reads a mail's markup and writes a body of its own from what it knows.

use std::fmt::Write as _;

use url::Url;

use super::attributes::{Attributes, escape};
use super::{Pictures, style};
use crate::html::{RAW, SHORT, VOID, after_comment, any_end, closes_itself, raw_content, unquoted_end};
use crate::parse::beginning;

/// Elements that are written.
pub(super) const ELEMENTS: &[&str] = &[
    "abbr",
    "address",
    "article",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
];

/// Elements that are left out with all that is in them; beside those whose content is no markup.
pub(super) const SKIPPED: &[&str] =
    &["applet", "audio", "canvas", "frameset", "map", "math", "object", "select", "svg", "template", "video"];

/// Attributes that are kept, of a simple value, on any element.
pub(super) const ATTRIBUTES: &[&str] = &[
    "align",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "colspan",
    "dir",
    "face",
    "height",
    "lang",
    "nowrap",
    "rowspan",
    "size",
    "start",
    "valign",
    "width",
];

/// Elements that a browser opens again after the paragraph that they were open in: each may become as many as there
/// are paragraphs, so few are open at a time.
const FORMATTING: &[&str] = &["a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"];
const MOST_FORMATTING: usize = 12;

/// Deepest nesting that is written; what is deeper looks like what is around it.
const DEEPEST: usize = 200;
/// Elements at most; what follows them is left out.
pub(super) const MOST: usize = 50_000;
/// Tags, comments and bare "<" at most that are looked at, known or not.
const MOST_MARKS: usize = 200_000;
/// Text at most, in bytes as the mail has it: references to characters are slow to read twice.
const MOST_TEXT: usize = 512 << 10;
/// How much of a link's address is shown behind its text, and at most when pointed at, in bytes.
const SHOWN: usize = 40;
const POINTED_AT: usize = 2_000;

/// What was written.
pub(super) struct Body {
    /// Markup of known elements, each closed.
    pub html: String,
    /// Whether something at the end is missing.
    pub is_cut: bool,
}

/// Writes the body anew.
pub(super) fn write(html: &str, pictures: &Pictures) -> Body {
    let mut writer = Writer { out: String::new(), open: Vec::new(), written: 0, skipped: None, pictures };
    // Set once a tag was not found to end: from then on the search is short, or each would go to the end again.
    let mut unended = false;
    let mut rest = html;
    let (mut marks, mut left) = (0, MOST_TEXT);
    while !rest.is_empty() && writer.written < MOST && marks < MOST_MARKS {
        marks += 1;
        let text = rest.find('<').unwrap_or(rest.len());
        let at = rest.floor_char_boundary(text.min(left));
        writer.text(&rest[..at]);
        rest = &rest[at..];
        left -= at;
        if at < text {
            break;
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = after_comment(comment);
            continue;
        }
        let begins =
            rest[1.min(rest.len())..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let end = if begins { tag_end(rest, &mut unended) } else { None };
        let Some(end) = end else {
            // A bare "<", as in "a < b".
            writer.text(&rest[..1.min(rest.len())]);
            rest = &rest[1.min(rest.len())..];
            continue;
        };
        let inner = &rest[1..end];
        rest = &rest[end + 1..];
        let (ends, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let length = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let name = inner[..length].to_ascii_lowercase();
        if !ends && RAW.contains(&name.as_str()) {
            rest = raw_content(rest, &name).1;
        } else if ends {
            writer.end(&name);
        } else {
            writer.begin(&name, &inner[length..]);
        }
    }
    writer.close(0);
    Body { html: writer.out, is_cut: !rest.is_empty() }
}

/// Where the `>` is that ends the tag, minding quoted values.
fn tag_end(tag: &str, unended: &mut bool) -> Option<usize> {
    unquoted_end(tag, if *unended { SHORT } else { tag.len() }).or_else(|| {
        *unended = true;
        any_end(tag)
    })
}

/// An element that has begun.
struct Open {
    name: String,
    /// Written when it ends: the end tag, and where a link leads.
    end: String,
    /// Where the text of a link begins, and its address.
    link: Option<(usize, String)>,
}

struct Writer<'a> {
    out: String,
    open: Vec<Open>,
    written: usize,
    /// The element that is left out with its content, and how many of its name are open.
    skipped: Option<(String, usize)>,
    pictures: &'a Pictures,
}

impl Writer<'_> {
    /// Text between tags; its character references stay as they are.
    fn text(&mut self, raw: &str) {
        if self.skipped.is_none() {
            let clean = raw.replace('<', "&lt;").replace('>', "&gt;").replace('\0', "");
            self.out.push_str(&clean);
        }
    }

    fn begin(&mut self, name: &str, attributes: &str) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(skipped == name);
            return;
        }
        if SKIPPED.contains(&name) {
            // In SVG and MathML a slash ends an element, elsewhere it means nothing.
            if !(matches!(name, "svg" | "math") && attributes.ends_with('/')) {
                self.skipped = Some((name.to_owned(), 1));
            }
            return;
        }
        if self.open.last().is_some_and(|open| closes_itself(&open.name, name)) {
            self.close(self.open.len() - 1);
        }
        let attributes = Attributes::read(attributes);
        match name {
            "img" => self.picture(&attributes),
            "a" => self.link(&attributes),
            // Its colours are those of the page.
            "body" => self.element("body", "div", &attributes),
            _ if ELEMENTS.contains(&name) => self.element(name, name, &attributes),
            _ => {}
        }
    }

    fn element(&mut self, name: &str, written: &str, attributes: &Attributes) {
        let is_void = VOID.contains(&name);
        if !is_void && !self.has_room_for(name) {
            return;
        }
        self.written += 1;
        self.out.push('<');
        self.out.push_str(written);
        for attribute in ATTRIBUTES {
            if let Some(value) = attributes.get(attribute).filter(|value| is_simple(value)) {
                self.attribute(attribute, value);
            }
        }
        if let Some(style) = attributes.get("style").and_then(style::kept) {
            self.attribute("style", &style);
        }
        self.out.push('>');
        if !is_void {
            self.open.push(Open { name: name.to_owned(), end: format!("</{written}>"), link: None });
        }
    }

    fn has_room_for(&self, name: &str) -> bool {
        let formatting = |name: &str| FORMATTING.contains(&name);
        self.open.len() < DEEPEST
            && !(formatting(name) && self.open.iter().filter(|open| formatting(&open.name)).count() >= MOST_FORMATTING)
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.out.push_str(&escape(value));
        self.out.push('"');
    }

    /// A link is underlined text here, followed by its address.
    fn link(&mut self, attributes: &Attributes) {
        // A link inside a link ends the outer one.
        self.end("a");
        let Some(address) = attributes.get("href").and_then(address) else { return };
        if self.has_room_for("a") {
            self.written += 1;
            self.out.push_str("<u");
            self.attribute("title", beginning(&address, POINTED_AT));
            self.out.push('>');
            self.open.push(Open {
                name: "a".to_owned(),
                end: "</u>".to_owned(),
                link: Some((self.out.len(), address)),
            });
        }
    }

    /// A picture that the mail brings along; in place of any other stands the text that describes it.
    fn picture(&mut self, attributes: &Attributes) {
        let text = beginning(attributes.get("alt").unwrap_or_default().trim(), 200);
        let Some(data) = attributes.get("src").and_then(|source| self.pictures.data(source)) else {
            if !text.is_empty() {
                let _ = write!(self.out, "[{}]", escape(text));
            }
            return;
        };
        self.written += 1;
        self.out.push_str("<img");
        self.attribute("src", &data);
        self.attribute("alt", text);
        for name in ["width", "height", "align", "border"] {
            if let Some(value) = attributes.get(name).filter(|value| is_simple(value)) {
                self.attribute(name, value);
            }
        }
        if let Some(style) = attributes.get("style").and_then(style::kept) {
            self.attribute("style", &style);
        }
        self.out.push('>');
    }

    fn end(&mut self, name: &str) {
        const LOOKED_THROUGH: usize = 64;
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth -= usize::from(skipped == name);
            if *depth == 0 {
                self.skipped = None;
            }
            return;
        }
        let lowest = self.open.len().saturating_sub(LOOKED_THROUGH);
        let is_table = |name: &str| matches!(name, "table" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th");
        let cell = self.open.iter().rposition(|open| matches!(open.name.as_str(), "td" | "th" | "table"));
        // What begins outside a cell does not end in it.
        let lowest = if is_table(name) { lowest } else { lowest.max(cell.unwrap_or(0)) };
        if let Some(at) = self.open[lowest..].iter().rposition(|open| open.name == name) {
            self.close(lowest + at);
        }
    }

    /// Ends the elements from this place in `open` on.
    fn close(&mut self, at: usize) {
        for open in self.open.split_off(at).into_iter().rev() {
            let link = open.link.filter(|(from, address)| !says(&self.out[*from..], address));
            self.out.push_str(&open.end);
            if let Some((_, address)) = link {
                let short = short(&address);
                let shown = beginning(short, SHOWN);
                let more = if address.trim_end_matches('/').ends_with(shown) { "" } else { "…" };
                let _ = write!(self.out, " <small>[{}{more}]</small>", escape(shown));
            }
        }
    }
}

/// The address of a link as it is shown: of the web without a name or password before the host, of mail or a telephone.
fn address(href: &str) -> Option<String> {
    let mut url = Url::parse(href.trim()).ok()?;
    match url.scheme() {
        "http" | "https" => {
            url.set_username("").ok()?;
            url.set_password(None).ok()?;
            Some(url.into())
        }
        "mailto" | "tel" => Some(url.path().to_owned()),
        _ => None,
    }
}

/// Whether the text of a link says already where it leads, or says nothing at all.
fn says(text: &str, address: &str) -> bool {
    let text = short(text.trim());
    text.is_empty() || text == short(&escape(address))
}

/// An address without what all have: host and path.
fn short(address: &str) -> &str {
    let address = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

/// A number, a word, a colour or names of fonts.
fn is_simple(value: &str) -> bool {
    value.len() <= 64 && value.chars().all(|c| c.is_ascii_alphanumeric() || " #%.,-".contains(c))
}
