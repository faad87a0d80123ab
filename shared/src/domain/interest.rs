//! Which events somebody outside wants to be told of.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::event::Matches;

/// Values of which an event must have one, in each list that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(default)]
#[oai(rename = "WebhookFilter")]
pub struct EventFilter {
    /// Colours, old or new.
    pub status: Vec<String>,
    /// Owners, old or new.
    pub owner: Vec<String>,
    /// Categories, old or new.
    pub category: Vec<String>,
}

impl EventFilter {
    /// Whether old or new values of an event pass.
    pub fn passes(&self, matches: &Matches) -> bool {
        any_of(&self.status, &matches.status)
            && any_of(&self.owner, &matches.owner)
            && any_of(&self.category, &matches.category)
    }
}

/// Whether one of the wanted values is there; nothing wanted means anything.
pub fn any_of(wanted: &[String], have: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|value| have.contains(value))
}

/// Whether a name, or a pattern that ends in `*`, stands for the event.
pub fn covers(name: &str, event: &str) -> bool {
    name.strip_suffix('*').map_or(event == name, |prefix| event.starts_with(prefix))
}

/// Whether a list of names and patterns stands for the event; an empty one stands for all.
pub fn names(list: &[String], event: &str) -> bool {
    list.is_empty() || list.iter().any(|name| covers(name, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|&value| value.to_owned()).collect()
    }

    #[test]
    fn an_event_passes_if_each_list_has_its_old_or_new_value() {
        let moved = Matches { status: texts(&["GREEN", "RED"]), owner: texts(&["Ana"]), ..Matches::default() };
        let filter = |status: &[&str], owner: &[&str]| EventFilter {
            status: texts(status),
            owner: texts(owner),
            category: vec![],
        };
        assert!(filter(&[], &[]).passes(&moved));
        assert!(filter(&["RED", "YELLOW"], &["Ana"]).passes(&moved));
        assert!(!filter(&["RED"], &["Ben"]).passes(&moved));
        assert!(!filter(&["YELLOW"], &[]).passes(&moved));
        assert!(!filter(&["RED"], &[]).passes(&Matches::default()), "a batch has no colour");
    }

    #[test]
    fn a_pattern_stands_for_what_begins_like_it() {
        assert!(names(&[], "workflow:sla:warning"));
        assert!(names(&texts(&["workflow:sla:*"]), "workflow:sla:warning"));
        assert!(!names(&texts(&["workflow:sla:*"]), "workflow:task:created"));
        assert!(!covers("workflow:sla:warn", "workflow:sla:warning"));
    }
}
