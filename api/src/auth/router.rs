//! Which operation a request is for. The routes are those of the OpenAPI document, and are told apart as the framework does:
//! segment by segment, a literal one before a parameter.

use std::sync::LazyLock;

use poem::http::{Method, StatusCode};
use serde_json::Value;
use shared::store::scope::Subject;

use super::policy::{self, Rule};
use crate::openapi::openapi_json;
use crate::problem::Problem;

/// A path, and what each of its methods takes; `None` for an operation that the policy does not know.
struct Path {
    segments: Vec<Segment>,
    methods: Vec<(Method, Option<&'static Rule>)>,
}

/// A part of a path. Literal ones come first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    /// A parameter of this name.
    Parameter(String),
}

/// What a request is for.
pub(super) struct Found<'a> {
    /// What it takes.
    pub(super) rule: &'static Rule,
    /// The task, mail or batch that its path names, as written there: what has to be escaped is the id of none.
    pub(super) subject: Option<(Subject, &'a str)>,
}

/// All paths; of those that cover the same one, the framework's choice comes first.
static PATHS: LazyLock<Vec<Path>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(openapi_json()).expect("the document is JSON");
    let mut paths: Vec<Path> = document["paths"].as_object().into_iter().flatten().map(path).collect();
    paths.sort_by(|one, other| one.segments.cmp(&other.segments));
    paths
});

fn path((template, item): (&String, &Value)) -> Path {
    let methods = item.as_object().into_iter().flatten().filter_map(|(method, operation)| {
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?;
        Some((method, policy::rule(operation["operationId"].as_str()?)))
    });
    Path { segments: template.split('/').map(segment).collect(), methods: methods.collect() }
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{') {
        Some(name) => Segment::Parameter(name.trim_end_matches('}').to_owned()),
        None => Segment::Literal(text.to_owned()),
    }
}

/// Reads the document, so that nobody waits for it.
pub(super) fn warm() {
    LazyLock::force(&PATHS);
}

/// What the operation takes that a request is for.
///
/// # Errors
/// 404 and 405 if there is none; 403 if the policy does not know it.
pub(super) fn find<'a>(method: &Method, path: &'a str) -> Result<Found<'a>, Problem> {
    let no_route = || Problem::new(StatusCode::NOT_FOUND, "no such route");
    let found = PATHS.iter().find(|known| covers(&known.segments, path)).ok_or_else(no_route)?;
    let operation = found
        .methods
        .iter()
        .find(|(known, _)| known == method)
        .ok_or_else(|| Problem::new(StatusCode::METHOD_NOT_ALLOWED, "the route does not take this method"))?;
    let rule = operation.1.ok_or_else(|| {
        tracing::error!(%method, path, "no role is declared for this operation; it is refused to everybody");
        Problem::forbidden("no role may do this")
    })?;
    let subject = found.segments.iter().zip(path.split('/')).find_map(|(segment, part)| {
        let Segment::Parameter(name) = segment else { return None };
        let kind = match name.as_str() {
            "task_id" => Subject::Task,
            "email_id" => Subject::Email,
            "batch_id" => Subject::Batch,
            _ => return None,
        };
        Some((kind, part))
    });
    Ok(Found { rule, subject })
}

fn covers(segments: &[Segment], path: &str) -> bool {
    let mut parts = path.split('/');
    let all = segments.iter().all(|segment| match (segment, parts.next()) {
        (Segment::Literal(text), Some(part)) => text == part,
        (Segment::Parameter(_), Some(_)) => true,
        (_, None) => false,
    });
    all && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::super::policy::Scope;
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_path_and_has_a_rule() {
        let document: Value = serde_json::from_str(openapi_json()).unwrap();
        let mut operations = 0;
        for (template, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let path: Vec<&str> =
                    template.split('/').map(|part| if part.starts_with('{') { "x-1" } else { part }).collect();
                let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
                let id = operation["operationId"].as_str().unwrap();
                let path = path.join("/");
                let found = find(&method, &path).unwrap_or_else(|problem| panic!("{id}: {problem}"));
                assert_eq!(found.rule.operation, id);
                let names_its_subject = found.subject.is_some_and(|(_, part)| part == "x-1");
                assert!(found.rule.scope != Scope::Subject || names_its_subject, "{id}");
                operations += 1;
            }
        }
        assert_eq!(operations, policy::POLICY.len(), "the policy knows operations that are not there");
    }

    #[test]
    fn what_is_no_operation_is_404_or_405() {
        let status = |method: Method, path| find(&method, path).err().map(|problem| problem.status);
        assert_eq!(status(Method::GET, "/api/workflow/list"), None);
        assert_eq!(status(Method::POST, "/api/workflow/list"), Some(405));
        // As a literal segment comes before a parameter, whatever its methods.
        assert_eq!(status(Method::GET, "/api/jobs/bulk"), Some(405));
        for path in [
            "/api",
            "/api/",
            "/api/workflow/list/",
            "/api/workflow//list",
            "/API/workflow/list",
            "/api/workflow/%6cist",
        ] {
            assert_eq!(status(Method::GET, path), Some(404), "{path}");
        }
    }
}
