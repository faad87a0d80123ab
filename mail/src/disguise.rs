//! Takes disguises off text: characters nobody sees, letters of other alphabets that look like Latin ones inside Latin
//! words, and letters in fancy type. What a reader sees is what the rules read.

use std::borrow::Cow;

/// Text as a reader sees it; letters of other alphabets stay as they are in words of their own.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    // Nothing below U+00AD is ever a disguise, nor are the accented letters up to U+02FF.
    if text.is_ascii() || !text.chars().any(|c| c == '\u{ad}' || c >= '\u{300}') {
        return Cow::Borrowed(text);
    }
    let seen: String = text.chars().filter(|c| !is_unseen(*c)).map(plain_type).collect();
    let (mut latin, mut foreign) = (0_usize, 0_usize);
    for c in seen.chars() {
        latin += usize::from(is_latin(c));
        foreign += usize::from(is_foreign(c));
    }
    if foreign == 0 {
        return Cow::Owned(seen);
    }
    // In a Latin text even a word that consists of nothing but look-alikes is one.
    let mostly_latin = latin >= foreign * 4;
    let mut out = String::with_capacity(seen.len());
    let mut word = String::new();
    for c in seen.chars() {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        unmask(&mut out, &word, mostly_latin);
        word.clear();
        out.push(c);
    }
    unmask(&mut out, &word, mostly_latin);
    Cow::Owned(out)
}

fn unmask(out: &mut String, word: &str, mostly_latin: bool) {
    let mixed = word.chars().any(is_foreign)
        && (mostly_latin || word.chars().any(is_latin))
        && word.chars().all(|c| !is_foreign(c) || look_alike(c).is_some());
    if mixed {
        out.extend(word.chars().map(|c| look_alike(c).unwrap_or(c)));
    } else {
        out.push_str(word);
    }
}

/// Soft hyphens, joiners, marks of direction, tags and the like.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Letters and digits of full width or of mathematical type as the plain ones.
fn plain_type(c: char) -> char {
    let code = c as u32;
    let ascii = |first: u8, offset: u32| char::from(first + offset as u8);
    match code {
        0xff01..=0xff5e => ascii(b'!', code - 0xff01),
        0x1d400..=0x1d6a3 => match (code - 0x1d400) % 52 {
            upper @ 0..26 => ascii(b'A', upper),
            lower => ascii(b'a', lower - 26),
        },
        0x1d7ce..=0x1d7ff => ascii(b'0', (code - 0x1d7ce) % 10),
        _ => c,
    }
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c)
}

/// A letter of the Greek, Cyrillic or Armenian alphabet.
fn is_foreign(c: char) -> bool {
    ('\u{370}'..='\u{58f}').contains(&c) && c.is_alphabetic()
}

/// The Latin letter that this one looks like.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' => 'I',
        'Ј' | 'Ϳ' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' | 'Օ' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'У' | 'Υ' => 'Y',
        'Х' | 'Χ' => 'X',
        'Ζ' => 'Z',
        'Ԛ' => 'Q',
        'Ԝ' => 'W',
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' | 'հ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'κ' => 'k',
        'ո' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'ս' | 'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' => 'y',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguised_words_are_read_as_they_look() {
        assert_eq!(plain("ur\u{200b}gent \u{202e}PO\u{202c} 7\u{ad}00\u{2060}12"), "urgent PO 70012");
        // Cyrillic letters within a Latin word, and a word of nothing else in a Latin text.
        assert_eq!(plain("Urg\u{435}nt: our \u{420}\u{41e} 70012 is late"), "Urgent: our PO 70012 is late");
        assert_eq!(plain("ＰＯ ７００１２ 𝐮𝐫𝐠𝐞𝐧𝐭 𝟓"), "PO 70012 urgent 5");
    }

    #[test]
    fn text_in_other_alphabets_stays() {
        for text in ["Срочно: заказ 70012, оплата", "Παραγγελία 70012 για έξι", "Größe “ok” – 5 €", "注文 70012"]
        {
            assert_eq!(plain(text), text);
        }
    }
}
