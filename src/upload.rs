//! Packs mail into batches under the server's limits, and delivers them.

use mail::Format;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;

use crate::client::{Client, Problem};
use crate::messages::{Content, Message};

/// Mails of one batch at most.
const MOST_MAILS: usize = 200;
/// Bytes of one batch at most; a larger mail travels alone.
pub const MOST_BYTES: usize = 16 << 20;
/// Where batches go.
const PATH: &str = "/api/workflow/batches";

/// One mail of a batch.
#[derive(Debug)]
pub struct Upload {
    /// How its uploader names it.
    pub name: String,
    /// What it is.
    pub format: Format,
    /// Its bytes.
    pub raw: Vec<u8>,
}

/// What goes to the server in one request.
#[derive(Debug)]
pub struct Delivery {
    /// Counts the deliveries of a run.
    pub number: usize,
    /// The mailbox the mails came to.
    pub mailbox: String,
    /// The mails.
    pub load: Load,
}

/// The mails of a delivery.
#[derive(Debug)]
pub enum Load {
    /// Mails that are in memory.
    Together(Vec<Upload>),
    /// A mail that is not.
    Alone {
        /// How its uploader names it.
        name: String,
        /// Where it is, or what is left of it.
        content: Content,
    },
}

impl Delivery {
    /// Number of mails in it.
    pub fn mails(&self) -> usize {
        match &self.load {
            Load::Together(mails) => mails.len(),
            Load::Alone { .. } => 1,
        }
    }

    /// Names it for the user: by its first and last mail.
    pub fn describe(&self) -> String {
        match &self.load {
            Load::Alone { name, .. } => name.clone(),
            Load::Together(mails) => match &mails[..] {
                [] => "an empty batch".to_owned(),
                [only] => only.name.clone(),
                [first, .., last] => format!("{} mails from {} to {}", mails.len(), first.name, last.name),
            },
        }
    }
}

/// Gathers mails until a batch is full.
#[derive(Debug, Default)]
pub struct Packer {
    mailbox: String,
    mails: Vec<Upload>,
    bytes: usize,
    packed: usize,
}

impl Packer {
    /// Takes a mail and gives what is ready to go.
    pub fn take(&mut self, mailbox: &str, message: Message) -> Vec<Delivery> {
        let mut ready = Vec::new();
        let raw = match message.content {
            Content::Whole(raw) => raw,
            content => {
                // What was found before it goes before it.
                ready.extend(self.finish());
                ready.push(self.seal(mailbox.to_owned(), Load::Alone { name: message.name, content }));
                return ready;
            }
        };
        let is_full = self.mails.len() == MOST_MAILS || self.bytes + raw.len() > MOST_BYTES;
        if is_full || self.mailbox != mailbox {
            ready.extend(self.finish());
        }
        mailbox.clone_into(&mut self.mailbox);
        self.bytes += raw.len();
        self.mails.push(Upload { name: message.name, format: message.format, raw });
        ready
    }

    /// What has been gathered.
    pub fn finish(&mut self) -> Option<Delivery> {
        let mails = std::mem::take(&mut self.mails);
        self.bytes = 0;
        (!mails.is_empty()).then(|| self.seal(self.mailbox.clone(), Load::Together(mails)))
    }

    fn seal(&mut self, mailbox: String, load: Load) -> Delivery {
        self.packed += 1;
        Delivery { number: self.packed, mailbox, load }
    }
}

#[derive(Deserialize)]
struct Accepted {
    batch_id: String,
}

/// Sends a delivery and gives the id of its batch. `run` is unique to this run of the program: with it a repeat after a
/// lost answer does not make a second batch.
pub async fn deliver(client: &Client, run: &str, delivery: &Delivery) -> Result<String, Problem> {
    let key = format!("{run}-{}", delivery.number);
    let answer = match &delivery.load {
        Load::Together(mails) => {
            // The boundary is the key, so that every try sends the same bytes.
            let body = multipart(&key, &delivery.mailbox, mails);
            let kind = format!("multipart/form-data; boundary={key}");
            let fill = |request: RequestBuilder| {
                Ok(request.header("Idempotency-Key", &key).header(CONTENT_TYPE, &kind).body(body.clone()))
            };
            client.send(Method::POST, PATH, fill).await?
        }
        Load::Alone { name, content } => {
            let fill = |request: RequestBuilder| {
                let request = request
                    .query(&[("mailbox", &*delivery.mailbox), ("source", name)])
                    .header("Idempotency-Key", &key)
                    .header(CONTENT_TYPE, "message/rfc822");
                alone(request, content).map_err(|error| format!("{name}: {error}"))
            };
            client.send(Method::POST, PATH, fill).await?
        }
    };
    let accepted: Accepted = answer.json().await.map_err(|error| Problem::Refused(error.to_string()))?;
    Ok(accepted.batch_id)
}

fn alone(request: RequestBuilder, content: &Content) -> std::io::Result<RequestBuilder> {
    Ok(match content {
        Content::Whole(raw) => request.body(raw.clone()),
        Content::OnDisk { path, .. } => {
            let file = std::fs::File::open(path)?;
            let size = file.metadata()?.len();
            request.header(CONTENT_LENGTH, size).body(tokio::fs::File::from_std(file))
        }
        Content::Head { head, size, sha256 } => request
            .query(&[("size", size.to_string()), ("sha256", sha256.clone()), ("truncated", "true".to_owned())])
            .body(head.clone()),
    })
}

/// A form with the mailbox and one part for each mail.
fn multipart(boundary: &str, mailbox: &str, mails: &[Upload]) -> Vec<u8> {
    let size: usize = mails.iter().map(|mail| mail.raw.len() + mail.name.len() + 256).sum();
    let mut body = Vec::with_capacity(size + 256);
    let mailbox = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"mailbox\"\r\n\r\n{mailbox}\r\n");
    body.extend_from_slice(mailbox.as_bytes());
    for mail in mails {
        let kind = match mail.format {
            Format::Rfc822 => "message/rfc822",
            Format::Json => "application/json",
        };
        // What would end the quoted name or its line; the server keeps it as a label only.
        let name = mail.name.replace(|c: char| c == '"' || c == '\\' || c.is_control(), "_");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"email\"; filename=\"{name}\"\r\n\
             Content-Type: {kind}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&mail.raw);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, size: usize) -> Message {
        let content = Content::Whole(vec![b'x'; size]);
        Message { name: name.to_owned(), mailbox: None, format: Format::Rfc822, content }
    }

    #[test]
    fn batches_end_at_200_mails_at_16_mib_and_where_the_mailbox_changes() {
        let mut packer = Packer::default();
        let mut counts = Vec::new();
        for at in 0..250 {
            counts.extend(packer.take("orders", message(&at.to_string(), 10)).iter().map(Delivery::mails));
        }
        counts.extend(packer.take("quotes", message("q", 10)).iter().map(Delivery::mails));
        counts.extend(packer.take("quotes", message("large", MOST_BYTES - 5)).iter().map(Delivery::mails));
        counts.extend(packer.finish().iter().map(Delivery::mails));
        assert_eq!(counts, [200, 50, 1, 1]);
        assert!(packer.finish().is_none());
    }

    #[test]
    fn a_mail_that_is_not_in_memory_travels_alone_after_those_before_it() {
        let mut packer = Packer::default();
        assert!(packer.take("orders", message("a", 1)).is_empty());
        let content = Content::Head { head: Vec::new(), size: 60 << 20, sha256: String::new() };
        let large = Message { name: "b".to_owned(), mailbox: None, format: Format::Rfc822, content };
        let ready: Vec<String> = packer.take("orders", large).iter().map(Delivery::describe).collect();
        assert_eq!(ready, ["a", "b"]);
    }

    #[test]
    fn a_name_cannot_break_the_form() {
        let mail = Upload { name: "a\"\r\nX: y.eml".to_owned(), format: Format::Json, raw: b"{}".to_vec() };
        let body = String::from_utf8(multipart("B", "orders", &[mail])).unwrap();
        assert!(
            body.contains("filename=\"a___X: y.eml\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--B--"),
            "{body}"
        );
    }
}
