//! How findings are spread over what they have in common.

use super::Evidence;
use super::facts::Fact;
use super::report;
use super::tally::{self, large};
use picquet_api_model::{
    ArchiveDistribution, Distribution, DistributionDimension, RepresentativeFinding, ResourceDistribution,
    TypeDistribution,
};
use picquet_model::severity::Severity;

/// Resources that are shown with a finding, at most (service model, `RepresentativeFindings`).
const MOST_REPRESENTATIVE: usize = 20;

/// Every distribution, with a title.
pub fn all(evidence: &Evidence) -> Vec<(&'static str, Distribution)> {
    let total = evidence.facts().count();
    let percentage = |count: usize| 100.0 * count as f64 / total.max(1) as f64;
    let of = |dimension| Distribution {
        archive: None,
        attack_vectors: None,
        dimension,
        finding_types: None,
        resources: None,
        severity_breakdown: None,
        top_finding_types: None,
        total_findings: Some(large(total)),
    };
    let mut severity = of(DistributionDimension::Severity);
    severity.severity_breakdown = Some(tally::severities(evidence.facts()));
    let mut types = of(DistributionDimension::Type);
    let by_type = tally::by(evidence.facts(), |fact| Some(fact.finding_type.as_str()));
    let kind = |(name, facts): (&str, Vec<&Fact>)| {
        let bands = tally::by(facts.iter().copied(), |fact| Some(std::cmp::Reverse(Severity::of(fact.severity))));
        TypeDistribution {
            count: Some(large(facts.len())),
            dominant_severity: bands.first().map(|(band, _)| band.0.name().to_owned()),
            finding_type: Some(name.to_owned()),
            percentage: Some(percentage(facts.len())),
        }
    };
    types.finding_types = Some(by_type.into_iter().take(tally::MOST_ROWS).map(kind).collect());
    let mut resources = of(DistributionDimension::Resource);
    let resource = |((_, kind, id), facts): tally::Resource<'_>| ResourceDistribution {
        count: Some(large(facts.len())),
        identifier: Some(id.to_owned()),
        resource_type: Some(kind.to_owned()),
    };
    resources.resources = Some(tally::resources(evidence.facts()).into_iter().map(resource).collect());
    let mut vectors = of(DistributionDimension::AttackVector);
    vectors.attack_vectors = Some(tally::coverage(evidence.facts()));
    let mut archive = of(DistributionDimension::Archive);
    let archived = evidence.facts().filter(|fact| fact.archived).count();
    archive.archive = Some(ArchiveDistribution {
        archived_count: Some(large(archived)),
        archived_percentage: Some(percentage(archived)),
        unarchived_count: Some(large(total - archived)),
        unarchived_percentage: Some(percentage(total - archived)),
    });
    vec![
        ("Findings by severity", severity),
        ("Findings by type", types),
        ("Findings by resource", resources),
        ("Findings by phase of an attack", vectors),
        ("Archived findings", archive),
    ]
}

/// The worst finding of each of the resources with most findings.
pub fn representatives(evidence: &Evidence) -> Vec<RepresentativeFinding> {
    let resources = tally::resources(evidence.facts()).into_iter().take(MOST_REPRESENTATIVE);
    resources
        .filter_map(|((_, kind, id), facts)| {
            // Findings are sorted: the first is the worst.
            let worst = facts.first()?;
            Some(RepresentativeFinding {
                finding_count: Some(large(facts.len())),
                finding_id: Some(worst.id.clone()),
                identifier: Some(id.to_owned()),
                resource_type: Some(kind.to_owned()),
                risk_level: Some(report::risk_of(worst.severity)),
                risk_rationale: Some(worst.title.clone()),
            })
        })
        .collect()
}
