//! The tools of other projects: pinned in `openapi/tools`, installed below `target/contract` and run there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{
    debian::{self, Program},
    node::Node,
    process,
    workspace::{root, target},
};

/// Where the tools are, and the documents they read.
pub struct Tools {
    folder: PathBuf,
    documents: PathBuf,
    node: Node,
}

impl Tools {
    /// Installs what is not installed yet as the lock files say.
    pub fn install() -> Result<Self> {
        debian::provide(&[Program::Python, Program::Java])?;
        let node = Node::provide()?;
        let documents = root()?.join("openapi");
        let tools = Self { folder: target()?.join("contract"), documents, node };
        fs::create_dir_all(&tools.folder)?;
        for entry in fs::read_dir(tools.documents.join("tools"))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), tools.folder.join(entry.file_name()))?;
            }
        }
        tools.once("package-lock.json", "node_modules", |tools| {
            process::run(tools.command("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
        })?;
        tools.once("requirements.txt", "python", |tools| {
            process::run(tools.command("python3").args(["-m", "venv", "--clear", "python"]))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"];
            process::run(tools.python().args(pip))
        })?;
        Ok(tools)
    }

    /// Runs an installation unless it was made from the same list before.
    fn once(&self, list: &str, result: &str, install: impl Fn(&Self) -> Result<()>) -> Result<()> {
        let stamp = self.folder.join(format!("{list}.installed"));
        let wanted = fs::read(self.folder.join(list))?;
        if self.folder.join(result).is_dir() && fs::read(&stamp).is_ok_and(|done| done == wanted) {
            return Ok(());
        }
        install(self)?;
        fs::write(stamp, wanted).context("cannot note what was installed")
    }

    /// Everything the linter says by its recommended rules, warnings included, is a failure.
    pub fn redocly(&self) -> Result<String> {
        let mut lint = self.node("redocly");
        lint.args(["lint", "--config", "redocly.yaml", "--format", "json"]).args(self.both());
        let (_, out, error) = captured(&mut lint)?;
        // A report for each document, one behind the other.
        let reports = serde_json::Deserializer::from_slice(&out).into_iter::<Value>();
        let reports = reports.collect::<Result<Vec<_>, _>>().with_context(|| format!("no report: {error}"))?;
        let problems: Vec<&Value> =
            reports.iter().filter_map(|report| report["problems"].as_array()).flatten().collect();
        for problem in &problems {
            println!("  {} {}: {}", problem["ruleId"], problem["location"][0]["pointer"], problem["message"]);
        }
        ensure!(reports.len() == 2, "{} of 2 documents were linted: {error}", reports.len());
        ensure!(problems.is_empty(), "{} errors and warnings", problems.len());
        Ok("0 errors, 0 warnings in both documents".to_owned())
    }

    /// As [`Tools::redocly`], down to hints.
    pub fn spectral(&self) -> Result<String> {
        let mut lint = self.node("spectral");
        lint.args(["lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint"]).args(self.both());
        process::run(&mut lint)?;
        Ok("0 errors, 0 warnings in both documents".to_owned())
    }

    /// The document of the socket, and that it names the same events as the other one.
    pub fn asyncapi(&self) -> Result<String> {
        let mut parser = self.command("node");
        parser.arg("asyncapi.mjs").arg(self.document("asyncapi.json")).arg(self.document("openapi.json"));
        let said = process::output(&mut parser)?;
        Ok(format!("valid; {}, the same as in the union", String::from_utf8_lossy(&said).trim()))
    }

    /// A program of an npm package.
    pub fn node(&self, program: &str) -> Command {
        let mut command = self.command(self.folder.join("node_modules").join(".bin").join(program));
        command.env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").env("REDOCLY_TELEMETRY", "off");
        command
    }

    /// The Python with the packages.
    pub fn python(&self) -> Command {
        self.command(self.folder.join("python").join("bin").join("python"))
    }

    /// A command run where the tools are.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        self.node
            .within(&mut command)
            .current_dir(&self.folder)
            .env("CI", "true")
            .env("NO_COLOR", "1")
            .env_remove("NODE_OPTIONS");
        command
    }

    /// A document by its file name.
    pub fn document(&self, name: &str) -> PathBuf {
        self.documents.join(name)
    }

    /// Where the tools run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn both(&self) -> [PathBuf; 2] {
        [self.document("openapi.json"), self.document("openapi-3.0.json")]
    }
}

/// Runs the command and gives whether it succeeded, what it wrote, and what it complained of.
pub fn captured(command: &mut Command) -> Result<(bool, Vec<u8>, String)> {
    let line = process::describe(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{line}`"))?;
    Ok((output.status.success(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned()))
}
