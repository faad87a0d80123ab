//! What a client asks for in the address it connects to.

use poem::Request;

use super::command;
use super::subscription::{Filter, Subscription};
use super::ticket::Ticket;
use crate::problem::{Issue, Problem};

/// Characters of a parameter's name that are repeated to its sender.
const MAX_NAME: usize = 60;

/// What a client asks for in the address it connects to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// Which events it wants.
    pub(super) subscription: Subscription,
    /// The last event it has.
    pub(super) since: Option<i64>,
    /// What it shows to be let in.
    pub(super) ticket: Option<Ticket>,
}

impl Query {
    /// Reads `events`, `filter`, `since` and `ticket`.
    ///
    /// # Errors
    /// 422 with everything that is wrong.
    pub(super) fn read(request: &Request) -> poem::Result<Self> {
        let parameters = request.params::<Vec<(String, String)>>()?;
        Ok(Self::parse(parameters).map_err(Problem::unprocessable)?)
    }

    fn parse(parameters: Vec<(String, String)>) -> Result<Self, Vec<Issue>> {
        let mut query = Self { subscription: Subscription::all(), since: None, ticket: None };
        let mut seen: Vec<String> = Vec::new();
        let mut issues = Vec::new();
        for (name, value) in parameters {
            let outcome = match name.as_str() {
                _ if seen.contains(&name) => Err("is given more than once".to_owned()),
                "events" => query.select(&value),
                "filter" => query.narrow(&value),
                "since" => cursor(&value).map(|since| query.since = Some(since)),
                "ticket" => {
                    query.ticket = Some(Ticket::shown(value));
                    Ok(())
                }
                _ => Err("is not a parameter of the socket; it takes events, filter, since and ticket".to_owned()),
            };
            if let Err(detail) = outcome {
                let shown: String = name.chars().take(MAX_NAME).collect();
                issues.push(Issue { pointer: format!("query/{shown}"), detail });
            }
            seen.push(name);
        }
        if issues.is_empty() { Ok(query) } else { Err(issues) }
    }

    fn select(&mut self, value: &str) -> Result<(), String> {
        let names = value.split(',').map(|name| name.trim().to_owned()).collect();
        self.subscription = Subscription::new(Some(names), self.subscription.filter().clone())?;
        Ok(())
    }

    /// In the address too, because a replay starts before a message could be heard.
    fn narrow(&mut self, value: &str) -> Result<(), String> {
        let filter: Filter = command::read_object(value)?;
        self.subscription = self.subscription.clone().narrowed(filter)?;
        Ok(())
    }
}

/// A number larger than any there can be is an unknown cursor, not a malformed one.
fn cursor(value: &str) -> Result<i64, String> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(value.parse().unwrap_or(i64::MAX))
    } else {
        Err("must be the decimal id of an event".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> poem::Result<Query> {
        Query::read(&Request::builder().uri(format!("/ws?{query}").parse().unwrap()).finish())
    }

    #[test]
    fn without_parameters_everything_is_sent_from_now_on() {
        assert_eq!(read("").unwrap(), Query { subscription: Subscription::all(), since: None, ticket: None });
    }

    #[test]
    fn names_and_cursor_are_read() {
        let query = read("events=workflow:sla:*,%20workflow:task:created&since=18").unwrap();
        assert_eq!(query.since, Some(18));
        assert_eq!(query.subscription.events(), ["workflow:sla:*", "workflow:task:created"]);
        assert_eq!(read("since=99999999999999999999").unwrap().since, Some(i64::MAX));
        let query = read("ticket=secret").unwrap();
        assert_eq!(query.ticket, Some(Ticket::shown("secret".to_owned())));
        assert!(!format!("{query:?}").contains("secret"), "it may be logged");
    }

    #[test]
    fn a_filter_is_read_as_in_a_message_and_in_any_order() {
        let filter = "filter=%7B%22status%22:%5B%22RED%22%5D%7D";
        for text in [format!("{filter}&events=workflow:sla:*"), format!("events=workflow:sla:*&{filter}")] {
            let message = r#"{"action":"subscribe","events":["workflow:sla:*"],"filter":{"status":["RED"]}}"#;
            let Ok(command::Command::Subscribe(same)) = command::Command::parse(message) else { panic!("{message}") };
            assert_eq!(read(&text).unwrap().subscription, same);
        }
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let wrong = [
            "since=",
            "since=-1",
            "since=+1",
            "since=1.0",
            "since=0x10",
            "since=1&since=2",
            "events=",
            "events=a,b",
            "ticket=a&ticket=b",
            "x=1",
            "filter=",
            "filter=RED",
            "filter=%5B%5D",
            "filter=%7B%22priority%22:%5B%5D%7D",
            "filter=%7B%22status%22:%5B%22PINK%22%5D%7D",
        ];
        for query in wrong {
            assert_eq!(read(query).unwrap_err().status(), 422, "{query}");
        }
        let error = read("since=x&events=nothing&page=2").unwrap_err();
        assert_eq!(Problem::of(&error).errors.len(), 3);
    }
}
