//! Which methods a path takes, for the `Allow` of a 405.

use std::sync::LazyLock;

use poem::http::HeaderValue;
use serde_json::Value;

use crate::openapi::openapi_json;

/// Paths of the document, each with its methods.
static ROUTES: LazyLock<Vec<(String, HeaderValue)>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(openapi_json()).expect("the document is JSON");
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.filter_map(|(path, item)| Some((path.clone(), methods(item.as_object()?.keys())?))).collect()
});

fn methods<'a>(keys: impl Iterator<Item = &'a String>) -> Option<HeaderValue> {
    let mut methods: Vec<&str> = keys
        .flat_map(|key| match key.as_str() {
            // A GET answers HEAD as well.
            "get" => ["GET", "HEAD"].as_slice(),
            "post" => &["POST"],
            "put" => &["PUT"],
            "patch" => &["PATCH"],
            "delete" => &["DELETE"],
            _ => &[],
        })
        .copied()
        .collect();
    methods.sort_unstable();
    HeaderValue::from_str(&methods.join(", ")).ok()
}

/// The methods of a path that does not take the one it was asked with.
pub(crate) fn methods_of(path: &str) -> HeaderValue {
    if let Some((_, methods)) = ROUTES.iter().find(|(template, _)| covers(template, path)) {
        return methods.clone();
    }
    match path.strip_prefix("/api/").filter(|name| name.contains('.')) {
        // Procedures: a query is a GET, a mutation a POST.
        Some(name) if [".create", ".update", ".delete"].iter().any(|verb| name.ends_with(verb)) => {
            HeaderValue::from_static("POST")
        }
        Some(_) => HeaderValue::from_static("GET"),
        // The socket, the documents and the page.
        None => HeaderValue::from_static("GET, HEAD"),
    }
}

/// Whether the path is one of the template.
fn covers(template: &str, path: &str) -> bool {
    let (mut wanted, mut have) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), have.next()) {
            (None, None) => return true,
            (Some(wanted), Some(have)) if wanted == have || (wanted.starts_with('{') && !have.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_methods_of_its_operations() {
        for (path, methods) in [
            ("/api/workflow/list", "GET, HEAD"),
            ("/api/workflow/create", "POST"),
            ("/api/workflow/update/TASK-1-x", "PUT"),
            ("/api/jobs/7", "DELETE, GET, HEAD, PATCH"),
            ("/api/workflow.create", "POST"),
            ("/api/workflow.list", "GET"),
            ("/ws", "GET, HEAD"),
        ] {
            assert_eq!(methods_of(path), methods, "{path}");
        }
    }
}
