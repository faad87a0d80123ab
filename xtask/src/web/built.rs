//! The built application is committed, so that cargo needs no Node; it must be what its sources give.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::workspace::root;

/// The files of `web/dist`, by their paths in it.
pub struct Dist(BTreeMap<PathBuf, Vec<u8>>);

impl Dist {
    /// As they are now.
    pub fn read() -> Result<Self> {
        let folder = folder()?;
        let mut files = BTreeMap::new();
        collect(&folder, &folder, &mut files).with_context(|| format!("cannot read {}", folder.display()))?;
        Ok(Self(files))
    }

    /// Fails, naming the files, if a build since has changed them.
    pub fn check(&self) -> Result<()> {
        let stale = self.differences(&Self::read()?);
        ensure!(
            stale.is_empty(),
            "web/dist is not what its sources give ({}): run `npm run build` in web/ and commit web/dist",
            stale.join(", ")
        );
        Ok(())
    }

    fn differences(&self, built: &Self) -> Vec<String> {
        let gone =
            self.0.keys().filter(|path| !built.0.contains_key(*path)).map(|path| (path, "is not built any more"));
        let other = built.0.iter().filter_map(|(path, bytes)| match self.0.get(path) {
            Some(committed) if committed == bytes => None,
            Some(_) => Some((path, "differs")),
            None => Some((path, "is missing")),
        });
        gone.chain(other).map(|(path, what)| format!("{} {what}", path.display())).collect()
    }
}

fn folder() -> Result<PathBuf> {
    Ok(root()?.join("web").join("dist"))
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            files.insert(path.strip_prefix(root)?.to_owned(), fs::read(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Dist;

    #[test]
    fn each_file_that_differs_is_named() {
        let dist =
            |files: &[(&str, &str)]| Dist(files.iter().map(|(path, text)| (path.into(), (*text).into())).collect());
        let committed = dist(&[("index.html", "1"), ("assets/a-1.js", "1"), ("favicon.svg", "1")]);
        assert!(committed.differences(&committed).is_empty());
        let built = dist(&[("index.html", "2"), ("assets/a-2.js", "2"), ("favicon.svg", "1")]);
        let expected = ["assets/a-1.js is not built any more", "assets/a-2.js is missing", "index.html differs"];
        assert_eq!(committed.differences(&built), expected);
    }
}
