//! What makes an HTML element invisible: its own style, its colours against what is behind it, its size, and the
//! classes that a style sheet hides.

/// Red, green, blue.
type Rgb = [u8; 3];

/// What an element hands down to those inside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    text: Option<Rgb>,
    /// None behind a picture or a gradient.
    behind: Option<Rgb>,
    tiny: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { text: Some([0, 0, 0]), behind: Some([255, 255, 255]), tiny: false }
    }
}

impl Look {
    /// Whether text of this look can be read.
    pub fn is_legible(&self) -> bool {
        let same = match (self.text, self.behind) {
            (Some(text), Some(behind)) => text.iter().zip(behind).all(|(a, b)| a.abs_diff(b) < 14),
            _ => false,
        };
        !self.tiny && !same
    }

    /// The look inside an element with these attributes, which are in lower case.
    pub fn inside(mut self, attributes: &str) -> Self {
        if let Some(color) = attribute(attributes, "color").and_then(color) {
            self.text = Some(color);
        }
        if let Some(value) = attribute(attributes, "bgcolor") {
            self.behind = color(value);
        }
        if attribute(attributes, "background").is_some_and(|picture| !picture.trim().is_empty()) {
            self.behind = None;
        }
        for (name, value) in declarations(attribute(attributes, "style").unwrap_or_default()) {
            match name {
                "color" if value == "transparent" => self.text = self.behind,
                "color" => self.text = color(value).or(self.text),
                "background-color" | "background" => self.paint(value),
                "background-image" if value != "none" => self.behind = None,
                "font-size" => self.tiny = is_tiny(value),
                _ => {}
            }
        }
        self
    }

    fn paint(&mut self, value: &str) {
        if matches!(value, "none" | "transparent" | "inherit" | "initial" | "unset" | "") {
            return;
        }
        self.behind = color(value).or_else(|| value.split_whitespace().find_map(color));
    }
}

/// Whether an element of these attributes, in lower case, is not shown with all that is in it.
pub(crate) fn hides(attributes: &str, hidden_classes: &[String]) -> bool {
    if has_word(attributes, "hidden") {
        return true;
    }
    if !hidden_classes.is_empty()
        && let Some(classes) = attribute(attributes, "class")
        && classes.split_whitespace().any(|class| hidden_classes.iter().any(|hidden| hidden == class))
    {
        return true;
    }
    attribute(attributes, "style").is_some_and(style_hides)
}

fn style_hides(style: &str) -> bool {
    let (mut no_size, mut cut_off) = (false, false);
    for (name, value) in declarations(style) {
        let number = number(value);
        let hidden = match name {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "opacity" => number.is_some_and(|share| share < 0.05),
            "left" | "top" | "text-indent" | "margin-left" | "margin-top" => number.is_some_and(|at| at <= -900.0),
            _ => false,
        };
        if hidden {
            return true;
        }
        no_size |= matches!(name, "height" | "max-height" | "width" | "max-width") && number.is_some_and(|n| n < 1.5);
        cut_off |= name == "overflow" && value == "hidden";
    }
    no_size && cut_off
}

/// Class names that a style sheet hides on any screen.
pub(crate) fn hidden_classes(sheet: &str) -> Vec<String> {
    const MOST: usize = 100;
    let lower = sheet.to_ascii_lowercase();
    let (mut found, mut rest) = (Vec::new(), lower.as_str());
    while let Some(open) = rest.find('{') {
        let prelude = rest[..open].rsplit(['}', ';', '>']).next().unwrap_or_default().trim();
        rest = &rest[open + 1..];
        if prelude.starts_with('@') {
            // What holds on some screens only is skipped, with the rules in it.
            let mut depth = 1;
            let end = rest.bytes().position(|byte| {
                depth += match byte {
                    b'{' => 1,
                    b'}' => -1,
                    _ => 0,
                };
                depth == 0
            });
            rest = end.map_or("", |end| &rest[end + 1..]);
            continue;
        }
        let end = rest.find('}').unwrap_or(rest.len());
        if style_hides(&rest[..end]) {
            let simple = prelude.split(',').filter_map(|selector| selector.trim().rsplit_once('.'));
            let names = simple.map(|(_, name)| name).filter(|name| !name.contains([' ', ':', '[', '#']));
            found.extend(names.map(str::to_owned));
        }
        rest = &rest[end..];
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// The value of an attribute in what follows a tag's name; all in lower case.
pub(crate) fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(at) = attributes[from..].find(name).map(|at| at + from) {
        from = at + name.len();
        let begins = at == 0 || attributes[..at].ends_with(|c: char| c.is_whitespace() || "\"'/".contains(c));
        let Some(value) = attributes[from..].trim_start().strip_prefix('=').filter(|_| begins) else { continue };
        let value = value.trim_start();
        return Some(match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default(),
        });
    }
    None
}

/// Whether a bare attribute is among these.
fn has_word(attributes: &str, name: &str) -> bool {
    attributes.contains(name)
        && attributes.split_whitespace().any(|word| word.trim_end_matches('/') == name || word.starts_with("hidden="))
}

fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    style.split(';').filter_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        // What follows is "important", with or without blanks.
        Some((name.trim(), value.split('!').next().unwrap_or_default().trim()))
    })
}

fn number(value: &str) -> Option<f32> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(value.len());
    value[..end].parse().ok()
}

fn is_tiny(size: &str) -> bool {
    let Some(number) = number(size) else { return false };
    if size.ends_with("em") {
        number <= 0.1
    } else if size.ends_with('%') {
        number <= 10.0
    } else {
        number <= 1.5
    }
}

fn color(value: &str) -> Option<Rgb> {
    let value = value.trim();
    if let Some(hex) = value.strip_prefix('#') {
        let digit = |at: usize| hex.get(at..=at).and_then(|digit| u8::from_str_radix(digit, 16).ok());
        return match hex.len() {
            3 | 4 => Some([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17]),
            6 | 8 => Some([digit(0)? * 16 + digit(1)?, digit(2)? * 16 + digit(3)?, digit(4)? * 16 + digit(5)?]),
            _ => None,
        };
    }
    if let Some(list) = value.strip_prefix("rgb").and_then(|rest| rest.trim_start_matches('a').strip_prefix('(')) {
        let mut parts = list.split([',', ' ', ')', '/']).filter_map(|part| part.trim().parse::<f32>().ok());
        let mut next = || parts.next().map(|part| part.clamp(0.0, 255.0) as u8);
        return Some([next()?, next()?, next()?]);
    }
    NAMED.iter().find(|(name, _)| *name == value).map(|(_, color)| *color)
}

/// Colours by name that mail uses.
const NAMED: &[(&str, Rgb)] = &[
    ("white", [255, 255, 255]),
    ("snow", [255, 250, 250]),
    ("ivory", [255, 255, 240]),
    ("whitesmoke", [245, 245, 245]),
    ("ghostwhite", [248, 248, 255]),
    ("floralwhite", [255, 250, 240]),
    ("windowtext", [0, 0, 0]),
    ("black", [0, 0, 0]),
    ("window", [255, 255, 255]),
    ("gray", [128, 128, 128]),
    ("grey", [128, 128, 128]),
    ("silver", [192, 192, 192]),
    ("red", [255, 0, 0]),
    ("green", [0, 128, 0]),
    ("blue", [0, 0, 255]),
    ("navy", [0, 0, 128]),
    ("yellow", [255, 255, 0]),
    ("orange", [255, 165, 0]),
    ("purple", [128, 0, 128]),
    ("teal", [0, 128, 128]),
    ("maroon", [128, 0, 0]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn legible(outer: &str, inner: &str) -> bool {
        Look::default().inside(outer).inside(inner).is_legible()
    }

    #[test]
    fn text_is_legible_against_what_is_behind_it() {
        assert!(!legible("", "style=\"color:#fff\""));
        assert!(!legible("", "color=white"));
        assert!(!legible("", "style='color: rgb(254, 255, 253)'"));
        assert!(!legible("bgcolor=\"#222222\"", "style=\"color:#232323\""));
        assert!(legible("style=\"background-color:#0a66c2\"", "style=\"color:#fff\""));
        assert!(legible("style=\"background:url(x) no-repeat\"", "style=\"color:#fff\""));
        assert!(legible("style=\"color:#fff\"", "style=\"color:#000\""));
        assert!(!legible("", "style=\"font-size:0\""));
        assert!(!legible("", "style=\"font-size: 1px;\""));
        assert!(legible("style=\"font-size:0px\"", "style=\"font-size:14px\""));
    }

    #[test]
    fn an_element_is_hidden_by_style_attribute_or_class() {
        for attributes in [
            " style=\"display: none !important\"",
            " style='visibility:hidden'",
            " style=\"max-height:0px;overflow:hidden\"",
            " style=\"position:absolute;left:-9999px\"",
            " style=\"opacity:0\"",
            " hidden",
            " class=\"a gone\"",
        ] {
            assert!(hides(attributes, &["gone".to_owned()]), "{attributes}");
        }
        assert!(!hides(" style=\"display:block\" class=\"b\"", &["gone".to_owned()]));
        let sheet = "<!-- p{x:y} .gone, td.pre { display:none } @media print { .page { display:none } } .k{color:red}";
        assert_eq!(hidden_classes(sheet), ["gone", "pre"]);
    }
}
