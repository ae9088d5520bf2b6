//! Leaves out files that are there twice.

use crate::ObjectRef;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Keeps one of each group of files with the same content, and says how many were left out.
///
/// Only files of the same size and end can be the same, so only those are hashed; most logs are not read twice: a gzip
/// file ends with the checksum of what it holds. Of a
/// group the one stays whose path says most of account and region, and of those the first by path.
pub fn without_duplicates(objects: Vec<ObjectRef>) -> (Vec<ObjectRef>, u64) {
    let mut by_size: HashMap<u64, u32> = HashMap::new();
    for o in &objects {
        *by_size.entry(o.size).or_default() += 1;
    }
    let mut by_end: HashMap<(u64, [u8; END]), Vec<usize>> = HashMap::new();
    for (i, o) in objects.iter().enumerate().filter(|(_, o)| by_size.get(&o.size).is_some_and(|&n| n > 1)) {
        // A file that cannot be read now will say so when it is its turn.
        if let Ok(end) = end(&o.path, o.size) {
            by_end.entry((o.size, end)).or_default().push(i);
        }
    }
    let mut alike = vec![false; objects.len()];
    by_end.values().filter(|same| same.len() > 1).flatten().for_each(|&i| alike[i] = true);
    let mut best: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let mut dropped = vec![false; objects.len()];
    for (i, o) in objects.iter().enumerate() {
        if !alike[i] {
            continue;
        }
        let Ok(hash) = hash(&o.path) else { continue };
        match best.get_mut(&hash) {
            None => {
                best.insert(hash, i);
            }
            Some(kept) => {
                let other = &objects[*kept];
                let mine_is_better =
                    (std::cmp::Reverse(says(o)), &o.path) < (std::cmp::Reverse(says(other)), &other.path);
                if mine_is_better {
                    dropped[*kept] = true;
                    *kept = i;
                } else {
                    dropped[i] = true;
                }
            }
        }
    }
    let left_out = dropped.iter().filter(|d| **d).count() as u64;
    let kept = objects.into_iter().zip(dropped).filter(|(_, d)| !d).map(|(o, _)| o).collect();
    (kept, left_out)
}

fn says(o: &ObjectRef) -> u8 {
    u8::from(o.name.account.is_some()) + u8::from(o.name.region.is_some())
}

/// How much of a file's end is compared before all of it.
const END: usize = 16;

fn end(path: &Path, size: u64) -> io::Result<[u8; END]> {
    let mut end = [0; END];
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(size.saturating_sub(END as u64)))?;
    let mut read = 0;
    while read < END {
        match file.read(&mut end[read..])? {
            0 => break,
            n => read += n,
        }
    }
    Ok(end)
}

fn hash(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buf = vec![0; 64 << 10];
    loop {
        let n = file.read(&mut buf)?;
        if n == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(&buf[..n]);
    }
}
