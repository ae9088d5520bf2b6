//! How single names are told apart, each family by a model that was trained without it.

use super::corpus::{Corpus, FOLDS, Nature};
use picquet_detect::dga::Model;

/// Scores of one kind of model over all names, each name by the model that it was left out of.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// By family, in the corpus's order.
    pub families: Vec<Vec<f32>>,
    /// By fold.
    pub benign: Vec<Vec<f32>>,
}

impl Scores {
    /// Scores all names.
    pub fn of(corpus: &Corpus, mut score: impl FnMut(usize, &str) -> f32) -> Self {
        let mut all = Self::default();
        for family in &corpus.families {
            all.families.push(family.names.iter().map(|n| score(family.fold, &n.label)).collect());
        }
        for fold in 0..FOLDS {
            let left = corpus.benign.iter().filter(|b| b.fold == fold);
            all.benign.push(left.map(|b| score(fold, &b.name.label)).collect());
        }
        all
    }

    /// The same with those benign names alone that lists of popular names have.
    pub fn popular(&self, corpus: &Corpus) -> Self {
        let of = |(fold, scores): (usize, &Vec<f32>)| {
            let names = corpus.benign.iter().filter(|b| b.fold == fold);
            names.zip(scores).filter(|(b, _)| b.popular).map(|(_, s)| *s).collect()
        };
        Self { families: self.families.clone(), benign: self.benign.iter().enumerate().map(of).collect() }
    }

    /// The limit that a share of the benign names of a fold is above.
    pub fn limit(&self, fold: usize, rate: f64) -> f32 {
        let mut benign = self.benign[fold].clone();
        benign.sort_unstable_by(|a, b| b.total_cmp(a));
        benign[((benign.len() as f64 * rate).floor() as usize).min(benign.len() - 1)]
    }

    /// The share of each family above the limit of its model.
    pub fn recall(&self, corpus: &Corpus, rate: f64) -> Vec<f64> {
        let share = |(family, scores): (&super::corpus::Family, &Vec<f32>)| {
            let limit = self.limit(family.fold, rate);
            scores.iter().filter(|&&s| s > limit).count() as f64 / scores.len() as f64
        };
        corpus.families.iter().zip(&self.families).map(share).collect()
    }
}

/// The mean over families of one nature, or of both.
pub fn macro_mean(corpus: &Corpus, of: &[f64], nature: Option<Nature>) -> f64 {
    let some: Vec<f64> =
        corpus.families.iter().zip(of).filter(|(f, _)| nature.is_none_or(|n| f.nature == n)).map(|(_, v)| *v).collect();
    some.iter().sum::<f64>() / some.len().max(1) as f64
}

/// What a model says of a label before calibration.
pub fn raw_score(model: &Model, label: &str) -> f32 {
    model.raw(&model.measures(label))
}
