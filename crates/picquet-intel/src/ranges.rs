//! Nested blocks of addresses to sorted, disjoint ranges, each with the set of all entries that cover it.
//!
//! Blocks either nest or do not touch, so one sweep with a stack does it. What is trusted or not routable is cut out
//! here, once, and costs a lookup nothing.

use crate::hits::{EMPTY, Interner, Record};

/// An address as a number.
pub(crate) trait Address: Copy + Ord + std::fmt::Debug {
    /// The last address of the block that starts here.
    fn last(self, prefix: u8) -> Self;
    /// The next address, or `None` at the end of the space.
    fn next(self) -> Option<Self>;
    /// The address before, or `None` at the start of the space.
    fn previous(self) -> Option<Self>;
}

macro_rules! address {
    ($kind:ty) => {
        impl Address for $kind {
            fn last(self, prefix: u8) -> Self {
                self | <$kind>::MAX.checked_shr(u32::from(prefix)).unwrap_or(0)
            }
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    };
}

address!(u32);
address!(u128);

/// A listed block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<A> {
    pub start: A,
    pub record: Record,
}

/// A piece of the address space and the number of its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range<A> {
    pub first: A,
    pub last: A,
    pub set: u32,
}

/// The union of blocks, as sorted disjoint pieces.
pub(crate) fn union<A: Address>(mut pieces: Vec<(A, A)>) -> Vec<(A, A)> {
    pieces.sort_unstable();
    let mut merged: Vec<(A, A)> = Vec::with_capacity(pieces.len());
    for (first, last) in pieces {
        match merged.last_mut() {
            Some((_, end)) if end.next().is_none_or(|next| first <= next) => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// Sweeps the entries (in any order) into ranges, without what `excluded` (sorted, disjoint) covers.
pub(crate) fn flatten<A: Address>(
    mut entries: Vec<Entry<A>>,
    excluded: &[(A, A)],
    interner: &mut Interner,
) -> Vec<Range<A>> {
    // Outer blocks come before the inner ones that start where they do.
    entries.sort_unstable_by_key(|a| (a.start, a.record.depth, a.record));
    let mut sweep = Sweep { ranges: Vec::with_capacity(entries.len()), open: Vec::new(), excluded };
    let mut own: Vec<Record> = Vec::new();
    for group in entries.chunk_by(|a, b| a.start == b.start && a.record.depth == b.record.depth) {
        let Entry { start, record } = group[0];
        sweep.close_before(start);
        own.clear();
        own.extend(group.iter().map(|entry| entry.record));
        if let Some(outer) = sweep.open.last() {
            own.extend_from_slice(interner.get(outer.set));
            own.sort_unstable();
        }
        own.dedup();
        let set = interner.intern(&own);
        sweep.enter(start, start.last(record.depth), set);
    }
    sweep.close_all();
    sweep.ranges
}

struct Sweep<'a, A> {
    ranges: Vec<Range<A>>,
    /// The blocks that the sweep is in, outermost first; `first` is the first address not yet written.
    open: Vec<Range<A>>,
    excluded: &'a [(A, A)],
}

impl<A: Address> Sweep<'_, A> {
    fn enter(&mut self, first: A, last: A, set: u32) {
        if let Some(outer) = self.open.last().copied()
            && let Some(before) = first.previous().filter(|before| outer.first <= *before)
        {
            self.write(Range { last: before, ..outer });
        }
        self.open.push(Range { first, last, set });
    }

    /// Leaves the blocks that end before `start`.
    fn close_before(&mut self, start: A) {
        while self.open.last().is_some_and(|block| block.last < start) {
            self.close();
        }
    }

    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(block) = self.open.pop() else { return };
        if block.first <= block.last {
            self.write(block);
        }
        match (self.open.last_mut(), block.last.next()) {
            (Some(outer), Some(next)) => outer.first = next,
            // The space ends with this block, and with it every block around it.
            (Some(_), None) => self.open.clear(),
            (None, _) => {}
        }
    }

    /// Writes a range, in pieces where some of it is excluded. Ranges come in order, so the excluded ones behind are
    /// done with.
    fn write(&mut self, range: Range<A>) {
        debug_assert_ne!(range.set, EMPTY);
        while self.excluded.first().is_some_and(|(_, last)| *last < range.first) {
            self.excluded = &self.excluded[1..];
        }
        let mut rest = range;
        for (first, last) in self.excluded.iter().take_while(|(first, _)| *first <= range.last) {
            if let Some(before) = first.previous().filter(|before| rest.first <= *before) {
                self.ranges.push(Range { last: before, ..rest });
            }
            match last.next() {
                Some(next) if next <= rest.last => rest.first = next,
                _ => return,
            }
        }
        self.ranges.push(rest);
    }
}
