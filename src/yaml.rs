//! YAML as JSON, with the place of everything in it, so that whoever wrote it is told where to look.
//!
//! What has no meaning in JSON is refused rather than guessed: tags, keys that are no text, a key twice, a second document.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Map, Number, Value};

/// Values in one document, those that aliases repeat included.
const MOST: usize = 200_000;
/// Lists and mappings inside each other.
const DEEPEST: usize = 64;

/// A place in a file, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl From<&Marker> for Place {
    fn from(marker: &Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// Something that is no YAML we read.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where.
    pub place: Place,
    /// Why.
    pub detail: String,
}

impl From<ScanError> for Malformed {
    fn from(error: ScanError) -> Self {
        Self { place: error.marker().into(), detail: error.info().to_owned() }
    }
}

/// A document, and where its parts are.
#[derive(Debug)]
pub struct Placed {
    /// The document.
    pub value: Value,
    places: HashMap<String, Place>,
}

impl Placed {
    /// The place of what a JSON pointer names, or of the nearest thing around it that is there.
    pub fn place(&self, pointer: &str) -> Place {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return *place;
            }
            let Some((outer, _)) = pointer.rsplit_once('/') else { return Place { line: 1, column: 1 } };
            pointer = outer;
        }
    }
}

/// Reads one document.
///
/// # Errors
/// The first thing that cannot be read.
pub fn read(text: &str) -> Result<Placed, Malformed> {
    let mut reader =
        Reader { parser: Parser::new_from_str(text), places: HashMap::new(), anchors: HashMap::new(), left: MOST };
    let value = reader.document()?;
    Ok(Placed { value, places: reader.places })
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    places: HashMap<String, Place>,
    anchors: HashMap<usize, Value>,
    left: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Place), Malformed> {
        match self.parser.next_event() {
            Some(Ok((event, Span { start, .. }))) => Ok((event, Place::from(&start))),
            Some(Err(error)) => Err(error.into()),
            None => Ok((Event::StreamEnd, Place { line: 1, column: 1 })),
        }
    }

    fn document(&mut self) -> Result<Value, Malformed> {
        let mut document = None;
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(document.unwrap_or(Value::Null)),
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                _ if document.is_some() => return Err(malformed(place, "a second document begins")),
                event => {
                    self.places.insert(String::new(), place);
                    document = Some(self.value(event, place, "", 0)?);
                }
            }
        }
    }

    fn value(&mut self, event: Event<'a>, place: Place, at: &str, depth: usize) -> Result<Value, Malformed> {
        self.count(1, place)?;
        if depth > DEEPEST {
            return Err(malformed(place, format!("is nested deeper than {DEEPEST}")));
        }
        let (anchor, value) = match event {
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let value = known.ok_or_else(|| malformed(place, "an alias inside of what it means"))?;
                self.count(size(&value), place)?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(tag.is_some(), place)?;
                (anchor, scalar(text, style))
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(tag.is_some(), place)?;
                (anchor, self.list(at, depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(tag.is_some(), place)?;
                (anchor, self.mapping(at, depth)?)
            }
            _ => return Err(malformed(place, "a value is missing")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn list(&mut self, at: &str, depth: usize) -> Result<Value, Malformed> {
        let mut items = Vec::new();
        loop {
            let (event, place) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Value::Array(items));
            }
            let at = format!("{at}/{}", items.len());
            self.places.insert(at.clone(), place);
            items.push(self.value(event, place, &at, depth + 1)?);
        }
    }

    fn mapping(&mut self, at: &str, depth: usize) -> Result<Value, Malformed> {
        let mut map = Map::new();
        loop {
            let (event, place) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Value::Object(map)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(malformed(place, "a key must be text")),
            };
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            if map.contains_key(&key) {
                let first = self.places[&at];
                return Err(malformed(place, format!("the key {key} is there already, at {first}")));
            }
            self.places.insert(at.clone(), place);
            let (event, place) = self.next()?;
            let value = self.value(event, place, &at, depth + 1)?;
            map.insert(key, value);
        }
    }

    fn count(&mut self, values: usize, place: Place) -> Result<(), Malformed> {
        self.left = self.left.checked_sub(values).ok_or_else(|| malformed(place, "the document is too large"))?;
        Ok(())
    }
}

fn malformed(place: Place, detail: impl Into<String>) -> Malformed {
    Malformed { place, detail: detail.into() }
}

fn refuse_tag(is_tagged: bool, place: Place) -> Result<(), Malformed> {
    if is_tagged { Err(malformed(place, "tags such as !!str are not read; quote what is text")) } else { Ok(()) }
}

/// The value that plain text stands for in the core schema of YAML 1.2; quoted text is text.
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.into_owned());
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        plain => number(plain).map_or_else(|| Value::String(plain.to_owned()), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

/// How many values it is made of.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_is_found_at_its_place() {
        let text = "calendars:\n  office: &week\n    zone: Europe/Berlin\n    week: {mon: [09:00-12:00, '13:00-17:00']}\n    \
                    exceptions:\n      2026-12-25: []\n  other: *week\npolicies:\n  - name: A # the first\n    hours: 8\n    \
                    half: 0.5\n    text: \"8\"\n    off: no\n";
        let read = read(text).unwrap();
        let office = json!({"zone": "Europe/Berlin", "week": {"mon": ["09:00-12:00", "13:00-17:00"]},
                            "exceptions": {"2026-12-25": []}});
        let policy = json!({"name": "A", "hours": 8, "half": 0.5, "text": "8", "off": "no"});
        assert_eq!(read.value, json!({"calendars": {"office": office, "other": office}, "policies": [policy]}));
        for (pointer, line, column) in [
            ("", 1, 1),
            ("/calendars/office/zone", 3, 5),
            ("/calendars/office/week/mon/1", 4, 31),
            ("/calendars/office/exceptions/2026-12-25", 6, 7),
            ("/calendars/other/zone", 7, 3),
            ("/policies/0", 9, 5),
            ("/policies/0/resolution_hours", 9, 5),
            ("/policies/0/half", 11, 5),
            ("/elsewhere", 1, 1),
        ] {
            assert_eq!(read.place(pointer), Place { line, column }, "{pointer}");
        }
    }

    #[test]
    fn what_json_has_no_meaning_for_is_refused_at_its_place() {
        for (text, place, words) in [
            ("a: 1\nb: 2\na: 3\n", "3:1", "there already, at 1:1"),
            ("a: !!str 8\n", "1:4", "tags"),
            ("? [a]\n: 1\n", "1:3", "a key must be text"),
            ("a: 1\n---\nb: 2\n", "3:1", "second document"),
            ("a: [1, 2\nb: 3\n", "2:2", ""),
            ("a: &x [*x]\n", "1:8", "alias"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.detail.contains(words), "{text}: {error:?}");
            assert_eq!(error.place.to_string(), place, "{text}: {error:?}");
        }
        let bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c \
                    [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e \
                    [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e]\n";
        assert!(read(bomb).unwrap_err().detail.contains("too large"));
        assert!(read(&"[".repeat(100)).unwrap_err().detail.contains("deeper"));
    }
}
