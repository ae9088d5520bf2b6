//! Leaves out files that are there twice.

use crate::ObjectRef;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Keeps one of each group of files with the same content, and says how many were left out.
///
/// Only files of the same size can be the same, so only those are hashed; most logs are not read twice. Of a
/// group the one stays whose path says most of account and region, and of those the first by path.
pub fn without_duplicates(objects: Vec<ObjectRef>) -> (Vec<ObjectRef>, u64) {
    let mut by_size: HashMap<u64, u32> = HashMap::new();
    for o in &objects {
        *by_size.entry(o.size).or_default() += 1;
    }
    let mut best: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let mut dropped = vec![false; objects.len()];
    for (i, o) in objects.iter().enumerate() {
        if by_size.get(&o.size).is_none_or(|&n| n < 2) {
            continue;
        }
        // A file that cannot be read now will say so when it is its turn.
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
