//! What each operation takes. The one place where that is said: the document's `x-required-role` comes from here, and so does
//! what is refused. An operation that is not here is refused to everybody, and fails a test.

use shared::domain::access::Role;

/// Who may use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody, without a key.
    Open,
    /// Whoever has a key, of any role.
    Known,
    /// Reads.
    Viewer,
    /// Reads what became of mail: also whoever may only post it.
    Outcome,
    /// Posts mail.
    Intake,
    /// Changes tasks, batches and single jobs.
    Operator,
    /// Changes how the product works, and sees who did what.
    Admin,
}

impl Access {
    /// Whether a role is enough.
    pub(crate) fn allows(self, role: Role) -> bool {
        match (self, role) {
            (Self::Open | Self::Known, _) | (Self::Outcome | Self::Intake, Role::Ingest) => true,
            (_, Role::Ingest) => false,
            (Self::Viewer | Self::Outcome, _) => true,
            (Self::Intake | Self::Operator, role) => role != Role::Viewer,
            (Self::Admin, role) => role == Role::Admin,
        }
    }

    /// The roles that are enough.
    pub(crate) fn roles(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.allows(*role))
    }

    /// The least role that is enough, in words; an admin's always is.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Open | Self::Known => "any",
            Self::Viewer => "viewer",
            Self::Outcome => "viewer or ingest",
            Self::Intake => "operator or ingest",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The least of the roles that include each other, for the document; `None` where no key is needed.
    pub(crate) fn least(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Known => Some("any"),
            Self::Viewer | Self::Outcome => Some("viewer"),
            Self::Intake | Self::Operator => Some("operator"),
            Self::Admin => Some("admin"),
        }
    }
}

/// What one operation takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Its id in the document.
    pub(crate) operation: &'static str,
    /// Who may.
    pub(crate) access: Access,
    /// How it keeps to the mailboxes that a key is limited to.
    pub(crate) scope: Scope,
}

/// How an operation keeps to the mailboxes that a key is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// It does not, and is refused to such keys.
    Whole,
    /// It shows and takes only what is in them, or is about the caller alone.
    Kept,
    /// It is about what its path names, and that is looked up first.
    Subject,
}

/// What the socket takes.
pub(crate) const SOCKET: Rule = kept("socket", Access::Viewer);

/// What an operation takes; `None` if it is not declared.
pub(crate) fn rule(operation: &str) -> Option<&'static Rule> {
    POLICY.iter().find(|rule| rule.operation == operation)
}

const fn of(operation: &'static str, access: Access) -> Rule {
    Rule { operation, access, scope: Scope::Whole }
}

const fn kept(operation: &'static str, access: Access) -> Rule {
    Rule { operation, access, scope: Scope::Kept }
}

const fn subject(operation: &'static str, access: Access) -> Rule {
    Rule { operation, access, scope: Scope::Subject }
}

/// Every operation.
pub(crate) const POLICY: &[Rule] = &[
    of("createSession", Access::Open),
    of("getLiveness", Access::Open),
    of("getReadiness", Access::Open),
    kept("endSession", Access::Known),
    kept("getSession", Access::Known),
    kept("createSocketTicket", Access::Viewer),
    subject("explainSla", Access::Viewer),
    kept("exportTasksAsCsv", Access::Viewer),
    kept("exportTasksAsNdjson", Access::Viewer),
    of("getAnalytics", Access::Viewer),
    subject("getAttachment", Access::Viewer),
    subject("getComment", Access::Viewer),
    of("getDatabase", Access::Viewer),
    subject("getEmail", Access::Viewer),
    subject("getEmailHtml", Access::Viewer),
    of("getForecast", Access::Viewer),
    of("getForecastModel", Access::Viewer),
    of("getJob", Access::Viewer),
    of("getMailbox", Access::Viewer),
    of("getMetrics", Access::Viewer),
    of("getNotificationRecipient", Access::Viewer),
    of("getPerson", Access::Viewer),
    of("getPrometheusMetrics", Access::Viewer),
    of("getQueue", Access::Viewer),
    subject("getRawEmail", Access::Viewer),
    of("getSchedule", Access::Viewer),
    of("getSlaBook", Access::Viewer),
    of("getSlaCalendar", Access::Viewer),
    of("getSlaPolicy", Access::Viewer),
    of("getSlaRevision", Access::Viewer),
    subject("getTask", Access::Viewer),
    subject("getTaskHistory", Access::Viewer),
    of("getTeam", Access::Viewer),
    of("listAttachments", Access::Viewer),
    subject("listComments", Access::Viewer),
    of("listCorrections", Access::Viewer),
    kept("listEmails", Access::Viewer),
    kept("listEvents", Access::Viewer),
    of("listFindings", Access::Viewer),
    of("listForecasts", Access::Viewer),
    of("listJobErrors", Access::Viewer),
    of("listJobItems", Access::Viewer),
    of("listJobs", Access::Viewer),
    of("listMailboxes", Access::Viewer),
    of("listNotificationRecipients", Access::Viewer),
    of("listPatterns", Access::Viewer),
    of("listPeople", Access::Viewer),
    of("listQueues", Access::Viewer),
    of("listRegroupings", Access::Viewer),
    of("listRelatedTasks", Access::Viewer),
    of("listSchedules", Access::Viewer),
    of("listSlaRevisions", Access::Viewer),
    kept("listTasks", Access::Viewer),
    of("listTeams", Access::Viewer),
    of("listWaitingTasks", Access::Viewer),
    of("listWatchedTasks", Access::Viewer),
    subject("listWatchers", Access::Viewer),
    of("listWorkers", Access::Viewer),
    of("previewAssignment", Access::Viewer),
    of("previewSla", Access::Viewer),
    of("readQueueHistory", Access::Viewer),
    of("replaySla", Access::Viewer),
    subject("getBatch", Access::Outcome),
    kept("listBatches", Access::Outcome),
    kept("createBatch", Access::Intake),
    subject("addComment", Access::Operator),
    subject("addWatcher", Access::Operator),
    of("bulkUpdateTasks", Access::Operator),
    of("cancelJob", Access::Operator),
    of("correctTask", Access::Operator),
    kept("createTask", Access::Operator),
    subject("deleteComment", Access::Operator),
    of("deleteJob", Access::Operator),
    subject("deleteTask", Access::Operator),
    subject("dismissEmail", Access::Operator),
    of("dismissFinding", Access::Operator),
    of("editJob", Access::Operator),
    of("mergeTasks", Access::Operator),
    subject("removeWatcher", Access::Operator),
    subject("replayEmail", Access::Operator),
    of("replayQuarantine", Access::Operator),
    of("retryJob", Access::Operator),
    of("runAssignment", Access::Operator),
    of("runJob", Access::Operator),
    of("splitTask", Access::Operator),
    of("undoBulkUpdate", Access::Operator),
    of("undoMerge", Access::Operator),
    of("undoSplit", Access::Operator),
    subject("updateTask", Access::Operator),
    of("bulkJobs", Access::Admin),
    of("createKey", Access::Admin),
    of("createMailbox", Access::Admin),
    of("createNotificationRecipient", Access::Admin),
    of("createWebhook", Access::Admin),
    of("deleteMailbox", Access::Admin),
    of("deleteNotificationRecipient", Access::Admin),
    of("deletePerson", Access::Admin),
    of("deleteSlaCalendar", Access::Admin),
    of("deleteSlaPolicy", Access::Admin),
    of("deleteTeam", Access::Admin),
    of("deleteWebhook", Access::Admin),
    of("disableWebhook", Access::Admin),
    of("editSchedule", Access::Admin),
    of("editWorker", Access::Admin),
    of("enableWebhook", Access::Admin),
    of("fetchMailbox", Access::Admin),
    of("fitForecast", Access::Admin),
    of("getWebhook", Access::Admin),
    of("importTasks", Access::Admin),
    of("limitQueue", Access::Admin),
    of("listAudit", Access::Admin),
    of("listKeys", Access::Admin),
    of("listWebhookDeliveries", Access::Admin),
    of("listWebhooks", Access::Admin),
    of("pauseQueue", Access::Admin),
    of("pauseSchedule", Access::Admin),
    of("putSlaCalendar", Access::Admin),
    of("putSlaPolicy", Access::Admin),
    of("recomputeSla", Access::Admin),
    of("reconcileMetrics", Access::Admin),
    of("replaceNotificationRecipient", Access::Admin),
    of("replaceSlaBook", Access::Admin),
    of("replaceWebhook", Access::Admin),
    of("resumeQueue", Access::Admin),
    of("resumeSchedule", Access::Admin),
    of("retryWebhookDelivery", Access::Admin),
    of("revokeKey", Access::Admin),
    of("rotateWebhookSecret", Access::Admin),
    of("runSchedule", Access::Admin),
    of("saveMailbox", Access::Admin),
    of("savePerson", Access::Admin),
    of("saveTeam", Access::Admin),
    of("setLogLevel", Access::Admin),
    of("testWebhook", Access::Admin),
];
