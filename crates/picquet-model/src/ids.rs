//! Identifiers that follow from content, so that the same logs give the same findings.

use sha2::{Digest, Sha256};

/// The id of the detector of one account and region: 32 hexadecimal digits, as GuardDuty's are.
pub fn detector_id(account: &str, region: &str) -> String {
    hex32(&["picquet-detector", account, region])
}

/// The id of a finding: a hash of its detector, type and aggregation key.
pub fn finding_id(detector_id: &str, finding_type: &str, key: &[&str]) -> String {
    let mut parts = vec!["picquet-finding", detector_id, finding_type];
    parts.extend_from_slice(key);
    hex32(&parts)
}

/// The ARN of a finding in its region's partition.
pub fn finding_arn(account: &str, region: &str, detector_id: &str, finding_id: &str) -> String {
    format!("arn:{}:guardduty:{region}:{account}:detector/{detector_id}/finding/{finding_id}", partition(region))
}

/// The partition that a region belongs to, by its prefix (AWS, "Amazon Resource Names", partitions).
pub fn partition(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 6] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
    ];
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

/// The first 128 bits of SHA-256 over length-prefixed parts, in hexadecimal.
fn hex32(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize()[..16])
}

/// Bytes as hexadecimal digits, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Sixteen bytes as a UUID is written (RFC 9562, section 4), whose version they are given here.
pub fn uuid(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_keep_parts_apart() {
        let d = detector_id("111122223333", "us-east-1");
        assert_eq!(d.len(), 32);
        assert_eq!(d, detector_id("111122223333", "us-east-1"));
        assert_ne!(finding_id(&d, "T", &["ab", "c"]), finding_id(&d, "T", &["a", "bc"]));
        assert_eq!(finding_arn("1", "cn-north-1", "d", "f"), "arn:aws-cn:guardduty:cn-north-1:1:detector/d/finding/f");
    }
}
