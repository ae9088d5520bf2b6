//! Numbers and addresses of a flow line, eight or sixteen bytes at a time.
//!
//! The length of a number in a log is close to random, so a loop over its digits is mispredicted about once a
//! number, and that was most of the time that a line took. Here the length comes out of arithmetic: after an
//! exclusive or with `0` a digit is its own value, and a byte above 9 ends the number.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const SPACE: u8 = b' ' ^ b'0';

/// A byte in each place.
const fn all(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The eight bytes at a position, the first one lowest.
#[inline(always)]
fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..)?.first_chunk::<8>().copied()?))
}

/// The high bit of each byte above 9.
#[inline(always)]
const fn above_nine(x: u64) -> u64 {
    (((x & all(0x7f)) + all(0x76)) | x) & all(0x80)
}

/// The number that eight digits are, the first one lowest.
#[inline(always)]
const fn eight_digits(x: u64) -> u64 {
    // Neighbours are joined three times: to pairs, to fours, to eight.
    let pairs = (x & all(0x0f)).wrapping_mul(10).wrapping_add(x >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

/// Powers of ten.
const TENS: [u64; 8] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

/// A decimal number below 10^19 that begins at `at` and ends before a space or with the bytes, and its end.
#[inline(always)]
pub(super) fn number(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    if let Some(word) = eight(bytes, at) {
        let x = word ^ all(b'0');
        // One digit: the version, nearly every protocol, most counts of packets.
        if (x >> 8) as u8 == SPACE && x as u8 <= 9 {
            return Some((u64::from(x as u8), at + 1));
        }
        let stop = above_nine(x);
        if stop != 0 {
            let bits = stop.trailing_zeros() & !7;
            if bits == 0 || (x >> bits) as u8 != SPACE {
                return None;
            }
            return Some((eight_digits(x << (64 - bits)), at + (bits / 8) as usize));
        }
        // Nine to fifteen digits: both times of every line.
        if let Some(word) = eight(bytes, at + 8) {
            let (more, high) = (word ^ all(b'0'), eight_digits(x));
            let stop = above_nine(more);
            if stop != 0 {
                let bits = stop.trailing_zeros() & !7;
                if (more >> bits) as u8 != SPACE {
                    return None;
                }
                let digits = (bits / 8) as usize;
                let low = if bits == 0 { 0 } else { eight_digits(more << (64 - bits)) };
                return Some((high * TENS[digits] + low, at + 8 + digits));
            }
        }
        return slow(bytes, at, at + 8, eight_digits(x));
    }
    slow(bytes, at, at, 0)
}

/// Goes on digit by digit.
#[inline(always)]
fn slow(bytes: &[u8], start: usize, mut at: usize, mut value: u64) -> Option<(u64, usize)> {
    /// As many digits never pass 2^64.
    const SAFE: usize = 19;
    while let Some(&byte) = bytes.get(at) {
        let digit = byte ^ b'0';
        if digit > 9 {
            if digit != SPACE {
                return None;
            }
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (at > start && at - start <= SAFE).then_some((value, at))
}

/// An IPv4 address that begins at `at` and ends before a space or with the bytes, and its end. Leading zeros are
/// refused, as the standard library does.
#[inline(always)]
pub(super) fn ipv4(bytes: &[u8], at: usize) -> Option<(Ipv4Addr, usize)> {
    const LEAST: [u32; 4] = [0, 0, 0x01_00, 0x01_00_00];
    let Some(chunk) = bytes.get(at..)?.first_chunk::<16>() else { return ipv4_at_end(bytes, at) };
    let (Some(low), Some(high)) = (eight(chunk, 0), eight(chunk, 8)) else { return None };
    let (low, high) = (above_nine(low ^ all(b'0')), above_nine(high ^ all(b'0')));
    // One bit for each of the sixteen bytes: the last one closes the last octet if nothing else does.
    let mut stops = (gather(low) | gather(high) << 8) as u32 | 1 << 16;
    let (mut address, mut start, mut wrong) = (0u32, 0usize, false);
    for part in 0..4 {
        let stop = stops.trailing_zeros() as usize;
        stops &= stops.wrapping_sub(1);
        let len = stop.wrapping_sub(start);
        if !(1..=3).contains(&len) {
            return None;
        }
        let four = chunk.get(start..)?.first_chunk::<4>()?;
        // The digits as bytes, the last one lowest: comparing these compares the numbers. What is below the least
        // number of so many digits begins with a zero.
        let digits = (u32::from_be_bytes(*four) ^ 0x3030_3030) >> (32 - 8 * len);
        wrong |= digits > 0x02_05_05 || digits < LEAST[len & 3];
        let octet = (digits >> 16) * 100 + (digits >> 8 & 0xff) * 10 + (digits & 0xff);
        wrong |= chunk.get(stop) != Some(if part < 3 { &b'.' } else { &b' ' });
        address = address << 8 | octet & 0xff;
        start = stop + 1;
    }
    (!wrong).then(|| (Ipv4Addr::from_bits(address), at + start - 1))
}

/// The high bits of eight bytes side by side.
#[inline(always)]
const fn gather(high_bits: u64) -> u64 {
    // Each factor's bit lifts one of the eight to its place in the highest byte; no two meet.
    (high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// As [`ipv4`], where fewer than sixteen bytes are left: spaces stand for the rest.
fn ipv4_at_end(bytes: &[u8], at: usize) -> Option<(Ipv4Addr, usize)> {
    let rest = bytes.get(at..)?;
    let mut padded = [b' '; 16];
    padded.get_mut(..rest.len())?.copy_from_slice(rest);
    ipv4(&padded, 0).map(|(ip, end)| (ip, at + end))
}

/// The position of the next space at or behind `at`, else the length. `at` may be anywhere.
#[inline(always)]
pub(super) fn space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = eight(bytes, at) {
        let x = word ^ all(b' ');
        // Exact up to the first byte that is zero.
        let hit = x.wrapping_sub(all(1)) & !x & all(0x80);
        if hit != 0 {
            return at + (hit.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    bytes.get(at..).and_then(|tail| tail.iter().position(|&b| b == b' ')).map_or(bytes.len(), |n| at + n)
}

/// Reads an address as flow and DNS logs write it.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    match ipv4(text.as_bytes(), 0) {
        Some((ip, end)) if end == text.len() => Some(IpAddr::V4(ip)),
        _ => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the standard library says of the text up to the first space.
    fn expected<T: std::str::FromStr>(text: &str) -> Option<(T, usize)> {
        let word = text.split(' ').next().unwrap();
        word.parse().ok().map(|value| (value, word.len()))
    }

    #[test]
    fn agrees_with_the_standard_library_on_odd_texts() {
        for word in [
            "0.0.0.0",
            "255.255.255.255",
            "256.0.0.1",
            "1.2.3.4",
            "::",
            "::ffff:1.2.3.4",
            "1.2.3.04",
            "1.2.3.",
            "",
            "1..2.3",
            "1.2.3",
            "1.2.3.4.",
            "1.2.3.4.5",
            "1234.1.1.1",
            "1.2.3.4x",
            "1.2.3.4\t",
            "1.2/3.4",
            "a.b.c.d",
            "1.2.3.4/",
            "111111111111111111",
            "1.2.3.999",
        ] {
            assert_eq!(address(word), word.parse().ok(), "{word}");
            for tail in ["", " ", " x", "                    "] {
                let text = format!("{word}{tail}");
                assert_eq!(ipv4(text.as_bytes(), 0), expected(&text), "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library_on_addresses(bits: u32, tail in "( [ -~]{0,16})?", bad in "[0-9. :/]{0,18}") {
            let text = format!("{}{tail}", Ipv4Addr::from_bits(bits));
            prop_assert_eq!(ipv4(text.as_bytes(), 0), expected(&text));
            prop_assert_eq!(ipv4(bad.as_bytes(), 0), expected(&bad));
        }

        #[test]
        fn agrees_with_the_standard_library_on_numbers(n: u64, shift in 0..64u32, tail in "( [ -~]{0,9})?", bad in "[0-9 :-]{0,22}") {
            for text in [format!("{}{tail}", n >> shift), bad] {
                let want = expected::<u64>(&text).filter(|(_, len)| *len <= 19);
                prop_assert_eq!(number(text.as_bytes(), 0), want);
            }
        }
    }
}
