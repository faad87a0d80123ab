//! What must come before what among policies.

use super::policies::Draft;
use super::reading::{Faults, step};
use crate::domain::sla::policy::Conditions;
use crate::domain::sla::{DEFAULT_POLICY, GIVEN_HOURS};

/// No name twice, the default last, and no policy that an earlier one leaves nothing for.
pub(super) fn check(drafts: &[Draft], at: &str, faults: &mut Faults) {
    for (index, draft) in drafts.iter().enumerate() {
        let at = step(at, &index.to_string());
        let Some(name) = &draft.name else { continue };
        let is_same =
            |other: &Draft| other.name.as_ref().is_some_and(|other| other.to_lowercase() == name.to_lowercase());
        if let Some(first) = drafts[..index].iter().position(is_same) {
            faults.add(step(&at, "name"), format!("is the name of policy {first} as well, counted from 0"));
        }
        if name.eq_ignore_ascii_case(GIVEN_HOURS) {
            faults.add(step(&at, "name"), "is what tasks with hours of their own say");
        }
        if name.eq_ignore_ascii_case(DEFAULT_POLICY) {
            default(draft, &at, index + 1 == drafts.len(), faults);
        }
        if let Some(earlier) = taken_by(draft, &drafts[..index]) {
            faults.add(at, format!("can never apply: every task it is for is taken by {earlier} before it"));
        }
    }
}

fn default(draft: &Draft, at: &str, is_last: bool, faults: &mut Faults) {
    if draft.name.as_deref() != Some(DEFAULT_POLICY) {
        faults.add(step(at, "name"), "must be written default");
    }
    if !is_last {
        faults.add(step(at, "name"), "must be the last policy: it is for every task that no other is for");
    }
    if draft.when.as_ref().is_some_and(|when| *when != Conditions::default()) {
        faults.add(step(at, "when"), "must be left out: the default is for every task that no other is for");
    }
}

/// The earlier policy that is for every task this one is for. A default in the wrong place is a fault of its own.
fn taken_by<'a>(draft: &Draft, earlier: &'a [Draft]) -> Option<&'a str> {
    let when = draft.when.as_ref()?;
    earlier.iter().find_map(|other| {
        let name = other.name.as_deref().filter(|name| !name.eq_ignore_ascii_case(DEFAULT_POLICY))?;
        other.when.as_ref()?.include(when).then_some(name)
    })
}
