//! Names that have something to do with one another: mistakes of one name, and names put together of the same parts.

use super::common::{PIECE, pieces};
use super::model::Model;
use super::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// Letters of a name with a counter, at least.
const LEAST_STEM: usize = 4;
/// Names that differ in a number alone, from which on they are a counter's.
const COUNTER: usize = 6;
/// With how many others a name is compared for each part that they share, so that a shared tail costs no square.
const COMPARED: usize = 8;
/// Parts that are shown.
const SHOWN: usize = 5;

/// Names that share parts which few chosen names have: one generator's words come again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kin {
    /// How many names share a part with another one.
    pub related: u64,
    /// The parts that most names share, with the number of names.
    pub parts: Vec<(String, u64)>,
}

impl Kin {
    /// Of labels.
    pub fn of(model: &Model, labels: &[&str]) -> Self {
        let mut holders: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (i, label) in labels.iter().enumerate() {
            for piece in pieces(&Text::new(label)) {
                if !model.common.has(piece) {
                    holders.entry(piece).or_default().push(i);
                }
            }
        }
        let mut related = BTreeSet::new();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (piece, names) in &holders {
            let mut own = BTreeSet::new();
            for (n, &a) in names.iter().enumerate() {
                for &b in names[n + 1..].iter().take(COMPARED) {
                    if !alike(labels[a], labels[b]) {
                        own.extend([a, b]);
                    }
                }
            }
            if !own.is_empty() {
                counts.insert(shown(*piece), own.len() as u64);
                related.extend(own);
            }
        }
        // The same name with another number, again and again, is a counter.
        let mut stems: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, label) in labels.iter().enumerate() {
            let stem: String = label.chars().filter(|c| !c.is_ascii_digit()).collect();
            if stem.len() >= LEAST_STEM && stem.len() < label.len() {
                stems.entry(stem).or_default().push(i);
            }
        }
        for (stem, names) in stems.into_iter().filter(|(_, names)| names.len() >= COUNTER) {
            counts.insert(stem, names.len() as u64);
            related.extend(names);
        }
        Self { related: related.len() as u64, parts: most(counts) }
    }
}

/// The strings that most names have.
pub(super) fn most(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> = counts.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(SHOWN);
    all
}

/// Whether two labels are one with a mistake or two in it, or with another number: people type them so.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let longest = a.len().max(b.len());
    // Names of very different lengths are none, which spares most comparisons.
    if longest >= a.len().min(b.len()) + 3 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    head + tail + 3 > longest
}

fn shown(piece: u64) -> String {
    let symbol = |i: usize| match piece >> (6 * i) & 63 {
        0 => '|',
        s @ 1..=26 => char::from(b'a' + s as u8 - 1),
        s @ 27..=36 => char::from(b'0' + s as u8 - 27),
        _ => '-',
    };
    (0..PIECE).rev().map(symbol).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_alike_and_other_names_are_not() {
        for (a, b) in [("wikipedia", "wikipdia"), ("wikipedia", "wikipeida"), ("node17", "node18"), ("shop", "shops")] {
            assert!(alike(a, b) && alike(b, a), "{a} {b}");
        }
        for (a, b) in [("wikipedia", "wiktionary"), ("silverriver", "silverstone"), ("a", "abcdefgh")] {
            assert!(!alike(a, b) && !alike(b, a), "{a} {b}");
        }
    }

    #[test]
    fn the_same_parts_again_are_kin() {
        let model = Model::embedded().unwrap();
        let labels = ["zuqovathen", "merlqovath", "qovathim", "blorqovath", "gardenpath"];
        let kin = Kin::of(model, &labels);
        assert_eq!(kin.related, 4, "{kin:?}");
        assert!(kin.parts.iter().any(|(part, n)| part == "qovat" && *n == 4), "{kin:?}");
        let counted: Vec<String> = (0..9).map(|n| format!("update{n}center")).collect();
        let counted: Vec<&str> = counted.iter().map(String::as_str).collect();
        assert_eq!(Kin::of(model, &counted).related, 9);
    }
}
