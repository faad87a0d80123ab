//! The attributes of a tag, as a browser tells them apart.

use crate::html_entity::decode_entities;

/// Names in lower case with their values decoded; of a name given twice the first counts.
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// Reads what follows the name of a tag.
    pub fn read(mut rest: &str) -> Self {
        const MOST: usize = 64;
        let separates = |c: char| c.is_ascii_whitespace() || c == '/';
        let mut found = Vec::new();
        while found.len() < MOST {
            rest = rest.trim_start_matches(separates);
            if rest.is_empty() {
                break;
            }
            // A "=" that begins a name belongs to it.
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let ends = |c: char| separates(c) || c == '=';
            let end = rest[first..].find(ends).map_or(rest.len(), |at| first + at);
            let name = rest[..end].to_ascii_lowercase();
            rest = rest[end..].trim_start_matches(|c: char| c.is_ascii_whitespace());
            let mut value = "";
            if let Some(given) = rest.strip_prefix('=') {
                let given = given.trim_start_matches(|c: char| c.is_ascii_whitespace());
                (value, rest) = match given.chars().next() {
                    Some(quote @ ('"' | '\'')) => given[1..].split_once(quote).unwrap_or((&given[1..], "")),
                    _ => given.split_at(given.find(|c: char| c.is_ascii_whitespace()).unwrap_or(given.len())),
                };
            }
            if !found.iter().any(|(known, _)| *known == name) {
                found.push((name, decode_entities(value)));
            }
        }
        Self(found)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A text as it stands in markup, between tags or in quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\0' => {}
            _ => out.push(c),
        }
    }
    out
}
