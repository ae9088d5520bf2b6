//! Evidence of one host: the names that it asked for and that do not exist.

use super::kin::{Kin, alike, most};
use super::model::{LOGIT_UNIT, Model};
use crate::tuning::GeneratedDomains;
use std::collections::{BTreeMap, BTreeSet};

/// Names that are judged; of more, a sample that is drawn without regard to what they look like.
pub const JUDGED: usize = 128;
/// How rare client-days with a generator are taken to be, where a probability is told: one in so many.
pub const RARITY: f64 = 10_000.0;
/// Characters of a label from which on likeness to another one is no chance.
const LEAST_ALIKE: usize = 6;
/// Names that an explanation shows.
const SHOWN: usize = 10;

/// A registered domain with its logit in parts of [`LOGIT_UNIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scored<'a> {
    /// The registered domain.
    pub name: &'a str,
    /// What the model says of it.
    pub logit: i32,
}

impl<'a> Scored<'a> {
    /// The label that was registered.
    pub fn label(&self) -> &'a str {
        self.name.split_once('.').map_or(self.name, |(label, _)| label)
    }

    fn suffix(&self) -> &'a str {
        self.name.split_once('.').map_or("", |(_, suffix)| suffix)
    }
}

/// What a host asked for in a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Distinct registered domains that do not exist; those that are judged are a sample of them.
    pub missing: u64,
    /// Distinct registered domains that exist.
    pub existing: u64,
}

impl Window {
    /// Of 100 domains, how many do not exist.
    pub fn percent(&self) -> u64 {
        self.missing.saturating_mul(100) / self.missing.saturating_add(self.existing).max(1)
    }
}

/// The kind of generator that a host's names look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Letters and digits drawn at random.
    Random,
    /// Names put together of the same words, or of the same parts.
    Words,
}

/// How much a host's names speak for each pattern, in logits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// For letters drawn at random: the sum of the names' log-odds within limits, and of the likeness of their lengths.
    pub random: f64,
    /// For words: the log-odds of so many names that share parts, or are words from end to end.
    pub words: f64,
    /// Names that share a rare part with another one.
    pub related: u64,
    /// Names that are words from end to end, two or more of them.
    pub of_words: u64,
    /// Names that a benign host may well have beside so many that exist; the likeliest ones were taken out.
    pub allowed: u64,
}

/// What is thought of a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The pattern that is found.
    pub pattern: Pattern,
    /// How likely the host runs a generator, 0 to 1, when one client-day in [`RARITY`] does.
    pub probability: f64,
    /// Of how many benign client-days one comes to such evidence.
    pub rarity: f64,
    /// The evidence.
    pub evidence: Evidence,
    /// Names that are likelier generated than chosen, of those that were judged.
    pub likely: u64,
    /// Names that were judged.
    pub judged: u64,
    /// Different suffixes.
    pub suffixes: u64,
    /// The shortest label and the longest.
    pub lengths: (usize, usize),
    /// The names that speak most for a generator, with their logits.
    pub sample: Vec<(String, f64)>,
    /// Parts that most names share, or sequences that are rare in chosen names, with the number of names.
    pub parts: Vec<(String, u64)>,
}

/// Judges a host by the names of one window; `None` where they are no finding.
pub fn judge(model: &Model, names: &[Scored<'_>], window: Window, tuning: &GeneratedDomains) -> Option<Verdict> {
    let enough = names.len() as u64 >= tuning.min_names.min(tuning.words_min_names);
    if !enough || window.percent() < tuning.missing_percent {
        return None;
    }
    let evidence = weigh(model, names, window, tuning);
    let left = (names.len() as u64).saturating_sub(evidence.allowed);
    let reaches = |logits: f64, least: i64| (logits * 1000.0).round() as i64 >= least;
    let pattern = if left >= tuning.min_names && reaches(evidence.random, tuning.evidence) {
        Pattern::Random
    } else if left >= tuning.words_min_names && reaches(evidence.words, tuning.words_evidence) {
        Pattern::Words
    } else {
        return None;
    };
    let sorted = sorted(names);
    let parts = match pattern {
        Pattern::Random => rare_parts(model, &sorted),
        Pattern::Words => Kin::of(model, &labels(&sorted)).parts,
    };
    let rarity = model.rarity(pattern, &evidence);
    let suffixes: BTreeSet<&str> = sorted.iter().map(Scored::suffix).collect();
    let lengths = sorted.iter().map(|k| k.label().len());
    Some(Verdict {
        pattern,
        // The odds of a generator, which comes to any evidence, against a benign day that does.
        probability: rarity / (rarity + RARITY),
        rarity,
        evidence,
        likely: sorted.iter().filter(|k| k.logit > 0).count() as u64,
        judged: sorted.len() as u64,
        suffixes: suffixes.len() as u64,
        lengths: (lengths.clone().min().unwrap_or_default(), lengths.max().unwrap_or_default()),
        sample: sorted
            .iter()
            .take(SHOWN)
            .map(|k| (k.name.to_owned(), f64::from(k.logit) / f64::from(LOGIT_UNIT)))
            .collect(),
        parts,
    })
}

/// Weighs a host's names.
pub fn weigh(model: &Model, names: &[Scored<'_>], window: Window, tuning: &GeneratedDomains) -> Evidence {
    let known = sorted(names);
    let kept = known.len() as u64;
    let all = window.missing.max(kept);
    let allowed = window.existing.saturating_mul(tuning.allowed_per_thousand) / 1000;
    // Of a sample, its share of what is allowed. The likeliest names are allowed: a benign host may have them.
    let allowed = (u128::from(allowed) * u128::from(kept)).div_ceil(u128::from(all.max(1)));
    let allowed = u64::try_from(allowed).unwrap_or(u64::MAX).min(kept);
    let rest = known.get(usize::try_from(allowed).unwrap_or(usize::MAX)..).unwrap_or_default();
    let scaled = |sum: i64| sum as f64 / f64::from(LOGIT_UNIT) * all as f64 / kept.max(1) as f64;
    let once = once(rest);
    let random = scaled(once.iter().map(|k| step(tuning, k.logit)).sum::<i64>() + shape(&once, tuning));
    let mut evidence = Evidence { random, allowed, ..Evidence::default() };
    let left = rest.len() as u64;
    if left >= tuning.words_min_names {
        evidence.of_words = rest.iter().filter(|k| model.is_words(k.label())).count() as u64;
        evidence.related = Kin::of(model, &labels(&known)).related.saturating_sub(allowed).min(left);
        evidence.words = log_odds(evidence.of_words, left, WORDS).max(log_odds(evidence.related, left, RELATED));
    }
    evidence
}

/// The share of names that are words from end to end, of benign hosts and of generators.
const WORDS: (f64, f64) = (0.30, 0.80);
/// The share of names that share a rare part.
const RELATED: (f64, f64) = (0.10, 0.60);

/// The log-odds of `some` of `all` where each is one with the second probability against the first.
fn log_odds(some: u64, all: u64, (benign, generated): (f64, f64)) -> f64 {
    some as f64 * (generated / benign).ln() + (all - some) as f64 * ((1.0 - generated) / (1.0 - benign)).ln()
}

fn sorted<'a>(names: &[Scored<'a>]) -> Vec<Scored<'a>> {
    let mut known = names.to_vec();
    known.sort_unstable_by(|a, b| b.logit.cmp(&a.logit).then_with(|| a.name.cmp(b.name)));
    known
}

fn labels<'a>(names: &[Scored<'a>]) -> Vec<&'a str> {
    names.iter().map(Scored::label).collect()
}

/// Names without those that are like one before them: a name that is mistyped in several ways is odd once.
fn once<'a>(known: &[Scored<'a>]) -> Vec<Scored<'a>> {
    let mut kept: Vec<Scored<'a>> = Vec::with_capacity(known.len());
    for k in known {
        // Of short labels many are alike by chance.
        let told = |other: &Scored<'_>| k.label().len() >= LEAST_ALIKE && alike(k.label(), other.label());
        if !kept.iter().any(told) {
            kept.push(*k);
        }
    }
    kept
}

/// What likeness of lengths adds: a generator draws its names from a few lengths, people do not.
fn shape(known: &[Scored<'_>], tuning: &GeneratedDomains) -> i64 {
    let mut lengths: Vec<usize> = known.iter().map(|k| k.label().len()).collect();
    lengths.sort_unstable();
    // A fifth of the names may be others' names.
    let cut = lengths.len() / 10;
    let (Some(&low), Some(&high)) = (lengths.get(cut), lengths.iter().rev().nth(cut)) else { return 0 };
    let within = lengths.iter().filter(|l| (low..=high).contains(*l)).count();
    likeness(tuning, high - low) * within as i64
}

/// What a name with this logit adds, both in parts of [`LOGIT_UNIT`].
fn step(tuning: &GeneratedDomains, logit: i32) -> i64 {
    let (least, most) = (tuning.least, tuning.most.max(tuning.least));
    (i64::from(logit) - units(tuning.bias)).clamp(units(least), units(most))
}

/// What each name adds where the lengths of most differ by no more than this, in parts of [`LOGIT_UNIT`].
fn likeness(tuning: &GeneratedDomains, spread: usize) -> i64 {
    // ln(7 / (spread + 1)) / ln 7 in thousandths: the surprise of so narrow a range where seven lengths are usual.
    const SHARE: [i64; 6] = [1000, 644, 435, 288, 173, 79];
    units(tuning.same_length) * SHARE.get(spread).copied().unwrap_or_default() / 1000
}

/// Thousandths of a logit in parts of [`LOGIT_UNIT`].
fn units(thousandths: i64) -> i64 {
    thousandths.saturating_mul(LOGIT_UNIT as i64) / 1000
}

/// Sequences that make several of the names unlikely to have been chosen.
fn rare_parts(model: &Model, known: &[Scored<'_>]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for k in known.iter().take(SHOWN * 2) {
        for (gram, _) in model.reasons(k.label()).grams {
            *counts.entry(gram).or_default() += 1;
        }
    }
    most(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored<'a>(names: &[&'a str]) -> Vec<Scored<'a>> {
        let model = Model::embedded().unwrap();
        names.iter().map(|name| Scored { name, logit: model.score(name).unwrap().logit }).collect()
    }

    fn of(names: &[Scored<'_>], existing: u64) -> Option<Verdict> {
        let window = Window { missing: names.len() as u64, existing };
        judge(Model::embedded().unwrap(), names, window, &GeneratedDomains::default())
    }

    const RANDOM: [&str; 6] =
        ["qwzkxjvbnt.com", "hxgqlrwpvk.net", "zbvjxqmwtd.com", "kqxzwvjhrt.org", "wjqvzkxpbn.net", "xvkqjzthwm.com"];

    #[test]
    fn order_does_not_matter() {
        let mut names = scored(&RANDOM);
        let verdict = of(&names, 0).unwrap();
        assert_eq!((verdict.pattern, verdict.likely, verdict.judged), (Pattern::Random, 6, 6));
        names.reverse();
        assert_eq!(of(&names, 0), Some(verdict));
    }

    #[test]
    fn what_exists_excuses_some_of_what_does_not() {
        let names = scored(&RANDOM);
        assert!(of(&names, 40).is_some());
        assert_eq!(of(&names, 60), None, "below the share that must not exist");
        let tuning = GeneratedDomains { missing_percent: 0, ..GeneratedDomains::default() };
        let window = Window { missing: 6, existing: 150 };
        let evidence = weigh(Model::embedded().unwrap(), &names, window, &tuning);
        assert_eq!(evidence.allowed, 3);
        assert_eq!(judge(Model::embedded().unwrap(), &names, window, &tuning), None);
    }

    #[test]
    fn one_name_mistyped_again_and_again_counts_once() {
        let once = of(&scored(&RANDOM[..4]), 0).unwrap().evidence.random;
        let typos = ["qwzkxjvbnt.net", "qwzkxjvbnt.org", "qwzkxjvbn.com", "qwzkxxjvbnt.com"];
        let with = of(&scored(&[&RANDOM[..4], &typos].concat()), 0).unwrap().evidence.random;
        // Two mistakes of one name may be too far from one another: one more name at most, not four.
        assert!(with < once + 4.0, "{once} {with}");
    }

    #[test]
    fn a_sample_stands_for_all() {
        let names = scored(&RANDOM);
        let weigh = |missing| {
            let window = Window { missing, existing: 0 };
            weigh(Model::embedded().unwrap(), &names, window, &GeneratedDomains::default()).random
        };
        assert!((weigh(60) - 10.0 * weigh(6)).abs() < 0.01);
    }
}
