//! A mailbox as people give it: judged whole, so that everything that is wrong is said at once.

use chrono::DateTime;
use poem_openapi::Object;
use serde_json::Value;
use shared::domain::Category;
use shared::domain::mailbox::{
    CategoryUse, FLOOD_PER_HOUR, FileAfter, FolderSource, ImapSource, MailAfter, Mailbox, REVIEW_BELOW, Source, Tls,
};
use shared::domain::mention;

use super::MailboxSource;
use crate::body::{Fields, FromFields, read};

/// What a variable with a password is called, so that no other secret of the worker can be named.
const PREFIX: &str = "WORKFLOW_MAILBOX_";

/// A mailbox. What is absent takes its default.
#[derive(Object)]
#[oai(rename = "SaveMailboxRequest")]
pub(crate) struct MailboxDoc {
    /// How people call it.
    #[oai(validator(max_length = 200))]
    display: Option<String>,
    /// Who owns the tasks that its mail opens.
    #[oai(validator(max_length = 200))]
    default_owner: Option<String>,
    /// Their address; only with `default_owner`.
    #[oai(validator(max_length = 320))]
    default_owner_email: Option<String>,
    /// Mail domains of the house, at most 50.
    own_domains: Option<Vec<String>>,
    /// What its mail is about.
    workflow_category: Option<Category>,
    /// `default`: for mail of which too little is sure; `forced`: for all of it. `default` if absent.
    category_use: Option<CategoryUse>,
    /// Confidence below which a task is one to look at, 0 to 1; 0.6 if absent.
    review_below: Option<f64>,
    /// Mails an hour from one sender about one subject, 0 to 1,000,000; 0 for any number, 200 if absent.
    flood_per_hour: Option<i64>,
    /// Whether its mail is fetched; true if absent.
    enabled: Option<bool>,
    /// Where it is fetched from; nowhere if absent.
    source: Option<MailboxSource>,
}

/// A new mailbox.
#[derive(Object)]
#[oai(rename = "CreateMailboxRequest")]
pub(crate) struct NewMailboxDoc {
    /// Its name: 1 to 200 characters.
    #[oai(validator(min_length = 1, max_length = 200))]
    name: String,
    #[oai(flatten)]
    settings: MailboxDoc,
}

/// A judged mailbox, without its name.
pub(crate) struct MailboxInput(pub(super) Mailbox);

/// A judged mailbox.
pub(crate) struct NewMailbox(pub(super) Mailbox);

impl FromFields for NewMailbox {
    type Schema = NewMailboxDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", |value| {
            let name = read::line(200)(value)?;
            let fits = mention::is_name(&name);
            fits.then_some(name)
                .ok_or_else(|| "must be without control characters and white space around it".to_owned())
        });
        let MailboxInput(mailbox) = MailboxInput::read(fields)?;
        Some(Self(Mailbox { name: name?, ..mailbox }))
    }
}

impl FromFields for MailboxInput {
    type Schema = MailboxDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let mut mailbox = Mailbox::unknown(String::new(), DateTime::UNIX_EPOCH);
        mailbox.display = fields.optional("display", line(200));
        mailbox.default_owner = fields.optional("default_owner", line(200));
        mailbox.default_owner_email = fields.optional("default_owner_email", address);
        if mailbox.default_owner_email.is_some() && mailbox.default_owner.is_none() {
            fields.note("default_owner_email", "needs default_owner");
        }
        mailbox.own_domains = fields.optional("own_domains", read::list(50, domain)).unwrap_or_default();
        mailbox.category = fields.optional("workflow_category", read::one_of(Category::ALL, Category::from_input));
        let category_use = fields.optional("category_use", read::one_of(CategoryUse::ALL, CategoryUse::parse));
        mailbox.category_use = category_use.unwrap_or(CategoryUse::Default);
        if mailbox.category_use == CategoryUse::Forced && mailbox.category.is_none() {
            fields.note("category_use", "forced needs workflow_category");
        }
        mailbox.review_below = fields.optional("review_below", share).unwrap_or(REVIEW_BELOW);
        let flood = fields.optional("flood_per_hour", read::integer(0..=1_000_000));
        mailbox.flood_per_hour = flood.unwrap_or(FLOOD_PER_HOUR);
        mailbox.enabled = fields.optional("enabled", flag).unwrap_or(true);
        let source = match fields.take("source") {
            None | Some(Value::Null) => Some(Source::None),
            Some(Value::Object(map)) => {
                let mut inner = Fields::of(map);
                let source = source(&mut inner);
                fields.adopt("source", inner);
                source
            }
            Some(_) => {
                fields.note("source", "must be an object");
                None
            }
        };
        mailbox.source = source?;
        Some(Self(mailbox))
    }
}

fn source(fields: &mut Fields) -> Option<Source> {
    let kind = fields.required("kind", |value| match value.as_str() {
        Some(kind @ ("none" | "folder" | "imap")) => Ok(kind.to_owned()),
        _ => Err("must be one of none, folder, imap".to_owned()),
    })?;
    match kind.as_str() {
        "folder" => folder(fields).map(Source::Folder),
        "imap" => imap(fields).map(Source::Imap),
        _ => {
            none_of(fields, &["path", "pattern", "after", "move_to"], "none");
            none_of(fields, IMAP_ONLY, "none");
            Some(Source::None)
        }
    }
}

const IMAP_ONLY: &[&str] = &["host", "port", "tls", "user", "folder", "password_env", "password_file", "ca_file"];

/// Fields of another kind of source: null, as a read shows them, or an error.
fn none_of(fields: &mut Fields, names: &[&str], kind: &str) {
    for name in names {
        if fields.take(name).is_some_and(|value| !value.is_null()) {
            fields.note(name, format!("is not one of a source of kind {kind}"));
        }
    }
}

fn folder(fields: &mut Fields) -> Option<FolderSource> {
    none_of(fields, IMAP_ONLY, "folder");
    let path = fields.required("path", absolute);
    let pattern = fields.optional("pattern", |value| {
        let pattern = line(200)(value)?;
        if pattern.contains('/') { Err("must be a name, without /".to_owned()) } else { Ok(pattern) }
    });
    let after = fields.optional("after", read::one_of(FileAfter::ALL, FileAfter::parse));
    let move_to = fields.optional("move_to", |value| {
        let name = line(200)(value)?;
        let climbs = name.starts_with('/') || name.split('/').any(|part| part == ".." || part.is_empty());
        if climbs { Err("must be a folder below path".to_owned()) } else { Ok(name) }
    });
    Some(FolderSource {
        path: path?,
        pattern: pattern.unwrap_or_else(|| "*.eml".to_owned()),
        after: after.unwrap_or(FileAfter::Move),
        move_to: move_to.unwrap_or_else(|| "processed".to_owned()),
    })
}

fn imap(fields: &mut Fields) -> Option<ImapSource> {
    none_of(fields, &["path", "pattern"], "imap");
    let host = fields.required("host", |value| {
        let host = line(253)(value)?;
        let fits = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c));
        fits.then_some(host).ok_or_else(|| "must be a name or an address of a server".to_owned())
    });
    let tls = fields.optional("tls", read::one_of(Tls::ALL, Tls::parse)).unwrap_or(Tls::Implicit);
    if tls == Tls::None && host.as_deref().is_some_and(|host| !is_loopback(host)) {
        fields.note("tls", "none is for this machine alone");
    }
    let port = fields.optional("port", read::integer(1..=65_535));
    let user = fields.required("user", line(320));
    let folder = fields.optional("folder", line(200));
    let password_env = fields.optional("password_env", |value| {
        let name = line(200)(value)?;
        let fits = name.starts_with(PREFIX) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        fits.then_some(name).ok_or_else(|| format!("must be the name of a variable that starts with {PREFIX}"))
    });
    let password_file = fields.optional("password_file", absolute);
    match (&password_env, &password_file) {
        (None, None) if fields.issues.is_empty() => fields.note("password_env", "this or password_file is required"),
        (Some(_), Some(_)) => fields.note("password_file", "cannot be given together with password_env"),
        _ => {}
    }
    let ca_file = fields.optional("ca_file", absolute);
    let after = fields.optional("after", read::one_of(MailAfter::ALL, MailAfter::parse)).unwrap_or(MailAfter::Seen);
    let move_to = fields.optional("move_to", line(200));
    if after == MailAfter::Move && move_to.is_none() {
        fields.note("move_to", "is required to move mail");
    }
    let folder = folder.unwrap_or_else(|| "INBOX".to_owned());
    if after == MailAfter::Move && move_to.as_deref() == Some(&*folder) {
        fields.note("move_to", "must be another folder");
    }
    let usual = if tls == Tls::Implicit { 993 } else { 143 };
    Some(ImapSource {
        host: host?,
        port: port.unwrap_or(usual) as u16,
        tls,
        user: user?,
        folder,
        password_env,
        password_file,
        ca_file,
        after,
        move_to,
    })
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Text that says something, on one line.
fn line(longest: usize) -> impl Fn(&Value) -> Result<String, String> {
    move |value| {
        let text = read::line(longest)(value)?;
        if text.chars().any(char::is_control) {
            Err("must not contain control characters".to_owned())
        } else {
            Ok(text)
        }
    }
}

fn flag(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

fn share(value: &Value) -> Result<f64, String> {
    value.as_f64().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "must be a number from 0 to 1".to_owned())
}

fn absolute(value: &Value) -> Result<String, String> {
    let path = line(1_000)(value)?;
    let climbs = path.split('/').any(|part| part == "..");
    if path.starts_with('/') && !climbs { Ok(path) } else { Err("must be an absolute path, without ..".to_owned()) }
}

fn address(value: &Value) -> Result<String, String> {
    let text = line(320)(value)?;
    let fits = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace) && !domain.contains('@')
    });
    if fits { Ok(text) } else { Err("must be a mail address".to_owned()) }
}

fn domain(value: &Value) -> Result<String, String> {
    let text = line(253)(value)?.to_lowercase();
    let fits = text.contains('.')
        && text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'));
    if fits { Ok(text) } else { Err("must be a mail domain such as example.com".to_owned()) }
}
