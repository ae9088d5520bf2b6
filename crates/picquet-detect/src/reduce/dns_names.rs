//! Names that were looked at, so that a name asked for again costs one look-up.

use crate::dns::{Kind, Look, Odd, look, name::MAX_NAME};
use crate::{Map, map};
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// How many names are remembered.
const NAMES: usize = 1 << 15;
/// How many bytes of names are remembered.
const BYTES: usize = 2 << 20;

struct Row {
    at: u32,
    len: u16,
    known: Known,
}

/// What was found of a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Known {
    pub look: Look,
    /// Whether any list has it.
    pub listed: bool,
    /// Whether its registered domain's very name speaks against it.
    pub odd: bool,
}

/// What was found of names. It holds nothing but what follows from each name, so forgetting it changes no result.
pub(super) struct NameTable {
    hasher: foldhash::fast::FixedState,
    /// As they were asked for.
    bytes: Vec<u8>,
    rows: Vec<Row>,
    table: HashTable<u32>,
    /// Whether registered domains are odd, by hash.
    odd: Map<u64, bool>,
    lower: String,
}

impl NameTable {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            hasher: foldhash::fast::FixedState::with_seed(seed),
            bytes: Vec::new(),
            rows: Vec::new(),
            table: HashTable::new(),
            odd: map(seed),
            lower: String::new(),
        }
    }

    /// Forgets everything, for other settings.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
        self.table.clear();
        self.odd.clear();
    }

    /// Looks at a name as a log has it. `listed` says whether any list has it, and is asked once a name.
    #[inline]
    pub(super) fn look(&mut self, name: &str, long: u16, listed: impl FnOnce(&str) -> bool) -> Known {
        if name.len() > MAX_NAME {
            return Known { look: look("", long), listed: listed(name), odd: false };
        }
        let hash = self.hasher.hash_one(name);
        let (rows, bytes) = (&self.rows, &self.bytes);
        if let Some(row) = self.table.find(hash, |&i| text(rows, bytes, i) == Some(name.as_bytes()))
            && let Some(row) = self.rows.get(*row as usize)
        {
            return row.known;
        }
        self.add(name, hash, long, listed(name))
    }

    #[inline(never)]
    fn add(&mut self, name: &str, hash: u64, long: u16, listed: bool) -> Known {
        if self.rows.len() >= NAMES || self.bytes.len() + name.len() > BYTES {
            self.clear();
        }
        fold(name, &mut self.lower);
        let look = look(&self.lower, long);
        let odd = look.kind != Kind::Plain && self.is_odd(look);
        let known = Known { look, listed, odd };
        // Both fit: see the bounds above.
        let row = Row { at: self.bytes.len() as u32, len: name.len() as u16, known };
        self.bytes.extend_from_slice(name.as_bytes());
        self.rows.push(row);
        let (rows, bytes, hasher) = (&self.rows, &self.bytes, &self.hasher);
        let new = (rows.len() - 1) as u32;
        self.table.insert_unique(hash, new, |&i| {
            let name = text(rows, bytes, i).and_then(|t| std::str::from_utf8(t).ok()).unwrap_or_default();
            hasher.hash_one(name)
        });
        known
    }

    /// Whether the registered domain of the name in `lower` is odd. Its names are many, so it is asked once.
    fn is_odd(&mut self, look: Look) -> bool {
        let domain = self.lower.get(usize::from(look.registrable)..).unwrap_or_default();
        *self.odd.entry(look.domain).or_insert_with(|| Odd::of(domain).is_some())
    }
}

fn text<'a>(rows: &[Row], bytes: &'a [u8], row: u32) -> Option<&'a [u8]> {
    let row = rows.get(row as usize)?;
    bytes.get(row.at as usize..row.at as usize + usize::from(row.len))
}

/// The name in lower case, without its final dot.
pub(super) fn fold(name: &str, into: &mut String) {
    into.clear();
    into.push_str(name.strip_suffix('.').unwrap_or(name));
    into.make_ascii_lowercase();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembering_changes_nothing() {
        let mut names = NameTable::new(1);
        for round in 0..3 {
            for n in 0..NAMES + 10 {
                let name = format!("Label{n}.0123456789abcdef.Example{}.com.", n % 7);
                let mut lower = String::new();
                fold(&name, &mut lower);
                let found = names.look(&name, 16, |name| name.contains("Example3"));
                let want = Known { look: look(&lower, 16), listed: n % 7 == 3, odd: false };
                assert_eq!(found, want, "{name} in round {round}");
            }
            assert!(names.rows.len() <= NAMES && names.bytes.len() <= BYTES);
        }
    }
}
