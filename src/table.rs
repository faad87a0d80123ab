//! What operators read on a terminal: tables, ages and single lines.

use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// A table with these headings and rows.
pub fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(headings);
    for row in rows {
        table.add_row(row);
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

/// The elements of a list in a document; none if it is no list.
pub fn each<'a>(document: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    document[list].as_array().into_iter().flatten()
}

/// A field as text; a dash if it is null or absent.
pub fn text(value: &Value, field: &str) -> String {
    plain(&value[field])
}

/// A value as text; a dash if there is none.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// How long ago, or in how long, an instant is.
pub fn age(value: &Value, now: DateTime<Utc>) -> String {
    let Some(at) = value.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok()) else { return "-".to_owned() };
    let seconds = (now - at).num_seconds();
    let span = match seconds.abs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    };
    if seconds < 0 { format!("in {span}") } else { format!("{span} ago") }
}

/// The first line, at most this many characters of it.
pub fn brief(text: &str, longest: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= longest {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(longest.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ages_are_told_in_the_largest_unit() {
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        for (at, told) in [
            ("2026-03-02T11:59:30Z", "30 s ago"),
            ("2026-03-02T11:00:00Z", "1 h ago"),
            ("2026-03-02T12:05:00Z", "in 5 min"),
            ("2026-02-27T12:00:00Z", "3 d ago"),
        ] {
            assert_eq!(age(&json!(at), now), told);
        }
        assert_eq!(age(&json!(null), now), "-");
    }
}
