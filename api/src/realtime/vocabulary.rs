//! The names of events, as clients subscribe to them.

/// Figures of the dashboard. Ephemeral: no number, no replay.
pub(crate) const METRICS_UPDATED: &str = "workflow:metrics:updated";

/// A job's change of state. Ephemeral, and so frequent that it goes only to those who name it.
pub(crate) const JOB_CHANGED: &str = "workflow:job:changed";

/// All events that can be subscribed to, the numbered ones first.
pub(crate) const EVENTS: [&str; 16] = [
    "workflow:task:created",
    "workflow:task:updated",
    "workflow:task:completed",
    "workflow:task:deleted",
    "workflow:status:changed",
    "workflow:sla:warning",
    "workflow:sla:violated",
    "workflow:sla:escalated",
    "workflow:critical:alert",
    "workflow:batch:completed",
    "workflow:batch:failed",
    "workflow:comment:created",
    "workflow:comment:deleted",
    "workflow:watchers:changed",
    METRICS_UPDATED,
    JOB_CHANGED,
];
