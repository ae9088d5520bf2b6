//! Runs of facts that are in the store, for the engine to merge: read part by part, so that they never are in memory as
//! a whole.

use picquet_engine::RunStore;
use picquet_store::facts::{self, Run};
use picquet_store::{Store, StoreError};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// A run of the store, or one that was merged from many of them.
enum Slot {
    Stored(Run),
    Merged(File),
    Gone,
}

/// Runs of one account.
pub struct StoredRuns {
    store: Arc<Store>,
    slots: Mutex<Vec<Slot>>,
}

impl StoredRuns {
    /// These runs have the numbers from 0 on, in their order.
    pub fn new(store: &Arc<Store>, runs: &[Run]) -> Self {
        Self { store: store.clone(), slots: Mutex::new(runs.iter().cloned().map(Slot::Stored).collect()) }
    }
}

impl RunStore for StoredRuns {
    fn create(&self) -> io::Result<(usize, Box<dyn Write + Send>)> {
        let file = tempfile::tempfile()?;
        let writer = BufWriter::with_capacity(256 << 10, file.try_clone()?);
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.push(Slot::Merged(file));
        Ok((slots.len() - 1, Box::new(writer)))
    }

    fn read(&self, run: usize) -> io::Result<Box<dyn Read + Send>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.get_mut(run).ok_or_else(|| io::Error::other("a run that is not there"))?;
        match std::mem::replace(slot, Slot::Gone) {
            Slot::Stored(run) => {
                let parts = Parts { store: self.store.clone(), run, next: 0, part: io::Cursor::default() };
                Ok(Box::new(zstd::stream::read::Decoder::new(parts)?))
            }
            Slot::Merged(mut file) => {
                file.seek(SeekFrom::Start(0))?;
                Ok(Box::new(file))
            }
            Slot::Gone => Err(io::Error::other("a run was read twice")),
        }
    }

    fn remove(&self, run: usize) {
        if let Some(slot) = self.slots.lock().unwrap_or_else(PoisonError::into_inner).get_mut(run) {
            *slot = Slot::Gone;
        }
    }
}

/// The bytes of a run, a part at a time.
struct Parts {
    store: Arc<Store>,
    run: Run,
    next: i64,
    part: io::Cursor<Vec<u8>>,
}

impl Read for Parts {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.part.read(into)?;
            if n > 0 || into.is_empty() || self.next >= self.run.parts {
                return Ok(n);
            }
            let (run, part) = (self.run.number, self.next);
            let bytes =
                self.store.read::<_, StoreError>(|sql| facts::part(sql, run, part)).map_err(io::Error::other)?;
            self.part = io::Cursor::new(bytes.ok_or_else(|| io::Error::other("a run of facts is gone"))?);
            self.next += 1;
        }
    }
}
