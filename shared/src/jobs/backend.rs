//! The apalis backend of one queue: a stream of jobs that are claimed already.
//!
//! Database errors are waited out where they happen and never reach apalis, whose worker ends at the first one.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::task::Task;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::task_id::RandomId;
use apalis_core::worker::context::WorkerContext;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tower::layer::util::Identity;

use super::engine::Engine;
use super::run::Claimed;

pub(super) struct JobsBackend {
    engine: Arc<Engine>,
    lane: usize,
    state: State,
    closing: Option<BoxFuture<'static, ()>>,
}

enum State {
    Idle,
    Fetching { jobs: mpsc::UnboundedReceiver<Claimed>, stop: watch::Sender<bool>, fetcher: JoinHandle<()> },
    Closed,
}

impl JobsBackend {
    pub(super) fn new(engine: Arc<Engine>, lane: usize) -> Self {
        Self { engine, lane, state: State::Idle, closing: None }
    }

    /// Stops the fetcher and gives back what was claimed but not started.
    fn shut(&mut self) -> Option<BoxFuture<'static, ()>> {
        let State::Fetching { mut jobs, stop, fetcher } = std::mem::replace(&mut self.state, State::Closed) else {
            return None;
        };
        let engine = self.engine.clone();
        Some(
            async move {
                stop.send_replace(true);
                let _ = fetcher.await;
                let mut unstarted = Vec::new();
                while let Ok(claimed) = jobs.try_recv() {
                    unstarted.extend(claimed.leases());
                }
                if !unstarted.is_empty() {
                    engine.release(&unstarted).await;
                }
            }
            .boxed(),
        )
    }
}

impl Backend for JobsBackend {
    type Task = Task<Claimed>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Task<Claimed>, Infallible>>> {
        if matches!(self.state, State::Idle) {
            // Not in new(): the monitor builds a worker long before it runs.
            let (sender, jobs) = mpsc::unbounded_channel();
            let (stop, stopped) = watch::channel(false);
            let fetcher = tokio::spawn(self.engine.clone().fetch(self.lane, sender, stopped));
            self.state = State::Fetching { jobs, stop, fetcher };
        }
        let State::Fetching { jobs, .. } = &mut self.state else { return Poll::Ready(None) };
        match std::task::ready!(jobs.poll_recv(cx)) {
            Some(claimed) => Poll::Ready(Some(Ok(TaskBuilder::new(claimed).build()))),
            None if self.engine.is_stopping() => Poll::Ready(None),
            None => {
                // The fetcher panicked. An end of the stream would end the lane for good, without an error.
                tracing::error!(
                    queue = self.engine.lanes[self.lane].queue,
                    "claiming ended unexpectedly; restarting it"
                );
                self.state = State::Idle;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        if self.closing.is_none() {
            self.closing = self.shut();
        }
        match &mut self.closing {
            None => Poll::Ready(Ok(())),
            Some(closing) => closing.poll_unpin(cx).map(|()| Ok(())),
        }
    }
}

impl Drop for JobsBackend {
    /// The worker's future panicked or was cut off: what it had not started goes back as well.
    fn drop(&mut self) {
        if let (Some(closing), Ok(runtime)) = (self.shut(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(closing);
        }
    }
}

impl BackendConfig for JobsBackend {
    type Args = Claimed;
    type Id = RandomId;
    type Kind = apalis_core::backend::finalize::Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
