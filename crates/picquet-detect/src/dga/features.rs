//! What is measured of a label: training and inference use the same code.

use super::letters::Letters;
use super::text::{HYPHEN, LONGEST, SYMBOLS, Text, is_digit, is_letter, is_vowel};
use super::words::{Reading, Words};

/// How many measures there are.
pub const FEATURES: usize = 28;

/// The measures' names, in their order.
pub const NAMES: [&str; FEATURES] = [
    "length",
    "letter bits per character",
    "letter bits of the whole label",
    "rarest three characters, bits",
    "reading bits per character",
    "reading bits of the whole label",
    "share in words of four letters or more",
    "share in words",
    "longest word",
    "words",
    "characters in no word",
    "share of digits",
    "digits",
    "changes between letters and digits",
    "share of vowels",
    "longest run of consonants",
    "longest run of vowels",
    "entropy",
    "distinct characters per character",
    "hyphens",
    "only hexadecimal digits",
    "repeated pairs",
    "share of consonant-vowel changes",
    "share of rare letters",
    "digits at the end",
    "bits of the rarer half per character",
    "first character is a digit",
    "n-gram logit",
];

/// The place of the n-gram logit.
pub const GRAM_LOGIT: usize = 27;

/// Measures rounded up to a power of two, so that any number of one can be masked into range.
pub const PADDED: usize = 32;

/// The measures of one label; those from [`FEATURES`] on are zero.
pub type Measures = [f32; PADDED];

/// Measures a label. `gram_logit` comes from the linear model.
pub fn measure(text: &Text, letters: &Letters, words: &Words, gram_logit: f32) -> (Measures, Reading) {
    let symbols = text.inner();
    let n = symbols.len().max(1) as f32;
    let mut bits = [0.0; LONGEST + 1];
    let known = letters.bits(text, &mut bits);
    let bits = &mut bits[..known];
    let total: f32 = bits.iter().sum();
    let rarest = bits.windows(3).map(|w| w[0] + w[1] + w[2]).fold(0.0, f32::max);
    let reading = words.read(text, bits);
    bits.sort_unstable_by(|a, b| b.total_cmp(a));
    let half = bits.len().div_ceil(2);
    let rarer: f32 = bits[..half].iter().sum();
    let counts = Counts::of(symbols);
    let letters_n = counts.letters.max(1) as f32;
    let measures = [
        n,
        total / (n + 1.0),
        total,
        rarest,
        reading.bits / n,
        reading.bits,
        reading.covered_long as f32 / n,
        reading.covered as f32 / n,
        reading.longest as f32,
        reading.words as f32,
        n - reading.covered as f32,
        counts.digits as f32 / n,
        counts.digits as f32,
        counts.switches as f32,
        counts.vowels as f32 / letters_n,
        counts.consonant_run as f32,
        counts.vowel_run as f32,
        counts.entropy,
        counts.distinct as f32 / n,
        counts.hyphens as f32,
        if counts.hexadecimal && symbols.len() >= 6 { n } else { 0.0 },
        counts.repeats as f32 / n,
        counts.alternations as f32 / n,
        counts.rare as f32 / n,
        counts.digit_tail as f32,
        rarer / half.max(1) as f32,
        f32::from(u8::from(symbols.first().is_some_and(|&s| is_digit(s)))),
        gram_logit,
        0.0,
        0.0,
        0.0,
        0.0,
    ];
    (measures, reading)
}

#[derive(Default)]
struct Counts {
    letters: u32,
    digits: u32,
    vowels: u32,
    hyphens: u32,
    rare: u32,
    switches: u32,
    alternations: u32,
    consonant_run: u32,
    vowel_run: u32,
    digit_tail: u32,
    distinct: u32,
    repeats: u32,
    entropy: f32,
    hexadecimal: bool,
}

impl Counts {
    fn of(symbols: &[u8]) -> Self {
        let mut c = Self { hexadecimal: true, ..Self::default() };
        let mut seen = [0u8; SYMBOLS];
        let mut pairs = [0u64; SYMBOLS];
        let (mut consonants, mut vowels) = (0, 0);
        let mut before = None;
        for &s in symbols {
            seen[usize::from(s) % SYMBOLS] += 1;
            let (letter, digit, vowel) = (is_letter(s), is_digit(s), is_vowel(s));
            c.letters += u32::from(letter);
            c.digits += u32::from(digit);
            c.vowels += u32::from(vowel);
            c.hyphens += u32::from(s == HYPHEN);
            // j, k, q, v, w, x, z
            c.rare += u32::from(matches!(s, 10 | 11 | 17 | 22 | 23 | 24 | 26));
            c.hexadecimal &= digit || (1..=6).contains(&s);
            c.digit_tail = if digit { c.digit_tail + 1 } else { 0 };
            vowels = if vowel { vowels + 1 } else { 0 };
            consonants = if letter && !vowel { consonants + 1 } else { 0 };
            c.vowel_run = c.vowel_run.max(vowels);
            c.consonant_run = c.consonant_run.max(consonants);
            if let Some(p) = before {
                c.switches += u32::from(is_letter(p) != letter && is_digit(p) != digit);
                c.alternations += u32::from(letter && is_letter(p) && is_vowel(p) != vowel);
                let (row, bit) = (usize::from(p) % SYMBOLS, 1u64 << (s & 63));
                c.repeats += u32::from(pairs[row] & bit != 0);
                pairs[row] |= bit;
            }
            before = Some(s);
        }
        let n = symbols.len().max(1) as f32;
        for &k in seen.iter().filter(|&&k| k > 0) {
            c.distinct += 1;
            c.entropy -= f32::from(k) * LOG2[usize::from(k).min(LONGEST)] / n;
        }
        c.entropy += LOG2[symbols.len().min(LONGEST)];
        c
    }
}

/// Logarithms to the base of two, from a table: the same bits on every machine.
const LOG2: [f32; LONGEST + 1] = log2_table();

const fn log2_table() -> [f32; LONGEST + 1] {
    let mut table = [0.0; LONGEST + 1];
    let mut k = 2;
    while k <= LONGEST {
        // Whole part, then thirty-two binary places by repeated squaring.
        let (mut whole, mut x) = (0.0f64, k as f64);
        while x >= 2.0 {
            x /= 2.0;
            whole += 1.0;
        }
        let (mut part, mut bit, mut i) = (0.0f64, 0.5f64, 0);
        while i < 32 {
            x *= x;
            if x >= 2.0 {
                x /= 2.0;
                part += bit;
            }
            bit /= 2.0;
            i += 1;
        }
        table[k] = (whole + part) as f32;
        k += 1;
    }
    table
}
