//! A table of words, and the cheapest way to read a label as words.

use super::text::{LONGEST, Text, is_letter};

/// The shortest word that is looked up.
pub const SHORTEST_WORD: usize = 3;
/// The longest word that is looked up.
pub const LONGEST_WORD: usize = 14;
/// The table's size is 2 to this: 262,144 slots for about 90,000 words, so that most look-ups end at the first slot.
pub const SLOT_BITS: u32 = 18;
/// What a word of each class costs, in bits: about the logarithm of how many words its class and the commoner ones
/// hold, and one bit for the choice. Classes: common, usual, rare, seen in domain names.
const COST: [f32; 4] = [13.0, 15.0, 16.5, 14.0];

/// Words as 14-bit fingerprints with their class; a slot that is zero is empty.
#[derive(Clone, Debug)]
pub struct Words {
    slots: Vec<u16>,
}

/// The cheapest reading of a label.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Bits of the cheapest reading.
    pub bits: f32,
    /// Words in it.
    pub words: u32,
    /// Characters in words.
    pub covered: u32,
    /// Characters in words of four letters or more.
    pub covered_long: u32,
    /// Letters of the longest word.
    pub longest: u32,
}

impl Words {
    /// A table of words with their classes, 0 to 3. Of two entries of one word the first counts.
    pub fn build<'a>(words: impl Iterator<Item = (&'a str, u8)>) -> Self {
        let mut table = Self { slots: vec![0; 1 << SLOT_BITS] };
        for (word, class) in words {
            let text = Text::new(word);
            if (SHORTEST_WORD..=LONGEST_WORD).contains(&text.len()) {
                table.insert(hash(text.inner()), class & 3);
            }
        }
        table
    }

    fn insert(&mut self, hash: u64, class: u8) {
        let (mut slot, print) = place(hash);
        for _ in 0..self.slots.len() {
            let held = self.slots[slot];
            if held & 0x3fff == print {
                return;
            }
            if held == 0 {
                self.slots[slot] = u16::from(class) << 14 | print;
                return;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// The table's slots, for the artefact.
    pub fn slots(&self) -> &[u16] {
        &self.slots
    }

    /// A table from its slots; `None` when they are not as many as they have to be.
    pub fn from_slots(slots: Vec<u16>) -> Option<Self> {
        (slots.len() == 1 << SLOT_BITS).then_some(Self { slots })
    }

    fn class(&self, hash: u64) -> Option<usize> {
        let (mut slot, print) = place(hash);
        // Few chains are as long; a word behind such a one is none.
        for _ in 0..64 {
            let held = self.slots[slot];
            if held == 0 {
                return None;
            }
            if held & 0x3fff == print {
                return Some(usize::from(held >> 14));
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Reads a label as words where that is cheaper than letter by letter, which costs `letters`.
    pub fn read(&self, text: &Text, letters: &[f32]) -> Reading {
        let symbols = text.inner();
        let n = symbols.len();
        let mut best = [Reading::default(); LONGEST + 1];
        for reading in best.iter_mut().skip(1) {
            reading.bits = f32::INFINITY;
        }
        for at in 0..n {
            let from = best[at];
            let single = Reading { bits: from.bits + letters.get(at).copied().unwrap_or(8.0), ..from };
            if single.bits < best[at + 1].bits {
                best[at + 1] = single;
            }
            let mut rolling = START;
            for (i, &symbol) in symbols[at..].iter().take(LONGEST_WORD).enumerate() {
                if !is_letter(symbol) {
                    break;
                }
                rolling = step(rolling, symbol);
                let len = i + 1;
                if len < SHORTEST_WORD {
                    continue;
                }
                if let Some(class) = self.class(rolling) {
                    let bits = from.bits + COST[class];
                    if bits < best[at + len].bits {
                        let len32 = len as u32;
                        best[at + len] = Reading {
                            bits,
                            words: from.words + 1,
                            covered: from.covered + len32,
                            covered_long: from.covered_long + if len > 3 { len32 } else { 0 },
                            longest: from.longest.max(len32),
                        };
                    }
                }
            }
        }
        best[n]
    }
}

const START: u64 = 0x9e37_79b9_7f4a_7c15;

fn step(hash: u64, symbol: u8) -> u64 {
    (hash ^ u64::from(symbol)).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(23)
}

fn hash(symbols: &[u8]) -> u64 {
    symbols.iter().fold(START, |h, &s| step(h, s))
}

/// The slot where a word's chain begins, and its fingerprint, which is never zero.
fn place(hash: u64) -> (usize, u16) {
    let mixed = hash ^ hash >> 31;
    let print = (mixed >> 40 & 0x3fff) as u16;
    ((mixed & ((1 << SLOT_BITS) - 1)) as usize, print.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_words_where_they_are_cheaper_than_letters() {
        let words = Words::build([("southern", 1), ("south", 0), ("october", 0)].into_iter());
        let text = Text::new("southoctober9");
        let reading = words.read(&text, &[5.0; 13]);
        assert_eq!((reading.words, reading.covered, reading.longest), (2, 12, 7));
        assert!(reading.bits < 5.0 * 13.0);
        let none = words.read(&Text::new("qzkvxw"), &[5.0; 6]);
        assert_eq!((none.words, none.bits), (0, 30.0));
    }
}
