//! A revision of the book, ready to be applied.

use super::DEFAULT_POLICY;
use super::book::Book;
use super::policy::{Conditions, Policy};
use crate::domain::task::Task;

/// The policies of one revision, in order; the last one is for every task.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The revision; 0 if there never was a book.
    pub revision: i64,
    policies: Vec<Policy>,
}

impl Rules {
    /// The default policy alone, as long as there is no book.
    pub fn builtin() -> Self {
        Self { revision: 0, policies: vec![Policy::default_policy()] }
    }

    /// The policies of a book, and the default policy after them unless it has one of its own.
    pub fn compile(revision: i64, book: &Book) -> Self {
        let mut policies = book.policies.clone();
        if policies.last().is_none_or(|last| last.name != DEFAULT_POLICY) {
            policies.push(Policy::default_policy());
        }
        Self { revision, policies }
    }

    /// One policy, for every task.
    pub fn only(revision: i64, policy: &Policy) -> Self {
        let policy = Policy { when: Conditions::default(), ..policy.clone() };
        Self { revision, policies: vec![policy] }
    }

    /// The first policy that is for this task.
    pub fn matching(&self, task: &Task) -> &Policy {
        let found = self.policies.iter().find(|policy| policy.when.matches(task));
        found.unwrap_or_else(|| self.default_policy())
    }

    /// The policy of this name.
    pub fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// The one that is for what no other is for.
    pub fn default_policy(&self) -> &Policy {
        self.policies.last().expect("every constructor puts the default last")
    }

    /// All of them, in order.
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }
}
