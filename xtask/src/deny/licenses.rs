//! Licences of everything that is built, against a list of allowed ones.

use super::{graph::Graph, policy::LicensePolicy};

/// One line for each package whose licence expression the list does not satisfy.
pub fn faults(graph: &Graph, policy: &LicensePolicy) -> Vec<String> {
    let mut faults = Vec::new();
    for package in graph.packages() {
        let exceptions = policy.exceptions.iter().filter(|exception| exception.name == package.name);
        let allowed: Vec<&str> =
            policy.allow.iter().chain(exceptions.flat_map(|exception| &exception.allow)).map(String::as_str).collect();
        let Some(expression) = &package.license else {
            faults.push(format!("{} {} names no licence", package.name, package.version));
            continue;
        };
        if !satisfies(expression, &allowed) {
            faults.push(format!("{} {} is under {expression}", package.name, package.version));
        }
    }
    faults
}

/// Evaluates an SPDX licence expression; what cannot be parsed is not satisfied.
fn satisfies(expression: &str, allowed: &[&str]) -> bool {
    // The slash is crates.io's former way to write OR.
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) == Some(true) && rest.is_empty()
}

fn either(rest: &mut &[&str], allowed: &[&str]) -> Option<bool> {
    let mut value = both(rest, allowed)?;
    while let ["OR", tail @ ..] = *rest {
        *rest = tail;
        value |= both(rest, allowed)?;
    }
    Some(value)
}

fn both(rest: &mut &[&str], allowed: &[&str]) -> Option<bool> {
    let mut value = single(rest, allowed)?;
    while let ["AND", tail @ ..] = *rest {
        *rest = tail;
        value &= single(rest, allowed)?;
    }
    Some(value)
}

fn single(rest: &mut &[&str], allowed: &[&str]) -> Option<bool> {
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let value = either(rest, allowed)?;
            *rest = rest.strip_prefix(&[")"])?;
            Some(value)
        }
        [license, "WITH", exception, tail @ ..] => {
            *rest = tail;
            Some(allowed.contains(&format!("{license} WITH {exception}").as_str()))
        }
        [license, tail @ ..] if !matches!(*license, ")" | "AND" | "OR" | "WITH") => {
            *rest = tail;
            Some(allowed.contains(license))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn an_expression_is_satisfied_as_spdx_defines_it() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "MIT AND ISC",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(satisfies(good, &allowed), "{good}");
        }
        for bad in
            ["GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "GPL-3.0 OR MIT AND Zlib", "(MIT", "MIT ISC", "", "MIT OR"]
        {
            assert!(!satisfies(bad, &allowed), "{bad}");
        }
    }
}
