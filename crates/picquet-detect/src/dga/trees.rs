//! Boosted trees in which all nodes of one depth ask the same question, so that a tree is five comparisons and a look-up.

use super::features::{Measures, PADDED};

/// Questions of one tree.
pub const DEPTH: usize = 5;
/// Leaves of one tree.
pub const LEAVES: usize = 1 << DEPTH;
/// What a leaf's whole numbers are parts of: 1/512 logit.
pub const LEAF_UNIT: f32 = 512.0;

/// One tree: bit i of the leaf's number tells whether a measure is above a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Measure and limit of each question.
    pub questions: [(u8, f32); DEPTH],
    /// What each leaf adds, in parts of [`LEAF_UNIT`].
    pub leaves: [i16; LEAVES],
}

impl Tree {
    /// The number of the leaf that a label ends in.
    pub fn leaf(&self, measures: &Measures) -> usize {
        let mut leaf = 0;
        for (i, &(feature, limit)) in self.questions.iter().enumerate() {
            leaf |= usize::from(measures[usize::from(feature) & (PADDED - 1)] > limit) << i;
        }
        leaf
    }
}

/// The sum over trees, in parts of [`LEAF_UNIT`].
pub fn sum(trees: &[Tree], measures: &Measures) -> i32 {
    trees.iter().map(|tree| i32::from(tree.leaves[tree.leaf(measures)])).sum()
}
