//! What a newer document takes away from those who rely on an older one. What it adds is no matter.

mod shape;

use std::collections::BTreeSet;

use serde_json::Value;

use self::shape::{Shape, is_required, kind_of, members, name_of, named, parameters_of, required, resolved, values_of};

/// Who has to understand a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The server: it must go on taking what it took.
    In,
    /// The client: it must go on getting what it got.
    Out,
}

/// Limits of requests, and whether a greater number allows more.
const LIMITS: [(&str, bool); 7] = [
    ("maximum", true),
    ("maxLength", true),
    ("maxItems", true),
    ("minimum", false),
    ("minLength", false),
    ("minItems", false),
    ("minProperties", false),
];

/// One line for each thing that is gone or narrower, with a pointer to it.
pub fn changes(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, seen: BTreeSet::new(), found: Vec::new() };
    comparison.paths();
    comparison.found
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    /// Pairs of named schemas that are compared already, for each way.
    seen: BTreeSet<(String, String, bool)>,
    found: Vec<String>,
}

impl<'a> Comparison<'a> {
    fn tell(&mut self, pointer: &str, what: impl AsRef<str>) {
        self.found.push(format!("{pointer}: {}", what.as_ref()));
    }

    fn paths(&mut self) {
        let (old, new) = (self.old, self.new);
        for (path, item) in members(&old["paths"]) {
            let at = format!("/paths/{}", path.replace('~', "~0").replace('/', "~1"));
            let Some(now) = new["paths"].get(path) else {
                self.tell(&at, "the path is gone");
                continue;
            };
            for (method, operation) in members(item) {
                match now.get(method) {
                    None => self.tell(&format!("{at}/{method}"), "the operation is gone"),
                    Some(now) => self.operation(&format!("{at}/{method}"), operation, now),
                }
            }
        }
    }

    fn operation(&mut self, at: &str, old: &'a Value, new: &'a Value) {
        if old["operationId"] != new["operationId"] {
            self.tell(&format!("{at}/operationId"), format!("was {}, is {}", old["operationId"], new["operationId"]));
        }
        self.parameters(&format!("{at}/parameters"), old, new);
        self.body(&format!("{at}/requestBody"), &old["requestBody"], &new["requestBody"]);
        for (status, response) in members(&old["responses"]) {
            let at = format!("{at}/responses/{status}");
            match new["responses"].get(status) {
                None => self.tell(&at, "the status is gone"),
                Some(now) => self.response(&at, response, now),
            }
        }
    }

    fn parameters(&mut self, at: &str, old: &'a Value, new: &'a Value) {
        let (before, now) = (parameters_of(old, self.old), parameters_of(new, self.new));
        for old in &before {
            let at = format!("{at}/{}", name_of(old));
            match now.iter().find(|new| name_of(new) == name_of(old)) {
                None => self.tell(&at, "the parameter is gone"),
                Some(new) => {
                    if is_required(new) && !is_required(old) {
                        self.tell(&at, "is required now");
                    }
                    self.schema(&format!("{at}/schema"), &old["schema"], &new["schema"], Way::In);
                }
            }
        }
        for new in now.iter().filter(|new| is_required(new)) {
            if !before.iter().any(|old| name_of(old) == name_of(new)) {
                self.tell(&format!("{at}/{}", name_of(new)), "is new and required");
            }
        }
    }

    fn body(&mut self, at: &str, old: &'a Value, new: &'a Value) {
        if is_required(new) && !is_required(old) {
            self.tell(at, "is required now");
        }
        for (media, content) in members(&old["content"]) {
            let at = format!("{at}/content/{}", media.replace('/', "~1"));
            match new["content"].get(media) {
                None => self.tell(&at, "the media type is gone"),
                Some(now) => self.schema(&format!("{at}/schema"), &content["schema"], &now["schema"], Way::In),
            }
        }
    }

    fn response(&mut self, at: &str, old: &'a Value, new: &'a Value) {
        let (old, new) = (resolved(old, self.old), resolved(new, self.new));
        for (header, _) in members(&old["headers"]) {
            if new["headers"].get(header).is_none() {
                self.tell(&format!("{at}/headers/{header}"), "the header is gone");
            }
        }
        for (media, content) in members(&old["content"]) {
            let at = format!("{at}/content/{}", media.replace('/', "~1"));
            match new["content"].get(media) {
                None => self.tell(&at, "the media type is gone"),
                Some(now) => self.schema(&format!("{at}/schema"), &content["schema"], &now["schema"], Way::Out),
            }
        }
    }

    fn schema(&mut self, at: &str, old: &'a Value, new: &'a Value, way: Way) {
        let (before, now) = (Shape::of(old, self.old), Shape::of(new, self.new));
        match way {
            Way::In if before.nullable && !now.nullable => self.tell(at, "null is not taken any more"),
            Way::Out if now.nullable && !before.nullable => self.tell(at, "may be null now"),
            _ => {}
        }
        if let (Some(old), Some(new)) = (before.name, now.name)
            && !self.meets(old, new, way)
        {
            return;
        }
        let (old, new) = (before.schema, now.schema);
        self.kind(at, old, new, way);
        self.values(at, old, new, way);
        self.properties(at, old, new, way);
        self.alternatives(at, old, new, way);
        for inner in ["items", "additionalProperties"] {
            if let (Some(old), Some(new)) = (old.get(inner), new.get(inner))
                && old.is_object()
            {
                self.schema(&format!("{at}/{inner}"), old, new, way);
            }
        }
        if way == Way::In {
            self.limits(at, old, new);
        }
    }

    /// Whether two named schemas are compared for the first time.
    fn meets(&mut self, old: &str, new: &str, way: Way) -> bool {
        self.seen.insert((old.to_owned(), new.to_owned(), way == Way::In))
    }

    fn kind(&mut self, at: &str, old: &Value, new: &Value, way: Way) {
        let (was, is) = (kind_of(old), kind_of(new));
        let narrower = match (was, is) {
            (Some(was), Some(is)) => was != is && !(way == Way::In && was == "integer" && is == "number"),
            (None, Some(_)) => way == Way::In,
            (Some(_), None) => way == Way::Out && new.get("oneOf").is_none(),
            (None, None) => false,
        };
        if narrower {
            self.tell(at, format!("the type was {}, is {}", was.unwrap_or("any"), is.unwrap_or("any")));
        } else if old["format"] != new["format"] && was.is_some() {
            self.tell(at, format!("the format was {}, is {}", old["format"], new["format"]));
        }
    }

    fn values(&mut self, at: &str, old: &Value, new: &Value, way: Way) {
        match (values_of(old), values_of(new)) {
            (Some(old), Some(new)) => {
                for gone in old.iter().filter(|value| !new.contains(value)) {
                    self.tell(at, format!("the value {gone} is gone"));
                }
            }
            (None, Some(_)) if way == Way::In => self.tell(at, "takes only some values now"),
            (Some(_), None) if way == Way::Out => self.tell(at, "may have any value now"),
            _ => {}
        }
    }

    fn properties(&mut self, at: &str, old: &'a Value, new: &'a Value, way: Way) {
        for (name, property) in members(&old["properties"]) {
            let at = format!("{at}/properties/{name}");
            match new["properties"].get(name) {
                None => self.tell(&at, "the field is gone"),
                Some(now) => self.schema(&at, property, now, way),
            }
        }
        let (before, now) = (required(old), required(new));
        match way {
            Way::In => {
                for name in now.difference(&before) {
                    self.tell(&format!("{at}/properties/{name}"), "is required now");
                }
            }
            Way::Out => {
                for name in before.difference(&now).filter(|name| new["properties"].get(**name).is_some()) {
                    self.tell(&format!("{at}/properties/{name}"), "is not always there any more");
                }
            }
        }
    }

    /// Members of a union, by the value that tells them apart.
    fn alternatives(&mut self, at: &str, old: &'a Value, new: &'a Value, way: Way) {
        for (value, name) in members(&old["discriminator"]["mapping"]) {
            let at = format!("{at}/discriminator/mapping/{value}");
            match new["discriminator"]["mapping"].get(value) {
                None => self.tell(&at, "the alternative is gone"),
                Some(now) => {
                    let (name, now) = (name.as_str().unwrap_or_default(), now.as_str().unwrap_or_default());
                    if self.meets(name, now, way) {
                        self.schema(&at, named(name, self.old), named(now, self.new), way);
                    }
                }
            }
        }
    }

    fn limits(&mut self, at: &str, old: &Value, new: &Value) {
        for (limit, more_is_wider) in LIMITS {
            let Some(is) = new[limit].as_f64() else { continue };
            let narrower = old[limit].as_f64().is_none_or(|was| if more_is_wider { is < was } else { is > was });
            if narrower {
                self.tell(at, format!("{limit} was {}, is {is}", old[limit]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::changes;

    fn released() -> Value {
        json!({
            "paths": {
                "/things": {"post": {
                    "operationId": "createThing",
                    "parameters": [
                        {"$ref": "#/components/parameters/Key"},
                        {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["name", "age"]}},
                    ],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
                    "responses": {
                        "201": {
                            "headers": {"Location": {}},
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        },
                        "404": {"$ref": "#/components/responses/Missing"},
                    },
                }},
                "/things/{id}": {"get": {"operationId": "getThing", "responses": {"200": {}}}},
            },
            "components": {
                "parameters": {"Key": {"name": "Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}},
                "responses": {"Missing": {"content": {"application/json": {"schema": {"type": "object"}}}}},
                "schemas": {
                    "New": {"type": "object", "required": ["name"], "properties": {
                        "name": {"type": "string", "maxLength": 500},
                        "owner": {"type": ["string", "null"]},
                    }},
                    "Thing": {"type": "object", "required": ["name", "colour", "parts"], "properties": {
                        "name": {"type": "string"},
                        "colour": {"allOf": [{"$ref": "#/components/schemas/Colour"}], "description": "Its colour."},
                        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                        "event": {"oneOf": [], "discriminator": {"mapping": {"made": "#/components/schemas/Thing"}}},
                    }},
                    "Colour": {"type": "string", "enum": ["RED", "GREEN"]},
                },
            },
        })
    }

    /// What is found when the value at a pointer becomes another; null takes it away.
    fn after(pointer: &str, value: Value) -> Vec<String> {
        let mut new = released();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/");
        match new.pointer_mut(parent).unwrap() {
            Value::Object(map) if value.is_null() => drop(map.remove(&key)),
            Value::Object(map) => drop(map.insert(key, value)),
            Value::Array(list) if value.is_null() => drop(list.remove(key.parse().unwrap())),
            list => list[key.parse::<usize>().unwrap()] = value,
        }
        changes(&released(), &new)
    }

    #[test]
    fn what_is_gone_is_found() {
        let create = "/paths/~1things/post";
        let thing = "/components/schemas/Thing/properties";
        for (pointer, value, told) in [
            ("/paths/~1things~1{id}".to_owned(), Value::Null, "/paths/~1things~1{id}: the path is gone"),
            ("/paths/~1things~1{id}/get".to_owned(), Value::Null, "/paths/~1things~1{id}/get: the operation is gone"),
            (format!("{create}/operationId"), json!("makeThing"), "was \"createThing\", is \"makeThing\""),
            (format!("{create}/parameters/1"), Value::Null, "parameters/query/sort: the parameter is gone"),
            (format!("{create}/responses/404"), Value::Null, "responses/404: the status is gone"),
            (format!("{create}/responses/201/headers/Location"), Value::Null, "headers/Location: the header is gone"),
            (
                "/components/responses/Missing/content".to_owned(),
                json!({}),
                "application~1json: the media type is gone",
            ),
            (format!("{thing}/name"), Value::Null, "properties/name: the field is gone"),
            ("/components/schemas/Colour/enum".to_owned(), json!(["RED"]), "colour: the value \"GREEN\" is gone"),
            (format!("{thing}/event/discriminator/mapping"), json!({}), "mapping/made: the alternative is gone"),
        ] {
            let found = after(&pointer, value);
            assert!(found.len() == 1 && found[0].ends_with(told), "{pointer}: {found:?}");
        }
    }

    #[test]
    fn what_became_narrower_is_found() {
        let create = "/paths/~1things/post";
        let (new, thing) = ("/components/schemas/New", "/components/schemas/Thing");
        for (pointer, value, told) in [
            (format!("{create}/requestBody/required"), json!(true), "requestBody: is required now"),
            (format!("{create}/parameters/1/required"), json!(true), "query/sort: is required now"),
            ("/components/parameters/Key/schema/maxLength".to_owned(), json!(100), "maxLength was 200, is 100"),
            (format!("{create}/parameters/1/schema/enum"), json!(["name"]), "the value \"age\" is gone"),
            (format!("{new}/required"), json!(["name", "owner"]), "properties/owner: is required now"),
            (format!("{new}/properties/owner/type"), json!("string"), "owner: null is not taken any more"),
            (format!("{new}/properties/name/type"), json!("integer"), "name: the type was string, is integer"),
            (format!("{thing}/properties/name/type"), json!(["string", "null"]), "name: may be null now"),
            (format!("{thing}/required"), json!(["name", "parts"]), "colour: is not always there any more"),
        ] {
            let found = after(&pointer, value);
            assert!(found.len() == 1 && found[0].ends_with(told), "{pointer}: {found:?}");
        }
    }

    #[test]
    fn additions_pass() {
        let colours = json!(["RED", "GREEN", "BLUE"]);
        for (pointer, value) in [
            ("/paths/~1others", json!({"get": {}})),
            ("/paths/~1things/get", json!({"operationId": "listThings"})),
            ("/paths/~1things/post/responses/409", json!({})),
            ("/components/schemas/New/properties/tags", json!({"type": "array"})),
            ("/components/schemas/Thing/properties/tags", json!({"type": "array"})),
            ("/components/schemas/Colour/enum", colours),
            ("/components/schemas/New/properties/name/maxLength", json!(1000)),
            ("/components/schemas/Thing/properties/name/description", json!("Its name.")),
        ] {
            assert_eq!(after(pointer, value), Vec::<String>::new(), "{pointer}");
        }
        assert_eq!(changes(&released(), &released()), Vec::<String>::new());
    }
}
