//! How a command fails: one line on standard error and an exit code, those of sysexits.h where one fits.

use std::fmt;

use shared::store::OpenError;

/// Why a command ends without having done its work. Each holds the line shown to the user.
#[derive(Debug)]
pub enum Failure {
    /// 1: the work was done in part, or something broke on the way.
    Failed(String),
    /// 64: the command line cannot be understood.
    Usage(String),
    /// 65: a database that is not ours, or of another schema version. Nothing was written.
    Data(String),
    /// 70: the process makes no progress and does not know why; another one may.
    Stuck(String),
    /// 69: a database or a server does not answer, or the port is taken.
    Unavailable(String),
    /// 78: the configuration cannot work.
    Config(String),
}

/// Exit code of a command line that cannot be understood.
pub const USAGE: u8 = 64;
/// Exit code of a process that makes no progress.
pub const STUCK: u8 = 70;
/// Exit code of a configuration that cannot work.
pub const CONFIG: u8 = 78;

impl Failure {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => USAGE,
            Self::Data(_) => 65,
            Self::Unavailable(_) => 69,
            Self::Stuck(_) => STUCK,
            Self::Config(_) => CONFIG,
        }
    }

    /// What happened, in words.
    pub fn message(&self) -> &str {
        match self {
            Self::Failed(text)
            | Self::Usage(text)
            | Self::Data(text)
            | Self::Unavailable(text)
            | Self::Stuck(text)
            | Self::Config(text) => text,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever a driver put into its message.
        let words: Vec<&str> = self.message().split_whitespace().collect();
        f.write_str(&words.join(" "))
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let text = error.to_string();
        match error {
            OpenError::Url(_) => Self::Config(text),
            OpenError::Unreachable(_) => Self::Unavailable(text),
            OpenError::Foreign(_) | OpenError::Newer { .. } | OpenError::Older { .. } | OpenError::Migration(_) => {
                Self::Data(text)
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
