//! `workflow migrate`: brings the schema up to date.

use shared::store::Db;

use crate::cli::DatabaseArgs;
use crate::exit::Failure;
use crate::{settings, wiring};

pub(super) async fn run(args: DatabaseArgs) -> Result<(), Failure> {
    let url = settings::database(&args)?;
    let db = Db::open(url.expose(), 2).await.map_err(|error| wiring::named(error.into(), &url))?;
    db.close().await;
    wiring::announce(&format!("the schema of {url} is up to date"));
    Ok(())
}
