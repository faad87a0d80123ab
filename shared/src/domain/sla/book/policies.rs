//! Policies as they are written: `{name, when, resolution_hours, first_response_hours, calendar, warning, critical,
//! pause_while_waiting_on_customer, pause_while_snoozed, escalations}`.

use std::sync::Arc;

use serde_json::Value;

use super::calendars::Calendars;
use super::reading::{Faults, Fields, flag, line, list, name, number, step};
use super::spelling::nearest;
use super::times::Times;
use super::{MOST_POLICIES, MOST_STEPS, conditions, order};
use crate::domain::calendar::Calendar;
use crate::domain::sla::policy::{Action, Conditions, Policy, Step, Target, Threshold};
use crate::domain::values::Priority;

/// Longest target, and furthest step, in hours: ten years.
const MOST_HOURS: f64 = 87_600.0;

/// What could be read of a policy.
pub(super) struct Draft {
    pub(super) name: Option<String>,
    /// Absent if anything is wrong with them.
    pub(super) when: Option<Conditions>,
    policy: Option<Policy>,
}

/// Policies in order; `None` for one with faults.
pub(super) fn read(book: &mut Fields<'_>, calendars: &Calendars, faults: &mut Faults) -> Vec<Option<Policy>> {
    let at = book.pointer("policies");
    let Some(value) = book.get("policies") else { return Vec::new() };
    let Some(items) = list(value, &at, MOST_POLICIES, faults) else { return Vec::new() };
    let read = |(at, item): (String, &Value)| policy(item, at, Some(calendars), faults);
    let drafts: Vec<Draft> = items.into_iter().map(read).collect();
    order::check(&drafts, &at, faults);
    drafts.into_iter().map(|draft| draft.policy).collect()
}

/// One policy; without calendars, any name of one will do.
pub(super) fn policy(value: &Value, at: String, calendars: Option<&Calendars>, faults: &mut Faults) -> Draft {
    let Some(mut fields) = Fields::of(value, at, faults) else { return Draft { name: None, when: None, policy: None } };
    let name = named(&mut fields, faults);
    let when =
        fields.part("when", |value, at| conditions::read(value, at.to_owned(), faults)).map(Option::unwrap_or_default);
    let times = Times {
        resolution: fields
            .required("resolution_hours", "", faults)
            .and_then(|value| target(value, &fields.pointer("resolution_hours"), faults)),
        first_response: fields.part("first_response_hours", |value, at| target(value, at, faults)),
        calendar: fields.part("calendar", |value, at| faults.take(at, calendar(value, calendars))),
        warning: fields.part("warning", |value, at| threshold(value, at, faults)),
        critical: fields.part("critical", |value, at| threshold(value, at, faults)),
    };
    times.check(&fields, faults);
    let waiting = fields.part("pause_while_waiting_on_customer", |value, at| faults.take(at, flag(value)));
    let snoozed = fields.part("pause_while_snoozed", |value, at| faults.take(at, flag(value)));
    let escalations = fields.part("escalations", |value, at| steps(value, at, faults));
    fields.end(faults);
    let whole = || {
        let (calendar_name, calendar) = times.calendar?.unzip();
        Some(Policy {
            name: name.clone()?,
            when: when.clone()?,
            resolution: times.resolution?,
            first_response: times.first_response?,
            calendar: calendar.flatten(),
            calendar_name,
            warning: times.warning?,
            critical: times.critical?,
            pause_while_waiting: waiting?.unwrap_or(false),
            pause_while_snoozed: snoozed?.unwrap_or(false),
            escalations: escalations?.unwrap_or_default(),
        })
    };
    Draft { policy: whole(), name, when }
}

fn named(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<String> {
    let text = fields.required("name", "", faults)?.as_str().ok_or_else(|| "must be text".to_owned());
    faults.take(&fields.pointer("name"), text.and_then(|text| name(text).map(|()| text.to_owned())))
}

fn hours(value: &Value) -> Result<f64, String> {
    let hours = number(value)?;
    if hours > 0.0 && hours <= MOST_HOURS { Ok(hours) } else { Err("must be over 0 and at most 87600".to_owned()) }
}

fn target(value: &Value, at: &str, faults: &mut Faults) -> Option<Target> {
    if !value.is_object() {
        let read = hours(value).map_err(|detail| {
            if value.is_number() { detail } else { "must be a number of hours, or one for each priority".to_owned() }
        });
        return faults.take(at, read).map(Target::Hours);
    }
    let mut fields = Fields::of(value, at.to_owned(), faults)?;
    let mut by_priority = [None; 4];
    for (own, priority) in by_priority.iter_mut().zip(Priority::ALL) {
        let name = priority.as_str();
        if let Some(value) = fields.required(name, ", as all four priorities are", faults) {
            *own = faults.take(&step(at, name), hours(value));
        }
    }
    fields.end(faults);
    let [critical, high, medium, normal] = by_priority;
    Some(Target::ByPriority([critical?, high?, medium?, normal?]))
}

/// The calendar and its name; no calendar if that has faults of its own.
fn calendar(value: &Value, calendars: Option<&Calendars>) -> Result<(String, Option<Arc<Calendar>>), String> {
    let name = value.as_str().ok_or("must be the name of a calendar")?;
    let Some(calendars) = calendars else { return Ok((name.to_owned(), None)) };
    if let Some(calendar) = calendars.get(name) {
        return Ok((name.to_owned(), calendar.clone()));
    }
    Err(match nearest(name, calendars.keys().map(String::as_str)) {
        Some(near) => format!("is not a calendar of the book; did you mean {near}?"),
        None => "is not a calendar of the book".to_owned(),
    })
}

fn threshold(value: &Value, at: &str, faults: &mut Faults) -> Option<Threshold> {
    if !value.is_object() {
        faults.add(at, "must be {\"hours\": N} or {\"percent\": N}");
        return None;
    }
    let mut fields = Fields::of(value, at.to_owned(), faults)?;
    let by_hours = fields.part("hours", |value, at| faults.take(at, hours(value)));
    let by_percent = fields.part("percent", |value, at| faults.take(at, percent(value)));
    fields.end(faults);
    match (by_hours?, by_percent?) {
        (Some(hours), None) => Some(Threshold::Hours(hours)),
        (None, Some(percent)) => Some(Threshold::Percent(percent)),
        _ => {
            faults.add(at, "must have either hours or percent");
            None
        }
    }
}

fn percent(value: &Value) -> Result<f64, String> {
    let percent = number(value)?;
    if percent > 0.0 && percent <= 100.0 { Ok(percent) } else { Err("must be over 0 and at most 100".to_owned()) }
}

fn steps(value: &Value, at: &str, faults: &mut Faults) -> Option<Vec<Step>> {
    let items = list(value, at, MOST_STEPS, faults)?;
    let all = items.len();
    let mut read: Vec<Step> = Vec::new();
    for (at, item) in items {
        let Some(next) = escalation(item, at.clone(), faults) else { continue };
        if let Some(last) = read.last().filter(|last| next.hours < last.hours) {
            faults.add(step(&at, "hours"), format!("is before the step above it, at {}", last.hours));
        }
        read.push(next);
    }
    (read.len() == all).then_some(read)
}

fn escalation(value: &Value, at: String, faults: &mut Faults) -> Option<Step> {
    let mut fields = Fields::of(value, at, faults)?;
    let at_hours = fields.pointer("hours");
    let hours = fields.required("hours", ": from the deadline, negative before it", faults);
    let hours = hours.and_then(|value| faults.take(&at_hours, offset(value)));
    let at_action = fields.pointer("action");
    let action = fields.required("action", "", faults).and_then(|value| {
        let known = || Action::ALL.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(", ");
        let read = value.as_str().and_then(Action::parse).ok_or_else(|| format!("must be one of {}", known()));
        faults.take(&at_action, read)
    });
    let to = fields.part("to", |value, at| faults.take(at, line(value, 200)));
    match (action, &to) {
        (Some(Action::Reassign), Some(None)) => {
            faults.add(fields.pointer("to"), "is required by reassign: who gets the task");
        }
        (Some(Action::RaisePriority), Some(Some(_))) => {
            faults.add(fields.pointer("to"), "means nothing to raise_priority");
        }
        _ => {}
    }
    fields.end(faults);
    Some(Step { hours: hours?, action: action?, to: to? })
}

fn offset(value: &Value) -> Result<f64, String> {
    let hours = number(value)?;
    if hours.abs() <= MOST_HOURS { Ok(hours) } else { Err("must be from -87600 to 87600".to_owned()) }
}
