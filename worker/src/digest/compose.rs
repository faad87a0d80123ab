//! What a mail says: subject, text and HTML, from its lines alone, so that it is the same however often it is made.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use shared::domain::notification::Notice;
use shared::store::notifications::Line;

/// Lines of one mail; of the others their number is told.
const MOST: usize = 200;
/// Characters of a title.
const LONGEST_TITLE: usize = 120;

/// The parts of a mail.
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A mail with at least one line; times are those of the zone.
pub(crate) fn compose(lines: &[Line], zone: Tz) -> Letter {
    let mut text = String::new();
    let mut html = String::from("<!doctype html><html><body style=\"font-family:sans-serif\">");
    let (shown, rest) = lines.split_at(lines.len().min(MOST));
    for (kind, heading, _) in HEADINGS {
        let mut of_kind = shown.iter().filter(|line| line.kind == kind).peekable();
        if of_kind.peek().is_none() {
            continue;
        }
        let _ = write!(text, "{heading}\n\n");
        let _ = write!(html, "<h2>{heading}</h2><ul>");
        for line in of_kind {
            let (title, facts) = (title(line), facts(line, zone));
            let _ = write!(text, "  {title}\n  {facts}\n\n");
            let _ = write!(html, "<li><b>{}</b><br>{}</li>", escape(&title), escape(&facts));
        }
        html.push_str("</ul>");
    }
    if !rest.is_empty() {
        let _ = writeln!(text, "And {} more.\n", rest.len());
        let _ = write!(html, "<p>And {} more.</p>", rest.len());
    }
    text.push_str(FOOTER);
    let _ = write!(html, "<p style=\"color:#666\">{}</p></body></html>", escape(FOOTER.trim_end()));
    Letter { subject: subject(lines), text, html }
}

/// The worst first: heading of its lines, and what one is called.
const HEADINGS: [(Notice, &str, &str); 4] = [
    (Notice::Breach, "Deadlines missed", "missed deadline"),
    (Notice::Alert, "Critical alerts", "critical alert"),
    (Notice::Escalated, "Escalated", "escalation"),
    (Notice::Warning, "Deadlines close", "warning"),
];

const FOOTER: &str = "You get this mail because somebody asked Workflow Intelligence to tell you about deadlines.\n";

fn subject(lines: &[Line]) -> String {
    if let [line] = lines {
        let what = HEADINGS.iter().find(|(kind, ..)| *kind == line.kind).map_or("deadline", |(_, _, one)| one);
        let first = what[..1].to_uppercase();
        return format!("{first}{}: {}", &what[1..], title(line));
    }
    let counts = HEADINGS.iter().filter_map(|(kind, _, one)| {
        let count = lines.iter().filter(|line| line.kind == *kind).count();
        (count > 0).then(|| format!("{count} {one}{}", if count == 1 { "" } else { "s" }))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// A title on one line: whatever control characters it holds, it ends no header.
fn title(line: &Line) -> String {
    let clean: String = line.title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match clean.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

fn facts(line: &Line, zone: Tz) -> String {
    let show = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string();
    let owner = line.owner.as_deref().map_or("nobody", str::trim).replace(char::is_control, " ");
    let due = line.deadline.map(|at| format!(", due {}", show(at))).unwrap_or_default();
    format!("{}, owner {owner}{due}, noticed {}, now {}", line.task_id, show(line.at), line.status)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: Notice, title: &str) -> Line {
        let at = "2026-03-02T12:00:00Z".parse().unwrap();
        let (task_id, owner) = ("TASK-1".to_owned(), Some("Ana <b>".to_owned()));
        Line { kind, task_id, title: title.to_owned(), owner, deadline: Some(at), at, status: "RED".to_owned() }
    }

    #[test]
    fn a_letter_has_the_worst_first_and_times_of_its_zone() {
        let lines = [line(Notice::Warning, "close"), line(Notice::Breach, "missed"), line(Notice::Breach, "too")];
        let letter = compose(&lines, "Europe/Berlin".parse().unwrap());
        assert_eq!(letter.subject, "2 missed deadlines, 1 warning");
        assert!(letter.text.find("missed").unwrap() < letter.text.find("close").unwrap());
        assert!(letter.text.contains("TASK-1, owner Ana <b>, due 2026-03-02 13:00 CET"), "{}", letter.text);
    }

    #[test]
    fn what_people_wrote_is_text_in_html_and_ends_no_header() {
        let letter = compose(&[line(Notice::Breach, "<script>\r\nBcc: all@example.com\n&")], Tz::UTC);
        assert!(!letter.html.contains("<script>") && letter.html.contains("&lt;script&gt;"));
        assert!(letter.html.contains("Ana &lt;b&gt;"));
        assert_eq!(letter.subject, "Missed deadline: <script>  Bcc: all@example.com &");
        assert!(!letter.subject.contains(['\r', '\n']));
    }

    #[test]
    fn a_letter_has_an_end() {
        let letter = compose(&vec![line(Notice::Warning, &"ü".repeat(500)); MOST + 7], Tz::UTC);
        assert!(letter.text.contains("And 7 more."));
        assert_eq!(letter.subject, "207 warnings");
        assert!(letter.text.contains(&format!("{}…", "ü".repeat(LONGEST_TITLE))));
    }
}
