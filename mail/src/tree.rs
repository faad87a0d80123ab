//! Many beginnings looked up at one place of a text together.

use std::collections::BTreeMap;
use std::ops::Range;

/// A tree of beginnings, a byte a level.
#[derive(Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// The ways on from all nodes: a byte and the node it leads to.
    ways: Vec<(u8, u16)>,
    /// What the beginnings that lead to a node are known by.
    ends: Vec<u16>,
    /// Of nodes with many ways on, the root first, where each byte leads; 0 is nowhere.
    wide: Vec<[u16; ASCII]>,
}

/// From so many ways on a node is wide, and holds for each byte of ASCII where it leads.
const MANY: usize = 5;
const ASCII: usize = 128;

#[derive(Default)]
struct Node {
    ways: Range<u32>,
    ends: Range<u32>,
    /// Its place among the wide ones, if it is one.
    wide: Option<u16>,
}

/// A node while the tree grows.
#[derive(Default)]
struct Branch {
    ways: BTreeMap<u8, Branch>,
    ends: Vec<u16>,
}

impl Tree {
    /// Beginnings with what each is known by.
    pub fn of<'b>(begins: impl Iterator<Item = (&'b [u8], u16)>) -> Self {
        let mut root = Branch::default();
        for (begin, known) in begins {
            let end = begin.iter().fold(&mut root, |branch, byte| branch.ways.entry(*byte).or_default());
            end.ends.push(known);
        }
        let mut tree = Self::default();
        tree.add(&root);
        tree
    }

    fn add(&mut self, branch: &Branch) -> u16 {
        let index = self.nodes.len();
        assert!(u16::try_from(index).is_ok(), "the lists are of a fixed size, which the tests see");
        let begun = self.ends.len() as u32;
        self.ends.extend(&branch.ends);
        let wide = (index == 0 || branch.ways.len() >= MANY).then(|| {
            self.wide.push([0; ASCII]);
            self.wide.len() as u16 - 1
        });
        self.nodes.push(Node { ends: begun..self.ends.len() as u32, wide, ..Node::default() });
        let ways: Vec<(u8, u16)> = branch.ways.iter().map(|(byte, next)| (*byte, self.add(next))).collect();
        if let Some(wide) = wide {
            for (byte, next) in ways.iter().filter(|(byte, _)| byte.is_ascii()) {
                self.wide[usize::from(wide)][usize::from(*byte)] = *next;
            }
        }
        let begun = self.ways.len() as u32;
        self.ways.extend(ways);
        self.nodes[index].ways = begun..self.ways.len() as u32;
        index as u16
    }

    /// The node that a byte leads to.
    fn next(&self, node: &Node, byte: u8) -> Option<&Node> {
        let next = match node.wide {
            Some(wide) if byte.is_ascii() => self.wide[usize::from(wide)][usize::from(byte)],
            _ => {
                let ways = &self.ways[node.ways.start as usize..node.ways.end as usize];
                ways.iter().find(|(way, _)| *way == byte).map_or(0, |(_, next)| *next)
            }
        };
        (next != 0).then(|| &self.nodes[usize::from(next)])
    }

    /// Notes everything that begins here, the shortest first.
    pub fn follow(&self, text: &[u8], mut note: impl FnMut(u16)) {
        let mut at = &self.nodes[0];
        for byte in text {
            let Some(next) = self.next(at, *byte) else { return };
            at = next;
            self.ends[at.ends.start as usize..at.ends.end as usize].iter().for_each(|known| note(*known));
        }
    }

    /// Whether anything begins here.
    pub fn any(&self, text: &[u8]) -> bool {
        let mut any = false;
        self.follow(text, |_| any = true);
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_beginnings_at_a_place_are_noted() {
        let tree = Tree::of([(&b"or"[..], 1), (b"order", 2), (b"quote", 3)].into_iter());
        let mut noted = Vec::new();
        tree.follow(b"orders", |known| noted.push(known));
        assert_eq!(noted, [1, 2]);
        assert!(tree.any(b"quotes") && !tree.any(b"quot") && !tree.any(b""));
    }
}
