//! What is known of entities, packed into pages: those that were used last are in memory, the others where a store
//! puts them.
//!
//! An account may have more entities than memory has room for. What is known of one is a short text of bytes on a
//! [`Shelf`]; shelves of one account share the pages of a [`Cold`]. Entities come in the order of their names, hour by
//! hour, so that those of a page are looked up one after the other. What is read does not depend on where it was.

mod pages;

use crate::Str;
use crate::hash::stable;
use hashbrown::HashTable;
use pages::Pages;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where pages are kept that do not fit into memory.
pub trait ColdStore: Send + Sync {
    /// A place for the pages of one account; what it holds may go when it is dropped.
    ///
    /// # Errors
    /// When there is none.
    fn open(&self) -> io::Result<Box<dyn ColdPages>>;
}

/// The pages of one account, by number; all have the same length.
pub trait ColdPages: Send {
    /// Keeps a page, in the place of an earlier one of that number.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn write(&mut self, page: u32, bytes: &[u8]) -> io::Result<()>;
    /// Reads a page that was kept.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&mut self, page: u32, into: &mut [u8]) -> io::Result<()>;
}

/// How much may be in memory, and where the rest goes.
#[derive(Clone)]
pub struct Memory {
    /// Bytes for what is known of entities, about.
    pub bytes: usize,
    /// Without a store everything stays in memory.
    pub store: Option<Arc<dyn ColdStore>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { bytes: 64 << 20, store: None }
    }
}

/// The pages of one account.
#[derive(Clone)]
pub struct Cold {
    pages: Arc<Mutex<Pages>>,
    unpacked: usize,
}

impl Default for Cold {
    fn default() -> Self {
        Self::new(&Memory::default())
    }
}

impl std::fmt::Debug for Cold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cold").finish_non_exhaustive()
    }
}

impl Cold {
    /// Empty; half of the memory is for pages.
    pub fn new(memory: &Memory) -> Self {
        let pages = Pages::new(memory.bytes / 2, memory.store.clone());
        Self { pages: Arc::new(Mutex::new(pages)), unpacked: memory.bytes / 4 }
    }

    /// Bytes for what is in use and not packed.
    pub fn unpacked_bytes(&self) -> usize {
        self.unpacked
    }

    /// Why pages could not be written or read, if so: what was looked up since is not complete.
    pub fn failure(&self) -> Option<io::Error> {
        self.lock().failure.take()
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The length of the value, the number of the region, the length of the name.
const HEADER: usize = 4 + 2 + 2;

/// Where something lies.
pub type Place = u32;

/// Values by region and name.
#[derive(Debug, Default)]
pub struct Shelf {
    cold: Cold,
    regions: Vec<Str>,
    /// Half of a hash, and the place. Names are compared where they lie.
    index: HashTable<(u32, Place)>,
}

fn spread(hash: u32) -> u64 {
    // The table takes its buckets from the low bits and its tags from the high ones (Fibonacci hashing).
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
}

/// Region, name and value.
fn parts(slot: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let (header, rest) = slot.split_first_chunk::<HEADER>()?;
    let [a, b, c, d, region @ .., n, m] = *header;
    let (name, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([n, m])))?;
    let value = rest.get(..usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?)?;
    Some((usize::from(u16::from_le_bytes(region)), name, value))
}

impl Shelf {
    /// An empty one.
    pub fn new(cold: &Cold) -> Self {
        Self { cold: cold.clone(), regions: Vec::new(), index: HashTable::new() }
    }

    /// The regions of the values.
    pub fn regions(&self) -> &[Str] {
        &self.regions
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    fn find(&self, pages: &mut Pages, hash: u32, region: usize, name: &str) -> Option<Place> {
        let is = |pages: &mut Pages, place| {
            let slot = pages.slot(place).and_then(parts);
            slot.is_some_and(|(of, n, _)| of == region && n == name.as_bytes())
        };
        self.index.find(spread(hash), |&(h, place)| h == hash && is(pages, place)).map(|&(_, place)| place)
    }

    fn hash(region: usize, name: &str) -> u32 {
        stable(&[&region.to_le_bytes(), name.as_bytes()]) as u32
    }

    /// Reads the value of a name.
    pub fn get<T>(&self, region: &str, name: &str, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let region = self.regions.iter().position(|r| r == region)?;
        let mut pages = self.cold.lock();
        let place = self.find(&mut pages, Self::hash(region, name), region, name)?;
        pages.slot(place).and_then(parts).map(|(.., value)| read(value))
    }

    /// Puts a value in the place of an earlier one. Names longer than 65,535 bytes are none, nor are regions beyond as
    /// many.
    pub fn put(&mut self, region: &str, name: &str, value: &[u8]) {
        let region = self.regions.iter().position(|r| r == region).unwrap_or_else(|| {
            self.regions.push(region.into());
            self.regions.len() - 1
        });
        let (Ok(number), Ok(long), Ok(length)) =
            (u16::try_from(region), u16::try_from(name.len()), u32::try_from(value.len()))
        else {
            return;
        };
        let mut slot = Vec::with_capacity(HEADER + name.len() + value.len());
        slot.extend(length.to_le_bytes());
        slot.extend(number.to_le_bytes());
        slot.extend(long.to_le_bytes());
        slot.extend(name.as_bytes());
        slot.extend(value);
        let hash = Self::hash(region, name);
        let cold = self.cold.clone();
        let mut pages = cold.lock();
        let known = self.find(&mut pages, hash, region, name);
        let place = pages.put(known, &slot);
        match known {
            Some(known) if known == place => {}
            Some(known) => {
                if let Some(entry) = self.index.find_mut(spread(hash), |e| *e == (hash, known)) {
                    entry.1 = place;
                }
            }
            None => {
                self.index.insert_unique(spread(hash), (hash, place), |e| spread(e.0));
            }
        }
    }

    /// Where all values lie, in that order.
    pub fn places(&self) -> Vec<Place> {
        let mut all: Vec<Place> = self.index.iter().map(|(_, place)| *place).collect();
        all.sort_unstable();
        all
    }

    /// What lies at a place: region, name and value. `read` must not use a shelf.
    pub fn at<T>(&self, place: Place, read: impl FnOnce(&Str, &str, &[u8]) -> T) -> Option<T> {
        let mut pages = self.cold.lock();
        let (region, name, value) = pages.slot(place).and_then(parts)?;
        Some(read(self.regions.get(region)?, std::str::from_utf8(name).ok()?, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Default)]
    struct Fake {
        writes: Arc<AtomicUsize>,
        full: bool,
    }

    struct FakePages(BTreeMap<u32, Vec<u8>>, Arc<AtomicUsize>, bool);

    impl ColdStore for Fake {
        fn open(&self) -> io::Result<Box<dyn ColdPages>> {
            Ok(Box::new(FakePages(BTreeMap::new(), self.writes.clone(), self.full)))
        }
    }

    impl ColdPages for FakePages {
        fn write(&mut self, page: u32, bytes: &[u8]) -> io::Result<()> {
            if self.2 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.insert(page, bytes.to_vec());
            Ok(())
        }

        fn read(&mut self, page: u32, into: &mut [u8]) -> io::Result<()> {
            into.copy_from_slice(self.0.get(&page).ok_or(io::ErrorKind::NotFound)?);
            Ok(())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_shelf_is_a_map(puts in proptest::collection::vec((0..3u8, 0..200u16, 0..40_000usize, any::<bool>()), 1..600)) {
            let store = Arc::new(Fake::default());
            let cold = Cold::new(&Memory { bytes: 0, store: Some(store.clone()) });
            let mut shelves = [Shelf::new(&cold), Shelf::new(&cold)];
            let mut maps = [BTreeMap::new(), BTreeMap::new()];
            for (n, (region, name, length, long)) in puts.iter().enumerate() {
                let length = if *long { *length } else { length % 300 };
                let (region, name) = (format!("region-{region}"), format!("eni-{name}"));
                let value = vec![n as u8; length];
                shelves[n % 2].put(&region, &name, &value);
                maps[n % 2].insert((region, name), value);
            }
            prop_assert!(puts.len() < 300 || store.writes.load(Ordering::Relaxed) > 0);
            for (shelf, map) in shelves.iter().zip(&maps) {
                prop_assert_eq!(shelf.len(), map.len());
                for ((region, name), value) in map {
                    let read = shelf.get(region, name, <[u8]>::to_vec);
                    prop_assert_eq!(read.as_ref(), Some(value));
                }
                let read = |place| shelf.at(place, |r, n, v| ((r.to_string(), n.to_owned()), v.to_vec()));
                let all: BTreeMap<_, _> = shelf.places().into_iter().filter_map(read).collect();
                prop_assert_eq!(&all, map);
                prop_assert_eq!(shelf.get("region-9", "eni-1", |_| ()), None);
            }
            prop_assert!(cold.failure().is_none());
        }
    }

    #[test]
    fn a_store_that_fails_is_told() {
        let cold = Cold::new(&Memory { bytes: 0, store: Some(Arc::new(Fake { full: true, ..Fake::default() })) });
        let mut shelf = Shelf::new(&cold);
        (0..10_000).for_each(|n| shelf.put("r", &format!("eni-{n}"), &[0; 100]));
        assert_eq!(cold.failure().map(|e| e.kind()), Some(io::ErrorKind::StorageFull));
    }
}
