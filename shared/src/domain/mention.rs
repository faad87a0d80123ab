//! Whom a text mentions.

/// People one comment may mention.
pub const MOST: usize = 50;

/// Characters of a name.
const NAME: usize = 200;

/// The people a text mentions, in the order of their first mention, each once; at most one more than [`MOST`].
///
/// `@ana` and `@ana.ruiz` are a word of letters, digits and `_.+-` that ends in a letter, a digit or `_`;
/// `@ana.ruiz@example.com` is an address; `@"Ana Ruiz"` is anything up to the next quote on the line. The `@` stands at
/// the beginning, after white space or after an opening bracket, a quote or a comma, so that neither the address
/// `a@b.example` nor a URL mentions anybody. Names are compared as they are spelled.
pub fn mentions(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('@').map(|at| from + at) {
        from = at + 1;
        if found.len() > MOST || !may_follow(&text[..at]) {
            continue;
        }
        let after = &text[from..];
        let Some(name) = quoted(after).or_else(|| bare(after)) else { continue };
        from += after.find(name).unwrap_or_default() + name.len();
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    found
}

/// Whether this can be somebody's name: 1 to 200 characters, no control characters, no white space around it.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && text.chars().count() <= NAME && !text.chars().any(char::is_control)
}

/// Whether an `@` after this begins a mention. A straight quote has to be an opening one: `"a b"@b.example` is an address.
fn may_follow(before: &str) -> bool {
    let opens = |c: char| c.is_whitespace() || "([{<*,;!?“‘«„—–¿¡".contains(c);
    let mut backwards = before.chars().rev();
    match backwards.next() {
        Some('"' | '\'') => backwards.next().is_none_or(opens),
        last => last.is_none_or(opens),
    }
}

/// The name in quotes at the beginning.
fn quoted(after: &str) -> Option<&str> {
    let inner = after.strip_prefix('"')?;
    // A quote that is not closed nearby is none.
    let (end, _) = inner.char_indices().take(NAME + 1).find(|(_, c)| *c == '"')?;
    Some(inner[..end].trim()).filter(|name| is_name(name) && name.chars().any(is_letter))
}

/// The word or address at the beginning.
fn bare(after: &str) -> Option<&str> {
    let word = leading(after, |c| is_letter(c) || "_.+-".contains(c));
    if !word.chars().next().is_some_and(|c| is_letter(c) || c == '_') {
        return None;
    }
    let name = match after[word.len()..].strip_prefix('@').map(domain) {
        Some(domain) if !domain.is_empty() => &after[..word.len() + 1 + domain.len()],
        _ => word.trim_end_matches(['.', '+', '-']),
    };
    Some(name).filter(|name| is_name(name))
}

/// The name of a host with a dot in it at the beginning; empty if there is none.
fn domain(text: &str) -> &str {
    let host = leading(text, |c| is_letter(c) || c == '.' || c == '-').trim_end_matches(['.', '-']);
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    if host.contains('.') && host.split('.').all(is_label) { host } else { "" }
}

fn leading(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !belongs(c)).unwrap_or(text.len())]
}

/// A letter or digit of any script, with the marks that decomposed accents are made of.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_addresses_and_quoted_names_are_mentions() {
        let cases: [(&str, &[&str]); 12] = [
            ("@ana", &["ana"]),
            ("ask @ana.ruiz, @ben_2 and (@cy-k).", &["ana.ruiz", "ben_2", "cy-k"]),
            ("mail @ana.ruiz@example.com.", &["ana.ruiz@example.com"]),
            ("cc @\"Ana Ruiz\" please", &["Ana Ruiz"]),
            ("@\"Ana Ruiz\"@\"Ben\"", &["Ana Ruiz"]),
            ("@ana @Ana @ana", &["ana", "Ana"]),
            ("@Zoë @Zoe\u{308} @王芳 @Ольга", &["Zoë", "Zoe\u{308}", "王芳", "Ольга"]),
            ("@ana@localhost", &["ana"]),
            ("@ana@-x.example", &["ana"]),
            ("@ana... @ben- \"@cy\"", &["ana", "ben", "cy"]),
            ("@ana\n@ben\t@cy\u{a0}@di", &["ana", "ben", "cy", "di"]),
            ("@\" Ana \"", &["Ana"]),
        ];
        for (text, names) in cases {
            assert_eq!(mentions(text), names, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_mention_is_none() {
        for text in [
            "",
            "@",
            "@@@@",
            "a@b.example",
            "ana.ruiz@example.com",
            "see https://user:secret@host.example/@ana",
            "1@2",
            "x.@ana",
            "@.ana",
            "@-",
            "@ ana",
            "@\"\"",
            "@\"   \"",
            "@\"not closed",
            "@\"two\nlines\"",
            "@\"bell\u{7}\"",
            "@\"@\"",
            "\"a b\"@b.example",
            "\u{0}@",
            "@\u{202e}",
            "<script>alert('a@b')</script>",
        ] {
            assert_eq!(mentions(text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn a_name_has_at_most_200_characters() {
        let name = |length: usize| "ü".repeat(length);
        assert_eq!(mentions(&format!("@{}", name(200))), [name(200)]);
        assert_eq!(mentions(&format!("@\"{}\"", name(200))), [name(200)]);
        assert!(mentions(&format!("@{}", name(201))).is_empty());
        assert!(mentions(&format!("@\"{}\"", name(201))).is_empty());
        assert!(mentions(&format!("@a@{}.example", name(200))).is_empty());
    }

    #[test]
    fn a_flood_of_mentions_is_cut_and_costs_no_more_than_reading() {
        let flood = (0..100_000).map(|n| format!("@n{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(mentions(&flood).len(), MOST + 1);
        assert!(mentions(&"@\"".repeat(100_000)).is_empty());
        assert!(mentions(&"@".repeat(1_000_000)).is_empty());
    }
}
