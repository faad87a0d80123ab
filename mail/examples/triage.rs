//! Prints one JSON line a mail for the .eml files of a folder, in file-name order.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: triage FOLDER")?;
    let mut files: Vec<_> =
        std::fs::read_dir(folder)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    let mut triage = mail::Triage::new();
    let mut out = std::io::stdout().lock();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let line = triage.take(&name, &std::fs::read(&path)?, mail::Format::Rfc822);
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}
