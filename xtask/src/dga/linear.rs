//! Logistic regression over hashed character n-grams.

use picquet_detect::dga::text::{BUCKETS, Text};
use picquet_testkit::Random;

/// A label to learn from.
#[derive(Clone, Debug)]
pub struct Example {
    /// The label.
    pub text: Text,
    /// Whether it was generated.
    pub generated: bool,
    /// How much it counts.
    pub weight: f32,
}

/// Weights in whole numbers.
#[derive(Clone, Debug)]
pub struct Linear {
    /// One weight a bucket, in parts of `scale`.
    pub weights: Vec<i8>,
    /// What one unit is.
    pub scale: f32,
    /// What is added to every label.
    pub bias: f32,
}

impl Linear {
    /// What it says of a label, in logits.
    pub fn logit(&self, text: &Text) -> f32 {
        let mut total = 0i32;
        text.grams(|bucket, _, _| total += i32::from(self.weights[bucket]));
        self.bias + total as f32 * self.scale * text.gram_weight()
    }
}

const EPOCHS: usize = 5;
const RATE: f32 = 0.5;
/// Pull towards zero, for each update.
const DECAY: f32 = 2e-6;

/// Learns by stochastic gradient descent with a rate of its own for each weight (AdaGrad, Duchi et al. 2011).
pub fn learn(examples: &[Example], seed: u64) -> Linear {
    let mut rng = Random(seed);
    let mut order: Vec<u32> = (0..examples.len() as u32).collect();
    let (mut weights, mut squares) = (vec![0f32; BUCKETS], vec![1e-6f32; BUCKETS]);
    let (mut bias, mut bias_square) = (0f32, 1e-6f32);
    let mut buckets = Vec::new();
    for _ in 0..EPOCHS {
        rng.shuffle(&mut order);
        for &i in &order {
            let example = &examples[i as usize];
            buckets.clear();
            example.text.grams(|bucket, _, _| buckets.push(bucket));
            let x = example.text.gram_weight();
            let z: f32 = bias + buckets.iter().map(|&b| weights[b]).sum::<f32>() * x;
            let error = (sigmoid(z) - if example.generated { 1.0 } else { 0.0 }) * example.weight;
            for &b in &buckets {
                let gradient = error * x + DECAY * weights[b];
                squares[b] += gradient * gradient;
                weights[b] -= RATE * gradient / squares[b].sqrt().max(0.05);
            }
            bias_square += error * error;
            bias -= RATE * error / bias_square.sqrt().max(0.05);
        }
    }
    let scale = weights.iter().fold(1e-6f32, |m, w| m.max(w.abs())) / 127.0;
    let weights = weights.iter().map(|w| (w / scale).round() as i8).collect();
    Linear { weights, scale, bias }
}

/// The logistic function.
pub fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}
