//! How contacts are written when facts are spilled: close together, since they are by far the most of what is spilled.
//!
//! A contact's usual values (one record each way, one minute, one other port) take a bit of a mask instead of bytes.
//! What is read is checked: a run may be damaged.

use super::traffic::{Contact, ContactKey, Entry, Way};
use std::net::IpAddr;

/// The most bytes of an entry: hash, masks, two IPv6 addresses, and everything else at its widest.
const MOST: usize = 256;

const CLIENT_V6: u8 = 1;
const SERVER_V6: u8 = 1 << 1;
const ONE_MINUTE: u8 = 1 << 2;
const ONE_PORT: u8 = 1 << 3;
const LATEST_IS_HIGHEST: u8 = 1 << 4;
const TO: u8 = 1 << 5;
const FROM: u8 = 1 << 6;

const REFUSED: u8 = 1;
const SYN: u8 = 1 << 1;
const SYN_ACK: u8 = 1 << 2;
const PEAK: u8 = 1 << 3;
const FLAGS: u8 = 1 << 4;
const ONE_RECORD: u8 = 1 << 5;
const NO_RECORD: u8 = 1 << 6;

/// Bytes of one entry while it is written.
struct Pen {
    bytes: [u8; MOST],
    len: usize,
}

impl Pen {
    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        // `MOST` is more than all parts of an entry together.
        if let Some(room) = self.bytes.get_mut(self.len..self.len + N) {
            room.copy_from_slice(&bytes);
            self.len += N;
        }
    }

    /// Seven bits a byte, lowest first.
    #[inline]
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.put([n as u8 | 0x80]);
            n >>= 7;
        }
        self.put([n as u8]);
    }

    #[inline]
    fn ip(&mut self, ip: IpAddr) {
        match ip {
            IpAddr::V4(v4) => self.put(v4.octets()),
            IpAddr::V6(v6) => self.put(v6.octets()),
        }
    }

    #[inline]
    fn way(&mut self, way: &Way) {
        let none = Way { first: way.first, refused: way.refused, syn: way.syn, syn_ack: way.syn_ack, ..Way::default() };
        let none = Way { flags: way.flags, ..none } == *way;
        let one = way.records == 1 && u64::from(way.bytes_min) == way.bytes && way.bytes_max == way.bytes_min;
        let mask = [
            (way.refused != 0, REFUSED),
            (way.syn != 0, SYN),
            (way.syn_ack != 0, SYN_ACK),
            (way.peak != 0, PEAK),
            (way.flags != 0, FLAGS),
            (one, ONE_RECORD),
            (none, NO_RECORD),
        ];
        let mask = mask.into_iter().fold(0, |all, (is, bit)| if is { all | bit } else { all });
        self.put([mask]);
        self.put(way.first.to_le_bytes());
        if mask & NO_RECORD == 0 {
            self.number(way.packets);
            self.number(way.bytes);
            if mask & ONE_RECORD == 0 {
                self.number(u64::from(way.records));
                self.number(u64::from(way.bytes_min));
                self.number(u64::from(way.bytes_max));
            }
        }
        for (bit, n) in [(REFUSED, way.refused), (SYN, way.syn), (SYN_ACK, way.syn_ack), (PEAK, way.peak)] {
            if mask & bit != 0 {
                self.number(u64::from(n));
            }
        }
        if mask & FLAGS != 0 {
            self.put([way.flags]);
        }
    }
}

/// Writes entries one behind the other.
pub(super) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 48);
    for Entry { hash, key, contact: c } in entries {
        let mut pen = Pen { bytes: [0; MOST], len: 0 };
        let mask = [
            (key.client.is_ipv6(), CLIENT_V6),
            (key.server.is_ipv6(), SERVER_V6),
            (c.minutes.is_power_of_two(), ONE_MINUTE),
            (c.other_port.0 == c.other_port.1, ONE_PORT),
            (c.latest.1 == c.other_port.1, LATEST_IS_HIGHEST),
            (c.to != Way::default(), TO),
            (c.from != Way::default(), FROM),
        ];
        let mask = mask.into_iter().fold(0, |all, (is, bit)| if is { all | bit } else { all });
        pen.put([mask, key.protocol]);
        pen.put(hash.to_le_bytes());
        pen.put(key.port.to_le_bytes());
        pen.ip(key.client);
        pen.ip(key.server);
        if mask & ONE_MINUTE != 0 {
            pen.put([c.minutes.trailing_zeros() as u8]);
        } else {
            pen.put(c.minutes.to_le_bytes());
        }
        pen.put(c.other_port.1.to_le_bytes());
        if mask & ONE_PORT == 0 {
            pen.put(c.other_port.0.to_le_bytes());
        }
        pen.put(c.latest.0.to_le_bytes());
        if mask & LATEST_IS_HIGHEST == 0 {
            pen.put(c.latest.1.to_le_bytes());
        }
        if mask & TO != 0 {
            pen.way(&c.to);
        }
        if mask & FROM != 0 {
            pen.way(&c.from);
        }
        out.extend_from_slice(&pen.bytes[..pen.len]);
    }
    out
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    #[inline]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    #[inline]
    fn number(&mut self) -> Option<u64> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    #[inline]
    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    #[inline]
    fn count(&mut self) -> Option<u32> {
        self.number().and_then(|n| u32::try_from(n).ok())
    }

    #[inline]
    fn ip(&mut self, v6: bool) -> Option<IpAddr> {
        if v6 { self.take::<16>().map(IpAddr::from) } else { self.take::<4>().map(IpAddr::from) }
    }

    #[inline]
    fn way(&mut self) -> Option<Way> {
        let [mask] = self.take()?;
        let mut way = Way { first: self.short()?, ..Way::default() };
        if mask & NO_RECORD == 0 {
            (way.packets, way.bytes) = (self.number()?, self.number()?);
            if mask & ONE_RECORD == 0 {
                (way.records, way.bytes_min, way.bytes_max) = (self.count()?, self.count()?, self.count()?);
            } else {
                let bytes = u32::try_from(way.bytes).ok()?;
                (way.records, way.bytes_min, way.bytes_max) = (1, bytes, bytes);
            }
        }
        let counts =
            [(REFUSED, &mut way.refused), (SYN, &mut way.syn), (SYN_ACK, &mut way.syn_ack), (PEAK, &mut way.peak)];
        for (bit, n) in counts {
            if mask & bit != 0 {
                *n = self.count()?;
            }
        }
        if mask & FLAGS != 0 {
            [way.flags] = self.take()?;
        }
        Some(way)
    }

    #[inline]
    fn entry(&mut self) -> Option<Entry> {
        let [mask, protocol] = self.take()?;
        let hash = u64::from_le_bytes(self.take()?);
        let port = self.short()?;
        let (client, server) = (self.ip(mask & CLIENT_V6 != 0)?, self.ip(mask & SERVER_V6 != 0)?);
        let minutes = if mask & ONE_MINUTE != 0 {
            let [minute] = self.take()?;
            1_u64.checked_shl(u32::from(minute))?
        } else {
            u64::from_le_bytes(self.take()?)
        };
        let high = self.short()?;
        let low = if mask & ONE_PORT != 0 { high } else { self.short()? };
        let second = self.short()?;
        let latest = if mask & LATEST_IS_HIGHEST != 0 { high } else { self.short()? };
        let to = if mask & TO != 0 { self.way()? } else { Way::default() };
        let from = if mask & FROM != 0 { self.way()? } else { Way::default() };
        let contact = Contact { to, from, minutes, other_port: (low, high), latest: (second, latest) };
        Some(Entry { hash, key: ContactKey { client, server, port, protocol }, contact })
    }
}

/// Reads what [`write`] wrote; `None` where it is something else.
pub(super) fn read(bytes: &[u8], count: usize) -> Option<Vec<Entry>> {
    // No entry takes fewer bytes than this: a count that lies asks for no memory.
    let mut entries = Vec::with_capacity(count.min(bytes.len() / 24));
    let mut reader = Reader(bytes);
    while !reader.0.is_empty() {
        entries.push(reader.entry()?);
    }
    (entries.len() == count).then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Small numbers, as most are, and any.
    fn count() -> impl Strategy<Value = u32> {
        prop_oneof![Just(0), 0..300u32, any::<u32>(), Just(u32::MAX)]
    }

    fn large() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), 0..300u64, any::<u64>(), Just(u64::MAX)]
    }

    fn way() -> impl Strategy<Value = Way> {
        let any_way =
            (large(), large(), count(), count(), (count(), count(), count()), (count(), count()), any::<u16>());
        let any_way =
            (any_way, any::<u8>()).prop_map(|((packets, bytes, records, refused, three, sizes, first), flags)| {
                let ((syn, syn_ack, peak), (bytes_min, bytes_max)) = (three, sizes);
                Way { packets, bytes, records, refused, syn, syn_ack, peak, bytes_min, bytes_max, first, flags }
            });
        let one = (0..9u64, any::<u32>(), 0..3600u16).prop_map(|(packets, bytes, first)| {
            let (bytes_min, bytes_max) = (bytes, bytes);
            Way { packets, bytes: bytes.into(), records: 1, bytes_min, bytes_max, first, ..Way::default() }
        });
        let refused = (1..9u32, 0..3600u16).prop_map(|(refused, first)| Way { refused, first, ..Way::default() });
        prop_oneof![Just(Way::default()), one, refused, any_way]
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let key = any::<(IpAddr, IpAddr, u16, u8)>();
        let minutes = prop_oneof![Just(0), (0..64u32).prop_map(|n| 1 << n), any::<u64>()];
        (key, way(), way(), minutes, any::<(u16, u16)>(), any::<(u16, u16)>(), any::<bool>()).prop_map(
            |((client, server, port, protocol), to, from, minutes, other_port, latest, one)| {
                let other_port = if one { (latest.1, latest.1) } else { other_port };
                let contact = Contact { to, from, minutes, other_port, latest };
                Entry::new(ContactKey { client, server, port, protocol }, contact)
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(entries in proptest::collection::vec(entry(), 0..20)) {
            let bytes = write(&entries);
            prop_assert_eq!(read(&bytes, entries.len()), Some(entries.clone()));
            prop_assert_eq!(read(&bytes, entries.len() + 1), None);
            for cut in 0..bytes.len().min(300) {
                prop_assert_eq!(read(&bytes[..bytes.len() - 1 - cut], entries.len()), None);
            }
        }

        #[test]
        fn other_bytes_are_no_contacts_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(entries) = read(&bytes, 1) {
                prop_assert_eq!(entries.len(), 1);
            }
            prop_assert_eq!(read(&bytes, usize::MAX), None);
        }
    }
}
