//! Sessions that the calls of one object opened, gathered before they become facts.

use super::fact_map::FactMap;
use crate::event::ApiEvent;
use crate::facts::key::KeyRef;
use crate::facts::sessions::{Link, SHARDS};
use crate::facts::{Class, Fact, SessionFacts, bounded};
use crate::{Str, hash};
use std::collections::BTreeMap;

/// How many sessions are held at a time.
const HELD: usize = 1 << 12;

/// Account, hour and session.
#[derive(Default)]
pub(super) struct SessionState(Vec<(Str, u32, Link)>);

impl SessionState {
    /// Adds a call of STS that answered with credentials (STS API reference: `AssumeRole`, `AssumeRoleWithSAML`,
    /// `AssumeRoleWithWebIdentity`, `AssumeRoot`, `GetSessionToken`, `GetFederationToken`).
    #[inline]
    pub(super) fn add(&mut self, event: &ApiEvent<'_>, out: &mut FactMap) {
        if event.record.event_source == "sts.amazonaws.com" {
            self.opened(event, out);
        }
    }

    fn opened(&mut self, event: &ApiEvent<'_>, out: &mut FactMap) {
        let r = event.record;
        // What services open for themselves is no one's step.
        if r.identity.kind == "AWSService" {
            return;
        }
        let opens = r.event_name.starts_with("AssumeRo")
            || matches!(r.event_name.as_ref(), "GetSessionToken" | "GetFederationToken");
        let Some(response) = r.response.filter(|_| opens && event.succeeded()) else { return };
        let key = response.member("credentials").and_then(|c| c.member_text("accessKeyId"));
        let Some(key) = key.filter(|k| !k.is_empty()) else { return };
        let user = response.member("assumedRoleUser").or_else(|| response.member("federatedUser"));
        let session = user.and_then(|u| u.member_text("arn")).unwrap_or_default();
        let id = &r.identity;
        let caller = [id.arn.as_ref(), id.invoked_by.as_ref(), id.principal_id.as_ref(), id.user_name.as_ref()];
        let caller = caller.into_iter().find(|c| !c.is_empty()).unwrap_or(&r.source_ip);
        let link = Link {
            time: r.time,
            api: bounded(&r.event_name),
            key: bounded(&key),
            session: bounded(&session),
            parent: bounded(&id.access_key_id),
            caller: bounded(caller),
        };
        self.0.push((event.account.into(), r.time.hour(), link));
        if self.0.len() >= HELD {
            self.flush(out);
        }
    }

    /// Makes facts of everything.
    pub(super) fn flush(&mut self, out: &mut FactMap) {
        let mut facts = BTreeMap::<(Str, u32, u64), SessionFacts>::new();
        for (account, hour, link) in self.0.drain(..) {
            let hash = hash::stable(&[link.key.as_bytes()]);
            facts.entry((account, hour, hash % SHARDS)).or_default().0.add(hash, || link);
        }
        for ((account, hour, shard), fact) in facts {
            let entity = shard.to_string();
            let key = KeyRef { account: &account, hour, class: Class::Sessions, region: "", entity: &entity };
            out.merge(key, Fact::Sessions(Box::new(fact)));
        }
    }
}
