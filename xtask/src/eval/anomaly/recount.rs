//! Recounts what anomaly findings state, from the raw events.
//!
//! An explanation says what was known of a principal before the hour that is judged. Each statement of a form that is
//! known here is counted again, over all earlier calls; others are left alone and counted as such. Nothing of the
//! product's code takes part.

use super::log::{Event, Log};
use crate::scanner::{Finding, seconds};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;

/// A property of a call that a statement can be about.
#[derive(Clone, Copy)]
enum Property {
    /// `service:Api`, or the interface alone.
    Api,
    /// An address or a prefix: `45.33.1.2`, `45.33.0.0/16`.
    Network,
    /// A region.
    Region,
    /// A whole agent, or its family.
    Agent,
    /// An error code.
    Error,
    /// An hour of the day: `13:00`, `13`.
    Hour,
}

/// What a statement counts, of all that was before.
#[derive(Clone, Copy)]
enum Count {
    /// Calls of the principal.
    Calls(Property),
    /// Principals of the account.
    Principals(Property),
    /// All calls of the principal.
    All,
    /// Days on which the principal called.
    Days,
}

/// Statements that can be counted again: what their names begin and end with.
const FORMS: [(&str, &str, Count); 12] = [
    ("calls of this principal before", "", Count::All),
    ("days active of this principal", "", Count::Days),
    ("calls of ", " by this principal before", Count::Calls(Property::Api)),
    ("calls from ", " by this principal before", Count::Calls(Property::Network)),
    ("calls in ", " by this principal before", Count::Calls(Property::Region)),
    ("calls with ", " by this principal before", Count::Calls(Property::Agent)),
    ("calls that ended with ", " by this principal before", Count::Calls(Property::Error)),
    ("calls at ", " by this principal before", Count::Calls(Property::Hour)),
    ("principals of the account that used ", " before", Count::Principals(Property::Api)),
    ("principals of the account that called from ", " before", Count::Principals(Property::Network)),
    ("principals of the account that called in ", " before", Count::Principals(Property::Region)),
    ("principals of the account that called with ", " before", Count::Principals(Property::Agent)),
];

/// Lists of interfaces: who is meant, and whether each was called before.
const LISTS: [(&str, bool, bool); 8] = [
    ("/unusualBehavior/unusualAPIsUserIdentityProfiling", false, false),
    ("/unusualBehavior/unusualAPIsAccountProfiling", true, false),
    ("/profiledBehavior/rareProfiledAPIsUserIdentityProfiling", false, true),
    ("/profiledBehavior/infrequentProfiledAPIsUserIdentityProfiling", false, true),
    ("/profiledBehavior/frequentProfiledAPIsUserIdentityProfiling", false, true),
    ("/profiledBehavior/rareProfiledAPIsAccountProfiling", true, true),
    ("/profiledBehavior/infrequentProfiledAPIsAccountProfiling", true, true),
    ("/profiledBehavior/frequentProfiledAPIsAccountProfiling", true, true),
];

/// What came of recounting.
#[derive(Default)]
pub struct Recount {
    /// Statements that hold.
    pub held: usize,
    /// Findings whose principal is in no log.
    pub strangers: usize,
    /// Findings of which nothing could be recounted.
    pub bare: usize,
    /// Statements of forms that are not known here, by form.
    pub unknown: BTreeMap<String, usize>,
    /// Statements that do not hold.
    pub faults: Vec<String>,
}

/// The calls of each principal in the order of time, and when each interface was called by whom.
pub struct Ledger<'a> {
    log: &'a Log,
    calls: Vec<Vec<Event>>,
    times: HashMap<(u32, u32), Vec<i64>>,
}

/// Whom a finding is about, and the end of what was known.
struct Claim<'a> {
    finding: &'a Finding,
    principal: u32,
    /// The beginnings of the hours that can be meant: of its first call and of its last.
    until: [i64; 2],
}

impl<'a> Ledger<'a> {
    /// Sorts a log's calls.
    pub fn new(log: &'a Log) -> Self {
        let mut calls = vec![Vec::new(); log.principals.len()];
        for event in &log.events {
            calls[event.principal as usize].push(*event);
        }
        calls.iter_mut().for_each(|calls| calls.sort_by_key(|e| e.time));
        let mut times = HashMap::<_, Vec<i64>>::new();
        for event in calls.iter().flatten() {
            times.entry((event.principal, event.api)).or_default().push(event.time);
        }
        Self { log, calls, times }
    }

    /// Recounts a finding.
    pub fn check(&self, finding: &Finding, result: &mut Recount) {
        let name = finding.text("/resource/accessKeyDetails/userName");
        let Some(principal) = self.log.find(finding.account(), name) else {
            result.strangers += 1;
            return;
        };
        let (first, last) = finding.seen();
        let hour = |time: i64| time.div_euclid(3600) * 3600;
        let claim = Claim { finding, principal, until: [hour(first), hour(last)] };
        let before = result.held + result.faults.len();
        let info: Value = serde_json::from_str(finding.text("/service/additionalInfo/value")).unwrap_or_default();
        for row in info["picquet"]["observations"].as_array().into_iter().flatten() {
            let text = |member: &str| row[member].as_str().unwrap_or_default();
            self.observation(&claim, text("name"), text("observed"), result);
        }
        for (pointer, whole, called) in LISTS {
            for api in info.pointer(pointer).map(list).unwrap_or_default() {
                let used = claim.until.map(|until| self.uses(&claim, &api, until, whole));
                let holds = used.iter().any(|n| (*n > 0) == called);
                result.take(holds, || said(&claim, pointer, &api, &used));
            }
        }
        result.bare += usize::from(result.held + result.faults.len() == before);
    }

    fn observation(&self, claim: &Claim<'_>, name: &str, observed: &str, result: &mut Recount) {
        if name == "first seen of this principal" {
            let first = self.own(claim).first().map(|e| e.time);
            result.take(first.is_some() && seconds(observed) == first, || said(claim, name, observed, &first));
            return;
        }
        let form = FORMS.iter().find_map(|(before, after, count)| {
            let value = name.strip_prefix(before)?.strip_suffix(after)?;
            (!after.is_empty() || value.is_empty()).then_some((value, *count))
        });
        let Some((value, count)) = form else {
            *result.unknown.entry(shape(name)).or_default() += 1;
            return;
        };
        let counts = claim.until.map(|until| self.count(claim, count, value, until));
        result.take(number(observed).is_some_and(|n| counts.contains(&n)), || said(claim, name, observed, &counts));
    }

    fn count(&self, claim: &Claim<'_>, count: Count, value: &str, until: i64) -> u64 {
        let own = self.own(claim).iter().filter(|e| e.time < until);
        let count = match count {
            Count::Calls(Property::Api) => return self.uses(claim, value, until, false),
            Count::Principals(Property::Api) => {
                let uses = |who: &u32| self.called(*who, value, until) > 0;
                self.mates(claim).filter(uses).count()
            }
            Count::Calls(property) => own.filter(|e| self.has(e, property, value)).count(),
            Count::All => own.count(),
            Count::Days => own.map(|e| e.time.div_euclid(86_400)).collect::<BTreeSet<_>>().len(),
            Count::Principals(property) => {
                let has = |e: &Event| e.time < until && self.has(e, property, value);
                self.mates(claim).filter(|who| self.calls[*who as usize].iter().any(has)).count()
            }
        };
        count as u64
    }

    /// Calls of an interface before a moment, by the principal or by its whole account.
    fn uses(&self, claim: &Claim<'_>, api: &str, until: i64, whole: bool) -> u64 {
        if !whole {
            return self.called(claim.principal, api, until);
        }
        self.mates(claim).map(|who| self.called(who, api, until)).sum()
    }

    /// Calls of an interface by a principal before a moment. The service may be left out.
    fn called(&self, who: u32, api: &str, until: i64) -> u64 {
        let wanted = api.replace(".amazonaws.com", "");
        let is = |known: &str| known == wanted || known.rsplit(':').next() == Some(wanted.as_str());
        let apis = self.log.apis.all().filter(|(_, known)| is(known));
        let times = apis.filter_map(|(api, _)| self.times.get(&(who, api)));
        times.map(|times| times.partition_point(|time| *time < until) as u64).sum()
    }

    fn own(&self, claim: &Claim<'_>) -> &[Event] {
        &self.calls[claim.principal as usize]
    }

    /// The principals of the account.
    fn mates<'b>(&'b self, claim: &'b Claim<'_>) -> impl Iterator<Item = u32> + 'b {
        let all = (0..).zip(&self.log.principals);
        all.filter(|(_, p)| p.account == claim.finding.account()).map(|(who, _)| who)
    }

    fn has(&self, event: &Event, property: Property, value: &str) -> bool {
        let log = self.log;
        match property {
            Property::Api => log.apis.text(event.api) == value,
            Property::Network => event.address.is_some_and(|address| within(address, value)),
            Property::Region => log.regions.text(event.region) == value,
            Property::Agent => log.agents.text(event.agent) == value || log.families.text(event.family) == value,
            Property::Error => log.errors.text(event.error) == value,
            Property::Hour => value.split(':').next().and_then(|h| h.parse().ok()) == Some(event.time / 3600 % 24),
        }
    }
}

impl Recount {
    fn take(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if holds {
            self.held += 1;
        } else {
            self.faults.push(fault());
        }
    }
}

/// Whether an address is another one, or in a prefix.
fn within(address: Ipv4Addr, network: &str) -> bool {
    let (first, length) = network.split_once('/').unwrap_or((network, "32"));
    let (Ok(first), Ok(length)) = (first.parse::<Ipv4Addr>(), length.parse::<u32>()) else { return false };
    let shift = 32_u32.saturating_sub(length);
    u32::from(address).checked_shr(shift) == u32::from(first).checked_shr(shift)
}

fn said(claim: &Claim<'_>, what: &str, observed: &str, counted: &dyn std::fmt::Debug) -> String {
    let finding = claim.finding;
    let (name, when) = (finding.name(), finding.text("/service/eventFirstSeen"));
    format!("{name} {} {when}: {what}: said {observed:?}, counted {counted:?}", finding.account())
}

/// The values of a list that GuardDuty writes as one text.
fn list(value: &Value) -> Vec<String> {
    let text = value.as_str().unwrap_or_default();
    text.split(',').map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect()
}

/// The number that a text begins with: `1,234 of 5,678` is 1234.
fn number(text: &str) -> Option<u64> {
    let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect();
    digits.parse().ok()
}

/// The form of a statement: its name without what varies.
fn shape(name: &str) -> String {
    name.split(' ').map(|word| if word.contains([':', '.']) { "..." } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(time: &str, user: &str, api: &str) -> Value {
        json!({"eventTime": time, "eventSource": "iam.amazonaws.com", "eventName": api, "sourceIPAddress": "73.1.2.3",
               "userAgent": "tool/1.2", "awsRegion": "us-east-1", "eventID": time,
               "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::1:user/{user}"), "accountId": "1",
                                "userName": user}})
    }

    fn finding(observations: Value, unusual: &str) -> Finding {
        let info = json!({"picquet": {"observations": observations},
                          "unusualBehavior": {"unusualAPIsUserIdentityProfiling": unusual}});
        Finding(json!({"type": "Persistence:IAMUser/AnomalousBehavior", "accountId": "1",
            "resource": {"accessKeyDetails": {"userName": "bob"}},
            "service": {"eventFirstSeen": "2026-03-03T10:30:00.000Z", "eventLastSeen": "2026-03-03T10:31:00.000Z",
                        "additionalInfo": {"value": info.to_string()}}}))
    }

    fn recount(finding: &Finding) -> Recount {
        let mut log = Log::default();
        for (time, user, api) in [
            ("2026-03-01T10:00:00Z", "bob", "ListUsers"),
            ("2026-03-02T10:00:00Z", "bob", "ListUsers"),
            ("2026-03-02T11:00:00Z", "eve", "CreateUser"),
            ("2026-03-03T10:15:00Z", "bob", "CreateUser"),
        ] {
            log.add(&call(time, user, api));
        }
        let mut result = Recount::default();
        Ledger::new(&log).check(finding, &mut result);
        result
    }

    #[test]
    fn true_statements_hold() {
        let said = json!([
            {"name": "calls of iam:CreateUser by this principal before", "observed": "0"},
            {"name": "calls of iam:ListUsers by this principal before", "observed": "2"},
            {"name": "principals of the account that used iam:CreateUser before", "observed": "1 of 2"},
            {"name": "first seen of this principal", "observed": "2026-03-01T10:00:00Z"},
            {"name": "days active of this principal", "observed": "2"},
            {"name": "calls of this principal before", "observed": "2"},
            {"name": "calls from 73.1.0.0/16 by this principal before", "observed": "2"},
            {"name": "calls from 73.1.2.4 by this principal before", "observed": "0"},
            {"name": "calls with tool by this principal before", "observed": "2"},
            {"name": "calls at 10:00 by this principal before", "observed": "2"},
            {"name": "principals of the account that called in us-east-1 before", "observed": "2"},
            {"name": "bits of iam:CreateUser", "observed": "9.1"},
        ]);
        let result = recount(&finding(said, "CreateUser"));
        assert_eq!(result.faults, Vec::<String>::new());
        assert_eq!((result.held, result.bare), (12, 0));
        assert_eq!(result.unknown, BTreeMap::from([("bits of ...".to_owned(), 1)]));
    }

    #[test]
    fn a_finding_that_states_nothing_is_counted() {
        assert_eq!(recount(&finding(json!([{"name": "bits", "observed": "9"}]), "")).bare, 1);
    }

    #[test]
    fn false_statements_do_not() {
        let said = json!([
            {"name": "calls of iam:CreateUser by this principal before", "observed": "1"},
            {"name": "principals of the account that used iam:CreateUser before", "observed": "0"},
            {"name": "first seen of this principal", "observed": "2026-03-02T10:00:00Z"},
            {"name": "days active of this principal", "observed": "3"},
            {"name": "calls of this principal before", "observed": "many"},
        ]);
        let result = recount(&finding(said, "ListUsers"));
        assert_eq!((result.held, result.faults.len()), (0, 6), "{:?}", result.faults);
    }
}
