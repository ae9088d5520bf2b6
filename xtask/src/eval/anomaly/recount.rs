//! Recounts what anomaly findings state, from the raw events.
//!
//! An explanation says what was known of a principal before the hour that is judged. Each statement of a form that is
//! known here is counted again, over all earlier calls; others are left alone and counted as such. Nothing of the
//! product's code takes part.

use super::log::{Event, Log};
use crate::scanner::{Finding, seconds};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What came of recounting.
#[derive(Default)]
pub struct Recount {
    /// Statements that hold.
    pub held: usize,
    /// Findings whose principal is in no log.
    pub strangers: usize,
    /// Statements of forms that are not known here, by form.
    pub unknown: BTreeMap<String, usize>,
    /// Statements that do not hold.
    pub faults: Vec<String>,
}

/// The calls of each principal in the order of time.
pub struct Ledger<'a> {
    log: &'a Log,
    calls: Vec<Vec<Event>>,
}

/// What a finding says: the end of what was known, and of whom.
struct Claim<'a> {
    principal: u32,
    account: &'a str,
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
        Self { log, calls }
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
        let claim = Claim { principal, account: finding.account(), until: [hour(first), hour(last)] };
        let info: Value = serde_json::from_str(finding.text("/service/additionalInfo/value")).unwrap_or_default();
        for row in info["picquet"]["observations"].as_array().into_iter().flatten() {
            let text = |member: &str| row[member].as_str().unwrap_or_default();
            self.observation(&claim, text("name"), text("observed"), finding, result);
        }
        let unusual = &info["unusualBehavior"];
        for (member, whole) in [("unusualAPIsUserIdentityProfiling", false), ("unusualAPIsAccountProfiling", true)] {
            for api in list(&unusual[member]) {
                let used = claim.until.map(|until| self.uses(&claim, &api, until, whole));
                let what = || format!("{api} is unusual of the {}", if whole { "account" } else { "principal" });
                result.take(used.contains(&0), || said(finding, &what(), "no call before", &used));
            }
        }
    }

    fn observation(&self, claim: &Claim<'_>, name: &str, observed: &str, finding: &Finding, result: &mut Recount) {
        let between = |before: &str, after: &str| Some(name.strip_prefix(before)?.strip_suffix(after)?.to_owned());
        let counts = if let Some(api) = between("calls of ", " by this principal before") {
            claim.until.map(|until| self.uses(claim, &api, until, false))
        } else if let Some(api) = between("principals of the account that used ", " before") {
            claim.until.map(|until| self.users(claim, &api, until))
        } else if name == "days active of this principal" {
            claim.until.map(|until| self.days(claim, until))
        } else if name == "first seen of this principal" {
            let first = self.calls[claim.principal as usize].first().map(|e| e.time);
            result.take(first.is_some() && seconds(observed) == first, || said(finding, name, observed, &first));
            return;
        } else {
            *result.unknown.entry(form(name)).or_default() += 1;
            return;
        };
        result.take(number(observed).is_some_and(|n| counts.contains(&n)), || said(finding, name, observed, &counts));
    }

    /// Calls of an interface before a moment, by the principal or by its whole account.
    fn uses(&self, claim: &Claim<'_>, api: &str, until: i64, whole: bool) -> u64 {
        let of = |calls: &[Event]| calls.iter().filter(|e| e.time < until && self.is(e, api)).count() as u64;
        if whole { self.mates(claim).map(of).sum() } else { of(&self.calls[claim.principal as usize]) }
    }

    /// Principals of the account that used an interface before a moment.
    fn users(&self, claim: &Claim<'_>, api: &str, until: i64) -> u64 {
        let uses = |calls: &&[Event]| calls.iter().any(|e| e.time < until && self.is(e, api));
        self.mates(claim).filter(uses).count() as u64
    }

    fn days(&self, claim: &Claim<'_>, until: i64) -> u64 {
        let before = self.calls[claim.principal as usize].iter().filter(|e| e.time < until);
        before.map(|e| e.time.div_euclid(86_400)).collect::<BTreeSet<_>>().len() as u64
    }

    /// The calls of each principal of the account.
    fn mates<'b>(&'b self, claim: &'b Claim<'_>) -> impl Iterator<Item = &'b [Event]> {
        let all = self.log.principals.iter().zip(&self.calls);
        all.filter(|(p, _)| p.account == claim.account).map(|(_, calls)| calls.as_slice())
    }

    /// `service:Api`, or the interface alone.
    fn is(&self, event: &Event, api: &str) -> bool {
        let known = self.log.apis.text(event.api);
        let wanted = api.replace(".amazonaws.com", "");
        known == wanted || known.rsplit(':').next() == Some(wanted.as_str())
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

fn said(finding: &Finding, what: &str, observed: &str, counted: &dyn std::fmt::Debug) -> String {
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
fn form(name: &str) -> String {
    name.split(' ').map(|word| if word.contains([':', '.']) { "..." } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(time: &str, user: &str, api: &str) -> Value {
        json!({"eventTime": time, "eventSource": "iam.amazonaws.com", "eventName": api, "sourceIPAddress": "73.1.2.3",
               "userAgent": "x", "awsRegion": "us-east-1", "eventID": time,
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
            {"name": "bits of iam:CreateUser", "observed": "9.1"},
        ]);
        let result = recount(&finding(said, "CreateUser"));
        assert_eq!(result.faults, Vec::<String>::new());
        assert_eq!(result.held, 6);
        assert_eq!(result.unknown, BTreeMap::from([("bits of ...".to_owned(), 1)]));
    }

    #[test]
    fn false_statements_do_not() {
        let said = json!([
            {"name": "calls of iam:CreateUser by this principal before", "observed": "1"},
            {"name": "principals of the account that used iam:CreateUser before", "observed": "0"},
            {"name": "first seen of this principal", "observed": "2026-03-02T10:00:00Z"},
            {"name": "days active of this principal", "observed": "3"},
        ]);
        let result = recount(&finding(said, "ListUsers"));
        assert_eq!((result.held, result.faults.len()), (0, 5), "{:?}", result.faults);
    }
}
