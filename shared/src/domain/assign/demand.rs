//! Which tasks are meant, by category and mailbox: what the store is asked for.

use std::collections::BTreeSet;

use super::super::values::Category;

/// Mailboxes of tasks that are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mailboxes {
    /// Of any mailbox and of none.
    Any,
    /// Of these; `None` is a task without one.
    These(BTreeSet<Option<String>>),
}

impl Mailboxes {
    /// Those of a list in which nothing means everything.
    pub(super) fn of<'a>(list: impl Iterator<Item = &'a String>, without: bool) -> Self {
        let mut named: BTreeSet<Option<String>> = list.cloned().map(Some).collect();
        if named.is_empty() {
            return Self::Any;
        }
        if without {
            named.insert(None);
        }
        Self::These(named)
    }

    /// Whether a task of this mailbox is meant.
    pub fn contain(&self, mailbox: Option<&String>) -> bool {
        match self {
            Self::Any => true,
            Self::These(named) => named.contains(&mailbox.cloned()),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, other) | (other, Self::Any) => other,
            (Self::These(one), Self::These(other)) => Self::These(one.intersection(&other).cloned().collect()),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::These(mut one), Self::These(other)) => {
                one.extend(other);
                Self::These(one)
            }
            _ => Self::Any,
        }
    }
}

/// Tasks of a category, of some mailboxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The category.
    pub category: Category,
    /// The mailboxes.
    pub mailboxes: Mailboxes,
}

impl Demand {
    /// What is meant of each category, if anything is.
    pub(super) fn each(mailboxes: impl Fn(Category) -> Option<Mailboxes>) -> Vec<Self> {
        let some = |mailboxes: &Mailboxes| !matches!(mailboxes, Mailboxes::These(named) if named.is_empty());
        let each =
            |category: &Category| Some(Self { category: *category, mailboxes: mailboxes(*category).filter(some)? });
        Category::ALL.iter().filter_map(each).collect()
    }
}
