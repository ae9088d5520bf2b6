//! What clients name, in the order in which they named it last.
//!
//! Terraform compares additional configuration as a list: what it did not name, or another order, is a change to it that
//! no plan ever gets rid of.

use serde::{Deserialize, Serialize};

/// Values by name; in answers they stand as they were named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named<K, V>(Vec<(K, V)>);

impl<K, V> Default for Named<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + PartialEq, V: Copy> Named<K, V> {
    /// The value of a name, which is added with a value if it was not there.
    pub fn entry(&mut self, name: K, value: V) -> &mut V {
        let at = self.0.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.0.push((name, value));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    /// Puts names to the front, in this order.
    pub fn arrange(&mut self, names: &[K]) {
        self.0.sort_by_key(|(name, _)| names.iter().position(|n| n == name).unwrap_or(names.len()));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (K, V)> {
        self.0.iter().copied()
    }

    /// Whether nothing was named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_order_counts_and_nothing_is_lost() {
        let mut named = Named::default();
        for name in ["a", "b", "c"] {
            *named.entry(name, 0) += 1;
        }
        *named.entry("c", 0) += 1;
        named.arrange(&["c", "a", "unknown"]);
        assert_eq!(named.iter().collect::<Vec<_>>(), [("c", 2), ("a", 1), ("b", 1)]);
    }
}
