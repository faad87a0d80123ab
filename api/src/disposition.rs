//! Names under which files from outside are offered: text for people, never a path or a header of the sender's making.

use std::fmt::Write;

/// Characters of a name.
const LONGEST: usize = 150;
/// Characters of its extension that are kept when it is cut.
const EXTENSION: usize = 20;

/// The last part of a claimed path, without what a file system or a reader could be misled by; `otherwise` if nothing is
/// left.
pub(crate) fn file_name(claimed: &str, otherwise: &str) -> String {
    let last = claimed.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = |c: char| match c {
        '"' | '<' | '>' | ':' | '|' | '?' | '*' => '_',
        other => other,
    };
    let name: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).map(clean).collect();
    let name = cut(name.trim_matches(|c: char| c.is_whitespace() || c == '.'));
    if name.is_empty() { otherwise.to_owned() } else { name }
}

/// Marks that turn the direction of text or take no space, so that `exe.txt` may be read where `txt.exe` is written.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension).filter(|e| e.chars().count() <= EXTENSION);
    let Some(extension) = extension else { return name.chars().take(LONGEST).collect() };
    let stem: String = name.chars().take(LONGEST - 1 - extension.chars().count()).collect();
    format!("{stem}.{extension}")
}

/// The value of `Content-Disposition` for a file to be saved, RFC 6266; a name beyond ASCII is given as RFC 8187 has it,
/// with an approximation for those who do not read that.
pub(crate) fn attachment(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut value = format!("attachment; filename=\"{ascii}\"");
    if ascii != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                value.push(byte.into());
            } else {
                let _ = write!(value, "%{byte:02X}");
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_no_header_and_says_what_it_is() {
        let cases = [
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system32\\calc.exe", "calc.exe"),
            ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
            ("in\"voice\".pdf", "in_voice_.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("..", "attachment-0"),
            ("", "attachment-0"),
            ("\u{0}\u{7}", "attachment-0"),
            (".htaccess", "htaccess"),
            (" Angebot für Zoë.xlsx ", "Angebot für Zoë.xlsx"),
        ];
        for (claimed, name) in cases {
            assert_eq!(file_name(claimed, "attachment-0"), name, "{claimed:?}");
        }
        let long = file_name(&format!("{}.pdf", "ü".repeat(5_000)), "");
        assert!(long.ends_with("ü.pdf") && long.chars().count() == LONGEST);
        assert_eq!(file_name(&"x".repeat(5_000), "").len(), LONGEST);
    }

    #[test]
    fn the_header_is_ascii_whatever_the_name() {
        assert_eq!(attachment("quote 1.pdf"), "attachment; filename=\"quote 1.pdf\"");
        assert_eq!(
            attachment("für 100%.pdf"),
            "attachment; filename=\"f_r 100_.pdf\"; filename*=UTF-8''f%C3%BCr%20100%25.pdf"
        );
        assert!(attachment("\r\n\"\\ü🚀").is_ascii() && !attachment("a\r\nb").contains(['\r', '\n']));
    }
}
