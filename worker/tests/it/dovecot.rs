//! An account on the IMAP server of the tests.

use std::fs;
use std::path::{Path, PathBuf};

use shared::domain::mailbox::{ImapSource, MailAfter, Tls};

/// An account of its own on the test server.
pub struct Account {
    home: PathBuf,
    user: String,
    /// Holds its password.
    pub secret: tempfile::TempDir,
}

impl Account {
    /// A new one; `None`, with the reason printed, if there is no server.
    pub fn new() -> Option<Self> {
        let Some(home) = std::env::var_os("WORKFLOW_TEST_DOVECOT").map(PathBuf::from) else {
            assert!(std::env::var_os("CI").is_none(), "WORKFLOW_TEST_DOVECOT is not set, and CI allows no skip");
            eprintln!("skipped: WORKFLOW_TEST_DOVECOT is not set; `cargo xtask test` sets it");
            return None;
        };
        let secret = tempfile::tempdir().unwrap();
        let user = secret.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.').to_lowercase();
        fs::write(secret.path().join("password"), "s3 cret\n").unwrap();
        let account = Self { home, user, secret };
        for part in ["", "new", "cur", "tmp"] {
            let folder = account.maildir().join(part);
            fs::create_dir_all(&folder).unwrap();
            account.hand_over(&folder);
        }
        Some(account)
    }

    /// Where its mail is.
    pub fn maildir(&self) -> PathBuf {
        self.home.join("mail").join(&self.user)
    }

    /// Gives what the test wrote to the account that the server reads mail as.
    fn hand_over(&self, path: &Path) {
        use std::os::unix::fs::MetadataExt as _;
        let owner = fs::metadata(self.home.join("mail")).unwrap();
        std::os::unix::fs::chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }

    /// Delivers a mail.
    pub fn deliver(&self, name: &str, text: &str) {
        let path = self.maildir().join("new").join(name);
        fs::write(&path, text).unwrap();
        self.hand_over(&path);
    }

    /// The flags of the mails in a folder of the Maildir.
    pub fn flags(&self, folder: &str) -> Vec<String> {
        let list = |part: &str| fs::read_dir(self.maildir().join(folder).join(part)).into_iter().flatten();
        let mut flags: Vec<String> = list("cur")
            .chain(list("new"))
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| name.split_once(":2,").map_or(String::new(), |(_, flags)| flags.to_owned()))
            .collect();
        flags.sort();
        flags
    }

    /// Its ports: for STARTTLS, and for TLS from the first byte.
    pub fn ports(&self) -> (u16, u16) {
        let ports = fs::read_to_string(self.home.join("ports")).unwrap();
        let (plain, encrypted) = ports.split_once(' ').unwrap();
        (plain.parse().unwrap(), encrypted.parse().unwrap())
    }

    /// How the product reaches it, encrypted from the first byte.
    pub fn source(&self) -> ImapSource {
        ImapSource {
            host: "localhost".to_owned(),
            port: self.ports().1,
            tls: Tls::Implicit,
            user: self.user.clone(),
            folder: "INBOX".to_owned(),
            password_env: None,
            password_file: Some(self.secret.path().join("password").to_str().unwrap().to_owned()),
            ca_file: Some(self.home.join("cert.pem").to_str().unwrap().to_owned()),
            after: MailAfter::Seen,
            move_to: None,
        }
    }
}
