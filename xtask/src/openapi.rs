//! `cargo xtask openapi`: the contract files that are generated from the binary and committed.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{process, product, workspace::root};

/// Arguments of `workflow`, and the file that holds what it prints.
const DOCUMENTS: [(&[&str], &str); 3] = [
    (&["openapi"], "openapi/openapi.json"),
    (&["openapi", "--version", "3.0"], "openapi/openapi-3.0.json"),
    (&["asyncapi"], "openapi/asyncapi.json"),
];

/// Differences named one by one; the rest is counted.
const SHOWN: usize = 20;

/// Writes the files, or with `check` only compares them.
pub fn run(check: bool) -> Result<()> {
    let root = root()?;
    let binary = product::build()?;
    let mut stale = Vec::new();
    for (arguments, file) in DOCUMENTS {
        let generated = process::output(Command::new(&binary).args(arguments))?;
        let document: Value = serde_json::from_slice(&generated)
            .with_context(|| format!("`workflow {}` did not print JSON", arguments.join(" ")))?;
        let path = root.join(file);
        if fs::read(&path).is_ok_and(|committed| committed == generated) {
            println!("{file}: unchanged");
        } else if check {
            println!("{file}: differs");
            explain(&path, &document);
            stale.push(file);
        } else {
            fs::write(&path, &generated).with_context(|| format!("cannot write {file}"))?;
            println!("{file}: written");
        }
    }
    if !stale.is_empty() {
        bail!("run `cargo xtask openapi` and commit {}", stale.join(", "));
    }
    Ok(())
}

/// Says where the committed file and the generated document part.
fn explain(path: &Path, generated: &Value) {
    let committed = match fs::read(path) {
        Err(error) => return println!("  the committed file cannot be read: {error}"),
        Ok(bytes) => serde_json::from_slice::<Value>(&bytes),
    };
    let Ok(committed) = committed else {
        return println!("  the committed file is not JSON");
    };
    let mut differences = Vec::new();
    compare("", &committed, generated, &mut differences);
    for difference in differences.iter().take(SHOWN) {
        println!("  {difference}");
    }
    match differences.len() {
        0 => println!("  only in white space or in the order of members"),
        n if n > SHOWN => println!("  and {} more", n - SHOWN),
        _ => {}
    }
}

/// Collects one line for each JSON pointer at which the documents differ, `+` added, `-` removed, `~` changed.
fn compare(pointer: &str, old: &Value, new: &Value, differences: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let child = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                compare_member(&child, old.get(key), new.get(key), differences);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for index in 0..old.len().max(new.len()) {
                compare_member(&format!("{pointer}/{index}"), old.get(index), new.get(index), differences);
            }
        }
        _ if old == new => {}
        _ => differences.push(format!("~ {pointer}")),
    }
}

fn compare_member(pointer: &str, old: Option<&Value>, new: Option<&Value>, differences: &mut Vec<String>) {
    match (old, new) {
        (Some(old), Some(new)) => compare(pointer, old, new, differences),
        (Some(_), None) => differences.push(format!("- {pointer}")),
        (None, Some(_)) => differences.push(format!("+ {pointer}")),
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compare;

    #[test]
    fn differences_name_added_removed_and_changed_pointers() {
        let old = json!({"paths": {"/a": 1, "/b": [1, 2]}, "info": {"version": "1"}});
        let new = json!({"paths": {"/b": [1, 3, 4], "/c": 1}, "info": {"version": "1"}});
        let mut differences = Vec::new();
        compare("", &old, &new, &mut differences);
        assert_eq!(differences, ["- /paths/~1a", "~ /paths/~1b/1", "+ /paths/~1b/2", "+ /paths/~1c"]);
    }
}
