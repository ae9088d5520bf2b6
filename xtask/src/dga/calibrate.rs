//! From scores to logits that mean what they say (Platt, "Probabilistic outputs for support vector machines", 1999).

use super::corpus::{Corpus, Nature};
use super::names::Scores;

/// A score, whether it is of something generated, and how much it counts.
pub type Point = (f64, bool, f64);

/// Scores of names that were left out of training, whether they were generated, and how much each counts: generated and
/// chosen names count the same, and every family of random names as well.
pub fn points(corpus: &Corpus, scores: &Scores) -> impl Iterator<Item = (f32, bool, f64)> {
    let of = corpus.families.iter().zip(&scores.families);
    let random: Vec<&Vec<f32>> = of.filter(|(f, _)| f.nature == Nature::Random).map(|(_, s)| s).collect();
    let (families, benign) = (random.len(), scores.benign.iter().map(Vec::len).sum::<usize>());
    let generated = random.into_iter().flat_map(move |family| {
        let weight = 1.0 / (families * family.len()) as f64;
        family.iter().map(move |&s| (s, true, weight))
    });
    generated.chain(scores.benign.iter().flatten().map(move |&s| (s, false, 1.0 / benign as f64)))
}

/// Slope and offset by which scores become logits.
pub fn names(corpus: &Corpus, scores: &Scores) -> (f32, f32) {
    let points: Vec<Point> = points(corpus, scores).map(|(s, of, weight)| (f64::from(s), of, weight)).collect();
    fit(&points)
}

/// Slope and offset of the logistic curve through the points. The targets are as far from 0 and 1 as their numbers
/// allow to tell.
pub fn fit(points: &[Point]) -> (f32, f32) {
    let count = |of: bool| points.iter().filter(|p| p.1 == of).count() as f64;
    let (high, low) = ((count(true) + 1.0) / (count(true) + 2.0), 1.0 / (count(false) + 2.0));
    let target = |of: bool| if of { high } else { low };
    let loss = |slope: f64, offset: f64| -> f64 {
        let one = |&(s, of, w): &Point| {
            let z = slope * s + offset;
            // -t ln p - (1 - t) ln (1 - p)
            w * ((-z.abs()).exp().ln_1p() + z.max(0.0) - target(of) * z)
        };
        points.iter().map(one).sum()
    };
    let (mut slope, mut offset) = (0.1f64, 0.0f64);
    for _ in 0..100 {
        // Newton's method for two unknowns, with shorter steps where a whole one leads up.
        let (mut g, mut h) = ([0.0; 2], [1e-9, 0.0, 1e-9]);
        for &(s, of, w) in points {
            let p = 1.0 / (1.0 + (-(slope * s + offset)).exp());
            let (e, c) = ((p - target(of)) * w, p * (1.0 - p) * w);
            g[0] += e * s;
            g[1] += e;
            h[0] += c * s * s;
            h[1] += c * s;
            h[2] += c;
        }
        let det = h[0] * h[2] - h[1] * h[1];
        let step = ((h[2] * g[0] - h[1] * g[1]) / det, (h[0] * g[1] - h[1] * g[0]) / det);
        let before = loss(slope, offset);
        let mut part = 1.0;
        while part > 1e-6 && loss(slope - part * step.0, offset - part * step.1) > before {
            part /= 2.0;
        }
        slope -= part * step.0;
        offset -= part * step.1;
    }
    (slope as f32, offset as f32)
}

/// Of how many benign days one reaches an evidence, as a logarithm: slope and offset. The largest fiftieth of the
/// days that have an evidence is taken to fall off exponentially (peaks over a threshold, Pickands 1975, with the
/// shape of a tail that is none heavier).
pub fn tail(evidence: &[f32], days: usize) -> (f32, f32) {
    let mut sorted = evidence.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let above = (sorted.len() / 50).clamp(1, sorted.len().saturating_sub(1).max(1));
    let Some(&limit) = sorted.get(above) else { return (1.0, 0.0) };
    let mean = sorted[..above].iter().map(|e| f64::from(e - limit)).sum::<f64>() / above as f64;
    let mean = mean.max(1e-3);
    let rarity = (days as f64 / above as f64).ln();
    ((1.0 / mean) as f32, (rarity - f64::from(limit) / mean) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_found_again() {
        // Scores on a grid with the odds of 2 s - 1.
        let mut points = Vec::new();
        for n in -400..=400 {
            let s = f64::from(n) / 100.0;
            let p = 1.0 / (1.0 + (1.0 - 2.0 * s).exp());
            points.extend([(s, true, p), (s, false, 1.0 - p)]);
        }
        let (slope, offset) = fit(&points);
        assert!((slope - 2.0).abs() < 0.1 && (offset + 1.0).abs() < 0.1, "{slope} {offset}");
    }

    #[test]
    fn a_tail_is_found_again() {
        // An exponential distribution with mean 2 that one day in ten has, at its quantiles.
        let n = 10_000;
        let evidence: Vec<f32> = (0..n).map(|i| (-2.0 * ((i as f64 + 0.5) / n as f64).ln()) as f32).collect();
        let (slope, offset) = tail(&evidence, 10 * n);
        assert!((slope - 0.5).abs() < 0.02, "{slope}");
        // P(E > 12) = exp(-6) / 10
        assert!((slope * 12.0 + offset - 8.3).abs() < 0.2, "{slope} {offset}");
        assert_eq!(tail(&[], 10), (1.0, 0.0));
    }
}
