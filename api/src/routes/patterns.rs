//! What recurs in mail.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use shared::domain::Category;
use shared::store::patterns::{self, Pattern};

use super::cursor;
use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct PatternsApi;

/// Patterns, the best supported first.
#[derive(Serialize, Object)]
#[oai(rename = "PatternList")]
pub(crate) struct Patterns {
    /// The patterns.
    patterns: Vec<Pattern>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Metrics")]
impl PatternsApi {
    /// List patterns
    ///
    /// What recurs in mail, the best supported first; ties by signature. Found anew every quarter of an hour by the
    /// schedule `pattern-mining`.
    #[oai(path = "/patterns", method = "get", operation_id = "listPatterns")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Of these categories, or of one of their older names.
        category: Given<Vec<String>>,
        /// Found in at least so many mails.
        min_support: Given<i64>,
        /// `next_cursor` of the page before.
        cursor: Given<String>,
        /// Patterns at most, 1 to 500; 100 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Patterns>, Problem> {
        let categories = known(request, category.0.unwrap_or_default());
        let min_support = min_support.within(request, "min_support", 0..=i64::MAX, 0);
        let limit = limit.within(request, "limit", 1..=500, 100);
        let after = cursor.0.and_then(|text| {
            let after = place(&text);
            if after.is_none() {
                params::note(request, "cursor", "is not a cursor of this list");
            }
            after
        });
        params::check(request)?;
        let after = after.as_ref().map(|(support, signature)| (*support, signature.as_str()));
        let mut rows = patterns::list(&mut app.db.read().await?, &categories, min_support, after, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit)
            .map(|last| URL_SAFE_NO_PAD.encode(format!("{} {}", last.support, last.signature)));
        Ok(Answer::of(&Patterns { patterns: rows, next_cursor }))
    }
}

fn known(request: &Request, names: Vec<String>) -> Vec<String> {
    let mut categories = Vec::new();
    for name in names {
        match Category::from_input(&name) {
            Some(category) => categories.push(category.to_string()),
            None => params::note(request, "category", format!("{name} is not a category")),
        }
    }
    categories
}

/// Support and signature that a cursor stands for.
fn place(cursor: &str) -> Option<(i64, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (support, signature) = text.split_once(' ')?;
    (!signature.contains('\0')).then_some((support.parse().ok()?, signature.to_owned()))
}
