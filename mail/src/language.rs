//! The language of a text, told by its function words.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fold::Folded;
use crate::model::ByWord;

/// A language mail is read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, and what cannot be told.
    #[default]
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// German.
    German,
}

impl Language {
    /// ISO 639-1 code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::German => "de",
        }
    }
}

const WORDS: &[(Language, &str)] = &[
    (
        Language::English,
        "the and to of is in for you we our your this that it on with are be have please was not can will i at from by as",
    ),
    (
        Language::Spanish,
        "el la los las de que y en un una por para con del se su al lo es nos le les favor gracias buenos dias hola como mas pero esta este ya hay sin no",
    ),
    (
        Language::French,
        "le la les des de du et en un une pour que qui dans sur avec est nous vous votre notre bonjour merci pas ce cette au aux par ne je sont il cordialement suite",
    ),
    (
        Language::German,
        "der die das und in den von zu mit ist nicht ein eine fur auf wir sie ihr ihre im dem es bitte uns noch haben hallo sehr geehrte auch bei wird gruss grusse danke ich am bis zur zum",
    ),
];

static INDEX: LazyLock<HashMap<&'static str, Vec<Language>, ByWord>> = LazyLock::new(|| {
    let mut index: HashMap<&str, Vec<Language>, ByWord> = HashMap::default();
    for (language, words) in WORDS {
        for word in words.split(' ') {
            index.entry(word).or_default().push(*language);
        }
    }
    index
});

/// The language a text is told to be in by its function words.
pub fn language(text: &str) -> Language {
    of(&Folded::new(text))
}

/// The language most function words belong to; a word of several languages counts less for each.
pub(crate) fn of(text: &Folded) -> Language {
    let mut scores =
        [(Language::English, 0.0_f32), (Language::Spanish, 0.0), (Language::French, 0.0), (Language::German, 0.0)];
    for word in text.text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(400) {
        if let Some(languages) = INDEX.get(word) {
            for (language, score) in &mut scores {
                if languages.contains(language) {
                    *score += 1.0 / languages.len() as f32;
                }
            }
        }
    }
    // English first: of equal scores it wins.
    scores.iter().fold((Language::English, 0.0), |best, next| if next.1 > best.1 { *next } else { best }).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_languages_are_told_apart() {
        for (text, language) in [
            ("Please confirm the delivery date for our order.", Language::English),
            ("¿Nos puede confirmar la fecha de entrega del pedido, por favor?", Language::Spanish),
            ("Pourriez-vous nous confirmer la date de livraison de notre commande ?", Language::French),
            ("Können Sie uns bitte den Liefertermin für die Bestellung nennen?", Language::German),
            ("4711", Language::English),
        ] {
            assert_eq!(of(&Folded::new(text)), language, "{text}");
        }
    }
}
