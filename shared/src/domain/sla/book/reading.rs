//! Walks a JSON document and gathers what is wrong with it.

use serde_json::{Map, Value};

use super::Fault;
use super::spelling::nearest;

/// Faults that are told of one document: nobody reads more, and they are longer than what they are about.
const MOST_FAULTS: usize = 1_000;

/// What was found so far.
#[derive(Default)]
pub(super) struct Faults {
    told: Vec<Fault>,
    untold: usize,
}

impl Faults {
    pub(super) fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        if self.told.len() < MOST_FAULTS {
            self.told.push(Fault { pointer: pointer.into(), detail: detail.into() });
        } else {
            self.untold += 1;
        }
    }

    pub(super) fn into_list(mut self) -> Vec<Fault> {
        if self.untold > 0 {
            let detail = format!("has {} more faults", self.untold);
            self.told.push(Fault { pointer: String::new(), detail });
        }
        self.told
    }

    /// The value, or `None` after its fault was noted.
    pub(super) fn take<T>(&mut self, pointer: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|detail| self.add(pointer, detail)).ok()
    }
}

/// The fields of an object.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    at: String,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// `None`, and noted, if it is no object.
    pub(super) fn of(value: &'a Value, at: String, faults: &mut Faults) -> Option<Self> {
        let Some(map) = value.as_object() else {
            faults.add(at, "must be an object");
            return None;
        };
        Some(Self { map, at, known: Vec::new() })
    }

    /// The pointer to a field.
    pub(super) fn pointer(&self, name: &str) -> String {
        step(&self.at, name)
    }

    /// A field; `None` if it is absent.
    pub(super) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.map.get(name)
    }

    /// A field that may be absent: `None` if anything is wrong with it.
    pub(super) fn part<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value, &str) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.get(name) {
            None => Some(None),
            Some(value) => read(value, &self.pointer(name)).map(Some),
        }
    }

    /// A field that must be there.
    pub(super) fn required(&mut self, name: &'static str, why: &str, faults: &mut Faults) -> Option<&'a Value> {
        let value = self.get(name);
        if value.is_none() {
            faults.add(self.pointer(name), format!("is required{why}"));
        }
        value
    }

    /// Notes the fields that nobody asked for.
    pub(super) fn end(self, faults: &mut Faults) {
        for name in self.map.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let shown: String = name.chars().take(60).collect();
            let hint = nearest(name, self.known.iter().copied()).map(|near| format!("; did you mean {near}?"));
            let detail = format!("is not a known field{}", hint.unwrap_or_default());
            faults.add(step(&self.at, &shown), detail);
        }
    }
}

/// The pointer to something below another.
pub(super) fn step(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Items of a list with their pointers; nothing, and noted, if it is none or too long.
pub(super) fn list<'a>(
    value: &'a Value,
    at: &str,
    most: usize,
    faults: &mut Faults,
) -> Option<Vec<(String, &'a Value)>> {
    let Some(items) = value.as_array() else {
        faults.add(at, "must be a list");
        return None;
    };
    if items.len() > most {
        faults.add(at, format!("must have at most {most} items"));
        return None;
    }
    Some(items.iter().enumerate().map(|(index, item)| (step(at, &index.to_string()), item)).collect())
}

/// Text that says something, of at most so many characters.
pub(super) fn line(value: &Value, longest: usize) -> Result<String, String> {
    let text = value.as_str().ok_or("must be text")?;
    if text.trim().is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("must be at most {longest} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A name that can stand in a path.
pub(super) fn name(text: &str) -> Result<(), String> {
    line(&Value::from(text), super::LONGEST_NAME)?;
    if text.trim() != text {
        return Err("must not begin or end with a space".to_owned());
    }
    if text.contains('/') {
        return Err("must not contain a slash".to_owned());
    }
    Ok(())
}

pub(super) fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().filter(|_| value.is_number()).ok_or_else(|| "must be a number".to_owned())
}

pub(super) fn flag(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}
