//! Runs of facts that are in the store, for the engine to merge: read part by part, so that they never are in memory as
//! a whole.

use crate::spill::TempStore;
use picquet_engine::RunStore;
use picquet_store::facts::{self, Run};
use picquet_store::{Store, StoreError};
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Runs of one account; those that are merged from them are in files.
pub struct StoredRuns {
    store: Arc<Store>,
    stored: Mutex<Vec<Option<Run>>>,
    merged: TempStore,
    /// How many are of the store: the numbers of the others come after them.
    first_merged: usize,
}

impl StoredRuns {
    /// These runs have the numbers from 0 on, in their order.
    pub fn new(store: &Arc<Store>, runs: &[Run]) -> Self {
        Self {
            store: store.clone(),
            stored: Mutex::new(runs.iter().cloned().map(Some).collect()),
            merged: TempStore::default(),
            first_merged: runs.len(),
        }
    }

    fn take(&self, run: usize) -> Option<Run> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).get_mut(run).and_then(Option::take)
    }
}

impl RunStore for StoredRuns {
    fn create(&self) -> io::Result<(usize, Box<dyn Write + Send>)> {
        let (run, writer) = self.merged.create()?;
        Ok((self.first_merged + run, writer))
    }

    fn read(&self, run: usize) -> io::Result<Box<dyn Read + Send>> {
        if let Some(merged) = run.checked_sub(self.first_merged) {
            return self.merged.read(merged);
        }
        let run = self.take(run).ok_or_else(|| io::Error::other("a run was read twice"))?;
        let parts = Parts { store: self.store.clone(), run, next: 0, part: io::Cursor::default() };
        Ok(Box::new(zstd::stream::read::Decoder::new(parts)?))
    }

    fn remove(&self, run: usize) {
        match run.checked_sub(self.first_merged) {
            Some(merged) => self.merged.remove(merged),
            None => drop(self.take(run)),
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
