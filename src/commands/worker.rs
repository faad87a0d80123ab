//! `workflow worker`: works on jobs, and serves its health.

use crate::book;
use crate::cli::WorkerArgs;
use crate::exit::Failure;
use crate::settings;
use crate::signals::Stop;
use crate::wiring::{self, System};

pub(super) async fn run(args: WorkerArgs) -> Result<(), Failure> {
    let database = settings::shared_database(&args.database, "worker")?;
    let addresses = settings::listen(&args.listen)?;
    let redis = settings::redis(&args.bus)?;

    let (listener, url) = wiring::bind(&addresses).await?;
    let db = wiring::open(&database, wiring::worker_connections(&args.work)).await?;
    let system = System::connect(db, redis.as_ref()).await?;
    book::bootstrap(&system, args.book.sla_file.as_deref()).await?;
    let stop = Stop::on_signals()?;

    let health = Stop::new();
    let working = system.work(&args.queues, settings::reach(&args.reach), &args.work)?.shown_by(health.clone());
    let server = ::api::serve_health(listener, system.db.clone(), system.scrape(), stop.asked(), health.asked());
    let server = tokio::spawn(server);
    wiring::announce(&format!("worker ready, health at {url}/health/ready"));
    wiring::supervise(&system.db, &stop, server, Some(working)).await
}
