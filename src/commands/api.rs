//! `workflow api`: the API alone.

use crate::cli::ApiArgs;
use crate::exit::Failure;
use crate::settings;
use crate::signals::Stop;
use crate::wiring::{self, System};

pub(super) async fn run(args: ApiArgs) -> Result<(), Failure> {
    let database = settings::shared_database(&args.database, "api")?;
    let addresses = settings::listen(&args.listen)?;
    let config = settings::api(&args.listen, &args.hosts, &args.limits, &args.pepper, settings::reach(&args.reach))?;
    let redis = settings::redis(&args.bus)?;

    let (listener, url) = wiring::bind(&addresses).await?;
    let db = wiring::open(&database, wiring::API_CONNECTIONS).await?;
    let System { db, clock, bus, .. } = System::connect(db, redis.as_ref()).await?;
    let stop = Stop::on_signals()?;

    if config.auth_required {
        wiring::hint_at_keys(&db).await;
    }
    let server = tokio::spawn(::api::serve(listener, db.clone(), clock, bus, config, stop.asked()));
    wiring::announce(&format!("Workflow Intelligence is ready at {url}"));
    wiring::supervise(&db, &stop, server, None).await
}
