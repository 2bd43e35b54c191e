//! The cohort tree. A node is a path of dimension values; the root is the empty path.

use std::collections::{BTreeMap, BTreeSet};

/// A path: network → industry → size band → region, or its first part.
pub type Path = Vec<String>;

/// A node: its index in path order. A parent's index is below those of its children.
pub type Node = u32;

pub const ROOT: Node = 0;

/// All nodes of a release and its window, with their ancestors.
pub struct Tree {
    paths: Vec<Path>,
    parents: Vec<Node>,
}

impl Tree {
    /// The tree of these paths and their ancestors. It always has the root.
    pub fn new<'a>(named: impl Iterator<Item = &'a [String]>) -> Self {
        let mut known: BTreeSet<&[String]> = BTreeSet::from([&[][..]]);
        for path in named {
            for length in (1..=path.len()).rev() {
                if !known.insert(&path[..length]) {
                    break;
                }
            }
        }
        let number: BTreeMap<&[String], Node> = known.iter().copied().zip(0..).collect();
        let parent = |path: &[String]| path.split_last().map_or(ROOT, |(_, above)| number[above]);
        Tree {
            parents: known.iter().map(|path| parent(path)).collect(),
            paths: known.into_iter().map(<[String]>::to_vec).collect(),
        }
    }
    pub fn len(&self) -> usize {
        self.paths.len()
    }
    pub fn path(&self, node: Node) -> &Path {
        &self.paths[node as usize]
    }
    /// The node of a path, if the tree has it.
    pub fn find(&self, path: &[String]) -> Option<Node> {
        let at = self.paths.binary_search_by(|known| known.as_slice().cmp(path)).ok()?;
        Node::try_from(at).ok()
    }
    /// The parent. None for the root.
    pub fn parent(&self, node: Node) -> Option<Node> {
        (node != ROOT).then(|| self.parents[node as usize])
    }
    pub fn depth(&self, node: Node) -> usize {
        self.paths[node as usize].len()
    }
    /// All nodes, children before their parents.
    pub fn bottom_up(&self) -> impl Iterator<Item = Node> + use<> {
        (0..Node::try_from(self.paths.len()).expect("a tree has fewer nodes than clients")).rev()
    }
    /// A node and its ancestors, the root last.
    pub fn up(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        std::iter::successors(Some(node), |node| self.parent(*node))
    }
}
