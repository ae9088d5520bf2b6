//! Countries of addresses, from the registries' own lists.

use crate::gz;
use anyhow::{Context, Result};
use std::net::Ipv4Addr;
use std::path::Path;

/// Ranges of addresses and their countries.
#[derive(Default)]
pub struct Countries {
    ranges: Vec<(u32, u32, [u8; 2])>,
}

impl Countries {
    /// Reads `cidr, country`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = gz::file(path)?;
        let mut ranges = Vec::new();
        for line in text.lines().skip(1) {
            let row = || {
                let (cidr, country) = line.split_once('\t')?;
                let (first, length) = cidr.split_once('/')?;
                let first = u32::from(first.parse::<Ipv4Addr>().ok()?);
                let size = 32_u32.checked_sub(length.parse().ok()?)?;
                let mask = u32::MAX.checked_shr(32 - size).unwrap_or(0);
                Some((first, first | mask, country.as_bytes().try_into().ok()?))
            };
            ranges.push(row().with_context(|| format!("{}: {line}", path.display()))?);
        }
        ranges.sort_unstable();
        Ok(Self { ranges })
    }

    /// The country of an address; `None` where none is registered, as of private ones.
    pub fn of(&self, address: Ipv4Addr) -> Option<[u8; 2]> {
        let address = u32::from(address);
        let after = self.ranges.partition_point(|(first, ..)| *first <= address);
        let (_, last, country) = self.ranges.get(after.checked_sub(1)?)?;
        (address <= *last).then_some(*country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_its_range() {
        let at = |text: &str| u32::from(text.parse::<Ipv4Addr>().unwrap());
        let ranges = vec![(at("1.0.0.0"), at("1.0.0.255"), *b"AU"), (at("1.0.2.0"), at("1.0.3.255"), *b"CN")];
        let countries = Countries { ranges };
        assert_eq!(countries.of(Ipv4Addr::new(1, 0, 3, 9)), Some(*b"CN"));
        assert_eq!(countries.of(Ipv4Addr::new(1, 0, 1, 9)), None);
        assert_eq!(countries.of(Ipv4Addr::new(0, 0, 0, 1)), None);
    }
}
