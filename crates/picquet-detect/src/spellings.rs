//! What the hashes of facts stand for, one account's: texts repeat from hour to hour, so facts name them by hash.

use crate::Str;
use crate::cold::{Cold, Shelf};
use crate::facts::api::{Call, Spelling, Visit};
use crate::facts::credentials::Event;
use crate::facts::signal::{ApiDetail, RemoteAccount};
use std::collections::BTreeMap;

/// All of them, packed.
#[derive(Debug)]
pub struct Spellings(Shelf);

impl Spellings {
    /// None yet.
    pub fn new(cold: &Cold) -> Self {
        Self(Shelf::new(cold))
    }

    /// Takes what a hash stands for, by the hash as text.
    pub fn put(&mut self, hash: &str, spelling: &Spelling) {
        // Texts can always be written.
        if let Ok(packed) = postcard::to_stdvec(spelling) {
            self.0.put("", hash, &packed);
        }
    }

    fn get(&self, hash: u64) -> Option<Spelling> {
        let name = compact_str::format_compact!("{hash:016x}");
        self.0.get("", &name, |packed| postcard::from_bytes(packed).ok()).flatten()
    }

    /// Who called. `None` where nothing spells the hash out: it was damaged on the way.
    pub fn visit(&self, hash: u64) -> Option<Visit> {
        match self.get(hash)? {
            Spelling::Visit(visit) => Some(visit),
            Spelling::Call(_) => None,
        }
    }

    /// What a finding needs of an event; `None` as with [`Self::visit`].
    pub fn event(&self, event: &Event) -> Option<ApiDetail> {
        let visit = self.visit(event.visit)?;
        Some(detail(&visit, &self.call(event.call)?, event.id, visit.principal().into()))
    }

    /// What was called; `None` as with [`Self::visit`].
    pub fn call(&self, hash: u64) -> Option<Call> {
        match self.get(hash)? {
            Spelling::Call(call) => Some(call),
            Spelling::Visit(_) => None,
        }
    }
}

/// What a finding needs of an event, from the facts that name it. `id` is its `eventID` as 128 bits.
pub fn detail(visit: &Visit, call: &Call, id: [u64; 2], principal: Str) -> ApiDetail {
    let (service, api) = call.api.split_once(':').unwrap_or(("", &call.api));
    ApiDetail {
        event_id: event_id(id),
        api: api.into(),
        service: event_source(service),
        source: visit.source.clone(),
        user_agent: visit.user_agent.clone(),
        error_code: call.error.clone(),
        access_key_id: visit.access_key_id.clone(),
        principal_id: visit.principal_id.clone(),
        principal_arn: visit.arn.clone(),
        principal,
        user_name: visit.user_name.clone(),
        user_type: visit.kind.clone(),
        buckets: Vec::new(),
        affected: BTreeMap::new(),
        remote_account: (!visit.account.is_empty())
            .then(|| RemoteAccount { account_id: visit.account.clone(), affiliated: false }),
        anomaly: None,
    }
}

/// `eventSource` of a service.
fn event_source(service: &str) -> Str {
    if service.contains('.') { service.into() } else { compact_str::format_compact!("{service}.amazonaws.com") }
}

/// A UUID as CloudTrail writes it; empty where the event's id was none.
fn event_id(id: [u64; 2]) -> Str {
    if id == [0; 2] {
        return Str::default();
    }
    let [a, b] = id;
    compact_str::format_compact!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xffff,
        b >> 48,
        b & 0xffff_ffff_ffff
    )
}
