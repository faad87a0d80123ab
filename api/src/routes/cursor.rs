//! Opaque cursors: where a list goes on, bound to its filter and order.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::store::tasks::{Filter, Page, SortKey, Start};

#[derive(Serialize, Deserialize)]
struct Cursor {
    /// Fingerprint of filter and order.
    f: String,
    /// Sort key: an instant's microseconds, a number, or null.
    k: Option<i64>,
    /// Task id.
    t: String,
}

fn fingerprint(filter: &Filter, page: &Page) -> String {
    let text = format!("{filter:?}/{:?}/{}", page.sort, page.ascending);
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..9])
}

/// Cuts a list that was read one row longer than asked for; gives the last row left if more follow.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: i64) -> Option<&T> {
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    rows.last().filter(|_| more)
}

/// The cursor of what follows a row.
pub(crate) fn encode(filter: &Filter, page: &Page, key: &SortKey, task_id: &str) -> String {
    let k = match key {
        SortKey::Null => None,
        SortKey::At(at) => Some(at.timestamp_micros()),
        SortKey::Number(number) => Some(*number),
    };
    let cursor = Cursor { f: fingerprint(filter, page), k, t: task_id.to_owned() };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).expect("a cursor serialises"))
}

/// Where a cursor goes on, or what is wrong with it.
pub(crate) fn decode(text: &str, filter: &Filter, page: &Page) -> Result<Start, &'static str> {
    use shared::store::tasks::Sort;
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| "is not a cursor of this API")?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| "is not a cursor of this API")?;
    if cursor.f != fingerprint(filter, page) {
        return Err("belongs to another filter or sort order");
    }
    let key = match (cursor.k, page.sort) {
        (None, _) => SortKey::Null,
        (Some(number), Sort::DollarValue | Sort::Priority) => SortKey::Number(number),
        (Some(micros), _) => SortKey::At(DateTime::from_timestamp_micros(micros).ok_or("is not a cursor of this API")?),
    };
    Ok(Start::After(key, cursor.t))
}
