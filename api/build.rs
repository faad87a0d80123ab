//! Puts the built web application into the binary: a table of the files of `web/dist`, each with its type, its tag and
//! its compressed forms, made here once so that no answer is ever compressed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

/// Extensions that are served, their types, and whether they are worth compressing.
const TYPES: [(&str, &str, bool); 13] = [
    ("html", "text/html; charset=utf-8", true),
    ("js", "text/javascript; charset=utf-8", true),
    ("css", "text/css; charset=utf-8", true),
    ("svg", "image/svg+xml", true),
    ("json", "application/json", true),
    ("webmanifest", "application/manifest+json", true),
    ("txt", "text/plain; charset=utf-8", true),
    ("ico", "image/x-icon", true),
    ("png", "image/png", false),
    ("webp", "image/webp", false),
    ("jpg", "image/jpeg", false),
    ("woff2", "font/woff2", false),
    ("wasm", "application/wasm", true),
];

fn main() {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../web/dist");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../web/dist");
    assert!(dist.join("index.html").is_file(), "web/dist/index.html is missing: run `npm run build` in web/");

    let mut paths = Vec::new();
    collect(&dist, &dist, &mut paths);
    paths.sort();
    let mut table = String::from("&[\n");
    for (n, path) in paths.iter().enumerate() {
        entry(&mut table, n, path, &fs::read(dist.join(path)).expect("the file was just listed"), &out);
    }
    table.push(']');
    fs::write(out.join("files.rs"), table).expect("the folder is ours");
}

/// Files below a folder by their paths from `root`, with slashes; hidden ones are none of the application's.
fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("web/dist can be read") {
        let path = entry.expect("web/dist can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("file names are UTF-8");
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let path = path.strip_prefix(root).expect("it is below the root");
            let parts: Vec<_> = path.iter().map(|part| part.to_str().expect("file names are UTF-8")).collect();
            found.push(parts.join("/"));
        }
    }
}

fn entry(table: &mut String, n: usize, path: &str, bytes: &[u8], out: &Path) {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let known = TYPES.iter().find(|(known, ..)| *known == extension);
    let (_, kind, compresses) = known.unwrap_or_else(|| panic!("web/dist/{path}: api/build.rs knows no type for it"));
    let store = |suffix: &str, bytes: &[u8]| {
        let name = format!("{n}{suffix}");
        fs::write(out.join(&name), bytes).expect("the folder is ours");
        format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))")
    };
    // Not where it saves nothing.
    let smaller = |suffix: &str, packed: Vec<u8>| {
        let pays = *compresses && packed.len() + 64 < bytes.len();
        if pays { format!("Some({})", store(suffix, &packed)) } else { "None".to_owned() }
    };
    let tag = &format!("{:x}", Sha256::digest(bytes))[..24];
    let (whole, brotli, gzip) = (store("", bytes), smaller(".br", brotli(bytes)), smaller(".gz", gzip(bytes)));
    let _ = writeln!(
        table,
        "File {{ path: {path:?}, kind: {kind:?}, tag: {tag:?}, whole: {whole}, brotli: {brotli}, gzip: {gzip} }},",
        path = format!("/{path}"),
    );
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters).expect("memory can be written to");
    packed
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).expect("memory can be written to");
    packed.finish().expect("memory can be written to")
}
