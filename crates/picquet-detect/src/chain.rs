//! Sessions traced to their origin: who assumed what.

use crate::cold::{Cold, Shelf};
use crate::facts::SessionFacts;
use crate::facts::sessions::Link;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The sessions of one account. They are packed: there may be many.
#[derive(Debug)]
pub struct SessionChains(Shelf);

impl SessionChains {
    /// So many steps are followed; roles that assume roles are valid for an hour at most, so that chains are short.
    const STEPS: usize = 8;

    /// Knows none.
    pub fn new(cold: &Cold) -> Self {
        Self(Shelf::new(cold))
    }

    /// Takes the sessions of an hour.
    pub fn add(&mut self, facts: &SessionFacts) {
        for (_, link) in facts.0.iter() {
            // Texts and a moment can always be written.
            if let Ok(packed) = postcard::to_stdvec(link) {
                self.0.put("", &link.key, &packed);
            }
        }
    }

    /// From an access key to its origin, the session that it belongs to first; empty where nothing is known of it.
    pub fn of(&self, key: &str) -> Vec<Link> {
        let mut chain = Vec::<Link>::new();
        let mut seen = BTreeSet::new();
        let mut next = crate::Str::from(key);
        while chain.len() < Self::STEPS && !next.is_empty() && seen.insert(next.clone()) {
            let Some(link) = self.0.get("", &next, |packed| postcard::from_bytes::<Link>(packed).ok()).flatten() else {
                break;
            };
            next = link.parent.clone();
            chain.push(link);
        }
        chain
    }

    /// The same as JSON, as it stands in `additionalInfo.sessionChain`.
    pub fn to_json(chain: &[Link]) -> Value {
        let step = |link: &Link| {
            let mut step = json!({
                "accessKeyId": link.key.as_str(),
                "openedBy": link.caller.as_str(),
                "api": link.api.as_str(),
                "time": link.time.to_string(),
            });
            if !link.session.is_empty() {
                step["session"] = json!(link.session.as_str());
            }
            if !link.parent.is_empty() {
                step["openedWith"] = json!(link.parent.as_str());
            }
            step
        };
        chain.iter().map(step).collect()
    }
}
