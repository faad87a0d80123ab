//! The files of a watched folder: found, read and put away. All of it blocks, and belongs on a thread that may.

use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use mail::split::{self, Piece};
use sha2::{Digest as _, Sha256};
use shared::domain::mailbox::{FileAfter, FolderSource, Seen, fits};
use shared::store::mail::NewEmail;

use super::{HEAD, LARGEST, LIMIT, head, whole};

/// What a folder holds.
#[derive(Debug)]
pub(super) struct Listing {
    /// Whether it is a Maildir.
    pub is_maildir: bool,
    /// Its files, the oldest first.
    pub files: Vec<Seen>,
}

/// Looks for files: those of the folder itself, or what is new in a Maildir. Links are not followed: they could lead
/// anywhere.
pub(super) fn list(folder: &Path, pattern: &str) -> io::Result<Listing> {
    let is_maildir = ["new", "cur", "tmp"].iter().all(|part| folder.join(part).is_dir());
    let within = if is_maildir { folder.join("new") } else { folder.to_owned() };
    let mut files = Vec::new();
    for entry in fs::read_dir(&within)? {
        let entry = entry?;
        // A name that is not text cannot be kept in the table.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || !(is_maildir || fits(pattern, &name)) {
            continue;
        }
        // What has gone since is somebody else's business.
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_file() {
            let (size, modified_ms) = look(&meta);
            files.push(Seen { name, size, modified_ms, complete: is_maildir });
        }
    }
    files.sort_by(|a, b| (a.modified_ms, &a.name).cmp(&(b.modified_ms, &b.name)));
    Ok(Listing { is_maildir, files })
}

fn look(meta: &Metadata) -> (i64, i64) {
    let modified = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    (meta.len() as i64, modified.map_or(0, |since| since.as_millis() as i64))
}

/// Where a listed file is.
fn place(folder: &Path, is_maildir: bool, name: &str) -> PathBuf {
    if is_maildir { folder.join("new").join(name) } else { folder.join(name) }
}

/// Gives the mails of a file to `take`, one after the other, until it wants no more.
pub(super) fn read(
    folder: &Path,
    is_maildir: bool,
    name: &str,
    take: &mut dyn FnMut(NewEmail) -> bool,
) -> io::Result<()> {
    let path = place(folder, is_maildir, name);
    let file = File::open(&path)?;
    let size = file.metadata()?.len();
    let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase).filter(|_| !is_maildir);
    match extension.as_deref().and_then(|text| text.to_str()) {
        Some("mbox") => {
            for (n, piece) in split::mbox(BufReader::with_capacity(256 << 10, file), LIMIT as usize).enumerate() {
                let source = format!("{name}#{n}");
                let mail = match piece? {
                    Piece::Whole(raw) => whole(&source, "rfc822", raw),
                    Piece::TooLarge { head: raw, size, sha256 } => head(&source, raw, size, sha256),
                };
                if !take(mail) {
                    break;
                }
            }
        }
        Some("json") if size <= LIMIT => {
            let raw = fs::read(&path)?;
            match split::json(&raw) {
                Ok((_, mails)) => {
                    for (n, raw) in mails.into_iter().enumerate() {
                        if !take(whole(&format!("{name}#{n}"), "json", raw)) {
                            break;
                        }
                    }
                }
                // It is kept apart with its reason when it is read as one mail.
                Err(_) => drop(take(whole(name, "json", raw))),
            }
        }
        _ => drop(take(message(file, size, name)?)),
    }
    Ok(())
}

fn message(mut file: File, size: u64, name: &str) -> io::Result<NewEmail> {
    if size <= LIMIT {
        let mut raw = Vec::with_capacity(size as usize);
        file.take(LIMIT + 1).read_to_end(&mut raw)?;
        return Ok(whole(name, "rfc822", raw));
    }
    if size > LARGEST {
        return Err(io::Error::other("a mail is at most 1 GiB"));
    }
    let (mut hash, mut kept, mut total) = (Sha256::new(), Vec::with_capacity(HEAD), 0);
    let mut chunk = vec![0; 256 << 10];
    loop {
        let n = file.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        hash.update(&chunk[..n]);
        kept.extend_from_slice(&chunk[..n.min(HEAD - kept.len())]);
        total += n as u64;
    }
    Ok(head(name, kept, total, format!("{:x}", hash.finalize())))
}

/// Puts a file away whose mail is in a batch; `false` if it has changed since, and is to be read again.
pub(super) fn put_away(folder: &Path, is_maildir: bool, source: &FolderSource, seen: &Seen) -> io::Result<bool> {
    let path = place(folder, is_maildir, &seen.name);
    let meta = match fs::symlink_metadata(&path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    if look(&meta) != (seen.size, seen.modified_ms) {
        return Ok(false);
    }
    match source.after {
        FileAfter::Keep => {}
        FileAfter::Delete => fs::remove_file(&path)?,
        FileAfter::Move if is_maildir => {
            let bare = seen.name.split(":2,").next().unwrap_or(&seen.name);
            fs::rename(&path, folder.join("cur").join(format!("{bare}:2,S")))?;
        }
        FileAfter::Move => {
            let to = folder.join(&source.move_to);
            fs::create_dir_all(&to)?;
            fs::rename(&path, free_name(&to, &seen.name))?;
        }
    }
    Ok(true)
}

/// A name in a folder that nothing has yet.
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let plain = folder.join(name);
    if fs::symlink_metadata(&plain).is_err() {
        return plain;
    }
    let (stem, extension) =
        name.rsplit_once('.').map_or((name, String::new()), |(stem, ext)| (stem, format!(".{ext}")));
    let numbered = (1..).map(|n| folder.join(format!("{stem}-{n}{extension}")));
    numbered.into_iter().find(|path| fs::symlink_metadata(path).is_err()).unwrap_or(plain)
}
