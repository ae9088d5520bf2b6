//! The baseline file: what was learned of the world, as facts behind a line that names the format. It is read and
//! written one fact at a time: that of a large account has no room in memory.

use crate::exit::{Code, Failure};
use picquet_detect::{Fact, FactKey};
use picquet_engine::{Baseline, RunError, RunStore, Runs, read_run, write_fact, write_run};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The first line; the number changes when facts do.
const HEADER: &str = "picquet baseline 2\n";

/// Loads a baseline into runs of about so many bytes, of which all but the last go to the store; a file that is not
/// there yet is an empty one.
pub fn load(path: &Path, bytes: usize, runs: &mut Runs, store: &dyn RunStore) -> Result<(), Failure> {
    let bad = |e: &dyn Display| {
        Failure::new(Code::Config, format!("cannot use the baseline {}: {e}", path.display()))
            .help("remove the file to begin with an empty baseline")
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(bad(&e)),
    };
    let mut reader = BufReader::new(file);
    let mut header = String::new();
    let longest = HEADER.len() as u64;
    io::Read::take(&mut reader, longest).read_line(&mut header).map_err(|e| bad(&e))?;
    if header != HEADER {
        return Err(bad(&"it is none, or one of another version"));
    }
    let (mut run, mut weight) = (Vec::new(), 0);
    for fact in read_run(reader) {
        let (key, fact) = fact.map_err(|e| bad(&e))?;
        if !key.class.is_reference() {
            continue;
        }
        weight += fact.weight() + size_of::<(FactKey, Fact)>();
        run.push((key, fact));
        if weight > bytes {
            spill(&mut run, runs, store).map_err(|e| Failure::new(Code::Internal, e))?;
            weight = 0;
        }
    }
    run.sort_by(|a, b| a.0.cmp(&b.0));
    runs.push(run);
    Ok(())
}

fn spill(run: &mut Vec<(FactKey, Fact)>, runs: &mut Runs, store: &dyn RunStore) -> Result<(), RunError> {
    run.sort_by(|a, b| a.0.cmp(&b.0));
    let (number, mut writer) = store.create()?;
    write_run(run, &mut *writer)?;
    runs.push_spilled(number);
    run.clear();
    Ok(())
}

/// Writes a baseline, beside the old one first, so that a failure leaves that as it was.
pub struct Saver {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
    buf: Vec<u8>,
    failure: Option<RunError>,
}

impl Saver {
    /// Begins a file.
    pub fn new(path: &Path) -> Result<Self, Failure> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).map_err(|e| bad(path, &e))?;
        let mut writer = BufWriter::new(file);
        writer.write_all(HEADER.as_bytes()).map_err(|e| bad(path, &e))?;
        Ok(Self { path: path.to_owned(), writer, buf: Vec::new(), failure: None })
    }

    /// Puts it in the place of the old one.
    pub fn finish(self) -> Result<(), Failure> {
        let path = self.path;
        if let Some(e) = self.failure {
            return Err(bad(&path, &e));
        }
        let file = self.writer.into_inner().map_err(|e| bad(&path, e.error()))?;
        file.as_file().sync_all().map_err(|e| bad(&path, &e))?;
        file.persist(&path).map_err(|e| bad(&path, &e))?;
        Ok(())
    }
}

fn bad(path: &Path, e: &dyn Display) -> Failure {
    Failure::new(Code::Internal, format!("cannot save the baseline {}: {e}", path.display()))
}

impl Baseline for Saver {
    fn keep(&mut self, key: &FactKey, fact: &Fact) {
        if self.failure.is_none() {
            self.failure = write_fact(&mut self.writer, &mut self.buf, key, &fact.clone().into_baseline()).err();
        }
    }
}
