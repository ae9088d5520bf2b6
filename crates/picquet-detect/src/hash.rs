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
