//! The report that follows from the evidence.

use super::facts::{Fact, shortened};
use super::gather::MOST_OF_ACCOUNT;
use super::tally::{self, large, small};
use super::{Evidence, Inquiry, attack, remedies};
use crate::call::iso;
use picquet_api_model::{
    AccountAffectedResource, AccountAnalysis, AccountSummary, Attack, AttackPhase, Confidence, FindingReference,
    FindingsSummary, InvestigationSummaryData, InvestigationType, KeyObservations, OrganizationAnalysis,
    OrganizationFindingsSummary, RiskLevel, ThreatAssessment,
};
use picquet_model::severity::Severity;

/// The most of what (service model, `FindingReferences`, `Attacks`, `InvestigationObservations`, `AccountSummaries`,
/// `AttackPhases`).
const MOST_REFERENCES: usize = 100;
const MOST_ATTACKS: usize = 25;
const MOST_OBSERVATIONS: usize = 25;
const MOST_ACCOUNTS: usize = 20;

/// The risk that a severity stands for.
pub fn risk_of(severity: f64) -> RiskLevel {
    match Severity::of(severity) {
        Severity::Critical => RiskLevel::Critical,
        Severity::High => RiskLevel::High,
        Severity::Medium => RiskLevel::Medium,
        Severity::Low => RiskLevel::Low,
    }
}

/// The overall risk, with what it comes from: the finding that was asked about, or the worst of those that are neither
/// archived nor samples.
pub fn risk(evidence: &Evidence) -> (RiskLevel, String) {
    let asked = evidence.subject.as_ref().map(|subject| subject.id.as_str());
    let counted = evidence.facts().filter(|f| !(f.archived || f.sample) || asked == Some(&f.id));
    let worst = counted.max_by(|a, b| a.severity.total_cmp(&b.severity).then(b.id.cmp(&a.id)));
    let Some(worst) = worst else {
        return (RiskLevel::Info, "There are no findings that are neither archived nor samples.".into());
    };
    let archived = if worst.archived { ", and archived" } else { "" };
    let text = format!(
        "The worst finding is {} ({}), of severity {}{archived}: {}",
        worst.finding_type, worst.id, worst.severity, worst.title
    );
    // The longest that the service model allows (`RiskDetails`).
    (risk_of(worst.severity), shortened(&text, 1024))
}

/// How far the evidence carries: explained findings carry further than bare ones, several further than one, and samples
/// not at all.
pub fn confidence(evidence: &Evidence) -> Confidence {
    let real = || evidence.facts().filter(|fact| !fact.sample);
    let explained = match &evidence.subject {
        Some(subject) => !subject.sample && subject.why.is_some(),
        None => real().any(|fact| fact.why.is_some()),
    };
    let several = real().count() > 1;
    match (evidence.facts().next(), real().next(), explained, several) {
        (None, ..) => Confidence::Unknown,
        (_, None, ..) | (_, _, false, false) => Confidence::Low,
        (_, _, true, true) => Confidence::High,
        _ => Confidence::Medium,
    }
}

/// The whole report.
pub fn summary(inquiry: &Inquiry, evidence: &Evidence) -> InvestigationSummaryData {
    let account = inquiry.kind == InvestigationType::Account;
    let organization = inquiry.kind == InvestigationType::Organization;
    InvestigationSummaryData {
        account_analysis: account.then(|| account_analysis(evidence)),
        countermeasures: evidence.subject.as_ref().map(remedies::countermeasures),
        finding_type: evidence.subject.as_ref().map(|subject| subject.finding_type.clone()),
        key_observations: Some(KeyObservations {
            narrative: Some(narrative(inquiry, evidence)),
            observations: Some(observations(evidence)),
            title: Some(inquiry.title.clone()),
        }),
        organization_analysis: organization.then(|| organization_analysis(evidence)),
        recommendations: Some(remedies::recommendations(evidence)),
        threat_assessment: Some(ThreatAssessment {
            attack_progression: Some(progression(evidence)),
            threat_actor_profile: evidence.subject.as_ref().and_then(actor),
        }),
    }
}

fn account_analysis(evidence: &Evidence) -> AccountAnalysis {
    let resource = |((kind, _, id), facts): tally::Resource<'_>| AccountAffectedResource {
        finding_count: Some(small(facts.len())),
        identifier: Some(id.to_owned()),
        kind,
    };
    AccountAnalysis {
        affected_resources: Some(tally::resources(evidence.facts()).into_iter().map(resource).collect()),
        findings_summary: Some(FindingsSummary {
            by_time_window: Some(tally::days(evidence.facts())),
            severity_breakdown: Some(tally::severities(evidence.facts())),
            top_finding_types: Some(tally::types(evidence.facts())),
            total_findings: Some(small(evidence.facts().count())),
        }),
        tactic_coverage: Some(tally::coverage(evidence.facts())),
    }
}

fn organization_analysis(evidence: &Evidence) -> OrganizationAnalysis {
    let accounts = tally::by(evidence.facts(), |fact| Some(fact.account.as_str()));
    let affected = small(accounts.len());
    let account = |(id, facts): (&str, Vec<&Fact>)| AccountSummary {
        account_id: Some(id.to_owned()),
        finding_count: Some(small(facts.len())),
    };
    OrganizationAnalysis {
        account_breakdown: Some(accounts.into_iter().take(MOST_ACCOUNTS).map(account).collect()),
        findings_summary: Some(OrganizationFindingsSummary {
            affected_account_count: Some(affected),
            by_time_window: Some(tally::days(evidence.facts())),
            severity_breakdown: Some(tally::severities(evidence.facts())),
            top_finding_types: Some(tally::types(evidence.facts())),
            // How many accounts have no findings is not looked up.
            total_account_count: None,
            total_findings: Some(small(evidence.facts().count())),
        }),
    }
}

/// Between which moments findings were seen.
pub fn seen<'f>(facts: impl Iterator<Item = &'f Fact> + Clone) -> Option<(i64, i64)> {
    let first = facts.clone().map(|fact| fact.first_seen).min()?;
    Some((first, facts.map(|fact| fact.last_seen).max()?))
}

fn progression(evidence: &Evidence) -> Vec<AttackPhase> {
    let phases = tally::phases(evidence.facts()).into_iter();
    phases
        .map(|(phase, facts)| {
            let attack = |(id, facts): (&str, Vec<&Fact>)| Attack {
                findings: Some(facts.iter().take(MOST_REFERENCES).map(|fact| reference(fact)).collect()),
                tactic: Some(attack::tactic(phase)),
                technique: Some(attack::technique(id)),
                version: None,
            };
            let between = seen(facts.iter().copied()).map(|(first, last)| (iso(first), iso(last)));
            let (first, last) = between.unwrap_or_default();
            AttackPhase {
                attacks: Some(tally::techniques(&facts).into_iter().take(MOST_ATTACKS).map(attack).collect()),
                description: Some(format!("{}, seen from {first} to {last}.", counted(facts.len(), "finding"))),
                phase: Some(phase),
            }
        })
        .collect()
}

fn reference(fact: &Fact) -> FindingReference {
    FindingReference { finding_type: Some(fact.finding_type.clone()), uid: Some(fact.id.clone()) }
}

/// Who is on the other side, as far as the finding says.
fn actor(subject: &Fact) -> Option<String> {
    let sides: Vec<&str> = subject.other_side().map(|handle| handle.value.as_str()).collect();
    (!sides.is_empty()).then(|| format!("Seen on the other side: {}.", sides.join(", ")))
}

/// "1 finding", "2 findings".
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn narrative(inquiry: &Inquiry, evidence: &Evidence) -> String {
    let found = evidence.found.len();
    match &evidence.subject {
        Some(subject) => {
            let why = subject.why.as_deref().unwrap_or("The finding carries no explanation.");
            format!(
                "{} {} of the last 90 days {} a resource, an identity, an address or a domain with it.",
                why,
                counted(found, "other finding"),
                if found == 1 { "shares" } else { "share" }
            )
        }
        None if evidence.more => format!(
            "There are more than {MOST_OF_ACCOUNT} findings since {}; the {MOST_OF_ACCOUNT} most severe were read.",
            iso(inquiry.since)
        ),
        None => format!("{} since {}.", counted(found, "finding"), iso(inquiry.since)),
    }
}

fn observations(evidence: &Evidence) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(subject) = &evidence.subject {
        all.push(format!(
            "{} of severity {} ({}), seen {} from {} to {}.",
            subject.finding_type,
            subject.severity,
            Severity::of(subject.severity),
            if subject.count == 1 { "once".to_owned() } else { format!("{} times", subject.count) },
            iso(subject.first_seen),
            iso(subject.last_seen)
        ));
        all.extend(subject.observations.iter().cloned());
        if subject.sample {
            all.push("The finding is a sample: nothing of it happened.".into());
        }
    }
    let others = evidence.found.iter().map(|found| &found.fact);
    all.extend(tally::by(others, |fact| Some(fact.finding_type.as_str())).into_iter().map(|(name, facts)| {
        let worst = facts.iter().map(|fact| fact.severity).fold(0.0, f64::max);
        format!("{} of {name}, up to severity {worst}.", counted(facts.len(), "finding"))
    }));
    all.truncate(MOST_OBSERVATIONS);
    all
}

/// How many findings a report has.
pub fn total(evidence: &Evidence) -> i64 {
    large(evidence.facts().count())
}
