//! Limits that only a description tells: handlers judge query parameters by hand, so that all problems of a request are
//! reported at once, and the generator sees bare text and numbers.
//!
//! The phrases are the house's own: "1 to 200; 50 by default", "at this instant", "`desc` (default) or `asc`".

use serde_json::{Map, Value, json};

use super::polish::each_object;

/// Reads the descriptions of parameters and fields.
pub(super) fn read(document: &mut Value) {
    each_object(document, &mut |map| {
        let Some(text) = map.get("description").and_then(Value::as_str).map(str::to_owned) else { return };
        if map.contains_key("in") && map.contains_key("name") {
            if let Some(schema) = map.get_mut("schema").and_then(Value::as_object_mut) {
                limit(schema, &text);
            }
        } else if map.contains_key("type") {
            limit(map, &text);
        }
    });
}

fn limit(schema: &mut Map<String, Value>, text: &str) {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "integer" => {
            if let Some((least, most)) = range(text) {
                schema.entry("minimum").or_insert(json!(least));
                schema.entry("maximum").or_insert(json!(most));
            }
            if let Some(least) =
                text.split_once(" from ").and_then(|(_, rest)| number(rest.split([' ', ';', '.', ',']).next()?))
            {
                schema.entry("minimum").or_insert(json!(least));
            }
            if let Some(default) = number_before(text, " by default") {
                schema.entry("default").or_insert(json!(default));
            }
        }
        "string" if text.contains("at this instant") => {
            schema.insert("format".to_owned(), json!("date-time"));
        }
        "string" if !schema.contains_key("enum") && !schema.contains_key("format") => {
            if let Some(words) = closed_set(text) {
                if let Some(default) = words.iter().find(|word| text.contains(&format!("`{word}` (default)"))) {
                    schema.insert("default".to_owned(), json!(default));
                }
                schema.insert("enum".to_owned(), json!(words));
            }
        }
        _ => {}
    }
}

/// The two numbers of `1 to 1,000`.
fn range(text: &str) -> Option<(i64, i64)> {
    let (before, after) = text.split_once(" to ")?;
    let least = number(before.rsplit(' ').next()?)?;
    let most = number(after.split([' ', ';', '.']).next()?)?;
    Some((least, most))
}

fn number_before(text: &str, phrase: &str) -> Option<i64> {
    number(text.split_once(phrase)?.0.rsplit(' ').next()?)
}

fn number(text: &str) -> Option<i64> {
    text.replace(',', "").parse().ok()
}

/// The words of a first sentence that is nothing but words in back-ticks, with remarks in parentheses.
fn closed_set(text: &str) -> Option<Vec<&str>> {
    let sentence = text.split(['.', ';']).next()?;
    let (mut words, mut rest) = (Vec::new(), sentence);
    while let Some((before, after)) = rest.split_once('`') {
        if !is_glue(before) {
            return None;
        }
        let (word, after) = after.split_once('`')?;
        words.push(word);
        rest = after;
    }
    (words.len() > 1 && is_glue(rest)).then_some(words)
}

/// Whether a text between two words only separates them.
fn is_glue(text: &str) -> bool {
    let text = match (text.find('('), text.find(')')) {
        (Some(open), Some(close)) if open < close => format!("{}{}", &text[..open], &text[close + 1..]),
        _ => text.to_owned(),
    };
    matches!(text.trim(), "" | "," | "or" | ", or")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(kind: &str, text: &str) -> Value {
        let mut document = json!({"in": "query", "name": "x", "description": text, "schema": {"type": kind}});
        read(&mut document);
        document["schema"].take()
    }

    #[test]
    fn a_description_limits_what_it_describes() {
        assert_eq!(
            read_from("integer", "Rows at most, 1 to 1,000; 50 by default."),
            json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 50})
        );
        assert_eq!(
            read_from("string", "`desc` (default) or `asc`; ascending priority puts CRITICAL first."),
            json!({"type": "string", "enum": ["desc", "asc"], "default": "desc"})
        );
        assert_eq!(
            read_from("string", "`ok`, `degraded` (works, with delays) or `unavailable`."),
            json!({"type": "string", "enum": ["ok", "degraded", "unavailable"]})
        );
        assert_eq!(
            read_from("string", "Due at this instant or later."),
            json!({"type": "string", "format": "date-time"})
        );
    }

    #[test]
    fn a_word_in_passing_limits_nothing() {
        for text in [
            "`next_cursor` of the page before; page, total and total_pages are null then.",
            "Of this action, such as `queue.pause`.",
            "`TASK-<unix milliseconds>-<random>`.",
            "Kind and error with every number replaced by `#`.",
        ] {
            assert_eq!(read_from("string", text), json!({"type": "string"}), "{text}");
        }
    }
}
