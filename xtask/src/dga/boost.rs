//! Boosting of symmetric trees on the logistic loss, by second-order steps over binned measures.

use picquet_detect::dga::features::{FEATURES, Measures};
use picquet_detect::dga::trees::{DEPTH, LEAF_UNIT, LEAVES, Tree};

const BINS: usize = 48;
const TREES: usize = 220;
const RATE: f64 = 0.12;
/// Weight of the pull of leaves towards zero, in units of examples.
const PULL: f64 = 30.0;

/// An example: what was measured, whether it was generated, how much it counts.
pub type Row = (Measures, bool, f32);

/// Learns trees; returns what stands before their sum as well.
pub fn learn(rows: &[Row]) -> (Vec<Tree>, f32) {
    let limits: Vec<Vec<f32>> = (0..FEATURES).map(|f| limits(rows, f)).collect();
    let bins: Vec<Vec<u8>> = (0..FEATURES)
        .map(|f| rows.iter().map(|r| limits[f].partition_point(|&l| r.0[f] > l) as u8).collect())
        .collect();
    let mut scores = vec![0f64; rows.len()];
    let mut trees = Vec::new();
    let (mut slopes, mut curves) = (vec![0f64; rows.len()], vec![0f64; rows.len()]);
    for _ in 0..TREES {
        for (i, row) in rows.iter().enumerate() {
            let p = 1.0 / (1.0 + (-scores[i]).exp());
            let w = f64::from(row.2);
            slopes[i] = (p - f64::from(u8::from(row.1))) * w;
            curves[i] = (p * (1.0 - p)).max(1e-6) * w;
        }
        let mut leaf = vec![0u8; rows.len()];
        let mut questions = [(0u8, f32::INFINITY); DEPTH];
        for (depth, question) in questions.iter_mut().enumerate() {
            let Some((feature, bin)) = best(&bins, &limits, &leaf, 1 << depth, &slopes, &curves) else { break };
            *question = (feature as u8, limits[feature][bin]);
            for (l, &b) in leaf.iter_mut().zip(&bins[feature]) {
                *l |= u8::from(usize::from(b) > bin) << depth;
            }
        }
        let mut sums = [(0f64, 0f64); LEAVES];
        for (i, &l) in leaf.iter().enumerate() {
            sums[usize::from(l)].0 += slopes[i];
            sums[usize::from(l)].1 += curves[i];
        }
        let step = |(g, h): (f64, f64)| (-RATE * g / (h + PULL) * f64::from(LEAF_UNIT)).round().clamp(-32e3, 32e3);
        let leaves = sums.map(|s| step(s) as i16);
        for (score, &l) in scores.iter_mut().zip(&leaf) {
            *score += f64::from(leaves[usize::from(l)]) / f64::from(LEAF_UNIT);
        }
        // A question that was not found is answered "no": no measure is above the largest number.
        for question in &mut questions {
            question.1 = question.1.min(f32::MAX);
        }
        trees.push(Tree { questions, leaves });
    }
    (trees, 0.0)
}

fn limits(rows: &[Row], feature: usize) -> Vec<f32> {
    let mut values: Vec<f32> = rows.iter().map(|r| r.0[feature]).collect();
    values.sort_unstable_by(f32::total_cmp);
    let mut limits: Vec<f32> = (1..BINS).map(|b| values[b * (values.len() - 1) / BINS]).collect();
    limits.dedup();
    limits.pop_if(|last| values.last().is_some_and(|top| top <= last));
    limits
}

/// The question that lowers the loss most in all leaves together.
fn best(
    bins: &[Vec<u8>],
    limits: &[Vec<f32>],
    leaf: &[u8],
    leaves: usize,
    slopes: &[f64],
    curves: &[f64],
) -> Option<(usize, usize)> {
    let mut found = None;
    let mut most = 1e-9;
    let mut sums = vec![(0f64, 0f64); leaves * BINS];
    for (feature, bins) in bins.iter().enumerate() {
        sums.fill((0.0, 0.0));
        for (i, &b) in bins.iter().enumerate() {
            let s = &mut sums[usize::from(leaf[i]) * BINS + usize::from(b)];
            s.0 += slopes[i];
            s.1 += curves[i];
        }
        let used = limits[feature].len();
        let mut gains = vec![0f64; used];
        for sums in sums.chunks(BINS) {
            let (g, h) = sums.iter().fold((0.0, 0.0), |(g, h), s| (g + s.0, h + s.1));
            let (mut left_g, mut left_h) = (0.0, 0.0);
            for (gain, s) in gains.iter_mut().zip(sums) {
                left_g += s.0;
                left_h += s.1;
                let (right_g, right_h) = (g - left_g, h - left_h);
                *gain += left_g * left_g / (left_h + PULL) + right_g * right_g / (right_h + PULL) - g * g / (h + PULL);
            }
        }
        for (bin, &gain) in gains.iter().enumerate() {
            if gain > most {
                most = gain;
                found = Some((feature, bin));
            }
        }
    }
    found
}
