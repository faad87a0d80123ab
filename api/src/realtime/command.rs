//! What a client says.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::subscription::{Filter, Subscription};
use crate::json;

/// Characters of an explanation: what a client sent must not come back at full length.
const MAX_EXPLANATION: usize = 300;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// From now on these events.
    Subscribe(Subscription),
    /// A sign of life.
    Ping,
}

// Struct variants, because a unit variant would let unknown fields pass.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
enum Spoken {
    Subscribe { events: Option<Vec<String>>, filter: Option<Map<String, Value>> },
    Unsubscribe {},
    Ping {},
}

impl Command {
    /// Reads a text message, or says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|error| error.chars().take(MAX_EXPLANATION).collect())
    }

    fn read(text: &str) -> Result<Self, String> {
        let Value::Object(message) = json::from_str(text).map_err(|error| error.to_string())? else {
            return Err("a message is an object such as {\"action\":\"ping\"}".to_owned());
        };
        Ok(match fields(message)? {
            Spoken::Subscribe { events, filter } => {
                let filter: Filter = filter.map_or_else(|| Ok(Filter::default()), fields)?;
                Self::Subscribe(Subscription::new(events, filter)?)
            }
            Spoken::Unsubscribe {} => Self::Subscribe(Subscription::none()),
            Spoken::Ping {} => Self::Ping,
        })
    }
}

/// Reads an object. Taken for one first, because an array would be read as its fields in order.
fn fields<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, String> {
    T::deserialize(Value::Object(object)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(text: &str) -> Subscription {
        match Command::parse(text) {
            Ok(Command::Subscribe(subscription)) => subscription,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_subscription_without_lists_is_for_everything() {
        for text in
            [r#"{"action":"subscribe"}"#, r#"{"action":"subscribe","filter":{"status":[],"owner":[],"category":[]}}"#]
        {
            assert_eq!(subscription(text), Subscription::all());
        }
    }

    #[test]
    fn the_other_actions_are_read() {
        assert_eq!(subscription(r#"{"action":"unsubscribe"}"#), Subscription::none());
        assert_eq!(Command::parse(r#" {"action":"ping"} "#), Ok(Command::Ping));
    }

    #[test]
    fn what_is_not_a_command_is_explained() {
        let deep = "[".repeat(20_000);
        let unknown = format!(r#"{{"action":"{}"}}"#, "x".repeat(60_000));
        let bad = [
            "",
            "hello",
            "null",
            "[]",
            "{}",
            "\u{0}",
            r#"{"action":1}"#,
            r#"{"action":"shout"}"#,
            &deep,
            &unknown,
            r#"{"action":"ping","x":1}"#,
            r#"{"action":"unsubscribe","events":[]}"#,
            r#"{"action":"subscribe","event":[]}"#,
            r#"{"action":"subscribe","events":"*"}"#,
            r#"{"action":"subscribe","events":[1]}"#,
            r#"{"action":"subscribe","events":[]}"#,
            r#"{"action":"subscribe","filter":[]}"#,
            r#"["ping"]"#,
            r#"{"action":"ping","action":"unsubscribe"}"#,
            r#"{"action":"subscribe","filter":{"priority":["HIGH"]}}"#,
            r#"{"action":"subscribe","filter":{"status":"RED"}}"#,
        ];
        for text in bad {
            let explanation = Command::parse(text).expect_err(text);
            assert!(!explanation.is_empty() && explanation.len() <= MAX_EXPLANATION, "{explanation}");
        }
    }
}
