//! Finds the files that hold mail under the paths a user names. Opens none of them but to tell what they are.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One message.
    Message,
    /// Messages one after the other.
    Mbox,
    /// Mails as JSON.
    Json,
}

/// A file that holds mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the one the user gave, with `/`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Name of the folder the user gave, if it was a folder.
    pub folder: Option<String>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Files with mail: path by path as given, each in the order of names.
    pub files: Vec<MailFile>,
    /// Other files.
    pub skipped: usize,
    /// Folders that could not be read, with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Looks for mail. A path that does not exist is an error, before anything else happens.
pub fn find(paths: &[PathBuf]) -> Result<Found, Failure> {
    if let Some((path, error)) = paths.iter().find_map(|path| path.metadata().err().map(|error| (path, error))) {
        return Err(Failure::Usage(format!("{}: {error}", path.display())));
    }
    let mut found = Found::default();
    for path in paths {
        if path.is_dir() {
            let mut search = Search { folder: folder_name(path), visited: HashSet::new(), found: &mut found };
            let first = search.found.files.len();
            search.folder(path, "");
            found.files[first..].sort_by(|a, b| a.name.cmp(&b.name));
        } else if let Some(kind) = kind_of_named(path) {
            found.files.push(MailFile { name: file_name(path), path: path.clone(), kind, folder: None });
        } else {
            found.skipped += 1;
        }
    }
    Ok(found)
}

struct Search<'a> {
    folder: Option<String>,
    /// Folders seen, so that links in a circle end.
    visited: HashSet<PathBuf>,
    found: &'a mut Found,
}

impl Search<'_> {
    fn folder(&mut self, folder: &Path, name: &str) {
        if folder.canonicalize().is_ok_and(|path| !self.visited.insert(path)) {
            return;
        }
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.found.unreadable.push((name.to_owned(), error.to_string())),
        };
        let is_maildir = folder.join("cur").is_dir() && folder.join("new").is_dir();
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            let own = file_name(&path);
            let below = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            match path.is_dir() {
                true if is_maildir && (own == "cur" || own == "new") => self.delivered(&path, &below),
                // Deliveries that were never completed.
                true if is_maildir && own == "tmp" => {}
                true => self.folder(&path, &below),
                false => self.file(path, below, kind_by_extension),
            }
        }
    }

    /// The messages of a Maildir, whose names say nothing.
    fn delivered(&mut self, folder: &Path, name: &str) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.found.unreadable.push((name.to_owned(), error.to_string())),
        };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let below = format!("{name}/{}", file_name(&path));
            self.file(path, below, |path| (!file_name(path).starts_with('.')).then_some(Kind::Message));
        }
    }

    fn file(&mut self, path: PathBuf, name: String, kind: impl Fn(&Path) -> Option<Kind>) {
        // A pipe or a socket would block, whatever it is called; what a link without target is, is not known.
        let readable = path.metadata().map_or(true, |meta| meta.is_file());
        match kind(&path).filter(|_| readable) {
            Some(kind) => self.found.files.push(MailFile { path, name, kind, folder: self.folder.clone() }),
            None => self.found.skipped += 1,
        }
    }
}

fn kind_by_extension(path: &Path) -> Option<Kind> {
    let extension = path.extension()?.to_string_lossy().to_ascii_lowercase();
    match &*extension {
        "eml" => Some(Kind::Message),
        "mbox" => Some(Kind::Mbox),
        "json" => Some(Kind::Json),
        _ => None,
    }
}

/// A file the user names is mail whatever it is called, but for JSON lines, which are not mail.
fn kind_of_named(path: &Path) -> Option<Kind> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl")) {
        return None;
    }
    kind_by_extension(path).or_else(|| {
        let mut start = [0; 5];
        let is_mbox = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok();
        Some(if is_mbox && &start == b"From " { Kind::Mbox } else { Kind::Message })
    })
}

fn folder_name(path: &Path) -> Option<String> {
    path.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// The last part of a path, on one line.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, content: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    #[test]
    fn mail_is_found_at_any_depth_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.eml", "a/deep/c.EML", "z.mbox", "k.json", "gold.jsonl", "README.md", "tmp/x.eml"] {
            write(folder.path(), name, "");
        }
        for name in
            ["box/cur/17.M1:2,S", "box/new/18.M2", "box/tmp/19.M3", "box/dovecot-uidlist", "box/.Sent/cur/20.M4"]
        {
            write(folder.path(), name, "");
        }
        std::fs::create_dir(folder.path().join("box/.Sent/new")).unwrap();
        let found = find(&[folder.path().to_owned()]).unwrap();
        let files: Vec<_> = found.files.iter().map(|file| (&*file.name, file.kind)).collect();
        let expected = [
            ("a/deep/c.EML", Kind::Message),
            ("b.eml", Kind::Message),
            ("box/.Sent/cur/20.M4", Kind::Message),
            ("box/cur/17.M1:2,S", Kind::Message),
            ("box/new/18.M2", Kind::Message),
            ("k.json", Kind::Json),
            ("tmp/x.eml", Kind::Message),
            ("z.mbox", Kind::Mbox),
        ];
        assert_eq!(files, expected);
        assert_eq!(found.skipped, 3, "gold.jsonl, README.md, dovecot-uidlist");
    }

    #[test]
    fn a_file_the_user_names_is_taken_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "inbox", "From a@b.example Mon Nov 16 10:00:00 2026\n");
        write(folder.path(), "note.txt", "Subject: x\n\nhello\n");
        let found = find(&[folder.path().join("inbox"), folder.path().join("note.txt")]).unwrap();
        let kinds: Vec<_> = found.files.iter().map(|file| (&*file.name, file.kind)).collect();
        assert_eq!(kinds, [("inbox", Kind::Mbox), ("note.txt", Kind::Message)]);
        assert_eq!(find(&[folder.path().join("none")]).unwrap_err().code(), 64);
    }
}
