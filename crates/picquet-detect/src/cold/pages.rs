//! Pages of slots. All slots of a page are of one size, so that one that is free can be used again.

use super::{ColdPages, ColdStore, Place};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

/// Bytes of a page.
const PAGE: usize = 16 << 10;
/// Slots begin at multiples of so many bytes.
const UNIT: usize = 16;
const UNITS: usize = PAGE / UNIT;
/// Places from here on are of slots that are larger than a page; few facts are, and they stay in memory.
const LARGE: Place = 0xf000_0000;
/// Pages that stay in memory however little there is.
const FEWEST: usize = 16;

struct Page {
    /// Its slots' size.
    units: usize,
    /// `None` while the store has it.
    bytes: Option<Box<[u8]>>,
    /// Since the last look at whether it can go.
    used: bool,
    /// Not as the store has it.
    changed: bool,
}

/// Slots of one size.
#[derive(Default)]
struct Sized {
    free: Vec<Place>,
    /// The next slot of the page that was begun last, and how many there are.
    next: Place,
    left: usize,
}

pub(super) struct Pages {
    pages: Vec<Page>,
    sizes: BTreeMap<usize, Sized>,
    large: BTreeMap<Place, Vec<u8>>,
    /// Pages in memory; the one that is looked at next is in front.
    resident: VecDeque<u32>,
    most: usize,
    store: Option<Arc<dyn ColdStore>>,
    cold: Option<Box<dyn ColdPages>>,
    pub(super) failure: Option<io::Error>,
}

/// The size of the slot for some bytes: a quarter of an octave apart.
fn units(bytes: usize) -> usize {
    let units = bytes.div_ceil(UNIT).max(1);
    let step = (units.next_power_of_two() / 8).max(1);
    units.div_ceil(step) * step
}

impl Pages {
    pub(super) fn new(bytes: usize, store: Option<Arc<dyn ColdStore>>) -> Self {
        Self {
            pages: Vec::new(),
            sizes: BTreeMap::new(),
            large: BTreeMap::new(),
            resident: VecDeque::new(),
            most: (bytes / PAGE).max(FEWEST),
            store,
            cold: None,
            failure: None,
        }
    }

    /// The bytes of a slot; `None` when they cannot be read.
    pub(super) fn slot(&mut self, place: Place) -> Option<&[u8]> {
        if place >= LARGE {
            return self.large.get(&place).map(Vec::as_slice);
        }
        let (page, at) = (place as usize / UNITS, place as usize % UNITS * UNIT);
        self.load(page);
        let page = self.pages.get(page)?;
        page.bytes.as_ref()?.get(at..at + page.units * UNIT)
    }

    /// Writes a slot, where it was if it fits there.
    pub(super) fn put(&mut self, known: Option<Place>, slot: &[u8]) -> Place {
        let wanted = units(slot.len());
        if let Some(known) = known.filter(|known| *known >= LARGE) {
            self.large.remove(&known);
        }
        let known = known.filter(|known| *known < LARGE);
        let of = known.and_then(|known| self.pages.get(known as usize / UNITS)).map(|page| page.units);
        let place = match known {
            Some(known) if of == Some(wanted) => known,
            _ => {
                if let (Some(known), Some(of)) = (known, of) {
                    self.sizes.entry(of).or_default().free.push(known);
                }
                self.place(wanted)
            }
        };
        if place >= LARGE {
            self.large.insert(place, slot.to_vec());
            return place;
        }
        let (page, at) = (place as usize / UNITS, place as usize % UNITS * UNIT);
        self.load(page);
        if let Some(page) = self.pages.get_mut(page)
            && let Some(into) = page.bytes.as_mut().and_then(|bytes| bytes.get_mut(at..at + slot.len()))
        {
            into.copy_from_slice(slot);
            page.changed = true;
        }
        place
    }

    /// A slot that is free.
    fn place(&mut self, units: usize) -> Place {
        let full = self.pages.len() * UNITS >= LARGE as usize;
        if units > UNITS || full {
            return self.large.last_key_value().map_or(LARGE, |(last, _)| last.saturating_add(1));
        }
        let sized = self.sizes.entry(units).or_default();
        if let Some(place) = sized.free.pop() {
            return place;
        }
        if sized.left == 0 {
            sized.next = (self.pages.len() * UNITS) as Place;
            sized.left = UNITS / units;
            self.resident.push_back(self.pages.len() as u32);
            let bytes = Some(vec![0; PAGE].into_boxed_slice());
            self.pages.push(Page { units, bytes, used: true, changed: true });
        }
        let place = sized.next;
        sized.next += units as Place;
        sized.left -= 1;
        self.shrink();
        place
    }

    /// Brings a page into memory.
    fn load(&mut self, number: usize) {
        let Some(page) = self.pages.get_mut(number) else { return };
        page.used = true;
        if page.bytes.is_some() {
            return;
        }
        let mut bytes = vec![0; PAGE].into_boxed_slice();
        let Some(cold) = &mut self.cold else { return };
        if let Err(e) = cold.read(number as u32, &mut bytes) {
            self.failure.get_or_insert(e);
            return;
        }
        page.bytes = Some(bytes);
        page.changed = false;
        self.resident.push_back(number as u32);
        self.shrink();
    }

    /// Lets pages go that were not used of late, until few enough are in memory.
    fn shrink(&mut self) {
        let Some(store) = &self.store else { return };
        while self.resident.len() > self.most && self.failure.is_none() {
            let Some(number) = self.resident.pop_front() else { return };
            let Some(page) = self.pages.get_mut(number as usize) else { continue };
            if std::mem::take(&mut page.used) {
                self.resident.push_back(number);
                continue;
            }
            if page.changed {
                let kept = match &mut self.cold {
                    Some(cold) => Ok(cold),
                    none => store.open().map(|cold| none.insert(cold)),
                };
                let bytes = page.bytes.as_deref().unwrap_or_default();
                if let Err(e) = kept.and_then(|cold| cold.write(number, bytes)) {
                    self.failure = Some(e);
                    self.resident.push_back(number);
                    return;
                }
            }
            page.bytes = None;
        }
    }
}
