//! `workflow api`: the API alone.

use ::api::ApiConfig;

use crate::cli::{ApiArgs, Auth};
use crate::exit::Failure;
use crate::settings;
use crate::signals::Stop;
use crate::wiring::{self, System};

pub(super) async fn run(args: ApiArgs) -> Result<(), Failure> {
    let database = settings::shared_database(&args.database, "api")?;
    let addresses = settings::listen(&args.listen)?;
    let reach = settings::reach(&args.reach);
    let config = ApiConfig {
        allowed_hosts: settings::hosts(&args.hosts)?,
        rate_limit: args.limits.rate_limit,
        reach,
        auth_required: args.listen.auth == Auth::Required,
        pepper: settings::pepper(&args.pepper)?,
    };
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
