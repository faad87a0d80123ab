//! `workflow audit`: shows what operators did.

use serde_json::Value;

use crate::cli::AuditArgs;
use crate::exit::Failure;
use crate::ops::Console;
use crate::table::{brief, each, plain, table, text};

pub(super) async fn run(args: AuditArgs) -> Result<(), Failure> {
    let console = Console::new(args.ops)?;
    let given = [("action", args.action), ("principal", args.principal), ("object", args.object)];
    let query: Vec<(&str, String)> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let entries = console.pages("/api/audit", "entries", &query, args.limit).await?;
    console.print(&entries, |entries| {
        let row = |entry: &Value| {
            vec![
                text(entry, "at"),
                text(entry, "principal"),
                text(entry, "action"),
                text(entry, "object"),
                brief(&detail(&entry["detail"]), 100),
            ]
        };
        table(&["AT", "WHO", "ACTION", "OBJECT", "DETAIL"], each(entries, "entries").map(row))
    });
    Ok(())
}

/// What is said, without what is not.
fn detail(detail: &Value) -> String {
    let said = detail.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    said.map(|(name, value)| format!("{name}={}", plain(value))).collect::<Vec<_>>().join(" ")
}
