//! Who asks, and whether they may.
//!
//! A request passes three questions, in `app.rs`, before any route sees it: whose secret it shows (`credential`), whether
//! that secret is good (`verifier`), and whether its role may do this (`policy`, by way of `router`). The caller then travels
//! with the request as a part of [`crate::app::App`]. Sockets outlive their request, so `sentry` goes on asking for them.

mod caller;
pub(crate) mod credential;
pub(crate) mod policy;
mod router;
mod sentry;
mod verifier;

use std::net::IpAddr;
use std::sync::Arc;

use poem::Request;
use shared::clock::Clock;
use shared::key::Pepper;
use shared::store::Db;
use shared::store::scope::{self, Subject};
use shared::store::tickets::Holder;

pub(crate) use self::caller::{Caller, Credential};
use self::credential::Shown;
use self::policy::{Access, Rule, Scope};
pub(crate) use self::sentry::Pass;
use self::sentry::Sentry;
use self::verifier::Verifier;
use crate::problem::Problem;
use crate::realtime;
use crate::routes::trpc;

/// What all requests of a process are judged by. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Auth(Arc<Inner>);

struct Inner {
    db: Db,
    required: bool,
    pepper: Pepper,
    allowed_hosts: Vec<String>,
    local: Arc<Caller>,
    nobody: Arc<Caller>,
    verifier: Verifier,
    sentry: Sentry,
}

impl Auth {
    /// Starts what watches over sockets, if authentication is required.
    pub(crate) fn start(db: Db, clock: Clock, required: bool, pepper: Pepper, allowed_hosts: &[String]) -> Self {
        let verifier = Verifier::new(db.clone(), clock.clone(), pepper.clone());
        let sentry = Sentry::default();
        if required {
            sentry.clone().patrol(db.clone(), clock);
            // The routes come from the document, which takes a moment to make: not the first caller's.
            tokio::task::spawn_blocking(router::warm);
        }
        Self(Arc::new(Inner {
            db,
            required,
            pepper,
            allowed_hosts: allowed_hosts.to_vec(),
            local: Arc::new(Caller::local()),
            nobody: Arc::new(Caller::nobody()),
            verifier,
            sentry,
        }))
    }

    /// Whether nobody may do anything without a key.
    pub(crate) fn is_required(&self) -> bool {
        self.0.required
    }

    /// What digests are made with.
    pub(crate) fn pepper(&self) -> &Pepper {
        &self.0.pepper
    }

    /// Who everybody is until it is known who they are.
    pub(crate) fn stranger(&self) -> Arc<Caller> {
        if self.0.required { self.0.nobody.clone() } else { self.0.local.clone() }
    }

    /// Who makes the request.
    ///
    /// # Errors
    /// 401; 403 for a change that a page of somebody else asks for through a visitor's browser; 429 for whoever shows many
    /// secrets that are none; 503 if the database does not answer.
    pub(crate) async fn identify(&self, request: &Request) -> Result<Arc<Caller>, Problem> {
        let path = request.uri().path();
        if is_public(path) {
            return Ok(self.stranger());
        }
        if !self.0.required {
            // Browsers let any page send a form, or a body without a type, to a loopback address. The socket asks by itself.
            if path != SOCKET
                && credential::needs_origin(request)
                && !realtime::is_from_ours(request, &self.0.allowed_hosts)
            {
                return Err(Problem::forbidden("pages of this Origin may change nothing; see WORKFLOW_ALLOWED_HOSTS"));
            }
            return Ok(self.stranger());
        }
        let Some(shown) = credential::shown(request)? else {
            return if is_open(request) { Ok(self.stranger()) } else { Err(credential::refused()) };
        };
        if matches!(shown, Shown::Session(_)) && credential::needs_origin(request) {
            credential::check_origin(request, &self.0.allowed_hosts)?;
        }
        match self.0.verifier.verify(&shown, address(request)).await {
            // Whoever signs in may hold what is worth nothing any more.
            Err(problem) if problem.status == 401 && is_open(request) => Ok(self.stranger()),
            other => other,
        }
    }

    /// Whether the caller may do what the request asks for.
    ///
    /// # Errors
    /// 403 if their role or the mailboxes of their key do not allow it, 404 and 405 for what no operation is, and 404 for what
    /// is in no mailbox of theirs.
    pub(crate) async fn authorise(&self, caller: &Caller, request: &Request) -> Result<(), Problem> {
        let path = request.uri().path();
        if !self.0.required || is_public(path) || trpc::is_call(path) {
            // Each procedure of a batch is judged by itself.
            return Ok(());
        }
        if path == SOCKET {
            // Whoever shows a ticket is known only by that.
            return if caller.is_nobody() { Ok(()) } else { policy::SOCKET.check(caller) };
        }
        let found = router::find(request.method(), path)?;
        found.rule.check(caller)?;
        match (found.rule.scope, found.subject) {
            (Scope::Subject, Some((subject, id))) => self.covers(caller, subject, id).await,
            // Which has to be one of them is for a test to say; who sees all may go on.
            (Scope::Subject, None) if caller.mailboxes.is_some() => Err(Problem::forbidden("this names no mailbox")),
            _ => Ok(()),
        }
    }

    /// Whether what the caller asks about is in one of their mailboxes.
    ///
    /// # Errors
    /// 404, as if it were not there.
    pub(crate) async fn covers(&self, caller: &Caller, subject: Subject, id: &str) -> Result<(), Problem> {
        let Some(mailboxes) = &caller.mailboxes else { return Ok(()) };
        if !id.contains('\0') && scope::covers(&mut self.0.db.read().await?, subject, id, mailboxes).await? {
            return Ok(());
        }
        Err(Problem::not_found(match subject {
            Subject::Task => "the task",
            Subject::Email => "the mail",
            Subject::Batch => "the batch",
        }))
    }

    /// Whether this secret is a key, and whose.
    pub(crate) async fn key(&self, secret: &str, request: &Request) -> Result<Arc<Caller>, Problem> {
        let shown = Shown::Key(shared::key::Secret::shown(secret));
        self.0.verifier.verify(&shown, address(request)).await
    }

    /// Who holds a ticket; `None` if their key or session is worth nothing any more.
    pub(crate) async fn holder(&self, holder: &Holder) -> Result<Option<Arc<Caller>>, Problem> {
        if !self.0.required {
            return Ok(Some(self.stranger()));
        }
        Ok(self.0.verifier.holder(holder).await?)
    }

    /// Ends a session here at once; elsewhere it ends when it is next looked up.
    pub(crate) fn forget(&self, request: &Request) {
        if let Ok(Some(shown)) = credential::shown(request) {
            self.0.verifier.forget(&shown);
        }
    }

    /// Watches over a socket for as long as what is given lives.
    pub(crate) fn watch(&self, caller: &Caller) -> Pass {
        self.0.sentry.watch(caller)
    }
}

/// The socket's path.
const SOCKET: &str = "/ws";

/// Whether anybody may have what is at this path: the application, the documents and health. None of them says anything of
/// what is stored.
fn is_public(path: &str) -> bool {
    ![SOCKET, "/metrics", "/api"].contains(&path) && !path.starts_with("/api/")
}

/// Whether the request may come from anybody although its path is not public: to sign in, or with a ticket.
fn is_open(request: &Request) -> bool {
    let path = request.uri().path();
    path == SOCKET
        || (!trpc::is_call(path)
            && router::find(request.method(), path).is_ok_and(|found| found.rule.access == Access::Open))
}

fn address(request: &Request) -> Option<IpAddr> {
    request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip)
}

impl Rule {
    /// Whether the caller may do this.
    ///
    /// # Errors
    /// 401, 403.
    pub(crate) fn check(&self, caller: &Caller) -> Result<(), Problem> {
        if self.access == Access::Open {
            return Ok(());
        }
        let role = caller.role.ok_or_else(credential::refused)?;
        if !self.access.allows(role) {
            let detail = format!("this takes the role {}; this key's is {role}", self.access.words());
            return Err(Problem::forbidden(detail));
        }
        if caller.mailboxes.is_some() && self.scope == Scope::Whole {
            return Err(Problem::forbidden("this is about all mailboxes, and this key is limited to some"));
        }
        Ok(())
    }
}
