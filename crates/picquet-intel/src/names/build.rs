//! Listed names to [`Names`]: what each name, and whatever is below it, matches.

use super::families::Families;
use super::{Names, labels};
use crate::hits::{Interner, NO_THREAT, Record};

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
    /// Makes room for names and their text, in bytes.
    pub(crate) fn reserve(&mut self, names: usize, text: usize) {
        self.entries.reserve(names);
        self.text.reserve(text);
    }

    /// Adds a name. `false` when there is no room.
    pub(crate) fn push(&mut self, name: &str, reach: Reach, list: u16, threat: u32) -> bool {
        let (Ok(offset), Ok(length)) = (u32::try_from(self.text.len()), u8::try_from(name.len())) else { return false };
        let start = self.text.len();
        self.text.push_str(name);
        self.text[start..].make_ascii_lowercase();
        let custom = matches!(reach, Reach::CustomExact | Reach::CustomBelow);
        let depth = labels(name);
        let record = Record { list, port: 0, threat, depth, wildcard: reach == Reach::CustomBelow, custom };
        self.entries.push(Entry { offset, length, reach, record });
        true
    }

    pub(crate) fn push_plain(&mut self, name: &str, reach: Reach) -> bool {
        self.push(name, reach, 0, NO_THREAT)
    }

    /// Adds the names of another builder, with their records changed.
    pub(crate) fn append(&mut self, other: Self, change: impl Fn(Record) -> Record) {
        if self.entries.is_empty() {
            self.text = other.text;
            self.entries = other.entries;
            self.entries.iter_mut().for_each(|e| e.record = change(e.record));
            return;
        }
        // Names have at most 253 bytes and builders fewer than 2^28 of them in all; the texts of real lists are far
        // below 4 GiB, and what would lie beyond is left out as `push` does.
        let start = self.text.len() as u64;
        let reached = |e: &Entry| u32::try_from(start + u64::from(e.offset) + u64::from(e.length)).is_ok();
        self.text.push_str(&other.text);
        self.entries.extend(other.entries.into_iter().filter(reached).map(|e| Entry {
            offset: e.offset + start as u32,
            record: change(e.record),
            ..e
        }));
    }

    /// Entries so far.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Resolves what each name and the names below it match.
    pub(crate) fn build(self, seed: u64, interner: &mut Interner) -> Names {
        let mut names = Names::with_text(self.text, seed, self.entries.len());
        // Fewer labels first, so that what a name inherits is settled before it; then by node and by entry. All three
        // fit one word, which sorts faster: the builder takes fewer than 2^28 entries.
        let mut placed: Vec<u64> = Vec::with_capacity(self.entries.len());
        for (index, entry) in self.entries.iter().enumerate() {
            let depth = entry.record.depth;
            let node = names.place(entry.offset, entry.length, depth);
            placed.push(u64::from(depth) << 56 | u64::from(node) << 28 | index as u64);
        }
        placed.sort_unstable();
        names.families = Families::new(&names);
        let mut scratch = Scratch::default();
        let node_of = |word: u64| (word >> 28) as u32 & LOW_28;
        for group in placed.chunk_by(|a, b| node_of(*a) == node_of(*b)) {
            let own = group.iter().map(|word| &self.entries[(*word as u32 & LOW_28) as usize]);
            scratch.resolve(&mut names, node_of(group[0]), own, interner);
        }
        names.text.shrink_to_fit();
        names.nodes.shrink_to_fit();
        names
    }
}

const LOW_28: u32 = (1 << 28) - 1;

/// Buffers of [`Scratch::resolve`], used again for each name.
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
        let below = if self.itself == self.below { itself } else { intern(&mut self.below, interner) };
        let node = &mut names.nodes[node as usize];
        (node.itself, node.below) = (itself, below);
    }
}

fn intern(records: &mut Vec<Record>, interner: &mut Interner) -> u32 {
    records.sort_unstable();
    records.dedup();
    interner.intern(records)
}
