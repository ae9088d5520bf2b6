//! From labelled names to a model.

use super::boost;
use super::corpus::{Corpus, FOLDS, Family, Name, Nature};
use super::linear::{self, Example, Linear};
use super::noise::{GENERATORS, generated, typo};
use picquet_detect::dga::Model;
use picquet_detect::dga::common::Common;
use picquet_detect::dga::features::measure;
use picquet_detect::dga::letters::Letters;
use picquet_detect::dga::text::Text;
use picquet_detect::dga::words::Words;
use picquet_detect::hash::stable;
use picquet_testkit::Random;
use std::collections::{BTreeMap, BTreeSet};

/// What is left out of a model.
#[derive(Clone, Copy, Debug)]
pub struct Without {
    /// The part of the benign names.
    pub benign: usize,
    /// The part of the families; `None` to learn from all.
    pub families: Option<usize>,
}

/// Parts for measuring what the inner models say of names that they have not seen.
const INNER: usize = 4;
/// Names of each generic generator.
const GENERATED: usize = 500;
/// Names that count for one family.
const FAMILY: f32 = 400.0;
const SEED: u64 = 20_261_124;

struct Sample {
    label: String,
    text: Text,
    generated: bool,
    weight: f32,
    /// A mistyped or made-up name teaches no letters and words.
    made: bool,
    inner: usize,
}

/// Learns a model. Calibration is the identity.
pub fn train(corpus: &Corpus, without: Without) -> Model {
    let samples = samples(corpus, without);
    let mut rows = Vec::new();
    for inner in 0..INNER {
        let parts = Parts::learn(corpus, samples.iter().filter(|s| s.inner != inner), inner as u64);
        for s in samples.iter().filter(|s| s.inner == inner) {
            rows.push((parts.measure(&s.text), s.generated, s.weight));
        }
    }
    let (trees, base) = boost::learn(&rows);
    let Parts { letters, words, linear } = Parts::learn(corpus, samples.iter(), INNER as u64);
    let texts = samples.iter().filter(|s| !s.generated && !s.made).map(|s| &s.text);
    Model {
        letters,
        words,
        grams: linear.weights,
        gram_scale: linear.scale,
        gram_bias: linear.bias,
        trees,
        base,
        slope: 1.0,
        offset: 0.0,
        hosts: [(1.0, 0.0); 2],
        names: (1.0, 0.0),
        common: Common::learn(texts, 3),
        dynamic: corpus.dynamic.clone(),
    }
}

/// The plain baseline on the same names: n-grams alone, nothing made up.
pub fn plain(corpus: &Corpus, without: Without) -> Linear {
    let mut examples = Vec::new();
    for family in corpus.families.iter().filter(|f| Some(f.fold) != without.families) {
        let (names, weight) = taught(family);
        examples.extend(names.iter().map(|n| Example { text: Text::new(&n.label), generated: true, weight }));
    }
    let benign = corpus.benign.iter().filter(|b| b.fold != without.benign);
    examples.extend(benign.map(|b| Example { text: Text::new(&b.name.label), generated: false, weight: 1.0 }));
    linear::learn(&examples, SEED)
}

/// The names of a family that a model may learn from, and how much each counts.
fn taught(family: &Family) -> (Vec<&Name>, f32) {
    let names: Vec<&Name> = family.names.iter().filter(|n| n.ships).collect();
    let weight = (FAMILY / names.len().max(1) as f32).min(4.0);
    (names, weight)
}

fn samples(corpus: &Corpus, without: Without) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut rng = Random(SEED ^ (without.benign as u64) << 8);
    let mut add = |label: String, generated: bool, weight: f32, made: bool, inner: usize| {
        let text = Text::new(&label);
        samples.push(Sample { label, text, generated, weight, made, inner });
    };
    let families = corpus.families.iter().filter(|f| Some(f.fold) != without.families && f.nature == Nature::Random);
    for (i, family) in families.enumerate() {
        let (names, weight) = taught(family);
        names.iter().for_each(|n| add(n.label.clone(), true, weight, false, i % INNER));
    }
    for generator in 0..GENERATORS {
        let weight = 0.5 * FAMILY / GENERATED as f32;
        for _ in 0..GENERATED {
            add(generated(generator, &mut rng), true, weight, true, generator % INNER);
        }
    }
    let benign = corpus.benign.iter().filter(|b| b.fold != without.benign && b.fold < FOLDS);
    for name in benign.map(|b| &b.name) {
        let inner = (stable(&[b"inner", name.registrable.as_bytes()]) % INNER as u64) as usize;
        add(name.label.clone(), false, 1.0, false, inner);
        if rng.share() < 0.5 {
            add(typo(&name.label, &mut rng), false, 0.5, true, inner);
        }
    }
    samples
}

/// What is learnt before the trees.
struct Parts {
    letters: Letters,
    words: Words,
    linear: Linear,
}

impl Parts {
    fn learn<'a>(corpus: &Corpus, samples: impl Iterator<Item = &'a Sample>, seed: u64) -> Self {
        let samples: Vec<&Sample> = samples.collect();
        let chosen: Vec<&Sample> = samples.iter().copied().filter(|s| !s.generated && !s.made).collect();
        let letters = Letters::learn(chosen.iter().map(|s| &s.text));
        let seen = vocabulary(chosen.iter().map(|s| s.label.as_str()), &corpus.words);
        let english = corpus.words.iter().map(|(word, class)| (word.as_str(), *class));
        let words = Words::build(english.chain(seen.iter().map(|word| (word.as_str(), 3))));
        let example = |s: &&Sample| Example { text: s.text, generated: s.generated, weight: s.weight };
        let examples: Vec<Example> = samples.iter().map(example).collect();
        Self { letters, words, linear: linear::learn(&examples, SEED ^ seed) }
    }

    fn measure(&self, text: &Text) -> picquet_detect::dga::features::Measures {
        measure(text, &self.letters, &self.words, self.linear.logit(text)).0
    }
}

/// Pieces that stand in several names and are no English words: words of other languages, and of the trade.
fn vocabulary<'a>(labels: impl Iterator<Item = &'a str>, english: &[(String, u8)]) -> Vec<String> {
    let english: BTreeSet<&str> = english.iter().map(|(word, _)| word.as_str()).collect();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for label in labels {
        let mut own = BTreeSet::new();
        for run in label.split(|c: char| !c.is_ascii_lowercase()) {
            for len in 4..=10.min(run.len()) {
                own.extend((0..=run.len() - len).map(|at| &run[at..at + len]));
            }
        }
        own.into_iter().for_each(|piece| *counts.entry(piece).or_default() += 1);
    }
    counts.retain(|_, n| *n >= 4);
    // A piece that mostly stands inside one longer piece is no word of its own.
    let mut inside: BTreeMap<&str, u32> = BTreeMap::new();
    for (piece, n) in &counts {
        for part in [&piece[1..], &piece[..piece.len() - 1]] {
            let most = inside.entry(part).or_default();
            *most = (*most).max(*n);
        }
    }
    let own = |piece: &&str, n: u32| !english.contains(*piece) && inside.get(*piece).is_none_or(|m| m * 3 < n * 2);
    counts.iter().filter(|(piece, n)| own(piece, **n)).map(|(piece, _)| (*piece).to_owned()).collect()
}
