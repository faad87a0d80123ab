//! The instants of one policy: the first answer before the end, the warning before the critical level, both within the
//! target.

use std::sync::Arc;

use super::reading::{Faults, Fields};
use crate::domain::calendar::Calendar;
use crate::domain::sla::policy::{Target, Threshold};
use crate::domain::sla::usual_thresholds;
use crate::domain::values::Priority;

/// What a policy says of times. `None` is what is wrong in itself, and not judged further.
pub(super) struct Times {
    pub(super) resolution: Option<Target>,
    pub(super) first_response: Option<Option<Target>>,
    /// Its name, and itself unless it is wrong.
    pub(super) calendar: Option<Option<(String, Option<Arc<Calendar>>)>>,
    pub(super) warning: Option<Option<Threshold>>,
    pub(super) critical: Option<Option<Threshold>>,
}

impl Times {
    /// Notes what cannot be, whatever the day.
    pub(super) fn check(&self, fields: &Fields<'_>, faults: &mut Faults) {
        let Some(resolution) = &self.resolution else { return };
        let targets: Vec<_> = Priority::ALL.iter().map(|priority| (*priority, resolution.hours(*priority))).collect();
        let mut tell = |field: &str, detail: &str, wrong: &dyn Fn(Priority, f64) -> bool| {
            let found = targets.iter().find(|(priority, target)| wrong(*priority, *target));
            if let Some((priority, target)) = found {
                let of =
                    if matches!(resolution, Target::ByPriority(_)) { format!(" of {priority}") } else { String::new() };
                faults.add(fields.pointer(field), format!("{detail}: the target{of} is {target} hours"));
            }
            found.is_some()
        };
        if let Some(Some(first)) = &self.first_response {
            tell("first_response_hours", "is after the end of the work", &|priority, target| {
                first.hours(priority) > target
            });
        }
        let mut is_early = false;
        for (field, threshold) in [("warning", self.warning), ("critical", self.critical)] {
            if let Some(Some(threshold)) = threshold {
                is_early |= tell(field, "begins before the work", &|_, target| self.is_early(threshold, target));
            }
        }
        match (self.warning, self.critical) {
            _ if is_early => {}
            (Some(warning), Some(Some(critical))) => {
                tell("critical", "must begin after the warning", &|_, target| {
                    self.is_disordered(warning, Some(critical), target)
                });
            }
            (Some(Some(warning)), Some(None)) => {
                tell("warning", "must begin before the critical level", &|_, target| {
                    self.is_disordered(Some(warning), None, target)
                });
            }
            _ => {}
        }
    }

    fn has_calendar(&self) -> bool {
        !matches!(self.calendar, Some(None))
    }

    /// Whether a threshold is certain to come before the work begins. With a calendar, any number of hours on the clock
    /// may pass within the target.
    fn is_early(&self, threshold: Threshold, target: f64) -> bool {
        matches!(threshold, Threshold::Hours(hours) if !self.has_calendar() && hours > target)
    }

    /// Whether it is certain that the warning does not begin before the critical level. Open hours are never shorter on
    /// the clock, but how much longer depends on the day.
    fn is_disordered(&self, warning: Option<Threshold>, critical: Option<Threshold>, target: f64) -> bool {
        let (usual_warning, usual_critical) = usual_thresholds(target);
        let warning = warning.unwrap_or(Threshold::Hours(usual_warning));
        let critical = critical.unwrap_or(Threshold::Hours(usual_critical));
        match (warning, critical) {
            (Threshold::Hours(warning), Threshold::Hours(critical))
            | (Threshold::Percent(warning), Threshold::Percent(critical)) => warning <= critical,
            (Threshold::Hours(warning), Threshold::Percent(critical)) => warning <= critical / 100.0 * target,
            (Threshold::Percent(warning), Threshold::Hours(critical)) => {
                !self.has_calendar() && warning / 100.0 * target <= critical
            }
        }
    }
}
