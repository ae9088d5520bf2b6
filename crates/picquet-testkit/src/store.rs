//! Runs of facts in memory, as a store of the engine's.

use picquet_engine::RunStore;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

type Run = Arc<Mutex<Vec<u8>>>;

/// Keeps runs in memory. Reading a run that was removed fails, as it would on disk.
#[derive(Default)]
pub struct MemoryStore {
    runs: Mutex<Vec<Option<Run>>>,
}

struct Writer(Run);

impl Write for Writer {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while locked").extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl RunStore for MemoryStore {
    fn create(&self) -> io::Result<(usize, Box<dyn Write + Send>)> {
        let mut runs = self.runs.lock().expect("no panic while locked");
        let run = Run::default();
        runs.push(Some(run.clone()));
        Ok((runs.len() - 1, Box::new(Writer(run))))
    }

    fn read(&self, run: usize) -> io::Result<Box<dyn Read + Send>> {
        let runs = self.runs.lock().expect("no panic while locked");
        let run = runs.get(run).and_then(Option::as_ref).ok_or_else(|| io::Error::other("no such run"))?;
        let bytes = run.lock().expect("no panic while locked").clone();
        Ok(Box::new(io::Cursor::new(bytes)))
    }

    fn remove(&self, run: usize) {
        if let Some(slot) = self.runs.lock().expect("no panic while locked").get_mut(run) {
            *slot = None;
        }
    }
}
