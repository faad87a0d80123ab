//! Clients as others generate them: complete, without a warning about the document, and compiling.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::tools::{Tools, captured};
use crate::process;

/// Generates all clients anew and checks that no model and no operation was dropped.
pub fn generate(tools: &Tools) -> Result<String> {
    let clients = tools.folder().join("clients");
    let _ = fs::remove_dir_all(&clients);
    fs::create_dir_all(&clients)?;
    let document = tools.document("openapi.json");

    let mut types = tools.node("openapi-typescript");
    types.arg(&document).args(["--default-non-nullable=false", "-o", "clients/openapi-typescript/schema.d.ts"]);
    quietly(&mut types)?;
    quietly(tools.node("openapi-ts").arg("-i").arg(&document).args(["-o", "clients/hey-api"]))?;
    let mut orval = tools.node("orval");
    orval.arg("--input").arg(&document).args(["--output", "clients/orval/api.ts", "--client", "fetch"]);
    quietly(&mut orval)?;
    // It calls its reading of 3.1 a beta.
    let mut fetch = tools.command("java");
    fetch.arg("-jar").arg(jar(tools)?).args(["generate", "-g", "typescript-fetch", "-o", "clients/openapi-generator"]);
    // It leaves out the models of forms, but not the references to them.
    fetch.args(["--global-property", "skipFormModel=false"]);
    quietly(fetch.arg("-i").arg(tools.document("openapi-3.0.json")))?;
    python(tools, &document)?;
    complete(tools)
}

fn python(tools: &Tools, document: &PathBuf) -> Result<()> {
    let mut generator = tools.command(tools.folder().join("python/bin/openapi-python-client"));
    generator.arg("generate").arg("--path").arg(document);
    generator.args(["--output-path", "clients/python", "--meta", "none", "--config", "python-client.yaml"]);
    let (succeeded, out, error) = captured(&mut generator)?;
    let said = String::from_utf8_lossy(&out).into_owned() + &error;
    if !succeeded || said.contains("WARNING") || said.contains("Warning") {
        bail!("openapi-python-client: {said}");
    }
    Ok(())
}

/// Runs a generator; what it says is shown only if it fails.
fn quietly(command: &mut std::process::Command) -> Result<()> {
    let line = process::describe(command);
    let (succeeded, out, error) = captured(command)?;
    ensure!(succeeded, "`{line}` failed\n{}{error}", String::from_utf8_lossy(&out));
    Ok(())
}

/// The generator that the Python package carries.
fn jar(tools: &Tools) -> Result<PathBuf> {
    let libraries = tools.folder().join("python/lib");
    let version = fs::read_dir(&libraries)?.next().context("the environment has no library")??.path();
    Ok(version.join("site-packages/openapi_generator_cli/openapi-generator.jar"))
}

/// Looks for every schema and every operation of the document in every client.
fn complete(tools: &Tools) -> Result<String> {
    let document: Value = serde_json::from_slice(&fs::read(tools.document("openapi.json"))?)?;
    let schemas: Vec<&String> =
        document["components"]["schemas"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
    let operations: Vec<&str> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, item)| item.as_object().into_iter().flatten())
        .filter_map(|(_, operation)| operation["operationId"].as_str())
        .collect();
    let mut dropped = Vec::new();
    for client in ["openapi-typescript", "hey-api", "orval", "openapi-generator", "python"] {
        let code = plain(&text_of(&tools.folder().join("clients").join(client))?);
        let names = operations.iter().copied().chain(schemas.iter().map(|name| name.as_str()));
        dropped.extend(names.filter(|name| !code.contains(&plain(name))).map(|name| format!("{client}: {name}")));
    }
    ensure!(dropped.is_empty(), "dropped {}", dropped.join(", "));
    Ok(format!("5 clients, each with {} operations and {} models", operations.len(), schemas.len()))
}

/// A name as it is the same in every language's spelling.
fn plain(text: &str) -> String {
    text.chars().filter(|character| *character != '_').flat_map(char::to_lowercase).collect()
}

fn text_of(folder: &PathBuf) -> Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} was not generated", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            text.push_str(&text_of(&path)?);
        } else if path.extension().is_some_and(|kind| kind == "ts" || kind == "py") {
            // Some name the operation only by the file.
            text.push_str(&path.file_stem().unwrap_or_default().to_string_lossy());
            text.push('\n');
            text.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(text)
}

/// Compiles all TypeScript strictly, the story included.
pub fn compile_typescript(tools: &Tools) -> Result<String> {
    process::run(&mut tools.node("tsc"))?;
    Ok("4 clients compile with --strict".to_owned())
}

/// Compiles the Python client and checks its types together with the story.
pub fn compile_python(tools: &Tools) -> Result<String> {
    quietly(tools.python().args(["-m", "compileall", "-q", "clients/python"]))?;
    quietly(tools.python().args(["-m", "mypy", "--ignore-missing-imports", "story.py"]))?;
    Ok("compiles, and mypy finds nothing".to_owned())
}
