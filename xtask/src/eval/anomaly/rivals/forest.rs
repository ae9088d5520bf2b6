//! An isolation forest (Liu, Ting and Zhou, "Isolation Forest", ICDM 2008), with the sizes of that paper.

use picquet_testkit::Random;

/// Trees of the forest.
const TREES: usize = 100;
/// Points that a tree is grown from.
const SAMPLE: usize = 256;
/// Splits above a leaf: the logarithm of the sample.
const DEPTH: u32 = 8;
/// Euler's constant, of the mean length of an unsuccessful search.
const EULER: f64 = 0.577_215_664_901_532_9;

/// A forest.
pub struct Forest {
    trees: Vec<Node>,
}

enum Node {
    Leaf(usize),
    Split { feature: usize, at: f64, below: Box<Node>, above: Box<Node> },
}

impl Forest {
    /// Grows a forest from points of one width.
    pub fn grow<const N: usize>(points: &[[f64; N]], seed: u64) -> Self {
        let mut random = Random(seed);
        let size = SAMPLE.min(points.len());
        let trees = (0..TREES).map(|_| {
            let mut sample: Vec<&[f64; N]> = (0..size).map(|_| random.pick(points)).collect();
            Node::grow(&mut sample, DEPTH, &mut random)
        });
        Self { trees: trees.collect() }
    }

    /// How alone a point is: from 0 to 1, a half where it is like all others.
    pub fn score<const N: usize>(&self, point: &[f64; N]) -> f64 {
        let sum: f64 = self.trees.iter().map(|tree| tree.depth(point)).sum();
        let mean = sum / self.trees.len().max(1) as f64;
        2_f64.powf(-mean / search(SAMPLE))
    }
}

impl Node {
    fn grow<const N: usize>(sample: &mut [&[f64; N]], depth: u32, random: &mut Random) -> Self {
        let range = |feature: usize| {
            let values = sample.iter().map(|p| p[feature]);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
        };
        let splits: Vec<usize> = (0..N).filter(|&feature| range(feature).0 < range(feature).1).collect();
        if depth == 0 || sample.len() < 2 || splits.is_empty() {
            return Self::Leaf(sample.len());
        }
        let feature = *random.pick(&splits);
        let (low, high) = range(feature);
        let at = low + (high - low) * random.share();
        sample.sort_by(|a, b| a[feature].total_cmp(&b[feature]));
        let (below, above) = sample.split_at_mut(sample.partition_point(|p| p[feature] <= at));
        Self::Split {
            feature,
            at,
            below: Box::new(Self::grow(below, depth - 1, random)),
            above: Box::new(Self::grow(above, depth - 1, random)),
        }
    }

    fn depth<const N: usize>(&self, point: &[f64; N]) -> f64 {
        match self {
            Self::Leaf(size) => search(*size),
            Self::Split { feature, at, below, above } => {
                1.0 + if point[*feature] <= *at { below.depth(point) } else { above.depth(point) }
            }
        }
    }
}

/// The mean length of an unsuccessful search in a tree of so many points.
fn search(points: usize) -> f64 {
    match points {
        0 | 1 => 0.0,
        2 => 1.0,
        n => {
            let n = n as f64;
            2.0 * ((n - 1.0).ln() + EULER) - 2.0 * (n - 1.0) / n
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_from_all_is_alone() {
        let mut random = Random(3);
        let points: Vec<[f64; 2]> = (0..2000).map(|_| [random.normal(), random.normal()]).collect();
        let forest = Forest::grow(&points, 1);
        let (near, far) = (forest.score(&[0.1, -0.2]), forest.score(&[9.0, 8.0]));
        assert!(near < 0.5 && far > 0.65, "{near} {far}");
    }
}
