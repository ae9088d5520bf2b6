//! How calls are written when facts are spilled: hashes and ids fill most of them, and as numbers of variable length
//! they would only grow. What is read is checked: a run may be damaged.

use super::api::{Events, Use, event_hash};
use smallvec::SmallVec;

type Key = (u64, u64);

/// The event of a single one is the latest one, whose hash follows from its id: the most usual call.
const ONE: u8 = 1;
/// Of calls on objects.
const MANY: u8 = 1 << 1;
/// The event's id was no UUID, so its hash stands here.
const HASHED: u8 = 1 << 2;

fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Writes calls one behind the other, those of a visit together.
pub(super) fn write(calls: &[(Key, Use)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(calls.len() * 48 + 16);
    for of_visit in calls.chunk_by(|a, b| a.0.0 == b.0.0) {
        out.extend(of_visit[0].0.0.to_le_bytes());
        number(&mut out, of_visit.len() as u64);
        for ((_, call), used) in of_visit {
            let (last, hash, id) = used.latest;
            let one = used.events.hashes() == [hash];
            let hashed = event_hash(id) != Some(hash);
            let many = used.events.most() != Events::FEW;
            let mask = [(one, ONE), (many, MANY), (hashed, HASHED)];
            out.push(mask.into_iter().fold(0, |all, (is, bit)| if is { all | bit } else { all }));
            out.extend(call.to_le_bytes());
            number(&mut out, used.first.into());
            number(&mut out, last.wrapping_sub(used.first).into());
            id.iter().for_each(|half| out.extend(half.to_le_bytes()));
            if hashed {
                out.extend(hash.to_le_bytes());
            }
            if !one {
                number(&mut out, used.events.hashes().len() as u64);
                used.events.hashes().iter().for_each(|h| out.extend(h.to_le_bytes()));
            }
        }
    }
    out
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn word(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn used(&mut self) -> Option<(u64, Use)> {
        let mask = self.byte()?;
        let call = self.word()?;
        let first = self.small()?;
        let last = first.wrapping_add(self.small()?);
        let id = [self.word()?, self.word()?];
        let hash = if mask & HASHED != 0 { self.word()? } else { event_hash(id)? };
        let mut hashes = SmallVec::new();
        if mask & ONE != 0 {
            hashes.push(hash);
        } else {
            for _ in 0..self.number()? {
                hashes.push(self.word()?);
            }
        }
        let events = Events::of_sorted(if mask & MANY != 0 { Events::MANY } else { Events::FEW }, hashes)?;
        Some((call, Use { first, latest: (last, hash, id), events }))
    }
}

/// Reads what [`write`] wrote; `None` where it is damaged.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<(Key, Use)>> {
    // No call takes fewer bytes than this.
    let mut calls = Vec::with_capacity(bytes.len() / 24);
    let mut reader = Reader(bytes);
    while !reader.0.is_empty() {
        let visit = reader.word()?;
        for _ in 0..reader.number()? {
            let (call, used) = reader.used()?;
            calls.push(((visit, call), used));
        }
    }
    calls.is_sorted_by(|a, b| a.0 < b.0).then_some(calls)
}
