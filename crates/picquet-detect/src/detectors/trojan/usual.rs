//! What hours of clients usually come to in an account: a histogram by powers of two, so that it stays small.

/// The hours so far.
pub(super) struct Usual {
    /// By the bits of the value.
    counts: [u64; 65],
    since: Option<u32>,
}

impl Default for Usual {
    fn default() -> Self {
        Self { counts: [0; 65], since: None }
    }
}

const fn bits(value: u64) -> usize {
    (u64::BITS - value.leading_zeros()) as usize
}

impl Usual {
    /// Adds an hour.
    pub fn add(&mut self, hour: u32, value: u64) {
        if let Some(n) = self.counts.get_mut(bits(value)) {
            *n += 1;
        }
        self.since.get_or_insert(hour);
    }

    /// How many hours there are.
    pub fn hours(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The hour that was added first.
    pub fn since(&self) -> Option<u32> {
        self.since
    }

    /// How many came to as much: at least half of it, since values are known by their bits.
    pub fn like(&self, value: u64) -> u64 {
        self.counts.get(bits(value)..).unwrap_or_default().iter().sum()
    }

    /// What half of them stayed below.
    pub fn median(&self) -> u64 {
        let mut left = self.hours() / 2;
        for (bits, n) in self.counts.iter().enumerate() {
            if *n > left {
                return 1u64.checked_shl(bits as u32).unwrap_or(u64::MAX);
            }
            left -= n;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_known_by_their_bits() {
        let mut usual = Usual::default();
        assert_eq!((usual.hours(), usual.median(), usual.since()), (0, 0, None));
        for (hour, value) in [(7, 0), (8, 3), (9, 5), (10, u64::MAX)] {
            usual.add(hour, value);
        }
        assert_eq!((usual.hours(), usual.since()), (4, Some(7)));
        assert_eq!((usual.like(4), usual.like(8), usual.like(0)), (2, 1, 4));
        assert_eq!(usual.median(), 8);
    }
}
