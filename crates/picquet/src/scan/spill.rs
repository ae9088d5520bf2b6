//! Facts that do not fit into memory, in unnamed temporary files: they are gone when the process is.

use picquet_engine::RunStore;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Runs in the temporary folder (`TMPDIR`).
#[derive(Default)]
pub struct TempStore {
    runs: Mutex<Vec<Option<File>>>,
}

impl RunStore for TempStore {
    fn create(&self) -> io::Result<(usize, Box<dyn Write + Send>)> {
        let file = tempfile::tempfile()?;
        let writer = BufWriter::with_capacity(256 << 10, file.try_clone()?);
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.push(Some(file));
        Ok((runs.len() - 1, Box::new(writer)))
    }

    fn read(&self, run: usize) -> io::Result<Box<dyn Read + Send>> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let file = runs.get_mut(run).and_then(Option::take).ok_or_else(|| io::Error::other("a run was read twice"))?;
        let mut reader = file;
        reader.seek(SeekFrom::Start(0))?;
        Ok(Box::new(reader))
    }

    fn remove(&self, run: usize) {
        if let Some(slot) = self.runs.lock().unwrap_or_else(PoisonError::into_inner).get_mut(run) {
            *slot = None;
        }
    }
}
