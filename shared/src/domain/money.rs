//! Amounts of money as whole cents, exact in storage and in JSON.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in cents. In JSON it is a number of dollars with at most two decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Cents(pub i64);

impl Cents {
    /// Largest amount accepted: ten billion dollars, far inside the integers a JSON number keeps exactly.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// The amount a JSON number of dollars stands for, or why it is none.
    ///
    /// A double's shortest text is the decimal its writer meant, for every amount up to [`Cents::MAX`].
    pub fn from_dollars(dollars: f64) -> Result<Self, &'static str> {
        if !dollars.is_finite() || dollars < 0.0 {
            return Err("must be zero or more");
        }
        if dollars > Self::MAX.0 as f64 / 100.0 {
            return Err("must be at most 10000000000");
        }
        let text = format!("{dollars}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if fraction.len() > 2 {
            return Err("must have at most two decimals");
        }
        format!("{whole}{fraction:0<2}").parse().map(Self).map_err(|_| "must be a number of dollars")
    }

    /// Dollars as a JSON number: the division is by a power of ten, so the shortest text of the result is exact.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            serializer.serialize_i64(self.0 / 100)
        } else {
            serializer.serialize_f64(self.dollars())
        }
    }
}

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_dollars(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Type for Cents {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "number_dollars".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("US dollars with at most two decimals."),
            minimum: Some(0.0),
            ..MetaSchema::new("number")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for Cents {
    fn to_json(&self) -> Option<serde_json::Value> {
        serde_json::to_value(self).ok()
    }
}

impl ParseFromJSON for Cents {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        let dollars = value.and_then(|value| value.as_f64()).ok_or_else(|| ParseError::custom("must be a number"))?;
        Self::from_dollars(dollars).map_err(ParseError::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_become_the_cents_their_writer_meant() {
        for (dollars, cents) in [(0.0, 0), (0.1, 10), (49_999.99, 4_999_999), (1e3, 100_000), (8.2e9, 820_000_000_000)]
        {
            assert_eq!(Cents::from_dollars(dollars), Ok(Cents(cents)), "{dollars}");
        }
        for wrong in [12.345, -1.0, f64::NAN, f64::INFINITY, 1e17] {
            assert!(Cents::from_dollars(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn json_shows_whole_dollars_without_decimals_and_cents_exactly() {
        assert_eq!(serde_json::to_string(&Cents(125_000_000)).unwrap(), "1250000");
        assert_eq!(serde_json::to_string(&Cents(4_999_999)).unwrap(), "49999.99");
        assert_eq!(serde_json::to_string(&Cents(10)).unwrap(), "0.1");
    }
}
