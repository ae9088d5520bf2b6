//! CloudTrail events to facts.

use super::Reducer;
use crate::detectors::{compromised_credentials, impossible_travel, pentest, root_usage, threat_list};
use crate::event::{ApiEvent, Caller};
use crate::{Str, learn};
use picquet_logs::CloudTrailRecord;

/// How many distinct user agents are remembered; hostile logs could make up any number.
const USER_AGENTS: usize = 4096;

impl Reducer {
    pub(super) fn reduce_event(&mut self, record: &CloudTrailRecord<'_>) {
        // The key's parts are taken out so that the event may borrow them while facts change.
        let name = std::mem::take(&mut self.name);
        let default_region = self.env.default_region.clone();
        match ApiEvent::new(record, &name, &default_region) {
            Some(event) => self.inspect(&event),
            None => self.unattributed += 1,
        }
        self.name = name;
    }

    fn inspect(&mut self, event: &ApiEvent<'_>) {
        let record = event.record;
        self.seen(event.account, event.region, record.time);
        let by_service = event.by_service();
        learn::from_event(event, by_service, &mut self.facts);
        let trusted = matches!(event.caller, Caller::Ip(ip) if self.env.intel.is_trusted_ip(ip));
        if self.env.tuning.detection.api_behavior {
            self.behavior(event, by_service, trusted);
        }
        // Nothing that comes from a trusted address is reported (AWS, "Customizing threat detection with entity lists
        // and IP address lists"). What it shows of the account is known all the same.
        if trusted || !self.env.covers(record.time) {
            return;
        }
        if !by_service {
            if let Caller::Ip(ip) = event.caller
                && let Some(hits) = self.env.intel.ip(ip)
            {
                threat_list::api::inspect(event, ip, hits, &self.env, &mut self.facts);
            }
            if self.env.intel.has_keys()
                && let Some(hits) = self.env.intel.access_key(&record.identity.access_key_id)
            {
                compromised_credentials::inspect(event, hits, &self.env, &mut self.facts);
            }
            if record.identity.kind == "Root" {
                root_usage::inspect(event, &self.env, &mut self.facts);
            }
            if let Some(distribution) = self.distribution(&record.user_agent) {
                pentest::inspect(event, distribution, &self.env, &mut self.facts);
            }
        }
        if let Some(rules) = self.rules.get(record.event_name.as_ref()) {
            for rule in rules {
                if rule.apis().iter().any(|&(source, api)| source == record.event_source && api == record.event_name) {
                    rule.inspect(event, &self.env, &mut self.facts);
                }
            }
        }
    }

    /// What identities do, of which what is usual is learned.
    fn behavior(&mut self, event: &ApiEvent<'_>, by_service: bool, trusted: bool) {
        let record = event.record;
        self.sessions.add(event, &mut self.facts);
        if by_service {
            return;
        }
        let named = self.calls.add(event, trusted, self.env.tuning.detection.s3_data_events, &mut self.facts);
        if !trusted {
            if let Some(named) = named {
                self.credentials.add(event, named, &self.env, &mut self.facts);
            }
            if record.event_name == "ConsoleLogin" && record.event_source == "signin.amazonaws.com" {
                impossible_travel::reduce(event, &mut self.facts);
            }
        }
    }

    fn distribution(&mut self, user_agent: &str) -> Option<pentest::Distribution> {
        if let Some(&known) = self.user_agents.get(user_agent) {
            return known;
        }
        let found = pentest::Distribution::of(user_agent);
        if self.user_agents.len() >= USER_AGENTS {
            self.user_agents.clear();
        }
        self.user_agents.insert(Str::from(user_agent), found);
        found
    }
}
