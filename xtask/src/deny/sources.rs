//! Where code comes from.

use super::{
    graph::Graph,
    policy::{Level, SourcePolicy},
};

/// One line for each package from a place that is not allowed.
pub fn faults(graph: &Graph, policy: &SourcePolicy) -> Vec<String> {
    let packages = graph.packages().iter().filter(|package| !graph.is_own(package));
    packages
        .filter_map(|package| {
            let place = package.source.as_deref().unwrap_or("a folder outside the workspace");
            let allowed = match place.split_once('+') {
                Some(("registry" | "sparse", url)) => {
                    policy.unknown_registry == Level::Allow || policy.allow_registry.iter().any(|known| known == url)
                }
                Some(("git", _)) => policy.unknown_git == Level::Allow,
                _ => false,
            };
            (!allowed).then(|| format!("{} {} comes from {place}", package.name, package.version))
        })
        .collect()
}
