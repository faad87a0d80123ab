//! What every process is told by its command line or environment.

use std::fmt;

/// A connection URL; its password never shows in logs or errors.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUrl(String);

impl ConnectionUrl {
    /// Takes the URL as given.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL with its password, for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it names an SQLite file.
    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }
}

impl fmt::Display for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match url::Url::parse(&self.0) {
            Ok(mut url) => {
                if url.password().is_some() {
                    let _ = url.set_password(Some("***"));
                }
                url.fmt(f)
            }
            Err(_) => f.write_str(self.0.split('@').next_back().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        let url = ConnectionUrl::new("postgres://ana:secret@db.example:5432/workflow");
        assert_eq!(url.to_string(), "postgres://ana:***@db.example:5432/workflow");
        assert!(!format!("{url:?}").contains("secret"));
        assert_eq!(ConnectionUrl::new("sqlite://data/crewai.db").to_string(), "sqlite://data/crewai.db");
    }
}
