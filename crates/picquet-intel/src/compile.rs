//! Collected lists to the matcher, in two parts that share nothing: a caller may compile them on two threads.

use crate::addresses::{V4, V6};
use crate::hits::{EMPTY, Interner, Record, Sets};
use crate::intel::{Intel, ListInfo};
use crate::keys::Keys;
use crate::names::{Names, NamesBuilder};
use crate::ranges::{Address, Entry, Range, flatten, union};
use crate::routable;

/// The addresses and access keys of all lists.
#[derive(Debug, Default)]
pub struct AddressLists {
    pub(crate) seed: u64,
    pub(crate) v4: Vec<Entry<u32>>,
    pub(crate) v6: Vec<Entry<u128>>,
    pub(crate) keys: Vec<([u8; 20], Record)>,
    pub(crate) trusted_v4: Vec<(u32, u32)>,
    pub(crate) trusted_v6: Vec<(u128, u128)>,
    pub(crate) threats: Vec<String>,
    pub(crate) lists: Vec<ListInfo>,
}

/// The names of all lists.
#[derive(Debug, Default)]
pub struct NameLists {
    pub(crate) seed: u64,
    pub(crate) names: NamesBuilder,
    pub(crate) trusted: NamesBuilder,
}

/// Compiled names, for [`Intel::with_names`].
#[derive(Debug, Default)]
pub struct CompiledNames {
    names: Names,
    trusted: Names,
    sets: Sets,
}

impl NameLists {
    /// Compiles the names.
    pub fn compile(self) -> CompiledNames {
        let mut interner = Interner::new(self.seed);
        let names = self.names.build(self.seed, &mut interner);
        let trusted = self.trusted.build(self.seed, &mut interner);
        CompiledNames { names, trusted, sets: interner.finish() }
    }
}

impl AddressLists {
    /// Compiles the addresses and keys. The names of the same lists are [added](Intel::with_names) afterwards.
    pub fn compile(self) -> Intel {
        let mut interner = Interner::new(self.seed);
        let trusted_v4 = union(self.trusted_v4);
        let trusted_v6 = union(self.trusted_v6);
        let v4 = V4::new(&flatten(self.v4, &with(&trusted_v4, &routable::V4), &mut interner));
        let v6 = V6::new(&flatten(self.v6, &with(&trusted_v6, &routable::V6), &mut interner));
        let keys = Keys::new(self.keys, &mut interner);
        Intel {
            v4,
            v6,
            keys,
            trusted_v4: V4::new(&as_ranges(&trusted_v4)),
            trusted_v6: V6::new(&as_ranges(&trusted_v6)),
            sets: interner.finish(),
            threats: self.threats,
            lists: self.lists,
            ..Intel::default()
        }
    }
}

impl Intel {
    /// Puts the names beside the addresses of the same lists.
    #[must_use]
    pub fn with_names(self, names: CompiledNames) -> Self {
        Self { names: names.names, trusted_names: names.trusted, name_sets: names.sets, ..self }
    }
}

fn with<A: Address>(pieces: &[(A, A)], more: &[(A, A)]) -> Vec<(A, A)> {
    union(pieces.iter().chain(more).copied().collect())
}

fn as_ranges<A: Copy>(pieces: &[(A, A)]) -> Vec<Range<A>> {
    pieces.iter().map(|&(first, last)| Range { first, last, set: EMPTY }).collect()
}
