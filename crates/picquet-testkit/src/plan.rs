//! How a scenario's records are spread: over objects, workers and spilled runs.

use crate::Random;

/// One way to take a scenario's records through the engine.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The order of the records; each number once.
    pub order: Order,
    /// The most records of an object.
    pub per_object: usize,
    /// Reducers, each with its own facts. Objects go round.
    pub workers: usize,
    /// Every worker spills its facts after each object.
    pub spill: bool,
    /// Seed of all hash maps.
    pub seed: u64,
    /// How often each CloudTrail object is delivered: an event counts once, however many trails carry it.
    pub trails: usize,
}

/// The order of records.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// As they were added.
    Given,
    /// The last one first.
    Reversed,
    /// By a seed.
    Shuffled(u64),
}

impl Default for Plan {
    fn default() -> Self {
        Self { order: Order::Given, per_object: usize::MAX, workers: 1, spill: false, seed: 1, trails: 1 }
    }
}

impl Plan {
    /// A plan of random choices.
    pub fn random(seed: u64) -> Self {
        let mut random = Random(seed);
        Self {
            order: Order::Shuffled(random.number()),
            per_object: 1 + random.below(9),
            workers: 1 + random.below(4),
            spill: random.below(2) == 0,
            seed: random.number(),
            trails: 1,
        }
    }

    /// The plans under which every scenario must give the same findings.
    pub fn all() -> Vec<Self> {
        let mut plans = vec![
            Self { order: Order::Reversed, ..Self::default() },
            Self { per_object: 1, ..Self::default() },
            Self { per_object: 1, workers: 3, order: Order::Reversed, seed: 7, ..Self::default() },
            Self { per_object: 1, spill: true, ..Self::default() },
        ];
        plans.extend((1..=4).map(Self::random));
        plans
    }
}
