//! A book of calendars and policies in a file: read, judged, and put into a database that has none yet.

use std::path::Path;

use shared::domain::sla::book::{Book, Fault};
use shared::store::{StoreError, sla};

use crate::exit::Failure;
use crate::wiring::System;
use crate::yaml::{self, Placed};

/// Largest file: what the API takes, and then some for comments.
const LARGEST: u64 = 4 << 20;
/// Who is said to have made the revision that a file began with.
const BOOTSTRAP: &str = "bootstrap";

/// Reads a book, and says where in the file each of its faults is: `FILE:LINE:COLUMN: ...`, a line each.
pub fn read(file: &Path) -> Result<Book, Vec<String>> {
    let name = file.display();
    let text = text(file).map_err(|error| vec![format!("{name}: {error}")])?;
    let placed = yaml::read(&text).map_err(|wrong| vec![format!("{name}:{}: {}", wrong.place, wrong.detail)])?;
    Book::read(&placed.value).map_err(|faults| {
        let mut faults: Vec<_> = faults.into_iter().map(|fault| (placed.place(&fault.pointer), fault)).collect();
        faults.sort_by_key(|(place, _)| (place.line, place.column));
        faults.into_iter().map(|(place, fault)| format!("{name}:{place}: {}", told(&fault, &placed))).collect()
    })
}

fn text(file: &Path) -> std::io::Result<String> {
    if file.metadata()?.len() > LARGEST {
        return Err(std::io::Error::other("is larger than 4 MiB"));
    }
    std::fs::read_to_string(file)
}

/// A fault, with the value it is about where that is short.
fn told(Fault { pointer, detail }: &Fault, placed: &Placed) -> String {
    let value = placed.value.pointer(pointer).filter(|value| value.is_string() || value.is_number());
    let shown = value.map(ToString::to_string).filter(|shown| shown.len() <= 60);
    let shown = shown.map_or_else(String::new, |shown| format!(" {shown}"));
    format!("{pointer}{shown} {detail}").trim_start().to_owned()
}

/// Puts the book of a file into a database that has none yet; later starts leave what was made of it alone.
pub async fn bootstrap(system: &System, file: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    let unreachable = |error: StoreError| Failure::Unavailable(error.to_string());
    let mut tx = system.db.begin().await.map_err(unreachable)?;
    if sla::current_number(&mut tx).await.map_err(unreachable)? > 0 {
        return Ok(());
    }
    let book = read(file).map_err(|faults| Failure::Config(format!("WORKFLOW_SLA_FILE: {}", faults.join("; "))))?;
    let reason = format!("from {}", file.display());
    match sla::add(&mut tx, 1, &book, Some(&reason), BOOTSTRAP, system.clock.now()).await {
        // Another process was first, most likely with the same file.
        Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(unreachable(error)),
        Ok(()) => tx.commit().await.map_err(unreachable),
    }
}
