//! How usual a sequence of characters is in names that people chose: a model of trigrams.

use super::text::{LONGEST, SYMBOLS, Text};

/// Sixteenths of a bit.
const UNIT: f32 = 16.0;

/// Costs of each character after two others.
#[derive(Clone, Debug)]
pub struct Letters {
    costs: Vec<u8>,
}

impl Letters {
    /// Learns from labels. Counts are interpolated with those of shorter histories, each history with a weight of
    /// its number of different followers (Witten and Bell 1991).
    pub fn learn<'a>(labels: impl Iterator<Item = &'a Text>) -> Self {
        let (mut one, mut two, mut three) =
            (vec![0u32; SYMBOLS], vec![0u32; SYMBOLS.pow(2)], vec![0u32; SYMBOLS.pow(3)]);
        for text in labels {
            for w in text.padded().windows(3) {
                let (a, b, c) = (usize::from(w[0]), usize::from(w[1]), usize::from(w[2]));
                one[c] += 1;
                two[b * SYMBOLS + c] += 1;
                three[(a * SYMBOLS + b) * SYMBOLS + c] += 1;
            }
        }
        let flat = vec![1.0 / SYMBOLS as f64; SYMBOLS];
        let p1 = interpolate(&one, &flat);
        let mut p2 = Vec::with_capacity(two.len());
        for row in two.chunks(SYMBOLS) {
            p2.extend(interpolate(row, &p1));
        }
        let mut costs = Vec::with_capacity(three.len());
        for (history, row) in three.chunks(SYMBOLS).enumerate() {
            let b = history % SYMBOLS;
            for p in interpolate(row, &p2[b * SYMBOLS..(b + 1) * SYMBOLS]) {
                costs.push((-p.log2() * f64::from(UNIT)).round().clamp(0.0, 255.0) as u8);
            }
        }
        Self { costs }
    }

    /// The costs, for the artefact.
    pub fn costs(&self) -> &[u8] {
        &self.costs
    }

    /// A model from its costs; `None` when they are not as many as they have to be.
    pub fn from_costs(costs: Vec<u8>) -> Option<Self> {
        (costs.len() == SYMBOLS.pow(3)).then_some(Self { costs })
    }

    /// Bits of each character, and those of the label's end behind them; returns how many there are.
    pub fn bits(&self, text: &Text, into: &mut [f32; LONGEST + 1]) -> usize {
        let windows = text.padded().windows(3);
        let n = windows.len();
        for (bits, w) in into.iter_mut().zip(windows) {
            let at = (usize::from(w[0]) * SYMBOLS + usize::from(w[1])) * SYMBOLS + usize::from(w[2]);
            *bits = f32::from(self.costs[at]) / UNIT;
        }
        n
    }
}

fn interpolate(row: &[u32], parent: &[f64]) -> Vec<f64> {
    let total: u32 = row.iter().sum();
    let kinds = row.iter().filter(|&&c| c > 0).count() as f64;
    let n = f64::from(total) + kinds;
    let mix = |(&c, &p): (&u32, &f64)| if n > 0.0 { (f64::from(c) + kinds * p) / n } else { p };
    row.iter().zip(parent).map(mix).collect()
}
