//! Lists and settings by account and region: an administrator's lists count for its detectors alone.

use picquet_detect::Env;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// What detectors look things up in, by account and region.
pub struct Worlds {
    known: RwLock<Arc<Known>>,
    edition: AtomicU64,
}

/// One state of it.
pub struct Known {
    /// For all that have none of their own.
    pub common: Env,
    /// By account and region; with an empty region for what names none.
    pub own: BTreeMap<(String, String), Env>,
}

impl Known {
    /// What an object of an account and region is read with.
    pub fn of(&self, account: &str, region: &str) -> Env {
        let of = |region: &str| self.own.get(&(account.to_owned(), region.to_owned()));
        of(region).or_else(|| of("")).unwrap_or(&self.common).clone()
    }
}

impl Worlds {
    /// With what counts for all.
    pub fn new(common: Env) -> Self {
        Self { known: RwLock::new(Arc::new(Known { common, own: BTreeMap::new() })), edition: AtomicU64::new(0) }
    }

    /// What an object of an account and region is read with.
    pub fn of(&self, account: &str, region: &str) -> Env {
        self.known().of(account, region)
    }

    /// The state of now, which stays as it is.
    pub fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes others from now on.
    pub fn replace(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        self.edition.fetch_add(1, Ordering::Release);
    }

    /// Another number after each replacement.
    pub fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }

    /// What counts for all.
    pub fn common(&self) -> Env {
        self.known().common.clone()
    }
}
