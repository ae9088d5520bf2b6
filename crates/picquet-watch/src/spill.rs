//! Facts, and what is known of entities, that do not fit into memory, in unnamed temporary files: they are gone when
//! the process is.

use picquet_detect::cold::{ColdPages, ColdStore};
use picquet_engine::RunStore;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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

/// Pages of what is known of entities, a file of each account in the temporary folder.
#[derive(Default)]
pub struct ColdFiles {
    bytes: Arc<AtomicU64>,
}

impl ColdFiles {
    /// The length of all files, also of those that are gone.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl ColdStore for ColdFiles {
    fn open(&self) -> io::Result<Box<dyn ColdPages>> {
        Ok(Box::new(ColdFile { file: tempfile::tempfile()?, length: 0, bytes: self.bytes.clone() }))
    }
}

struct ColdFile {
    file: File,
    length: u64,
    bytes: Arc<AtomicU64>,
}

impl ColdPages for ColdFile {
    fn write(&mut self, page: u32, bytes: &[u8]) -> io::Result<()> {
        let at = u64::from(page) * bytes.len() as u64;
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(bytes)?;
        let end = at + bytes.len() as u64;
        self.bytes.fetch_add(end.saturating_sub(self.length), Ordering::Relaxed);
        self.length = self.length.max(end);
        Ok(())
    }

    fn read(&mut self, page: u32, into: &mut [u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(u64::from(page) * into.len() as u64))?;
        self.file.read_exact(into)
    }
}
