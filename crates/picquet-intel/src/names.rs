//! Domain lookup: a hash of each suffix of the name, longest first, against the listed names.
//!
//! What a lookup gives is decided when the matcher is built: every listed name carries the set for itself and the set
//! for the names below it, each with what it inherits from listed names above. The first listed suffix therefore has
//! the whole answer.

mod build;
mod families;

use crate::domain::MAX_NAME;
use crate::hits::{EMPTY, Place};
use families::{Families, last_two_labels};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

pub(crate) use build::{NamesBuilder, Reach};

fn labels(name: &str) -> u8 {
    // A name of at most 253 bytes has at most 127 labels.
    // Names are short: a plain loop is faster than a search that has to set out first.
    (1 + name.bytes().filter(|byte| *byte == b'.').count()).min(255) as u8
}

#[derive(Clone, Copy, Debug)]
struct Node {
    offset: u32,
    itself: u32,
    below: u32,
    length: u8,
}

/// Listed names, ready to look up.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    text: String,
    nodes: Vec<Node>,
    table: HashTable<u32>,
    hasher: FixedState,
    families: Families,
    min_labels: usize,
    max_labels: usize,
}

impl Default for Names {
    fn default() -> Self {
        Self::with_text(String::new(), 0, 0)
    }
}

impl Names {
    fn with_text(text: String, seed: u64, capacity: usize) -> Self {
        Self {
            text,
            nodes: Vec::with_capacity(capacity),
            table: HashTable::with_capacity(capacity),
            hasher: FixedState::with_seed(seed),
            families: Families::default(),
            min_labels: usize::MAX,
            max_labels: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The name of a node.
    pub(crate) fn name(&self, node: u32) -> Option<&str> {
        self.nodes.get(node as usize).map(|node| name_of(&self.text, node))
    }

    /// The set of a node, for itself or for the names below it.
    pub(crate) fn set(&self, place: Place) -> Option<u32> {
        match place {
            Place::Name(node) => self.nodes.get(node as usize).map(|node| node.itself),
            Place::Below(node) => self.nodes.get(node as usize).map(|node| node.below),
            _ => None,
        }
    }

    /// The node of a name that is being built, new or not.
    fn place(&mut self, offset: u32, length: u8, depth: u8) -> u32 {
        let node = Node { offset, length, itself: EMPTY, below: EMPTY };
        let Self { text, nodes, table, hasher, .. } = self;
        let name = name_of(text, &node);
        let hash = hash(hasher, name.as_bytes());
        let new = nodes.len() as u32;
        let found = table
            .entry(
                hash,
                |other| name_of(text, &nodes[*other as usize]) == name,
                |other| self::hash(hasher, name_of(text, &nodes[*other as usize]).as_bytes()),
            )
            .or_insert(new);
        let found = *found.get();
        if found == new {
            nodes.push(node);
            self.min_labels = self.min_labels.min(usize::from(depth));
            self.max_labels = self.max_labels.max(usize::from(depth));
        }
        found
    }

    /// What a node that is being built takes over from the nearest listed name above it.
    fn inherited(&self, node: u32) -> u32 {
        let Some(name) = self.name(node) else { return EMPTY };
        let mut left = usize::from(labels(name));
        let mut rest = name;
        while left > self.min_labels
            && let Some((_, above)) = rest.split_once('.')
        {
            rest = above;
            left -= 1;
            if let Some(node) = self.probe(above.as_bytes()) {
                return self.nodes[node as usize].below;
            }
        }
        EMPTY
    }

    #[inline]
    fn probe(&self, name: &[u8]) -> Option<u32> {
        let matches = |node: &u32| name_of(&self.text, &self.nodes[*node as usize]).as_bytes() == name;
        self.table.find(hash(&self.hasher, name), matches).copied()
    }

    /// Where a name in any case, with or without its final dot, matches.
    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Place> {
        if self.nodes.is_empty() {
            return None;
        }
        let name = name.as_bytes();
        let name = name.strip_suffix(b".").unwrap_or(name);
        let family = last_two_labels(name)?;
        if !has_capitals(family) && !self.families.may_have(family, &self.hasher) {
            return None;
        }
        self.find_slowly(name)
    }

    /// A name of whose family some name is listed, or may be.
    #[inline(never)]
    fn find_slowly(&self, name: &[u8]) -> Option<Place> {
        if name.len() <= MAX_NAME && !has_capitals(name) {
            return self.find_lower(name, false);
        }
        let mut buffer = [0_u8; MAX_NAME + 3];
        let (lower, cut) = lower_into(name, &mut buffer)?;
        self.find_lower(lower, cut)
    }

    fn find_lower(&self, lower: &[u8], cut: bool) -> Option<Place> {
        let mut left = 1 + memchr::memchr_iter(b'.', lower).count();
        let mut rest = lower;
        let mut whole = !cut;
        while left >= self.min_labels {
            if left <= self.max_labels
                && let Some(node) = self.probe(rest)
            {
                let found = &self.nodes[node as usize];
                return if whole {
                    (found.itself != EMPTY).then_some(Place::Name(node))
                } else {
                    (found.below != EMPTY).then_some(Place::Below(node))
                };
            }
            let dot = memchr::memchr(b'.', rest)?;
            rest = &rest[dot + 1..];
            left -= 1;
            whole = false;
        }
        None
    }
}

#[inline]
fn has_capitals(name: &[u8]) -> bool {
    name.iter().any(u8::is_ascii_uppercase)
}

/// The name in lower case. Of a name that is too long for any list (logs escape octets, which lengthens it), the
/// labels at its end that fit, and `true`.
#[inline]
fn lower_into<'a>(name: &[u8], buffer: &'a mut [u8; MAX_NAME + 3]) -> Option<(&'a [u8], bool)> {
    let (tail, cut) = if name.len() <= buffer.len() {
        (name, false)
    } else {
        let end = &name[name.len() - MAX_NAME - 1..];
        let dot = memchr::memchr(b'.', end)?;
        (&end[dot + 1..], true)
    };
    let lower = &mut buffer[..tail.len()];
    lower.copy_from_slice(tail);
    lower.make_ascii_lowercase();
    Some((lower, cut))
}

#[inline]
fn name_of<'a>(text: &'a str, node: &Node) -> &'a str {
    let start = node.offset as usize;
    text.get(start..start + usize::from(node.length)).unwrap_or_default()
}

#[inline]
fn hash(hasher: &FixedState, name: &[u8]) -> u64 {
    let mut state = hasher.build_hasher();
    state.write(name);
    state.finish()
}
