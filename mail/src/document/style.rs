//! The style properties that a mail may set: how text and boxes look, never where they stand or what they fetch.

/// Names of properties that are kept.
pub(super) const PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
];

/// The functions that a value may call: colours.
const FUNCTIONS: &[&str] = &["rgb", "rgba", "hsl", "hsla"];

/// The declarations that are kept of a style attribute; `None` if there is none.
pub(super) fn kept(style: &str) -> Option<String> {
    const MOST: usize = 64;
    let mut out = String::new();
    for declaration in style.split(';').take(MOST) {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        let name = name.trim().to_ascii_lowercase();
        // The names of fonts are valid without their quotes.
        let value = value.trim().replace(['"', '\''], "");
        if PROPERTIES.contains(&name.as_str())
            && is_plain(&value)
            && !(name.starts_with("margin") && is_negative(&value))
        {
            if !out.is_empty() {
                out.push(';');
            }
            out.push_str(&name);
            out.push(':');
            out.push_str(&value);
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Whether a value is of words, numbers and colours: no address, no escape, no comment, no other function.
fn is_plain(value: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || " #%.,()-+!_".contains(c);
    if value.is_empty() || value.len() > 200 || !value.chars().all(known) {
        return false;
    }
    value.match_indices('(').all(|(at, _)| {
        let before = &value[..at];
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next();
        name.is_some_and(|name| FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(name)))
    })
}

/// A negative margin moves a box over another.
fn is_negative(value: &str) -> bool {
    value.split(' ').any(|part| part.starts_with('-'))
}
