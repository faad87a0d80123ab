//! `workflow up`: everything in one process.

use crate::cli::UpArgs;
use crate::exit::Failure;
use crate::signals::Stop;
use crate::wiring::{self, System};
use crate::{book, demo, settings};

pub(super) async fn run(args: UpArgs) -> Result<(), Failure> {
    let addresses = settings::listen(&args.listen)?;
    let reach = settings::reach(&args.reach);
    let config = settings::api(&args.listen, &args.hosts, &args.limits, &args.pepper, reach)?;
    let required = config.auth_required;
    let database = settings::database(&args.database)?;
    let redis = settings::redis(&args.bus)?;

    let (listener, url) = wiring::bind(&addresses).await?;
    let connections = wiring::API_CONNECTIONS + wiring::worker_connections(&args.work);
    let db = wiring::open(&database, connections).await?;
    let system = System::connect(db, redis.as_ref()).await?;
    book::bootstrap(&system, args.book.sla_file.as_deref()).await?;
    let stop = Stop::on_signals()?;

    let working = system.work(&[], reach, &args.work)?;
    let System { db, clock, bus, .. } = system.clone();
    let demo =
        demo::Target { url: reached_here(&url), db: db.clone(), pepper: required.then(|| config.pepper.clone()) };
    if required {
        wiring::hint_at_keys(&db).await;
    }
    let server = tokio::spawn(::api::serve(listener, db, clock, bus, config, stop.asked()));
    wiring::announce(&format!("Workflow Intelligence is ready at {url}"));
    wiring::announce(&format!("The dashboard is {url}/, the API is described at {url}/docs"));

    let clock = system.clock.clone();
    let loading = async {
        if args.demo {
            demo::load(&demo, clock).await;
        }
        std::future::pending::<std::convert::Infallible>().await
    };
    tokio::select! {
        ended = wiring::supervise(&system.db, &stop, server, Some(working)) => ended,
        never = loading => match never {},
    }
}

/// The URL that this process reaches itself at: an address that stands for all of them is none to connect to.
fn reached_here(url: &str) -> String {
    url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
}
