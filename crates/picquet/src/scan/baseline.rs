//! The baseline file: what was learned of the world, as a run of facts behind a line that names the format.

use crate::exit::{Code, Failure};
use picquet_detect::{Fact, FactKey};
use picquet_engine::{read_run, write_run};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// The first line; the number changes when facts do.
const HEADER: &str = "picquet baseline 2\n";

/// Loads a baseline; a file that is not there yet is an empty one.
pub fn load(path: Option<&Path>) -> Result<Vec<(FactKey, Fact)>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let bad = |e: &dyn std::fmt::Display| {
        Failure::new(Code::Config, format!("cannot use the baseline {}: {e}", path.display()))
            .help("remove the file to begin with an empty baseline")
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(bad(&e)),
    };
    let mut reader = BufReader::new(file);
    let mut header = String::new();
    let longest = HEADER.len() as u64;
    io::Read::take(&mut reader, longest).read_line(&mut header).map_err(|e| bad(&e))?;
    if header != HEADER {
        return Err(bad(&"it is none, or one of another version"));
    }
    let mut facts = read_run(reader).collect::<Result<Vec<_>, _>>().map_err(|e| bad(&e))?;
    facts.retain(|(key, _)| key.class.is_reference());
    facts.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(facts)
}

/// Saves a baseline: beside the old one first, so that a failure leaves that as it was.
pub fn save(path: &Path, facts: &[(FactKey, Fact)]) -> Result<(), Failure> {
    let bad = |e: &dyn std::fmt::Display| {
        Failure::new(Code::Internal, format!("cannot save the baseline {}: {e}", path.display()))
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = tempfile::NamedTempFile::new_in(folder).map_err(|e| bad(&e))?;
    {
        let mut writer = BufWriter::new(new.as_file());
        writer.write_all(HEADER.as_bytes()).map_err(|e| bad(&e))?;
        write_run(facts, &mut writer).map_err(|e| bad(&e))?;
        writer.flush().map_err(|e| bad(&e))?;
    }
    new.as_file().sync_all().map_err(|e| bad(&e))?;
    new.persist(path).map_err(|e| bad(&e))?;
    Ok(())
}
