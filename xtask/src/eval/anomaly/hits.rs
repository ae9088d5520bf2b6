//! Which findings are anomaly findings, and which case one belongs to.

use super::cast::Case;
use super::log::Principal;
use super::recording::Recording;
use crate::scanner::Finding;
use std::collections::BTreeSet;

/// How far from a case's time a finding may be, in seconds.
const AROUND: i64 = 3600;

/// What was found of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// A finding whose tactic fits.
    pub fits: bool,
    /// A finding of any tactic.
    pub any: bool,
    /// The types that were raised.
    pub types: BTreeSet<String>,
}

/// Whether a finding is one of the model's.
pub fn is_anomaly(finding: &Finding) -> bool {
    finding.name().contains("AnomalousBehavior")
}

/// Whether a finding is about a principal: it names the user or the role, or one of its sessions.
pub fn names(finding: &Finding, principal: &Principal, id: &str) -> bool {
    let key = |member: &str| finding.text(&format!("/resource/accessKeyDetails/{member}"));
    let unique = |id: &str| id.split(':').next().unwrap_or_default().to_owned();
    let same = !id.is_empty() && unique(key("principalId")) == unique(id);
    finding.account() == principal.account && (same || key("userName") == principal.name)
}

/// Whether a finding is a case's.
pub fn belongs(finding: &Finding, case: &Case, principal: &Principal) -> bool {
    let (first, last) = finding.seen();
    let id = case.habit.identity["principalId"].as_str().unwrap_or_default();
    is_anomaly(finding) && names(finding, principal, id) && first <= case.at + AROUND && last >= case.at - AROUND
}

/// What the findings of a scan say of a case.
pub fn of_case(findings: &[Finding], case: &Case, principal: &Principal, recording: &Recording) -> Hit {
    let mut hit = Hit::default();
    for finding in findings.iter().filter(|f| belongs(f, case, principal)) {
        let purpose = finding.name().split(':').next().unwrap_or_default();
        hit.any = true;
        hit.fits |= recording.purposes.contains(purpose);
        hit.types.insert(finding.name().to_owned());
    }
    hit
}

/// Anomaly findings without the copies that an event of a global service has in other regions.
pub fn distinct(findings: &[Finding]) -> Vec<&Finding> {
    let mut seen = BTreeSet::new();
    let new = |f: &&Finding| {
        let key = format!("{} {} {:?} {:?}", f.name(), f.account(), f.entities(&Default::default()), f.seen());
        seen.insert(key)
    };
    findings.iter().filter(|f| is_anomaly(f)).filter(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn finding(name: &str, user: &str, id: &str, time: &str) -> Finding {
        Finding(json!({"type": name, "accountId": "1", "region": "r",
            "resource": {"accessKeyDetails": {"userName": user, "principalId": id}},
            "service": {"eventFirstSeen": time, "eventLastSeen": time}}))
    }

    #[test]
    fn a_finding_names_its_principal() {
        let bob = Principal { account: "1".into(), arn: "a".into(), name: "bob".into(), is_role: false };
        assert!(names(&finding("x", "bob", "", ""), &bob, "AIDAB"));
        assert!(names(&finding("x", "", "AIDAB", ""), &bob, "AIDAB"));
        assert!(names(&finding("x", "", "AROA1:i-2", ""), &bob, "AROA1:i-1"), "another session of the role");
        assert!(!names(&finding("x", "eve", "AIDAE", ""), &bob, "AIDAB"));
        assert!(!names(&finding("x", "eve", "", ""), &bob, ""));
    }

    #[test]
    fn copies_are_one_finding() {
        let time = "2026-03-31T10:00:00.000Z";
        let one = || finding("Discovery:IAMUser/AnomalousBehavior", "bob", "AIDAB", time);
        let all = [one(), one(), finding("Recon:IAMUser/TorIPCaller", "bob", "AIDAB", time)];
        assert_eq!(distinct(&all).len(), 1);
    }
}
