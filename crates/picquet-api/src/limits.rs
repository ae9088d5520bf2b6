//! How often somebody may call.

use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;

/// Attempts to sign in as one user, or from one address, a minute: enough for a person, too few to guess.
const SIGN_INS_A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Keys that are remembered, before those that are at rest are forgotten.
const REMEMBERED: usize = 10_000;

type Limiter = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock>;

/// The limits.
pub struct Limits {
    calls: Option<Limiter>,
    sign_ins: Limiter,
}

impl Limits {
    /// So many calls a second for each access key, and five times as many at once; no limit when there is none.
    pub fn new(calls_a_second: Option<NonZeroU32>) -> Self {
        let burst = |n: NonZeroU32| n.saturating_mul(NonZeroU32::MIN.saturating_add(4));
        Self {
            calls: calls_a_second.map(|n| RateLimiter::keyed(Quota::per_second(n).allow_burst(burst(n)))),
            sign_ins: RateLimiter::keyed(Quota::per_minute(SIGN_INS_A_MINUTE)),
        }
    }

    /// Whether an access key may call now.
    pub fn may_call(&self, access_key_id: &str) -> bool {
        self.calls.as_ref().is_none_or(|limiter| allow(limiter, access_key_id))
    }

    /// Whether a user may try to sign in now, from an address.
    pub fn may_sign_in(&self, user: &str, address: &str) -> bool {
        // Both count, so that neither many names nor many addresses help.
        let of_address = allow(&self.sign_ins, &format!("from {address}"));
        allow(&self.sign_ins, &format!("as {user}")) && of_address
    }
}

fn allow(limiter: &Limiter, key: &str) -> bool {
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
    limiter.check_key(&key.to_owned()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_calls_too_often_waits_and_others_do_not() {
        let limits = Limits::new(NonZeroU32::new(2));
        let allowed = (0..100).filter(|_| limits.may_call("a")).count();
        assert!((10..=12).contains(&allowed), "{allowed}");
        assert!(limits.may_call("b"));
        assert!((0..1000).all(|_| Limits::new(None).may_call("a")));
    }

    #[test]
    fn passwords_cannot_be_guessed_by_the_thousand() {
        let limits = Limits::new(None);
        let tries = (0..1000).filter(|n| limits.may_sign_in("ann", &format!("10.0.0.{n}"))).count();
        assert!((10..=11).contains(&tries), "{tries}");
        let tries = (0..1000).filter(|n| limits.may_sign_in(&format!("user-{n}"), "10.1.1.1")).count();
        assert!((10..=11).contains(&tries), "{tries}");
    }
}
