//! The trained model: its file, and what it says of one name.

use super::common::Common;
use super::features::{FEATURES, Measures, NAMES, measure};
use super::host::{Evidence, Pattern};
use super::label::{Skip, Target, target};
use super::letters::Letters;
use super::text::{BUCKETS, SYMBOLS, Text};
use super::trees::{DEPTH, LEAF_UNIT, LEAVES, Tree, sum};
use super::words::{SLOT_BITS, Words};
use std::sync::OnceLock;

/// What a name's score is in whole numbers of: 1/256 logit, so that sums do not depend on their order.
pub const LOGIT_UNIT: f32 = 256.0;
/// The first bytes of the file: its kind, and the version of its layout and of what is measured.
pub const MAGIC: [u8; 8] = *b"PQDGA\0\0\x03";

/// The model that `cargo xtask train dga` writes.
static EMBEDDED: &[u8] = include_bytes!("../../data/dga.bin");

/// A trained model.
#[derive(Clone, Debug)]
pub struct Model {
    /// How usual characters are.
    pub letters: Letters,
    /// Known words.
    pub words: Words,
    /// Weights of hashed n-grams, in parts of `gram_scale`.
    pub grams: Vec<i8>,
    /// What one unit of a weight is.
    pub gram_scale: f32,
    /// What the linear model adds to every label.
    pub gram_bias: f32,
    /// The trees.
    pub trees: Vec<Tree>,
    /// What stands before the trees' sum.
    pub base: f32,
    /// Calibration: the logit is `slope * raw + offset`.
    pub slope: f32,
    /// See `slope`.
    pub offset: f32,
    /// How rare an evidence is on benign days, for random names and for words: the logarithm of one in how many, as
    /// slope and offset.
    pub hosts: [(f32, f32); 2],
    /// The same of a name's logit among chosen names that were left out of training.
    pub names: (f32, f32),
    /// Pieces of names that many names that people chose have.
    pub common: Common,
    /// Hashes of dynamic-DNS zones, sorted.
    pub dynamic: Vec<u64>,
}

/// What the model says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score<'a> {
    /// What was scored.
    pub target: Target<'a>,
    /// The logarithm of how much likelier the label is among generated names than among chosen ones, in parts of
    /// [`LOGIT_UNIT`].
    pub logit: i32,
}

/// Why a label has its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Reasons {
    /// N-grams that speak most for a generated name, with their share of the linear model's logit.
    pub grams: Vec<(String, f32)>,
    /// The three characters in a row that are rarest in chosen names, and their bits.
    pub rarest: (String, f32),
    /// What was measured, by name.
    pub measures: Vec<(&'static str, f32)>,
}

/// Why a model's file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a DGA model of this version")]
pub struct NotAModel;

impl Model {
    /// The model in the binary. `None` only if the file in the source tree is broken, which a test rules out.
    pub fn embedded() -> Option<&'static Self> {
        static MODEL: OnceLock<Option<Model>> = OnceLock::new();
        MODEL.get_or_init(|| Self::read(EMBEDDED).ok()).as_ref()
    }

    /// Scores a *normalised* name, or tells why it is none to score.
    pub fn score<'a>(&self, name: &'a str) -> Result<Score<'a>, Skip> {
        let target = self.target(name)?;
        Ok(Score { target, logit: self.label(target.label) })
    }

    /// The part of a *normalised* name that is scored.
    pub fn target<'a>(&self, name: &'a str) -> Result<Target<'a>, Skip> {
        target(name, |hash| self.dynamic.binary_search(&hash).is_ok())
    }

    /// The calibrated logit of a label, in parts of [`LOGIT_UNIT`].
    pub fn label(&self, label: &str) -> i32 {
        let raw = self.raw(&self.measures(label));
        ((self.slope * raw + self.offset) * LOGIT_UNIT).round().clamp(-25_600.0, 25_600.0) as i32
    }

    /// What the trees say before calibration.
    pub fn raw(&self, measures: &Measures) -> f32 {
        self.base + sum(&self.trees, measures) as f32 / LEAF_UNIT
    }

    /// What is measured of a label.
    pub fn measures(&self, label: &str) -> Measures {
        let text = Text::new(label);
        measure(&text, &self.letters, &self.words, self.gram_logit(&text)).0
    }

    /// The linear model's logit.
    pub fn gram_logit(&self, text: &Text) -> f32 {
        let mut total = 0i32;
        text.grams(|bucket, _, _| total += i32::from(self.grams[bucket]));
        self.gram_bias + total as f32 * self.gram_scale * text.gram_weight()
    }

    /// Of how many benign client-days one comes to such evidence, in the simulation that the model's card describes.
    pub fn rarity(&self, pattern: Pattern, evidence: &Evidence) -> f64 {
        let [random, words] = self.hosts;
        let ((slope, offset), evidence) = match pattern {
            Pattern::Random => (random, evidence.random),
            Pattern::Words => (words, evidence.words),
        };
        (f64::from(slope) * evidence + f64::from(offset)).exp().max(1.0)
    }

    /// Of how many chosen names one has such a logit, in parts of [`LOGIT_UNIT`]: at most [`Self::NAMES`], since rarer
    /// ones could not be seen.
    pub fn name_rarity(&self, logit: i32) -> f64 {
        let (slope, offset) = self.names;
        let logit = f64::from(logit) / f64::from(LOGIT_UNIT);
        (f64::from(slope) * logit + f64::from(offset)).exp().clamp(1.0, Self::NAMES)
    }

    /// As many chosen names, in round numbers, as the rarity of names was measured on.
    pub const NAMES: f64 = 17_000.0;

    /// Whether a label is made of words alone, two to six of them, with or without hyphens.
    pub fn is_words(&self, label: &str) -> bool {
        let text = Text::new(label);
        let mut bits = [0.0; super::text::LONGEST + 1];
        let known = self.letters.bits(&text, &mut bits);
        let reading = self.words.read(&text, &bits[..known]);
        let hyphens = text.inner().iter().filter(|&&s| s == super::text::HYPHEN).count() as u32;
        (2..=6).contains(&reading.words) && (reading.covered + hyphens) as usize == text.len()
    }

    /// Why a label has its score, for a person to read.
    pub fn reasons(&self, label: &str) -> Reasons {
        let text = Text::new(label);
        let unit = self.gram_scale * text.gram_weight();
        let mut grams = Vec::new();
        text.grams(|bucket, at, n| {
            let weight = f32::from(self.grams[bucket]) * unit;
            if n > 1 && weight > 0.0 {
                grams.push((text.piece(at, n), weight));
            }
        });
        grams.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        grams.dedup_by(|a, b| a.0 == b.0);
        grams.truncate(3);
        let mut bits = [0.0; super::text::LONGEST + 1];
        let known = self.letters.bits(&text, &mut bits);
        let mut rarest = (String::new(), 0.0);
        for (at, w) in bits[..known].windows(3).enumerate() {
            let sum = w[0] + w[1] + w[2];
            if sum > rarest.1 {
                rarest = (text.piece(at + 1, 3), sum);
            }
        }
        let measures = NAMES.iter().copied().zip(self.measures(label)).collect();
        Reasons { grams, rarest, measures }
    }

    /// Reads a model's file.
    pub fn read(bytes: &[u8]) -> Result<Self, NotAModel> {
        Self::parse(&mut Bytes(bytes)).filter(Self::is_sound).ok_or(NotAModel)
    }

    fn parse(b: &mut Bytes<'_>) -> Option<Self> {
        if b.take(MAGIC.len())? != MAGIC {
            return None;
        }
        let [gram_scale, gram_bias, base, slope, offset] = [b.f32()?, b.f32()?, b.f32()?, b.f32()?, b.f32()?];
        let hosts = [(b.f32()?, b.f32()?), (b.f32()?, b.f32()?)];
        let names = (b.f32()?, b.f32()?);
        let letters = Letters::from_costs(b.take(SYMBOLS.pow(3))?.to_vec())?;
        let grams = b.take(BUCKETS)?.iter().map(|&w| w.cast_signed()).collect();
        let slots = b.take(2 << SLOT_BITS)?.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
        let words = Words::from_slots(slots)?;
        let common = Common::from_bytes(b.take(super::common::BYTES)?)?;
        let count = b.u32()?;
        let dynamic = b.take(count.checked_mul(8)?)?.chunks_exact(8);
        let dynamic = dynamic.map(|c| c.iter().rev().fold(0, |n, &x| n << 8 | u64::from(x))).collect();
        let count = b.u32()?;
        let mut trees = Vec::new();
        for _ in 0..count {
            let mut tree = Tree { questions: [(0, 0.0); DEPTH], leaves: [0; LEAVES] };
            for question in &mut tree.questions {
                *question = (b.take(1)?[0], b.f32()?);
            }
            for leaf in &mut tree.leaves {
                let [low, high] = b.take(2)?.try_into().ok()?;
                *leaf = i16::from_le_bytes([low, high]);
            }
            trees.push(tree);
        }
        b.0.is_empty().then_some(Self {
            letters,
            words,
            grams,
            gram_scale,
            gram_bias,
            trees,
            base,
            slope,
            offset,
            hosts,
            names,
            common,
            dynamic,
        })
    }

    /// The numbers that the file begins with.
    fn numbers(&self) -> [f32; 11] {
        let ([(a, b), (c, d)], (e, f)) = (self.hosts, self.names);
        [self.gram_scale, self.gram_bias, self.base, self.slope, self.offset, a, b, c, d, e, f]
    }

    fn is_sound(&self) -> bool {
        let numbers = self.numbers();
        let asks = |t: &Tree| t.questions.iter().all(|q| usize::from(q.0) < FEATURES && q.1.is_finite());
        numbers.iter().all(|n| n.is_finite()) && self.trees.iter().all(asks) && self.dynamic.is_sorted()
    }

    /// The model's file.
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for number in self.numbers() {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.letters.costs());
        out.extend(self.grams.iter().map(|w| w.cast_unsigned()));
        out.extend(self.words.slots().iter().flat_map(|s| s.to_le_bytes()));
        out.extend(self.common.to_bytes());
        out.extend((self.dynamic.len() as u32).to_le_bytes());
        out.extend(self.dynamic.iter().flat_map(|h| h.to_le_bytes()));
        out.extend((self.trees.len() as u32).to_le_bytes());
        for tree in &self.trees {
            for (feature, limit) in tree.questions {
                out.push(feature);
                out.extend(limit.to_le_bytes());
            }
            out.extend(tree.leaves.iter().flat_map(|l| l.to_le_bytes()));
        }
        out
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn u32(&mut self) -> Option<usize> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }

    fn f32(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_model_is_read_and_written_alike() {
        let model = Model::embedded().unwrap();
        assert!(model.write() == EMBEDDED);
        assert!(EMBEDDED.len() < 2 << 20, "small");
    }

    #[test]
    fn a_damaged_file_is_none() {
        assert_eq!(Model::read(&[]).unwrap_err(), NotAModel);
        assert_eq!(Model::read(&EMBEDDED[..EMBEDDED.len() - 1]).unwrap_err(), NotAModel);
        assert!(Model::read(&[EMBEDDED, &[0]].concat()).is_err());
        let mut other = EMBEDDED.to_vec();
        other[7] += 1;
        assert!(Model::read(&other).is_err(), "another version");
        let mut endless = EMBEDDED.to_vec();
        endless[8..12].copy_from_slice(&f32::INFINITY.to_le_bytes());
        assert!(Model::read(&endless).is_err(), "not finite");
    }

    #[test]
    fn made_up_names_score_higher() {
        let model = Model::embedded().unwrap();
        let logit = |name: &str| model.score(name).map(|s| s.logit as f32 / LOGIT_UNIT).unwrap();
        for generated in ["qwzkxjvbnt.com", "xjwqkpzvmrtb.info", "a8f3k2q9x7b1.net", "5e1f0c93ab77d204e6b1.org"] {
            assert!(logit(generated) > 2.0, "{generated}: {}", logit(generated));
        }
        for chosen in ["google.com", "wikipedia.org", "rivervalley.com", "gogle.com", "bbc.co.uk", "stadtwerke-ulm.de"]
        {
            assert!(logit(chosen) < 0.0, "{chosen}: {}", logit(chosen));
        }
        assert_eq!(model.score("xn--bcher-kva.example.com").unwrap().target.label, "example");
        assert_eq!(model.score("xn--bcher-kva.com"), Err(Skip::Idn));
    }

    #[test]
    fn any_text_has_a_score_within_limits() {
        let model = Model::embedded().unwrap();
        for label in ["", "-", "a", "\u{e9}\u{4e2d}", &"9".repeat(300), &"q-".repeat(40), "\\000\\001"] {
            assert!(model.label(label).abs() <= 25_600, "{label}");
            model.reasons(label);
            model.is_words(label);
        }
    }

    #[test]
    fn words_from_end_to_end() {
        let model = Model::embedded().unwrap();
        for label in ["silverriver", "silver-river", "nightwindowpaper"] {
            assert!(model.is_words(label), "{label}");
        }
        for label in ["river", "qwzkxjvbnt", "silverxq"] {
            assert!(!model.is_words(label), "{label}");
        }
    }
}
