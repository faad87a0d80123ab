//! Sends mail by SMTP.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use shared::domain::flood::OWN_HEADER;
use url::Url;

use super::Letter;

/// How long the server may take for one command.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail was not taken. Says nothing that the server said: that names addresses.
pub(crate) struct Refusal {
    /// What happened.
    pub(crate) why: String,
    /// Whether another attempt is in vain.
    pub(crate) for_good: bool,
}

/// A mail of ours.
pub(crate) struct Mail<'a> {
    /// Where to.
    pub(crate) address: &'a str,
    /// To whom.
    pub(crate) name: Option<&'a str>,
    /// What makes it the same mail at every attempt.
    pub(crate) key: &'a str,
    /// What unsubscribes its recipient.
    pub(crate) recipient_id: &'a str,
    /// When it was due.
    pub(crate) at: DateTime<Utc>,
    /// What it says.
    pub(crate) letter: Letter,
}

impl Mailer {
    /// By the server of a URL: `smtps://USER:PASSWORD@HOST`, or `smtp://HOST?tls=required` for STARTTLS.
    ///
    /// # Errors
    /// What is wrong with the URL or the sender; neither is repeated.
    pub fn new(url: &str, from: &str) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|error| format!("WORKFLOW_SMTP_URL: {error}"))?;
        if !matches!(parsed.scheme(), "smtp" | "smtps") {
            return Err("WORKFLOW_SMTP_URL must start with smtp:// or smtps://".to_owned());
        }
        // Of a scheme that it does not know the parser gives a host as it is written.
        let Some(host) = parsed.host_str().filter(|host| !host.is_empty()) else {
            return Err("WORKFLOW_SMTP_URL names no host".to_owned());
        };
        let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let is_here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        let encrypted =
            parsed.scheme() == "smtps" || parsed.query_pairs().any(|pair| pair == ("tls".into(), "required".into()));
        if parsed.password().is_some() && !encrypted && !is_here {
            let text = "WORKFLOW_SMTP_URL: a password needs smtps://, or ?tls=required for STARTTLS";
            return Err(text.to_owned());
        }
        let wrong = "WORKFLOW_MAIL_FROM must be an address such as alerts@example.com or Alerts <alerts@example.com>";
        let from: Mailbox = from.parse().map_err(|_| wrong.to_owned())?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| "WORKFLOW_SMTP_URL: the server's parameters cannot be read".to_owned())?
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from })
    }

    /// Sends a mail; returns once the server has taken it.
    pub(crate) async fn send(&self, mail: Mail<'_>) -> Result<(), Refusal> {
        let message = self.message(mail).map_err(|why| Refusal { why, for_good: true })?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let code = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
                let why = if error.is_permanent() {
                    format!("the mail server refused the mail{code}")
                } else if error.is_transient() {
                    format!("the mail server refused the mail for now{code}")
                } else if error.is_timeout() {
                    "the mail server did not answer in time".to_owned()
                } else if error.is_tls() {
                    "the mail server's TLS failed".to_owned()
                } else {
                    "the mail server cannot be reached".to_owned()
                };
                Err(Refusal { why, for_good: error.is_permanent() })
            }
        }
    }

    fn message(&self, mail: Mail<'_>) -> Result<Message, String> {
        let address: Address = mail.address.parse().map_err(|_| "the recipient's address cannot be read".to_owned())?;
        // The writer of headers has no way to write a control character.
        let name = mail.name.map(|name| name.replace(char::is_control, " "));
        let from = self.from.email.to_string();
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(mail.at.timestamp().max(0).unsigned_abs());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(mail.letter.subject)
            .date(date)
            .message_id(Some(format!("<{}@{}>", mail.key, self.from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(mail.letter.text, mail.letter.html))
            .map_err(|_| "the mail cannot be written".to_owned())?;
        let unsubscribe = format!("<mailto:{from}?subject=unsubscribe%20{}>", mail.recipient_id);
        for (name, value) in [
            ("List-Unsubscribe", unsubscribe),
            ("Auto-Submitted", "auto-generated".to_owned()),
            // Should it come round to a mailbox that we read, it is known there.
            (OWN_HEADER, "digest".to_owned()),
        ] {
            let name = HeaderName::new_from_ascii(name.to_owned()).expect("a header's name");
            message.headers_mut().insert_raw(HeaderValue::new(name, value));
        }
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_that_cannot_work_or_tells_passwords_is_refused() {
        let from = "Alerts <alerts@example.com>";
        for good in [
            "smtp://localhost:2525",
            "smtp://u:p@127.0.0.1:25",
            "smtps://u:p@mail.example.com",
            "smtp://u:p@mail.example.com?tls=required",
            "smtp://mail.example.com",
        ] {
            assert!(Mailer::new(good, from).is_ok(), "{good}");
        }
        for bad in [
            "",
            "mail.example.com",
            "https://mail.example.com",
            "smtp://u:secret@mail.example.com",
            "smtp://h?tls=perhaps",
        ] {
            let error = Mailer::new(bad, from).err().unwrap_or_else(|| panic!("{bad} is taken"));
            assert!(error.starts_with("WORKFLOW_SMTP_URL") && !error.contains("secret"), "{error}");
        }
        assert!(Mailer::new("smtp://localhost", "nobody").err().unwrap().starts_with("WORKFLOW_MAIL_FROM"));
    }

    #[test]
    fn headers_hold_what_was_meant_for_them_and_nothing_more() {
        let mailer = Mailer::new("smtp://localhost", "alerts@example.com").unwrap();
        let letter =
            Letter { subject: "Späte Lieferung".to_owned(), text: "t".to_owned(), html: "<p>h</p>".to_owned() };
        let at = "2026-03-02T12:00:00Z".parse().unwrap();
        let name = Some("Ana\r\nBcc: all@example.com");
        let mail = Mail { address: "ana@example.com", name, key: "digest-1", recipient_id: "r1", at, letter };
        let bytes = mailer.message(mail).unwrap().formatted();
        let head = String::from_utf8(bytes).unwrap().split("\r\n\r\n").next().unwrap().to_owned();
        assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc:")), "{head}");
        for line in [
            "Message-ID: <digest-1@example.com>",
            "Date: Mon, 02 Mar 2026 12:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "X-Workflow-Mail: digest",
            "List-Unsubscribe: <mailto:alerts@example.com?subject=unsubscribe%20r1>",
        ] {
            assert!(head.contains(line), "{line} is not in\n{head}");
        }
    }
}
