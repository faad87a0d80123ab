//! What a reader of bodies takes, found by asking it: the generator sees the type that documents a body, not the reader
//! that judges it, and two truths drift apart.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::{Map, Value, json};

use crate::body::{Fields, FromFields};
use crate::problem::Issue;

/// Stands for the type no value has: the generator cannot say that further fields are refused.
pub(super) const NOTHING: &str = "nothing";
/// Texts longer than this count as unlimited.
const LONGEST_TEXT: usize = 1 << 17;
/// Lists longer than this count as unlimited.
const LONGEST_LIST: usize = 1 << 14;

/// Writes into the registered schema of `T` where null is taken, which texts must say something, and how long texts and
/// lists may be.
pub(crate) fn measure<T: FromFields>(registry: &mut Registry) {
    measure_object::<T>(registry, &T::Schema::name(), None);
}

fn measure_object<T: FromFields>(registry: &mut Registry, name: &str, outer: Option<&'static str>) {
    let Some(schema) = registry.schemas.get(name).filter(|schema| schema.ty == "object") else { return };
    let mut properties = schema.properties.clone();
    for (field, property) in &mut properties {
        let reader = Reader { outer, field };
        if let (None, Some(inner)) = (outer, reference(property)) {
            let inner = inner.to_owned();
            measure_object::<T>(registry, &inner, Some(field));
        }
        if let MetaSchemaRef::Inline(schema) = property {
            reader.limit::<T>(schema, registry);
        }
        if reader.takes::<T>(Value::Null) {
            *property = MetaSchemaRef::Inline(Box::new(nullable(property)));
        }
    }
    if let Some(schema) = registry.schemas.get_mut(name) {
        schema.properties = properties;
        schema.additional_properties = Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::new(NOTHING)))));
    }
}

/// The schema that a property is, alone or with a description.
fn reference(property: &MetaSchemaRef) -> Option<&str> {
    match property {
        MetaSchemaRef::Reference(name) => Some(name),
        MetaSchemaRef::Inline(schema) => schema.all_of.iter().find_map(|part| match part {
            MetaSchemaRef::Reference(name) => Some(name.as_str()),
            MetaSchemaRef::Inline(_) => None,
        }),
    }
}

fn nullable(property: &MetaSchemaRef) -> MetaSchema {
    match property {
        MetaSchemaRef::Inline(schema) => MetaSchema { nullable: true, ..(**schema).clone() },
        MetaSchemaRef::Reference(_) => MetaSchema { all_of: vec![property.clone()], nullable: true, ..MetaSchema::ANY },
    }
}

/// One field of a body, or of an object in it.
#[derive(Clone, Copy)]
struct Reader {
    outer: Option<&'static str>,
    field: &'static str,
}

impl Reader {
    /// Whether nothing is wrong with the field because of this value.
    fn takes<T: FromFields>(self, value: Value) -> bool {
        let before = self.issues::<T>(None);
        self.issues::<T>(Some(value)).iter().all(|issue| before.contains(issue))
    }

    /// What is wrong with the field, or with what it stands in.
    fn issues<T: FromFields>(self, value: Option<Value>) -> Vec<Issue> {
        let inner: Map<String, Value> = value.into_iter().map(|value| (self.field.to_owned(), value)).collect();
        let body = match self.outer {
            None => inner,
            Some(outer) => Map::from_iter([(outer.to_owned(), Value::Object(inner))]),
        };
        let mut fields = Fields::of(body);
        T::read(&mut fields);
        let place = format!("/{}", self.outer.unwrap_or(self.field));
        fields.issues.into_iter().filter(|issue| issue.pointer.starts_with(&place)).collect()
    }

    fn limit<T: FromFields>(self, schema: &mut MetaSchema, registry: &Registry) {
        match schema.ty {
            "string" if schema.enum_items.is_empty() && schema.format.is_none() => {
                self.limit_text::<T>(schema, &|text| text);
            }
            "array" => self.limit_list::<T>(schema, registry),
            _ => {}
        }
    }

    fn limit_text<T: FromFields>(self, schema: &mut MetaSchema, wrap: &dyn Fn(Value) -> Value) {
        let text = |length: usize| wrap(json!("x".repeat(length)));
        if !self.takes::<T>(text(1)) {
            return;
        }
        if !self.takes::<T>(wrap(json!(" "))) {
            schema.pattern = Some("\\S".to_owned());
            schema.min_length = Some(1);
        }
        schema.max_length = longest(LONGEST_TEXT, |length| self.takes::<T>(text(length)));
    }

    fn limit_list<T: FromFields>(self, schema: &mut MetaSchema, registry: &Registry) {
        let Some(items) = &mut schema.items else { return };
        let item: Cow<'_, Value> = match &mut **items {
            MetaSchemaRef::Inline(item) if item.ty == "string" => {
                self.limit_text::<T>(item, &|text| json!([text]));
                Cow::Owned(json!("1"))
            }
            MetaSchemaRef::Reference(name) => {
                match registry.schemas.get(name.as_str()).and_then(|schema| schema.enum_items.first()) {
                    Some(first) => Cow::Borrowed(first),
                    None => return,
                }
            }
            MetaSchemaRef::Inline(_) => return,
        };
        if self.takes::<T>(json!([&*item])) {
            schema.max_items = longest(LONGEST_LIST, |length| self.takes::<T>(json!(vec![&*item; length])));
        }
    }
}

/// The greatest length that is taken, if there is one below `most`.
fn longest(most: usize, takes: impl Fn(usize) -> bool) -> Option<usize> {
    if takes(most) {
        return None;
    }
    let (mut good, mut bad) = (1, most);
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        if takes(middle) { good = middle } else { bad = middle }
    }
    Some(good)
}
