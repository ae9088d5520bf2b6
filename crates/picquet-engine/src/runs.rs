//! Sorted runs of facts and their merge.
//!
//! A worker's facts become a sorted run when they outgrow their share of memory, and at the end. Runs are merged
//! like the runs of an external sort: what comes out is sorted by key, with the facts of one key merged. How the
//! facts were spread over runs does not show.

use picquet_detect::{Fact, FactKey};
use postcard::ser_flavors::Flavor;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::io::{self, Read, Write};
use thiserror::Error;

/// How many runs are merged at a time; each needs a buffer and a file that is open.
const FAN_IN: usize = 128;
/// Bytes of such a buffer.
const BUFFER: usize = 32 << 10;
/// No fact is larger; a longer one means that the run is damaged.
const MAX_FACT_BYTES: u64 = 64 << 20;

/// What can go wrong with runs.
#[derive(Debug, Error)]
pub enum RunError {
    /// The store failed.
    #[error("spilled facts cannot be written or read: {0}")]
    Io(#[from] io::Error),
    /// What was read is no fact.
    #[error("spilled facts are damaged: {0}")]
    Damaged(String),
}

/// Where runs are kept when memory is short.
pub trait RunStore: Send + Sync {
    /// Begins a run; it is complete when the writer is dropped, and `read` is called with its number, counted
    /// from 0 in the order of `create`.
    fn create(&self) -> io::Result<(usize, Box<dyn Write + Send>)>;
    /// Reads a run from its start.
    fn read(&self, run: usize) -> io::Result<Box<dyn Read + Send>>;
    /// Forgets a run that was merged into another.
    fn remove(&self, run: usize);
}

/// All runs of a scan.
#[derive(Default)]
pub struct Runs {
    spilled: Vec<usize>,
    in_memory: Vec<Vec<(FactKey, Fact)>>,
}

impl Runs {
    /// Adds a sorted run in memory.
    pub fn push(&mut self, run: Vec<(FactKey, Fact)>) {
        if !run.is_empty() {
            self.in_memory.push(run);
        }
    }

    /// Adds a run of the store.
    pub fn push_spilled(&mut self, run: usize) {
        self.spilled.push(run);
    }

    /// How many runs were spilled.
    pub fn spilled(&self) -> usize {
        self.spilled.len()
    }

    /// Merges everything. With many spilled runs, groups of them are merged first, so that buffers stay few.
    ///
    /// # Errors
    /// When the store fails.
    pub fn merge(mut self, store: &dyn RunStore) -> Result<MergedFacts, RunError> {
        while self.spilled.len() > FAN_IN {
            let group: Vec<usize> = self.spilled.drain(..FAN_IN).collect();
            let sources = group.iter().map(|&r| Source::open(store, r)).collect::<Result<Vec<_>, _>>()?;
            let (run, mut writer) = store.create()?;
            let mut buf = Vec::new();
            for fact in MergedFacts::new(sources)? {
                let (key, fact) = fact?;
                write_fact(&mut *writer, &mut buf, &key, &fact)?;
            }
            writer.flush()?;
            drop(writer);
            group.iter().for_each(|&r| store.remove(r));
            self.spilled.push(run);
        }
        let mut sources = self.spilled.iter().map(|&r| Source::open(store, r)).collect::<Result<Vec<_>, _>>()?;
        sources.extend(self.in_memory.into_iter().map(|run| Source::Memory(run.into_iter())));
        MergedFacts::new(sources)
    }
}

/// Writes a sorted run.
///
/// # Errors
/// When the writer fails.
pub fn write_run(run: &[(FactKey, Fact)], writer: &mut dyn Write) -> Result<(), RunError> {
    let mut buf = Vec::new();
    for (key, fact) in run {
        write_fact(writer, &mut buf, key, fact)?;
    }
    writer.flush()?;
    Ok(())
}

/// Writes a fact of a run; [`read_run`] reads it. The buffer is used for nothing else, and again for the next fact.
///
/// # Errors
/// When the writer fails.
pub fn write_fact(writer: &mut dyn Write, buf: &mut Vec<u8>, key: &FactKey, fact: &Fact) -> Result<(), RunError> {
    buf.clear();
    postcard::serialize_with_flavor(&(key, fact), Reused(buf)).map_err(|e| RunError::Damaged(e.to_string()))?;
    writer.write_all(&(buf.len() as u64).to_le_bytes())?;
    writer.write_all(buf)?;
    Ok(())
}

/// Serializes into a buffer that keeps its room.
struct Reused<'b>(&'b mut Vec<u8>);

impl Flavor for Reused<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Reads the facts of a run one after the other.
pub fn read_run(mut reader: impl Read) -> impl Iterator<Item = Result<(FactKey, Fact), RunError>> {
    let mut buf = Vec::new();
    std::iter::from_fn(move || read_one(&mut reader, &mut buf).transpose())
}

fn read_one(reader: &mut impl Read, buf: &mut Vec<u8>) -> Result<Option<(FactKey, Fact)>, RunError> {
    let mut len = [0u8; 8];
    match reader.read(&mut len)? {
        0 => return Ok(None),
        n => reader.read_exact(&mut len[n..])?,
    }
    let len = u64::from_le_bytes(len);
    if len > MAX_FACT_BYTES {
        return Err(RunError::Damaged(format!("a fact of {len} bytes")));
    }
    buf.clear();
    let got = reader.by_ref().take(len).read_to_end(buf)?;
    if got as u64 != len {
        return Err(RunError::Damaged("it ends inside a fact".into()));
    }
    postcard::from_bytes(buf).map(Some).map_err(|e| RunError::Damaged(e.to_string()))
}

enum Source {
    Memory(std::vec::IntoIter<(FactKey, Fact)>),
    Spilled(Box<dyn Iterator<Item = Result<(FactKey, Fact), RunError>> + Send>),
}

impl Source {
    fn open(store: &dyn RunStore, run: usize) -> Result<Self, RunError> {
        let reader = io::BufReader::with_capacity(BUFFER, store.read(run)?);
        Ok(Self::Spilled(Box::new(read_run(reader))))
    }

    fn next(&mut self) -> Result<Option<(FactKey, Fact)>, RunError> {
        match self {
            Self::Memory(facts) => Ok(facts.next()),
            Self::Spilled(facts) => facts.next().transpose(),
        }
    }
}

/// The merged facts, sorted by key.
pub struct MergedFacts {
    sources: Vec<Source>,
    heads: BinaryHeap<Reverse<Head>>,
}

struct Head {
    key: FactKey,
    fact: Fact,
    source: usize,
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Head {}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.key, self.source).cmp(&(&other.key, other.source))
    }
}

impl MergedFacts {
    fn new(sources: Vec<Source>) -> Result<Self, RunError> {
        let mut merged = Self { heads: BinaryHeap::with_capacity(sources.len()), sources };
        for i in 0..merged.sources.len() {
            merged.advance(i)?;
        }
        Ok(merged)
    }

    fn advance(&mut self, source: usize) -> Result<(), RunError> {
        if let Some((key, fact)) = self.sources[source].next()? {
            self.heads.push(Reverse(Head { key, fact, source }));
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Option<(FactKey, Fact)>, RunError> {
        let Some(Reverse(Head { key, mut fact, source })) = self.heads.pop() else { return Ok(None) };
        self.advance(source)?;
        while self.heads.peek().is_some_and(|Reverse(h)| h.key == key) {
            // The heap is not empty: it was just looked at.
            if let Some(Reverse(same)) = self.heads.pop() {
                fact.merge(same.fact);
                self.advance(same.source)?;
            }
        }
        Ok(Some((key, fact)))
    }
}

impl Iterator for MergedFacts {
    type Item = Result<(FactKey, Fact), RunError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
