//! HTML mail bodies as plain text: block elements become lines, table cells are set apart by tabs, quoted blocks get
//! the `> ` of plain mail, and what a reader would not see is dropped.

use crate::html_entity::decode_entities;

/// Elements that start a new line.
const BLOCKS: &[&str] = &[
    "address", "article", "br", "center", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tbody", "thead", "tr", "ul",
];

/// Elements whose content is never shown.
const HIDDEN: &[&str] = &["head", "noscript", "object", "script", "style", "template", "title"];

/// Elements without an end tag.
const VOID: &[&str] = &["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"];

/// Converts an HTML body to text in one pass over the input.
pub(crate) fn to_text(html: &str) -> String {
    let mut out = Out::default();
    let mut rest = html;
    // Name of the hidden element we are inside of, and how many of that name are open.
    let mut hidden: Option<(String, usize)> = None;
    while !rest.is_empty() {
        let Some(open) = rest.find('<') else {
            if hidden.is_none() {
                out.text(rest);
            }
            break;
        };
        if hidden.is_none() {
            out.text(&rest[..open]);
        }
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let begins_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let Some(close) = tag_end(rest).filter(|_| begins_tag) else {
            // A bare "<", as in "a < b".
            if hidden.is_none() {
                out.text("<");
            }
            rest = &rest[1..];
            continue;
        };
        let tag = Tag::new(&rest[1..close]);
        rest = &rest[close + 1..];
        if let Some((name, depth)) = &mut hidden {
            if *name == tag.name {
                *depth = if tag.ends { *depth - 1 } else { *depth + 1 };
                if *depth == 0 {
                    hidden = None;
                }
            }
        } else if !tag.ends && !VOID.contains(&tag.name.as_str()) && tag.hides() {
            hidden = Some((tag.name, 1));
        } else {
            out.tag(&tag);
        }
    }
    out.finish()
}

/// Position of the `>` that ends the tag, minding quoted attributes of sane length.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate().skip(1).take(8192) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.bytes().take(8192).position(|b| b == b'>')
}

struct Tag {
    name: String,
    attributes: String,
    ends: bool,
}

impl Tag {
    fn new(inner: &str) -> Self {
        let (ends, inner) = inner.strip_prefix('/').map_or((false, inner), |rest| (true, rest));
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        Self { name: inner[..end].to_ascii_lowercase(), attributes: inner[end..].to_ascii_lowercase(), ends }
    }

    fn hides(&self) -> bool {
        HIDDEN.contains(&self.name.as_str())
            || (self.attributes.contains("display:none") || self.attributes.contains("display: none"))
    }
}

#[derive(Default)]
struct Out {
    text: String,
    /// Depth of quoted blocks.
    quotes: usize,
    /// A space is due before the next word.
    space: bool,
    /// Something was written on this line.
    started: bool,
    /// Inside `<pre>`, where line ends count.
    verbatim: bool,
}

impl Out {
    fn text(&mut self, raw: &str) {
        let decoded = decode_entities(raw);
        for c in decoded.chars() {
            if c == '\n' && self.verbatim {
                self.line();
            } else if c.is_whitespace() {
                self.space = true;
            } else if !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}') {
                self.begin();
                if self.space && self.started && !self.text.ends_with('\t') {
                    self.text.push(' ');
                }
                self.space = false;
                self.started = true;
                self.text.push(c);
            }
        }
    }

    fn begin(&mut self) {
        if !self.started {
            for _ in 0..self.quotes.min(20) {
                self.text.push_str("> ");
            }
        }
    }

    fn line(&mut self) {
        if self.started || !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self.started = false;
        self.space = false;
    }

    fn tag(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "td" | "th" if tag.ends && self.started => {
                self.text.push('\t');
                self.space = false;
            }
            "blockquote" => {
                if self.started {
                    self.line();
                }
                self.quotes = if tag.ends { self.quotes.saturating_sub(1) } else { self.quotes + 1 };
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if tag.ends => {
                self.line();
                self.line();
            }
            "br" => self.line(),
            "hr" => {
                if self.started {
                    self.line();
                }
                self.text.push_str("________________________________");
                self.started = true;
                self.line();
            }
            name if BLOCKS.contains(&name) => {
                if name == "pre" {
                    self.verbatim = !tag.ends;
                }
                if self.started {
                    self.line();
                }
                if name == "li" && !tag.ends {
                    self.text("- ");
                    self.space = true;
                }
            }
            _ => {}
        }
    }

    fn finish(self) -> String {
        let mut lines: Vec<&str> = self.text.lines().map(str::trim_end).collect();
        while lines.first().is_some_and(|line| line.is_empty()) {
            lines.remove(0);
        }
        lines.join("\n").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_tabs_and_rows_are_lines() {
        let html = "<table><tr><td>Item</td><td>K7-99X</td></tr><tr><td>Qty</td><td>3</td></tr></table>";
        assert_eq!(to_text(html), "Item\tK7-99X\nQty\t3");
    }

    #[test]
    fn what_a_reader_does_not_see_is_dropped() {
        let html = "<style>p{}</style><div style='display:none'>peek<div>a</div></div><p>Hi&nbsp;&#x27;you&#39;</p>";
        assert_eq!(to_text(html), "Hi 'you'");
    }

    #[test]
    fn quoted_blocks_look_like_plain_quotes() {
        assert_eq!(to_text("ok<blockquote>one<br>two</blockquote>"), "ok\n> one\n> two");
    }

    #[test]
    fn broken_markup_is_text() {
        assert_eq!(to_text("a < b && c <"), "a < b && c <");
        assert_eq!(to_text("<p unterminated"), "<p unterminated");
        assert_eq!(to_text("<script>never closed"), "");
    }
}
