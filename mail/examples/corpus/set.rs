//! Labelled mail: folders of `.eml` files with `gold.jsonl`, and files of short mails, one JSON object a line.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// Labels of one mail.
#[derive(Clone, Debug, Deserialize)]
pub struct Gold {
    #[serde(flatten)]
    pub line: mail::Line,
    /// ISO 639-1; sets without it count as English.
    #[serde(default = "english")]
    pub language: String,
}

fn english() -> String {
    "en".to_owned()
}

/// One company's mail in the order it arrived.
pub struct Set {
    pub name: String,
    pub mails: Vec<(Gold, Vec<u8>)>,
    /// The company's own mail domain.
    pub own: Vec<String>,
}

/// All folders below `corpus` that hold labels, by name.
pub fn read_all(corpus: &Path) -> anyhow::Result<Vec<Set>> {
    let mut folders: Vec<_> = std::fs::read_dir(corpus)
        .with_context(|| format!("cannot read {}", corpus.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("gold.jsonl").is_file())
        .collect();
    folders.sort();
    folders.iter().map(|folder| Set::read(folder)).collect()
}

impl Set {
    /// Holds short mails, of which only the classes are labelled.
    pub fn is_short(&self) -> bool {
        self.mails.iter().all(|(gold, _)| gold.line.thread.is_empty())
    }

    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let labels = folder.join("gold.jsonl");
        let text = std::fs::read_to_string(&labels).with_context(|| format!("cannot read {}", labels.display()))?;
        let mut mails = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let gold: Gold =
                serde_json::from_str(line).with_context(|| format!("{} line {}", labels.display(), index + 1))?;
            let path = folder.join(&gold.line.file);
            mails.push((gold, std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?));
        }
        if mails.is_empty() {
            bail!("{} has no labels", labels.display());
        }
        mails.sort_by(|a, b| a.0.line.file.cmp(&b.0.line.file));
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let own = own_domain(&mails);
        Ok(Self { name, mails, own })
    }
}

/// The domain most mails show to be the company's.
fn own_domain(mails: &[(Gold, Vec<u8>)]) -> Vec<String> {
    let mut seen: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for (_, raw) in mails {
        let domain = mail::parse(raw, mail::Format::Rfc822, &mail::Limits::default())
            .ok()
            .and_then(|mail| mail::own_domain(&mail));
        if let Some(domain) = domain {
            *seen.entry(domain).or_default() += 1;
        }
    }
    seen.into_iter().max_by_key(|(_, count)| *count).map(|(domain, _)| domain).into_iter().collect()
}

/// A short labelled mail: its classes only.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snippet {
    from: String,
    to: String,
    subject: String,
    /// Answers an earlier mail.
    reply: bool,
    text: String,
    language: String,
    noise: bool,
    category: Option<String>,
    state: Option<String>,
    status: Option<String>,
    priority: Option<String>,
    dollars: Option<serde_json::Number>,
}

/// Short mails of the files `*.jsonl` in `corpus`, a set each file; they train and are not scored.
pub fn read_snippets(corpus: &Path) -> anyhow::Result<Vec<Set>> {
    let mut files: Vec<_> = std::fs::read_dir(corpus)
        .with_context(|| format!("cannot read {}", corpus.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    files.iter().map(|file| snippets(file)).collect()
}

fn snippets(file: &Path) -> anyhow::Result<Set> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut mails = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let snippet: Snippet =
            serde_json::from_str(line).with_context(|| format!("{} line {}", file.display(), index + 1))?;
        mails.push((snippet.gold(), snippet.raw(index)));
    }
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Set { name, mails, own: Vec::new() })
}

impl Snippet {
    fn gold(&self) -> Gold {
        let line = mail::Line {
            is_noise: self.noise,
            workflow_category: self.category.clone(),
            workflow_state: self.state.clone(),
            task_status: self.status.clone(),
            priority: self.priority.clone(),
            dollar_value: self.dollars.clone(),
            ..mail::Line::default()
        };
        Gold { line, language: self.language.clone() }
    }

    fn raw(&self, index: usize) -> Vec<u8> {
        let answers =
            if self.reply { format!("In-Reply-To: <before-{index}@mail.example>\r\n") } else { String::new() };
        let Self { from, to, subject, text, .. } = self;
        format!(
            "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Mon, 9 Nov 2026 09:00:00 +0000\r\n{answers}MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
        )
        .into_bytes()
    }
}
