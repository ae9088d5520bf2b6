//! Labels as small numbers, and what is counted of them.

/// Letters, digits, hyphen, and the edge of a label.
pub const SYMBOLS: usize = 38;
/// The edge of a label.
pub const EDGE: u8 = 0;
/// The hyphen; other characters, which no registrar accepts, count as one.
pub const HYPHEN: u8 = 37;
/// As much of a label as is looked at. The longest generated labels in the training data have 44 characters.
pub const LONGEST: usize = 48;
/// Buckets of hashed character n-grams.
pub const BUCKETS: usize = 1 << 16;
/// The longest n-gram.
pub const LONGEST_GRAM: usize = 4;

/// A label in symbols, with two edges before it and two behind.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    symbols: [u8; LONGEST + 4],
    len: usize,
}

impl Text {
    /// The first [`LONGEST`] characters of a label.
    pub fn new(label: &str) -> Self {
        let mut symbols = [EDGE; LONGEST + 4];
        let len = label.len().min(LONGEST);
        for (symbol, byte) in symbols[2..].iter_mut().zip(label.bytes().take(len)) {
            *symbol = match byte {
                b'a'..=b'z' => byte - b'a' + 1,
                b'A'..=b'Z' => byte - b'A' + 1,
                b'0'..=b'9' => byte - b'0' + 27,
                _ => HYPHEN,
            };
        }
        Self { symbols, len }
    }

    /// The label's symbols.
    pub fn inner(&self) -> &[u8] {
        &self.symbols[2..2 + self.len]
    }

    /// The label with two edges before it and one behind.
    pub fn padded(&self) -> &[u8] {
        &self.symbols[..self.len + 3]
    }

    /// How many symbols the label has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Calls back with the bucket of each n-gram, its start among the symbols with one edge before them, and its
    /// length.
    pub fn grams(&self, mut each: impl FnMut(usize, usize, usize)) {
        let edged = &self.symbols[1..self.len + 3];
        for at in 0..edged.len() {
            let mut key = 0u64;
            for (n, &symbol) in edged[at..].iter().take(LONGEST_GRAM).enumerate() {
                key = key << 6 | u64::from(symbol);
                // An edge alone says nothing.
                if n > 0 || symbol != EDGE {
                    each(bucket(key, n as u64 + 1), at, n + 1);
                }
            }
        }
    }

    /// The weight of one n-gram: text frequencies scaled to length one, as if no n-gram came twice.
    pub fn gram_weight(&self) -> f32 {
        1.0 / (self.len.max(1) as f32 * LONGEST_GRAM as f32).sqrt()
    }

    /// The characters of a piece of the label with its edges, `^` and `$`.
    pub fn piece(&self, at: usize, len: usize) -> String {
        let edged = &self.symbols[1..self.len + 3];
        let shown = |i: usize| match edged[i] {
            EDGE if i == 0 => '^',
            EDGE => '$',
            s @ 1..=26 => char::from(b'a' + s - 1),
            s @ 27..=36 => char::from(b'0' + s - 27),
            _ => '-',
        };
        (at..(at + len).min(edged.len())).map(shown).collect()
    }
}

/// Fibonacci hashing of an n-gram's symbols and length.
fn bucket(key: u64, n: u64) -> usize {
    let mixed = (key ^ n << 58).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 48) as usize
}

/// Whether a symbol is a letter.
pub fn is_letter(symbol: u8) -> bool {
    (1..=26).contains(&symbol)
}

/// Whether a symbol is a digit.
pub fn is_digit(symbol: u8) -> bool {
    (27..=36).contains(&symbol)
}

/// Whether a symbol is one of a, e, i, o, u, y.
pub fn is_vowel(symbol: u8) -> bool {
    matches!(symbol, 1 | 5 | 9 | 15 | 21 | 25)
}
