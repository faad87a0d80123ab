//! `workflow database`: shows how the database fares.

use serde_json::Value;

use crate::cli::OpsArgs;
use crate::exit::Failure;
use crate::ops::Console;
use crate::table::{each, plain, table, text};

pub(super) async fn run(args: OpsArgs) -> Result<(), Failure> {
    let console = Console::new(args)?;
    let health = console.get("/api/database", &[]).await?;
    console.print(&health, page);
    Ok(())
}

fn page(health: &Value) -> String {
    let mut page =
        vec![format!("{} {}, {}\n", text(health, "kind"), text(health, "version"), size(&health["size_bytes"]))];
    if let Some(oldest) = health["oldest_transaction"].as_object() {
        let said = |field: &str| oldest.get(field).map(plain).unwrap_or_default();
        page.push(format!(
            "oldest transaction: {} s, process {} of {}, {}: {}\n",
            said("age_seconds"),
            said("pid"),
            said("application"),
            said("state"),
            said("query")
        ));
    }
    for claim in each(health, "claim_p95_ms") {
        page.push(format!(
            "claims of {}: 95 % within {:.1} ms\n",
            text(claim, "worker"),
            claim["ms"].as_f64().unwrap_or(0.0)
        ));
    }
    if let Some(found) = health["reconciled"].as_object() {
        let said = |field: &str| found.get(field).map(plain).unwrap_or_default();
        page.push(format!(
            "figures compared with the tasks at {}: {} sums, {} put right\n",
            said("at"),
            said("cells"),
            said("repaired")
        ));
    }
    for warning in each(health, "warnings") {
        page.push(format!("warning: {}\n", plain(warning)));
    }
    page.push("\n".to_owned());
    let row = |row: &Value| {
        vec![
            text(row, "name"),
            text(row, "rows"),
            text(row, "dead_rows"),
            size(&row["size_bytes"]),
            size(&row["index_bytes"]),
            text(row, "vacuumed_seconds_ago"),
        ]
    };
    let tables = each(health, "tables").map(row);
    page.push(table(&["TABLE", "ROWS", "DEAD", "SIZE", "INDEXES", "VACUUMED (S AGO)"], tables));
    page.concat()
}

fn size(bytes: &Value) -> String {
    match bytes.as_i64() {
        None => "-".to_owned(),
        Some(bytes @ ..10_000) => format!("{bytes} B"),
        Some(bytes @ ..10_000_000) => format!("{} kB", bytes / 1_000),
        Some(bytes) => format!("{} MB", bytes / 1_000_000),
    }
}
