//! Names that are a letter away from a well-known one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The shortest known label: of shorter ones too many others are a letter away.
const SHORTEST: usize = 6;
/// The longest label that can be near a known one.
const LONGEST: usize = 24;
/// Of so many names of popular and of random domains one is near a known name without meaning it: 3 of 17,184 (the
/// benign names that the classifier of generated ones is measured on), those left out that the list names.
pub const RARITY: f64 = 5_000.0;

/// Known labels, by themselves and by what is left of them without one of their letters.
struct Known {
    labels: BTreeSet<&'static str>,
    without_one: BTreeMap<String, Vec<&'static str>>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let lines = include_str!("../../data/known-names.txt").lines().map(str::trim);
    let mut known = Known { labels: BTreeSet::new(), without_one: BTreeMap::new() };
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let other = line.strip_prefix("- ");
        known.labels.insert(other.unwrap_or(line));
        if other.is_none() {
            for less in without_one(line).chain([line.to_owned()]) {
                known.without_one.entry(less).or_default().push(line);
            }
        }
    }
    known
});

/// A label without each of its letters.
fn without_one(label: &str) -> impl Iterator<Item = String> {
    (0..label.len()).filter_map(move |at| Some(format!("{}{}", label.get(..at)?, label.get(at + 1..)?)))
}

/// The well-known label that a label in lower case is to be taken for: one letter more, less, another or two swapped
/// (Damerau's distance), `rn` for `m` or `vv` for `w`. None where the label is well known itself.
pub fn known(label: &str) -> Option<&'static str> {
    if !(SHORTEST - 1..=LONGEST).contains(&label.len()) || !label.is_ascii() || KNOWN.labels.contains(label) {
        return None;
    }
    let drawn = label.replace("rn", "m").replace("vv", "w");
    if drawn != label
        && let Some(same) = KNOWN.labels.get(drawn.as_str())
    {
        return Some(same);
    }
    let near = |less: &str| KNOWN.without_one.get(less)?.iter().copied().find(|known| is_near(label, known));
    near(label).or_else(|| without_one(label).find_map(|less| near(&less)))
}

/// Whether two labels differ by one letter, or by two that are swapped.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    match (a, b) {
        ([_, rest @ ..], _) if rest == b => true,
        (_, [_, rest @ ..]) if rest == a => true,
        ([_, x @ ..], [_, y @ ..]) if x == y => true,
        ([p, q, x @ ..], [r, s, y @ ..]) => p == s && q == r && x == y,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_away() {
        for (label, want) in [
            ("mlcrosoft", "microsoft"),
            ("micorsoft", "microsoft"),
            ("microsof", "microsoft"),
            ("microsoftt", "microsoft"),
            ("instagrarn", "instagram"),
            ("tvvitter", "twitter"),
            ("y-andex", "yandex"),
            ("cloudfronts", "cloudfront"),
            ("gthub", "github"),
        ] {
            assert_eq!(known(label), Some(want), "{label}");
        }
    }

    #[test]
    fn others() {
        for label in
            ["microsoft", "wikimedia", "microsofts-cdn", "example", "", "a", "gitbub-io", "\u{e9}tsy-com", "bbc"]
        {
            assert_eq!(known(label), None, "{label}");
        }
        assert_eq!(known(&"google".repeat(40)), None);
    }

    #[test]
    fn the_list_is_of_labels_that_are_long_enough() {
        let labels =
            || include_str!("../../data/known-names.txt").lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
        assert!(labels().count() > 100);
        for label in labels().map(|l| l.trim_start_matches("- ")) {
            assert!(label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{label}");
            assert!((SHORTEST - 1..=LONGEST).contains(&label.len()), "{label}");
        }
    }
}
