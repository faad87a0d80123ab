//! Mailboxes: what is known of each before its first mail, and where its mail is fetched from.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::intake::Reading;
use super::task::Explanation;
use super::text_enum::text_enum;
use super::values::Category;

/// Confidence below which a task of a mailbox is one to look at, unless the mailbox says otherwise.
pub const REVIEW_BELOW: f64 = 0.6;
/// Mails an hour from one sender about one subject that a mailbox takes, unless it says otherwise.
pub const FLOOD_PER_HOUR: i64 = 200;
/// The longest a mailbox that fails is left alone.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(30);

text_enum! {
    /// What a mailbox's category is used for.
    CategoryUse {
        /// For mail of which too little is sure.
        Default = "default",
        /// For all of its mail.
        Forced = "forced",
    }
}

text_enum! {
    /// How a connection to a mail server is encrypted.
    Tls {
        /// From its first byte.
        Implicit = "implicit",
        /// After the greeting, before anything is said.
        Upgrade = "starttls",
        /// Not at all; to this machine only.
        None = "none",
    }
}

text_enum! {
    /// What becomes of a file whose mail is in a batch.
    FileAfter {
        /// It stays where it is.
        Keep = "keep",
        /// It goes to another folder.
        Move = "move",
        /// It is removed.
        Delete = "delete",
    }
}

text_enum! {
    /// What becomes of a mail on the server that is in a batch.
    MailAfter {
        /// It is marked as seen.
        Seen = "seen",
        /// It goes to another folder.
        Move = "move",
    }
}

/// Where the mail of a mailbox is fetched from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// Nowhere: it is uploaded.
    #[default]
    None,
    /// A folder of the machine the worker runs on.
    Folder(FolderSource),
    /// An IMAP server.
    Imap(ImapSource),
}

impl Source {
    /// Its kind, as in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Folder(_) => "folder",
            Self::Imap(_) => "imap",
        }
    }

    /// Whether what was fetched from the other was fetched from here.
    pub fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Folder(a), Self::Folder(b)) => a.path == b.path,
            (Self::Imap(a), Self::Imap(b)) => {
                (&a.host, a.port, &a.user, &a.folder) == (&b.host, b.port, &b.user, &b.folder)
            }
            (Self::None, Self::None) => true,
            _ => false,
        }
    }
}

/// A watched folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderSource {
    /// Absolute path: a folder of files, or a Maildir.
    pub path: String,
    /// Which files of it: a name with `*` and `?`. A Maildir's messages are all meant.
    pub pattern: String,
    /// What becomes of them.
    pub after: FileAfter,
    /// Where they go, below `path`; a Maildir's messages go to its `cur`.
    pub move_to: String,
}

/// An account on an IMAP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImapSource {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who logs in.
    pub user: String,
    /// The folder that is read.
    pub folder: String,
    /// The worker's environment variable with the password.
    pub password_env: Option<String>,
    /// The file with the password.
    pub password_file: Option<String>,
    /// A file of certificates that are trusted besides the system's.
    pub ca_file: Option<String>,
    /// What becomes of mails.
    pub after: MailAfter,
    /// The folder they go to.
    pub move_to: Option<String>,
}

/// What is known of a mailbox.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Mailbox {
    /// As in `mailbox_source`.
    pub name: String,
    /// How people call it.
    pub display: Option<String>,
    /// Who owns the tasks that its mail opens.
    pub default_owner: Option<String>,
    /// Their address.
    pub default_owner_email: Option<String>,
    /// Mail domains of the house.
    #[sqlx(json)]
    pub own_domains: Vec<String>,
    /// What its mail is about.
    pub category: Option<Category>,
    /// When that counts.
    pub category_use: CategoryUse,
    /// Confidence below which a task is one to look at; between 0 and 1.
    pub review_below: f64,
    /// Mails an hour from one sender about one subject; 0 for any number.
    pub flood_per_hour: i64,
    /// Whether its mail is fetched.
    pub enabled: bool,
    /// Where it is fetched from.
    #[sqlx(json)]
    pub source: Source,
    /// Grows with each change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Mailbox {
    /// A mailbox of which nothing but the name is known.
    pub fn unknown(name: String, now: DateTime<Utc>) -> Self {
        Self {
            name,
            display: None,
            default_owner: None,
            default_owner_email: None,
            own_domains: Vec::new(),
            category: None,
            category_use: CategoryUse::Default,
            review_below: REVIEW_BELOW,
            flood_per_hour: FLOOD_PER_HOUR,
            enabled: true,
            source: Source::None,
            version: 0,
            updated_at: now,
        }
    }

    /// Lets the mailbox speak where its mail does not, and says so in the explanations.
    pub fn settle(&self, reading: &mut Reading) {
        let Some(category) = self.category else { return };
        let sure = reading.analysis.get("workflow_category").map_or(reading.confidence, |why| why.confidence.into());
        let rule = match self.category_use {
            CategoryUse::Forced => "mailbox category",
            CategoryUse::Default if sure < self.review_below => "mailbox default category",
            CategoryUse::Default => return,
        };
        if reading.category == category {
            return;
        }
        reading.secondary.retain(|other| *other != category);
        // What the mail itself says is not lost.
        reading.secondary.insert(0, reading.category);
        reading.category = category;
        reading.analysis.insert("workflow_category".to_owned(), self.explanation(rule));
    }

    /// Why a task has the owner that its mailbox gives it.
    pub fn explanation(&self, rule: &str) -> Explanation {
        Explanation { rule: format!("{rule}: {}", self.name), span: None, confidence: 1.0 }
    }
}

/// When a mailbox is looked at again after so many failures in a row: at once with the next tick, then ever later, so that
/// a server with a wrong password locks nobody out.
pub fn wait_after(failures: i64) -> TimeDelta {
    match failures {
        ..=1 => TimeDelta::zero(),
        2..=6 => TimeDelta::minutes(1 << (failures - 1)).min(LONGEST_WAIT),
        _ => LONGEST_WAIT,
    }
}

/// Whether a name fits a pattern with `*` and `?`; letters count as the same in both cases.
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), name.to_lowercase().chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, n) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// A file of a watched folder, as it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its name below the folder.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// When it was last written to, in Unix milliseconds.
    pub modified_ms: i64,
    /// Whether whoever wrote it says that it is complete, as a Maildir does.
    pub complete: bool,
}

/// A file of a watched folder, as it looked at the last poll.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KnownFile {
    /// Its name below the folder.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// When it was last written to, in Unix milliseconds.
    pub modified_ms: i64,
    /// Whether its mail is in a batch.
    pub taken: bool,
}

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilePlan {
    /// It may still be written to: it is looked at again.
    Wait,
    /// Its mail is taken.
    Take,
    /// Its mail was taken; what becomes of the file is still to be done.
    Acknowledge,
}

/// Decides by how a file looked before: it is complete if it has not changed since the last poll.
pub fn plan(seen: &Seen, known: Option<&KnownFile>) -> FilePlan {
    match known.filter(|known| (known.size, known.modified_ms) == (seen.size, seen.modified_ms)) {
        Some(known) if known.taken => FilePlan::Acknowledge,
        Some(_) => FilePlan::Take,
        None if seen.complete => FilePlan::Take,
        None => FilePlan::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_stars_and_question_marks() {
        for (pattern, name, fits_it) in [
            ("*.eml", "a.EML", true),
            ("*.eml", "a.eml.part", false),
            ("*", "", true),
            ("a?c*", "abcd", true),
            ("a?c", "ac", false),
            ("*a*b", "xaxbxb", true),
            ("order-*-final.eml", "order-7-draft.eml", false),
        ] {
            assert_eq!(fits(pattern, name), fits_it, "{pattern} {name}");
        }
    }

    #[test]
    fn a_file_is_taken_when_it_looks_as_it_did_at_the_last_poll() {
        let seen = Seen { name: "a.eml".to_owned(), size: 3, modified_ms: 7, complete: false };
        let known = |size, taken| KnownFile { name: "a.eml".to_owned(), size, modified_ms: 7, taken };
        assert_eq!(plan(&seen, None), FilePlan::Wait);
        assert_eq!(plan(&seen, Some(&known(2, false))), FilePlan::Wait);
        assert_eq!(plan(&seen, Some(&known(3, false))), FilePlan::Take);
        assert_eq!(plan(&seen, Some(&known(3, true))), FilePlan::Acknowledge);
        assert_eq!(plan(&seen, Some(&known(2, true))), FilePlan::Wait, "it grew: its mail is read again");
        assert_eq!(plan(&Seen { complete: true, ..seen }, None), FilePlan::Take);
    }

    #[test]
    fn a_mailbox_that_fails_is_left_alone_ever_longer() {
        let minutes: Vec<i64> = (0..9).map(|failures| wait_after(failures).num_minutes()).collect();
        assert_eq!(minutes, [0, 0, 2, 4, 8, 16, 30, 30, 30]);
    }
}
