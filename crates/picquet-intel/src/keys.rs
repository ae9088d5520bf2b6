//! Access key lookup. Few keys are ever listed: a sorted column does.

use crate::hits::{EMPTY, Interner, Record};

/// Listed access key ids, sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    ids: Vec<[u8; 20]>,
    sets: Vec<u32>,
}

impl Keys {
    pub(crate) fn new(mut entries: Vec<([u8; 20], Record)>, interner: &mut Interner) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let mut keys = Self::default();
        for group in entries.chunk_by(|a, b| a.0 == b.0) {
            let records: Vec<Record> = group.iter().map(|(_, record)| *record).collect();
            keys.ids.push(group[0].0);
            keys.sets.push(interner.intern(&records));
        }
        keys
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        if self.ids.is_empty() {
            return None;
        }
        let id: &[u8; 20] = id.as_bytes().try_into().ok()?;
        self.ids.binary_search(id).ok().map(|index| index as u32)
    }

    pub(crate) fn id(&self, index: u32) -> Option<&str> {
        std::str::from_utf8(self.ids.get(index as usize)?).ok()
    }

    pub(crate) fn set(&self, index: u32) -> u32 {
        self.sets.get(index as usize).copied().unwrap_or(EMPTY)
    }
}
