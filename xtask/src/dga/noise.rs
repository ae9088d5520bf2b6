//! Names made up for training and simulation: mistyped ones, and ones that generic generators make. The generators
//! are our own and follow no malware's code.

use picquet_testkit::Random;

/// Keys beside each letter on a QWERTY keyboard.
const BESIDE: [&str; 26] = [
    "qsz", "vghn", "xdfv", "serfcx", "wrsd", "drtgvc", "ftyhbv", "gyujnb", "uojk", "huikmn", "jiolm", "kop", "njk",
    "bhjm", "ipkl", "ol", "wa", "etdf", "awedxz", "rfgy", "yihj", "cfgb", "qeas", "zsdc", "tugh", "asx",
];

/// A label with one mistake, as people type and programs cut.
pub fn typo(label: &str, rng: &mut Random) -> String {
    let mut chars: Vec<char> = label.chars().collect();
    if chars.len() < 3 {
        chars.push('s');
        return chars.into_iter().collect();
    }
    let at = rng.below(chars.len());
    match rng.below(7) {
        0 => {
            chars.remove(at);
        }
        1 => chars.insert(at, chars[at]),
        2 if at + 1 < chars.len() => chars.swap(at, at + 1),
        3 | 4 => {
            if let Some(beside) = near(chars[at], rng) {
                chars[at] = beside;
            }
        }
        5 => {
            if let Some(beside) = near(chars[at], rng) {
                chars.insert(at, beside);
            }
        }
        _ => chars.extend(rng.pick(&["s", "online", "app", "www", "-", "2", "1"]).chars()),
    }
    chars.into_iter().collect::<String>().trim_matches('-').to_owned()
}

fn near(c: char, rng: &mut Random) -> Option<char> {
    let beside = BESIDE.get((c as usize).checked_sub('a' as usize)?)?.as_bytes();
    Some(char::from(*rng.pick(beside)))
}

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const ALNUM: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
const CONSONANTS: &[u8] = b"bcdfghjklmnpqrstvwxz";
const VOWELS: &[u8] = b"aeiou";
const VOWELS_Y: &[u8] = b"aeiouy";

/// How many generic generators there are.
pub const GENERATORS: usize = 15;

/// A label of one of the generic generators.
pub fn generated(generator: usize, rng: &mut Random) -> String {
    match generator {
        0 => from(LETTERS, rng.range(5, 8), rng),
        1 => from(LETTERS, rng.range(8, 12), rng),
        2 => from(LETTERS, rng.range(12, 20), rng),
        3 => from(LETTERS, rng.range(20, 40), rng),
        4 => from(ALNUM, rng.range(5, 9), rng),
        5 => from(ALNUM, rng.range(10, 16), rng),
        6 => from(ALNUM, rng.range(16, 44), rng),
        7 => {
            let len = *rng.pick(&[8, 12, 16, 20, 32]);
            from(HEX, len, rng)
        }
        8 => from(BASE32, rng.range(8, 26), rng),
        9 => alternating(CONSONANTS, VOWELS, rng.range(6, 9), rng),
        10 => alternating(CONSONANTS, VOWELS_Y, rng.range(8, 14), rng),
        11 => {
            // Some letters only, as from a generator with a small modulus.
            let some: Vec<u8> = (0..rng.range(9, 14)).map(|_| *rng.pick(LETTERS)).collect();
            from(&some, rng.range(7, 14), rng)
        }
        12 => {
            // Consonants and vowels by the toss of a coin.
            let n = rng.range(7, 13);
            let toss = |rng: &mut Random| if rng.share() < 0.55 { CONSONANTS } else { VOWELS_Y };
            (0..n).map(|_| toss(rng)).collect::<Vec<_>>().into_iter().map(|a| char::from(*rng.pick(a))).collect()
        }
        13 => {
            // Syllables of three letters.
            let n = rng.range(2, 4);
            let syllable = |rng: &mut Random| [*rng.pick(CONSONANTS), *rng.pick(VOWELS), *rng.pick(CONSONANTS)];
            (0..n).flat_map(|_| syllable(rng)).map(char::from).collect()
        }
        _ => from(LETTERS, 4, rng) + &from(b"0123456789", rng.range(2, 6), rng),
    }
}

fn from(alphabet: &[u8], n: usize, rng: &mut Random) -> String {
    rng.text(alphabet, n)
}

fn alternating(a: &[u8], b: &[u8], n: usize, rng: &mut Random) -> String {
    let first = rng.below(2);
    (0..n).map(|i| char::from(*rng.pick(if (i + first).is_multiple_of(2) { a } else { b }))).collect()
}
