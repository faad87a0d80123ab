//! Which events a client wants.

use serde::{Deserialize, Serialize};
use shared::domain::event::Matches;
use shared::domain::interest::{self, any_of};
use shared::domain::{Category, Status};
use shared::events::Frame;

use super::vocabulary::{EVENTS, JOB_CHANGED};

/// Names or patterns in one subscription, and values in one list of a filter.
const MAX_ENTRIES: usize = 100;

/// Characters of a filter's value.
const MAX_VALUE: usize = 200;

/// Which events a client wants: those whose name is listed and whose old or new values pass the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subscription {
    names: Names,
    filter: Filter,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Names {
    /// Everything that need not be asked for by name.
    All,
    /// Names, and patterns that end in `*`; none after an unsubscribe.
    Listed(Box<[String]>),
}

/// Values of which an event must have one, in each list that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    status: Vec<String>,
    owner: Vec<String>,
    category: Vec<String>,
    watcher: Vec<String>,
}

impl Subscription {
    /// What a client gets that asks for nothing in particular.
    pub(super) fn all() -> Self {
        Self { names: Names::All, filter: Filter::default() }
    }

    /// Nothing, until the client subscribes again.
    pub(super) fn none() -> Self {
        Self { names: Names::Listed(Box::default()), filter: Filter::default() }
    }

    /// The listed events, or all; or what is wrong with the list or the filter.
    pub(super) fn new(events: Option<Vec<String>>, filter: Filter) -> Result<Self, String> {
        let names = events.map_or(Ok(Names::All), listed)?;
        Ok(Self { names, filter: filter.checked()? })
    }

    /// The same events under another filter, or what is wrong with it.
    pub(super) fn narrowed(self, filter: Filter) -> Result<Self, String> {
        Ok(Self { filter: filter.checked()?, ..self })
    }

    /// Whether the event is to be sent.
    pub(super) fn wants(&self, frame: &Frame) -> bool {
        // What has no number is about no task, so there is nothing to filter by.
        self.names.contain(&frame.event) && (frame.id.is_none() || self.filter.passes(&frame.matches))
    }

    /// Whether changes of jobs were asked for.
    pub(super) fn names_jobs(&self) -> bool {
        self.names.contain(JOB_CHANGED)
    }

    /// Names and patterns, for the acknowledgement.
    pub(super) fn events(&self) -> Vec<String> {
        match &self.names {
            Names::All => vec!["*".to_owned()],
            Names::Listed(names) => names.to_vec(),
        }
    }

    /// The filter, for the acknowledgement.
    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }
}

impl Names {
    fn contain(&self, event: &str) -> bool {
        match self {
            Self::All => event != JOB_CHANGED,
            Self::Listed(names) => names.iter().any(|name| covers(name, event)),
        }
    }
}

/// Whether a name or pattern stands for the event.
fn covers(name: &str, event: &str) -> bool {
    (event != JOB_CHANGED || name == event) && interest::covers(name, event)
}

fn listed(names: Vec<String>) -> Result<Names, String> {
    if names.is_empty() {
        return Err("events names none: leave it out for all, or unsubscribe for none".to_owned());
    }
    if names.len() > MAX_ENTRIES {
        return Err(format!("events may have at most {MAX_ENTRIES} entries"));
    }
    for name in &names {
        if !EVENTS.iter().any(|event| covers(name, event)) {
            return Err(unknown(name));
        }
    }
    Ok(Names::Listed(names.into()))
}

fn unknown(name: &str) -> String {
    let shown: String = name.chars().take(60).collect();
    match name.strip_suffix('*') {
        Some(prefix) if JOB_CHANGED.starts_with(prefix) => {
            format!("{JOB_CHANGED} is sent only to those who give its full name")
        }
        _ => format!("no event is called {shown}; known are {}", EVENTS.join(", ")),
    }
}

impl Filter {
    fn passes(&self, matches: &Matches) -> bool {
        any_of(&self.status, &matches.status)
            && any_of(&self.owner, &matches.owner)
            && any_of(&self.category, &matches.category)
            && any_of(&self.watcher, &matches.watcher)
    }

    /// The filter with categories under their own names, or what is wrong with it.
    fn checked(mut self) -> Result<Self, String> {
        let lists = [
            ("status", &self.status),
            ("owner", &self.owner),
            ("category", &self.category),
            ("watcher", &self.watcher),
        ];
        for (field, values) in lists {
            if values.len() > MAX_ENTRIES {
                return Err(format!("filter.{field} may have at most {MAX_ENTRIES} values"));
            }
            if values.iter().any(|value| value.chars().count() > MAX_VALUE) {
                return Err(format!("a value of filter.{field} has more than {MAX_VALUE} characters"));
            }
        }
        if let Some(status) = self.status.iter().find(|status| Status::parse(status).is_none()) {
            return Err(format!("filter.status: {status} is none of RED, YELLOW, GREEN, COMPLETED"));
        }
        for category in &mut self.category {
            let known = Category::from_input(category)
                .ok_or_else(|| format!("filter.category: no category is called {category}"))?;
            known.as_str().clone_into(category);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(event: &str, id: Option<i64>, matches: Matches) -> Frame {
        Frame { id, event: event.to_owned(), json: "{}".into(), matches }
    }

    fn named(names: &[&str]) -> Result<Subscription, String> {
        Subscription::new(Some(names.iter().map(|&name| name.to_owned()).collect()), Filter::default())
    }

    fn receives(subscription: &Subscription, event: &str) -> bool {
        subscription.wants(&frame(event, Some(1), Matches::default()))
    }

    #[test]
    fn without_a_list_everything_but_job_changes_is_sent() {
        for event in EVENTS {
            assert_eq!(receives(&Subscription::all(), event), event != JOB_CHANGED, "{event}");
        }
        assert!(receives(&Subscription::all(), "workflow:task:reopened"), "a newer process may know more events");
    }

    #[test]
    fn a_pattern_covers_what_begins_like_it() {
        let sla = named(&["workflow:sla:*", "workflow:task:created"]).unwrap();
        assert!(receives(&sla, "workflow:sla:warning") && receives(&sla, "workflow:sla:violated"));
        assert!(receives(&sla, "workflow:task:created") && !receives(&sla, "workflow:task:updated"));
    }

    #[test]
    fn job_changes_are_sent_only_by_their_full_name() {
        assert!(!receives(&named(&["*"]).unwrap(), JOB_CHANGED));
        assert!(receives(&named(&["*", JOB_CHANGED]).unwrap(), JOB_CHANGED));
        assert!(named(&["workflow:job:*"]).unwrap_err().contains("full name"));
    }

    #[test]
    fn a_name_that_stands_for_no_event_is_refused() {
        for name in ["", "workflow:task", "workflow:tasks:*", "workflow:*:created", "**", "workflow:hello"] {
            assert!(named(&[name]).is_err(), "{name}");
        }
        assert!(named(&[]).is_err());
        assert!(named(&["*"; MAX_ENTRIES + 1]).is_err());
    }

    #[test]
    fn a_filter_passes_an_event_whose_old_or_new_value_matches() {
        let red = Filter { status: vec!["RED".to_owned()], ..Filter::default() };
        let subscription = Subscription::new(None, red).unwrap();
        let colours = |colours: &[&str]| Matches {
            status: colours.iter().map(|&colour| colour.to_owned()).collect(),
            ..Matches::default()
        };
        assert!(subscription.wants(&frame("workflow:status:changed", Some(1), colours(&["RED", "GREEN"]))));
        assert!(subscription.wants(&frame("workflow:status:changed", Some(1), colours(&["GREEN", "RED"]))));
        assert!(!subscription.wants(&frame("workflow:status:changed", Some(1), colours(&["GREEN", "YELLOW"]))));
        assert!(!subscription.wants(&frame("workflow:batch:completed", Some(1), Matches::default())));
        assert!(subscription.wants(&frame(super::super::vocabulary::METRICS_UPDATED, None, Matches::default())));
    }

    #[test]
    fn every_given_field_of_a_filter_must_match() {
        let both = Filter {
            owner: vec!["Ana".to_owned()],
            category: vec!["Customer Support".to_owned()],
            ..Filter::default()
        };
        let subscription = Subscription::new(None, both).unwrap();
        let matches = |owner: &str, category: &str| Matches {
            owner: vec![owner.to_owned()],
            category: vec![category.to_owned()],
            ..Matches::default()
        };
        let sent = |matches| subscription.wants(&frame("workflow:task:updated", Some(1), matches));
        assert!(sent(matches("Ana", "General Support")), "an alias stands for its category");
        assert!(!sent(matches("Ben", "General Support")));
        assert!(!sent(matches("Ana", "Order Management")));
    }

    #[test]
    fn a_watcher_is_sent_what_they_watch_and_what_is_about_them() {
        let ana = Filter { watcher: vec!["Ana Ruiz".to_owned()], ..Filter::default() };
        let subscription = Subscription::new(None, ana).unwrap();
        let of = |names: &[&str]| Matches {
            watcher: names.iter().map(|&name| name.to_owned()).collect(),
            ..Matches::default()
        };
        assert!(subscription.wants(&frame("workflow:task:updated", Some(1), of(&["Ben", "Ana Ruiz"]))));
        assert!(!subscription.wants(&frame("workflow:task:updated", Some(1), of(&["Ben", "ana ruiz"]))));
        assert!(!subscription.wants(&frame("workflow:comment:created", Some(1), of(&[]))));
    }

    #[test]
    fn a_filter_with_impossible_values_is_refused() {
        let status = |value: &str| Filter { status: vec![value.to_owned()], ..Filter::default() };
        let owners = |owner: String, count: usize| Filter { owner: vec![owner; count], ..Filter::default() };
        let category = Filter { category: vec!["Nonsense".to_owned()], ..Filter::default() };
        for filter in [status("red"), status(""), category, owners("x".repeat(201), 1), owners("x".to_owned(), 101)] {
            assert!(Subscription::new(None, filter).is_err());
        }
        assert!(Subscription::new(None, owners("ü".repeat(200), 100)).is_ok());
    }
}
