//! A hash that is the same on every machine and in every version: it breaks ties between records of one
//! moment, tells events apart and feeds sketches. It is not keyed; maps use [`crate::Map`] instead.

/// FNV-1a over 64 bits (RFC 9923), with the finalizer of MurmurHash3 so that all bits are well mixed.
pub fn stable(parts: &[&[u8]]) -> u64 {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for &b in *part {
            h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        // Keeps ("ab", "c") and ("a", "bc") apart.
        h = (h ^ 0xff).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

/// As [`stable`], sixteen octets at a time, for texts that are looked at in every record: a folded multiplication for
/// each sixteen octets (as in wyhash), with the length of each part.
#[inline]
pub fn stable_wide<const N: usize>(parts: [&str; N]) -> u64 {
    // Odd numbers without a pattern: the fractional digits of the golden ratio, and a multiplier of MurmurHash3.
    const SECRET: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xff51_afd7_ed55_8ccd];
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let mut h = SECRET[1];
    for part in parts {
        let bytes = part.as_bytes();
        for chunk in bytes.as_chunks::<16>().0 {
            let (a, b) = ends(chunk);
            h = h.rotate_left(23) ^ fold(a ^ SECRET[0], b ^ h);
        }
        let (a, b) = ends(bytes);
        h = h.rotate_left(23) ^ fold(a ^ SECRET[0] ^ bytes.len() as u64, b ^ h);
    }
    fold(h, SECRET[1])
}

/// The last sixteen octets of a text as two numbers; of a shorter one all, some of them twice.
#[inline]
fn ends(bytes: &[u8]) -> (u64, u64) {
    if let Some(last) = bytes.last_chunk::<16>() {
        let n = u128::from_le_bytes(*last);
        return (n as u64, (n >> 64) as u64);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    match *bytes {
        [a, b, c] => (a.into(), u64::from(b) << 8 | u64::from(c)),
        [a, b] => (a.into(), b.into()),
        [a] => (a.into(), 0),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_and_every_cut_counts() {
        let text: String = ('!'..'~').cycle().take(70).collect();
        let mut seen = std::collections::BTreeSet::new();
        for end in 0..text.len() {
            assert!(seen.insert(stable_wide([&text[..end]])));
            for at in 0..end {
                let mut other = text[..end].to_owned().into_bytes();
                other[at] ^= 1;
                assert!(seen.insert(stable_wide([std::str::from_utf8(&other).unwrap()])), "{at} of {end}");
            }
            for cut in 0..end {
                assert!(seen.insert(stable_wide([&text[..cut], &text[cut..end]])));
            }
        }
    }
}
