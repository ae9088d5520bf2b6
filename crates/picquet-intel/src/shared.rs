//! A matcher that is replaced while it is used.

use crate::intel::Intel;
use std::sync::{Arc, PoisonError, RwLock};

/// Hands out the current matcher and takes the next one. A worker loads once an object, not once a record, and keeps
/// what it loaded: nobody waits for a reload and no object sees half of one.
#[derive(Debug, Default)]
pub struct SharedIntel(RwLock<Arc<Intel>>);

impl SharedIntel {
    /// Starts with this matcher.
    pub fn new(intel: Intel) -> Self {
        Self(RwLock::new(Arc::new(intel)))
    }

    /// The current matcher.
    pub fn load(&self) -> Arc<Intel> {
        // The lock guards one pointer, which is whole even where a holder panicked.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new matcher in place and gives back the old one.
    pub fn swap(&self, intel: Intel) -> Arc<Intel> {
        let next = Arc::new(intel);
        std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Category;

    #[test]
    fn a_reader_keeps_what_it_loaded() {
        let shared = SharedIntel::default();
        let before = shared.load();
        let mut builder = Intel::builder();
        builder.feed(Category::C2, "c2", b"evil.example\n");
        shared.swap(builder.build());
        assert!(before.domain("evil.example").is_none());
        assert!(shared.load().domain("evil.example").is_some());
    }
}
