//! Domain lookup: a hash of each suffix of the name, longest first, against the listed names.
//!
//! What a lookup gives is decided when the matcher is built: every listed name carries the set for itself and the set
//! for the names below it, each with what it inherits from listed names above. The first listed suffix therefore has
//! the whole answer.

use crate::domain::MAX_NAME;
use crate::hits::{EMPTY, Interner, NO_THREAT, Place, Record};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// How far an entry reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A feed's entry: itself and, where nothing more specific is listed, what is below.
    Tree,
    /// A feed's entry that covers only itself.
    Exact,
    /// A customer's entry: only itself, whatever else is listed.
    CustomExact,
    /// A customer's wildcard: what is below and not itself, whatever else is listed.
    CustomBelow,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    offset: u32,
    length: u8,
    reach: Reach,
    record: Record,
}

/// Listed names while lists are read. Names are in lower case and without a final dot.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamesBuilder {
    text: String,
    entries: Vec<Entry>,
}

impl NamesBuilder {
    /// Adds a name. `false` when there is no room.
    pub(crate) fn push(&mut self, name: &str, reach: Reach, list: u16, threat: u32) -> bool {
        let (Ok(offset), Ok(length)) = (u32::try_from(self.text.len()), u8::try_from(name.len())) else { return false };
        self.text.extend(name.chars().map(|c| c.to_ascii_lowercase()));
        let custom = matches!(reach, Reach::CustomExact | Reach::CustomBelow);
        let depth = labels(name);
        let record = Record { list, port: 0, threat, depth, wildcard: reach == Reach::CustomBelow, custom };
        self.entries.push(Entry { offset, length, reach, record });
        true
    }

    pub(crate) fn push_plain(&mut self, name: &str, reach: Reach) -> bool {
        self.push(name, reach, 0, NO_THREAT)
    }

    /// Entries so far.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Resolves what each name and the names below it match.
    pub(crate) fn build(self, seed: u64, interner: &mut Interner) -> Names {
        let mut names = Names::with_text(self.text, seed, self.entries.len());
        let mut placed: Vec<(u32, u32)> = Vec::with_capacity(self.entries.len());
        for (index, entry) in self.entries.iter().enumerate() {
            placed.push((names.place(entry.offset, entry.length, entry.record.depth), index as u32));
        }
        // Fewer labels first, so that what a name inherits is settled before it.
        placed.sort_unstable_by_key(|(node, index)| (self.entries[*index as usize].record.depth, *node, *index));
        let mut scratch = Scratch::default();
        for group in placed.chunk_by(|a, b| a.0 == b.0) {
            let own = group.iter().map(|(_, index)| &self.entries[*index as usize]);
            scratch.resolve(&mut names, group[0].0, own, interner);
        }
        names.text.shrink_to_fit();
        names.nodes.shrink_to_fit();
        names
    }
}

#[derive(Default)]
struct Scratch {
    itself: Vec<Record>,
    below: Vec<Record>,
    tree: Vec<Record>,
}

impl Scratch {
    fn resolve<'a>(
        &mut self,
        names: &mut Names,
        node: u32,
        own: impl Iterator<Item = &'a Entry>,
        interner: &mut Interner,
    ) {
        self.itself.clear();
        self.below.clear();
        self.tree.clear();
        let mut has_exact = false;
        for entry in own {
            match entry.reach {
                Reach::Tree => self.tree.push(entry.record),
                Reach::Exact => has_exact = true,
                Reach::CustomExact => {}
                Reach::CustomBelow => self.below.push(entry.record),
            }
            if matches!(entry.reach, Reach::Exact | Reach::CustomExact) {
                self.itself.push(entry.record);
            }
        }
        let hidden_below = !self.tree.is_empty();
        let hidden_itself = hidden_below || has_exact;
        self.itself.extend_from_slice(&self.tree);
        self.below.extend_from_slice(&self.tree);
        let inherited = names.inherited(node);
        for record in interner.get(inherited) {
            if record.custom || !hidden_itself {
                self.itself.push(*record);
            }
            if record.custom || !hidden_below {
                self.below.push(*record);
            }
        }
        let itself = intern(&mut self.itself, interner);
        let below = intern(&mut self.below, interner);
        let node = &mut names.nodes[node as usize];
        (node.itself, node.below) = (itself, below);
    }
}

fn intern(records: &mut Vec<Record>, interner: &mut Interner) -> u32 {
    records.sort_unstable();
    records.dedup();
    interner.intern(records)
}

fn labels(name: &str) -> u8 {
    // A name of at most 253 bytes has at most 127 labels.
    (1 + memchr::memchr_iter(b'.', name.as_bytes()).count()).min(255) as u8
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
        let mut rest = name;
        while let Some((_, above)) = rest.split_once('.') {
            rest = above;
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
        let mut buffer = [0_u8; MAX_NAME + 3];
        let (lower, cut) = lower_into(name, &mut buffer)?;
        self.find_lower(lower, cut)
    }

    fn find_lower(&self, lower: &[u8], cut: bool) -> Option<Place> {
        let mut left = 1 + memchr::memchr_iter(b'.', lower).count();
        let mut rest = lower;
        let mut whole = !cut;
        while left >= self.min_labels {
            if left <= self.max_labels {
                if let Some(node) = self.probe(rest) {
                    let found = &self.nodes[node as usize];
                    return if whole {
                        (found.itself != EMPTY).then_some(Place::Name(node))
                    } else {
                        (found.below != EMPTY).then_some(Place::Below(node))
                    };
                }
            }
            let dot = memchr::memchr(b'.', rest)?;
            rest = &rest[dot + 1..];
            left -= 1;
            whole = false;
        }
        None
    }
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
