//! Things that people give names to: how a name and the version a caller saw are judged.

use poem::Request;
use poem::http::StatusCode;
use shared::domain::mention;

use super::mutation::Terms;
use crate::app::App;
use crate::problem::{Issue, Problem};

const NAME: &str = "must be 1 to 200 characters, without control characters and white space around them";

/// A name of the path.
pub(super) fn name(name: String) -> Result<String, Problem> {
    if mention::is_name(&name) { Ok(name) } else { Err(Problem::unprocessable(vec![Issue::at("path/name", NAME)])) }
}

/// Refuses a change of another version than the caller saw; `current` is `None` if the thing is not there.
pub(super) fn matched(app: &App, request: &Request, current: Option<i64>) -> Result<(), Problem> {
    let expected = Terms::of(app, request, "", "")?.expected_version;
    let refuse = |detail: String| Problem::new(StatusCode::PRECONDITION_FAILED, detail);
    match current {
        None if request.header("if-match").is_some() => Err(refuse("there is no version of it".to_owned())),
        Some(version) if expected.is_some_and(|expected| expected != version) => {
            Err(Problem { current_version: current, ..refuse(format!("it is at version {version}")) })
        }
        _ => Ok(()),
    }
}

/// The entity tag of a version.
pub(super) fn tag(version: i64) -> String {
    format!("\"{version}\"")
}
