//! `workflow triage`: the mail pipeline over files, without storing anything.

use std::io::{self, BufWriter, Write};

use mail::{Limits, Triage};

use crate::cli::TriageArgs;
use crate::exit::Failure;
use crate::mailfiles;
use crate::messages::{self, Content, Message};

/// Characters of a title in the table.
const TITLE: usize = 60;

pub(super) fn run(args: &TriageArgs) -> Result<(), Failure> {
    let found = mailfiles::find(&args.paths)?;
    let mut print = Print { out: BufWriter::new(io::stdout().lock()), json: args.json };
    match triage(&found, &mut print) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
        other => other?,
    }
    if found.skipped > 0 {
        eprintln!("{} other files skipped", found.skipped);
    }
    Ok(())
}

fn triage(found: &mailfiles::Found, print: &mut Print<impl Write>) -> io::Result<()> {
    let limits = Limits::default();
    let mut triage = Triage::new();
    // The forms of a company's numbers and the names of its customers are learned before anything is decided.
    for message in found.files.iter().flat_map(|file| messages::of(file, limits.max_raw)).flatten() {
        if let Content::Whole(raw) = message.content {
            triage.learn(&raw, message.format);
        }
    }
    print.begin()?;
    for (name, reason) in &found.unreadable {
        print.line(&unreadable(name, reason.clone()), "")?;
    }
    for message in found.files.iter().flat_map(|file| messages::of(file, limits.max_raw)) {
        let Message { name, format, content, .. } = match message {
            Ok(message) => message,
            Err(unread) => {
                print.line(&unreadable(&unread.name, unread.reason), "")?;
                continue;
            }
        };
        match content {
            Content::Whole(raw) => {
                let line = triage.take(&name, &raw, format);
                let title =
                    if print.json || line.error.is_some() { String::new() } else { title(&raw, format, &limits) };
                print.line(&line, &title)?;
            }
            Content::OnDisk { size, .. } | Content::Head { size, .. } => {
                let error = mail::Unreadable::TooLarge { size: size as usize, limit: limits.max_raw };
                print.line(&unreadable(&name, error.to_string()), "")?;
            }
        }
    }
    print.out.flush()
}

fn unreadable(name: &str, reason: String) -> mail::Line {
    let thread = format!("unreadable {name}");
    mail::Line { file: name.to_owned(), thread, error: Some(reason), ..mail::Line::default() }
}

fn title(raw: &[u8], format: mail::Format, limits: &Limits) -> String {
    let subject = mail::parse(raw, format, limits).map(|mail| mail.subject).unwrap_or_default();
    let mut title: String = subject.chars().filter(|c| !c.is_control()).take(TITLE).collect();
    if subject.chars().count() > TITLE {
        title.push('…');
    }
    title
}

struct Print<W> {
    out: W,
    json: bool,
}

impl<W: Write> Print<W> {
    fn begin(&mut self) -> io::Result<()> {
        if self.json { Ok(()) } else { self.row(["STATUS", "PRIORITY", "CATEGORY", "VALUE"], "TITLE") }
    }

    fn line(&mut self, line: &mail::Line, title: &str) -> io::Result<()> {
        if self.json {
            serde_json::to_writer(&mut self.out, line)?;
            return self.out.write_all(b"\n");
        }
        let value = line.dollar_value.as_ref().and_then(serde_json::Number::as_f64);
        let value = value.map(|value| format!("{value:.2}")).unwrap_or_default();
        let cell = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        if let Some(error) = &line.error {
            return self.row(["-", "-", "unreadable", ""], &format!("{}: {error}", line.file));
        }
        let category = match (&line.duplicate_of, line.is_noise) {
            (Some(_), _) => "duplicate".to_owned(),
            (None, true) => "noise".to_owned(),
            (None, false) => cell(&line.workflow_category),
        };
        self.row([&cell(&line.task_status), &cell(&line.priority), &category, &value], title)
    }

    fn row(&mut self, [status, priority, category, value]: [&str; 4], title: &str) -> io::Result<()> {
        writeln!(self.out, "{status:<9}  {priority:<8}  {category:<22}  {value:>13}  {title}")
    }
}
