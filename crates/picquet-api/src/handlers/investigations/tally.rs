//! Findings counted by what reports speak of.

use super::attack;
use super::facts::Fact;
use crate::call::seconds;
use picquet_api_model::{
    AttackPhaseName, FindingTypeCount, InvestigationResourceType, SeverityBreakdown, TacticCoverage, TechniqueCoverage,
    TimeWindowGroup,
};
use picquet_model::severity::Severity;
use picquet_store::DAY_MILLIS;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a list, at most (service model, `FindingTypeCounts`, `AccountAffectedResources` and others).
pub const MOST_ROWS: usize = 50;
/// Days of a list, at most (service model, `TimeWindowGroups`).
const MOST_DAYS: usize = 100;

/// A count for the service model, which has 32 bits.
pub fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A count for the service model, where it has 64 bits.
pub fn large(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Findings by something, the most first.
pub fn by<'f, K: Ord>(
    facts: impl Iterator<Item = &'f Fact>,
    key: impl Fn(&'f Fact) -> Option<K>,
) -> Vec<(K, Vec<&'f Fact>)> {
    let mut groups: BTreeMap<K, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        if let Some(key) = key(fact) {
            groups.entry(key).or_default().push(fact);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // The sort is stable: equal counts stay in the order of their keys.
    groups.sort_by_key(|(_, facts)| std::cmp::Reverse(facts.len()));
    groups
}

/// How many findings each band has.
pub fn severities<'f>(facts: impl Iterator<Item = &'f Fact>) -> SeverityBreakdown {
    let mut counts = [0; 4];
    for fact in facts {
        counts[Severity::of(fact.severity) as usize] += 1;
    }
    let [low, medium, high, critical] = counts.map(Some);
    // GuardDuty has no findings below `Low`.
    SeverityBreakdown { critical, high, info: Some(0), low, medium }
}

/// The types with most findings.
pub fn types<'f>(facts: impl Iterator<Item = &'f Fact>) -> Vec<FindingTypeCount> {
    let groups = by(facts, |fact| Some(fact.finding_type.as_str())).into_iter().take(MOST_ROWS);
    groups
        .map(|(name, of)| FindingTypeCount { count: Some(small(of.len())), finding_type: Some(name.to_owned()) })
        .collect()
}

/// The resources with most findings: what it is, its name, and the findings.
pub type Resource<'f> = ((Option<InvestigationResourceType>, &'f str, &'f str), Vec<&'f Fact>);

/// Resources that findings name, those with most findings first.
pub fn resources<'f>(facts: impl Iterator<Item = &'f Fact>) -> Vec<Resource<'f>> {
    let mut all = by(facts, |f| {
        (!f.resource.is_empty()).then_some((f.resource_kind, f.resource_type.as_str(), f.resource.as_str()))
    });
    all.truncate(MOST_ROWS);
    all
}

/// Findings by the day (UTC) on which they were seen last.
pub fn days<'f>(facts: impl Iterator<Item = &'f Fact>) -> Vec<TimeWindowGroup> {
    let mut days: BTreeMap<i64, usize> = BTreeMap::new();
    for fact in facts {
        *days.entry(fact.last_seen.div_euclid(DAY_MILLIS)).or_default() += 1;
    }
    let skipped = days.len().saturating_sub(MOST_DAYS);
    let latest = days.into_iter().skip(skipped);
    latest
        .map(|(day, count)| TimeWindowGroup {
            end_time: Some(seconds((day + 1) * DAY_MILLIS)),
            finding_count: Some(small(count)),
            start_time: Some(seconds(day * DAY_MILLIS)),
        })
        .collect()
}

/// Findings by the phase of an attack, in the order of an attack.
pub fn phases<'f>(facts: impl Iterator<Item = &'f Fact>) -> Vec<(AttackPhaseName, Vec<&'f Fact>)> {
    let mut phases = by(facts, |fact| attack::phase(&fact.finding_type));
    phases.sort_by_key(|(phase, _)| *phase);
    phases
}

fn names(facts: &[&Fact]) -> Vec<String> {
    let names: BTreeSet<&str> = facts.iter().map(|fact| fact.finding_type.as_str()).collect();
    names.into_iter().take(MOST_ROWS).map(str::to_owned).collect()
}

/// Findings by technique.
pub fn techniques<'f>(facts: &[&'f Fact]) -> BTreeMap<&'static str, Vec<&'f Fact>> {
    let mut techniques: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        for technique in attack::techniques(&fact.finding_type) {
            techniques.entry(technique).or_default().push(fact);
        }
    }
    techniques
}

/// Which phases of an attack findings tell of.
pub fn coverage<'f>(facts: impl Iterator<Item = &'f Fact>) -> Vec<TacticCoverage> {
    let technique = |(id, facts): (&str, Vec<&Fact>)| TechniqueCoverage {
        finding_count: Some(small(facts.len())),
        finding_types: Some(names(&facts)),
        technique: Some(attack::technique(id)),
    };
    let phases = phases(facts).into_iter();
    phases
        .map(|(phase, facts)| TacticCoverage {
            finding_count: Some(small(facts.len())),
            finding_types: Some(names(&facts)),
            phase: Some(phase),
            techniques: Some(techniques(&facts).into_iter().take(MOST_ROWS).map(technique).collect()),
        })
        .collect()
}
