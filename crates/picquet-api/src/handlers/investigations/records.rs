//! The steps of an investigation: what was fetched, what was seen in it, and what was made of it.

use super::facts::{Fact, shortened};
use super::gather::MOST_OF_ACCOUNT;
use super::report::{self, counted};
use super::tally::{self, large};
use super::{Evidence, Inquiry, distributions, remedies};
use crate::call::{iso, seconds};
use picquet_api_model::{
    AccountOverview, ActivityWindow, AnalysisRecord, AnalysisType, CorrelatedFinding, CorrelationReason,
    DetectionCoverage, DetectorFeature, FeatureStatus, FetchCriterion, FetchCriterionCondition, FetchQuery,
    FetchRecord, FetchResult, FetchType, FindingDetail, FindingTypeDocumentation, InvestigationAccountAnalysis,
    InvestigationDetectorFeature, InvestigationDetectorFeatureConfiguration, InvestigationRecord,
    InvestigationResource, InvestigationThreatAssessment, ObservationRecord, ObservationType, ProtectionPlan,
    RecordType, RelatedFindings, SharedBehavior, SharedResource, SupportingData, TimeGranularity, Trend,
};
use picquet_model::catalogue::TypeId;
use picquet_model::severity::Severity;
use std::collections::BTreeSet;

/// The longest narrative (service model, `Narrative` and `InvestigationText`), in characters.
const LONGEST: usize = 4096;
/// The most of what (service model, `FetchItemIds`, `CorrelatedFindings`, `SharedResources`).
const MOST_IDS: usize = 50;
const MOST_CORRELATED: usize = 8;
const MOST_SHARED: usize = 20;

/// All records, in the order of the steps.
pub fn all(inquiry: &Inquiry, evidence: &Evidence) -> Vec<InvestigationRecord> {
    let mut steps = Steps { at: seconds(inquiry.ended_at), records: Vec::new() };
    match &evidence.subject {
        Some(subject) => finding(&mut steps, inquiry, evidence, subject),
        None => accounts(&mut steps, inquiry, evidence),
    }
    coverage(&mut steps, inquiry, evidence);
    let recommendations = remedies::recommendations(evidence);
    if !recommendations.is_empty() {
        let mut observation = observation(ObservationType::Recommendation);
        observation.recommendations = Some(recommendations);
        steps.observe("What to do", None, observation);
    }
    let how = "The report follows by fixed rules from the findings that are stored. No model of language was asked, \
               and nothing was fetched from the account itself.";
    steps.add(RecordType::Metadata, "How the report was made", Some(how.into()), None);
    steps.records
}

struct Steps {
    at: f64,
    records: Vec<InvestigationRecord>,
}

impl Steps {
    fn add(&mut self, kind: RecordType, title: &str, narrative: Option<String>, data: Option<SupportingData>) {
        self.records.push(InvestigationRecord {
            created_at: self.at,
            kind,
            narrative: narrative.map(|text| shortened(&text, LONGEST)),
            // Sorts as the steps do.
            record_id: format!("{:04}", self.records.len() + 1),
            supporting_data: data,
            title: title.to_owned(),
        });
    }

    fn fetch(&mut self, title: &str, fetch: FetchRecord) {
        let data = SupportingData { fetch: Some(fetch), ..Default::default() };
        self.add(RecordType::Fetch, title, None, Some(data));
    }

    fn observe(&mut self, title: &str, narrative: Option<String>, observation: ObservationRecord) {
        let data = SupportingData { observation: Some(observation), ..Default::default() };
        self.add(RecordType::Observation, title, narrative, Some(data));
    }

    fn analyse(&mut self, title: &str, narrative: Option<String>, analysis: AnalysisRecord) {
        let data = SupportingData { analysis: Some(analysis), ..Default::default() };
        self.add(RecordType::Analysis, title, narrative, Some(data));
    }
}

const fn observation(kind: ObservationType) -> ObservationRecord {
    ObservationRecord {
        account_overview: None,
        detection_coverage: None,
        distribution: None,
        finding_detail: None,
        indicators: None,
        kubernetes_activity: None,
        malware_scan: None,
        network_activity: None,
        observation_type: kind,
        rds_login_activity: None,
        recommendations: None,
        related_findings: None,
        representative_resources: None,
        resource: None,
        runtime_signals: None,
        s3_activity: None,
    }
}

const fn analysis(kind: AnalysisType) -> AnalysisRecord {
    AnalysisRecord {
        account_analysis: None,
        analysis_type: kind,
        indicators: None,
        kubernetes_policy_violation: None,
        processes: None,
        s3_analysis: None,
        threat_assessment: None,
    }
}

fn fetched(evidence: &Evidence, query: FetchQuery, total: Option<usize>) -> FetchRecord {
    let ids = evidence.found.iter().take(MOST_IDS).map(|found| found.fact.id.clone()).collect();
    let result = FetchResult { item_ids: Some(ids), total_count: total.map(large), ..Default::default() };
    FetchRecord { fetch_type: FetchType::Findings, query: Some(query), result: Some(result) }
}

fn since(inquiry: &Inquiry) -> FetchCriterion {
    FetchCriterion {
        condition: FetchCriterionCondition::GreaterThanOrEqual,
        field: "updatedAt".into(),
        values: Some(vec![iso(inquiry.since)]),
    }
}

fn finding(steps: &mut Steps, inquiry: &Inquiry, evidence: &Evidence, subject: &Fact) {
    let of_finding = FetchQuery { finding_id: Some(subject.id.clone()), ..Default::default() };
    let result = FetchResult { item_ids: Some(vec![subject.id.clone()]), total_count: Some(1), ..Default::default() };
    let fetch = FetchRecord { fetch_type: FetchType::Findings, query: Some(of_finding), result: Some(result) };
    steps.fetch("The finding", fetch);
    let mut detail = observation(ObservationType::FindingDetail);
    detail.finding_detail = Some(FindingDetail {
        account_id: Some(subject.account.clone()),
        activity_window: Some(ActivityWindow {
            first_seen_at: Some(seconds(subject.first_seen)),
            last_seen_at: Some(seconds(subject.last_seen)),
        }),
        finding_id: Some(subject.id.clone()),
        finding_type: Some(subject.finding_type.clone()),
        region: Some(subject.region.clone()),
        severity: Some(Severity::of(subject.severity).name().to_owned()),
    });
    steps.observe(&subject.title, Some(format!("Severity {}.", subject.severity)), detail);
    if let Some(id) = TypeId::of(&subject.finding_type) {
        let row = id.row();
        let documentation = FindingTypeDocumentation {
            // The placeholders of the catalogue's sentence are for a finding to fill; what raises the type has none.
            description: Some(shortened(&row.trigger, LONGEST)),
            feature: None,
            full_description: None,
            learn_more_links: None,
            remediation: Some(shortened(&row.remediation, LONGEST)),
            severity: Some(Severity::of(row.severity).name().to_owned()),
        };
        let query = FetchQuery { finding_type: Some(subject.finding_type.clone()), ..Default::default() };
        let result = FetchResult { documentation: Some(documentation), ..Default::default() };
        let kind = FetchType::FindingTypeDocumentation;
        steps.fetch("What the type means", FetchRecord { fetch_type: kind, query: Some(query), result: Some(result) });
    }
    if let Some(kind) = subject.resource_kind.filter(|_| !subject.resource.is_empty()) {
        let mut resource = observation(ObservationType::Resource);
        let name = Some(subject.resource.clone());
        resource.resource =
            Some(InvestigationResource { data: None, name, resource_type: kind, uid: subject.resource.clone() });
        steps.observe("The resource", None, resource);
    }
    related(steps, inquiry, evidence, subject);
    let mut assessment = analysis(AnalysisType::ThreatAssessment);
    let why = subject.why.clone();
    assessment.threat_assessment = Some(InvestigationThreatAssessment {
        assessment: why.clone(),
        classification: Some(subject.finding_type.clone()),
        ..Default::default()
    });
    let mut text = subject.observations.clone();
    text.push(report::risk(evidence).1);
    let title = why.as_deref().unwrap_or("The finding carries no explanation");
    steps.analyse(title, Some(text.join("\n")), assessment);
}

fn related(steps: &mut Steps, inquiry: &Inquiry, evidence: &Evidence, subject: &Fact) {
    let handles = subject.handles.iter().take(MOST_SHARED - 1);
    let mut criteria = vec![since(inquiry)];
    criteria.extend(handles.map(|handle| FetchCriterion {
        condition: FetchCriterionCondition::Equals,
        field: handle.path.clone(),
        values: Some(vec![shortened(&handle.value, 1024)]),
    }));
    let query = FetchQuery { criteria: Some(criteria), ..Default::default() };
    steps.fetch("Findings that share one of these", fetched(evidence, query, Some(evidence.found.len())));
    let mut observed = observation(ObservationType::RelatedFindings);
    let groups = tally::by(evidence.found.iter().map(|f| &f.fact), |fact| Some(fact.finding_type.as_str()));
    let correlated = groups.into_iter().take(MOST_CORRELATED).map(|(name, facts)| correlated(evidence, name, &facts));
    observed.related_findings = Some(RelatedFindings { correlated: Some(correlated.collect()), observed: None });
    steps.observe(&format!("{} related", counted(evidence.found.len(), "finding")), None, observed);
}

fn correlated(evidence: &Evidence, name: &str, facts: &[&Fact]) -> CorrelatedFinding {
    let worst = facts.iter().map(|fact| fact.severity).fold(0.0, f64::max);
    let of_type = evidence.found.iter().filter(|found| found.fact.finding_type == name);
    let shared: BTreeSet<_> = of_type.flat_map(|found| &found.shared).collect();
    let resources: Vec<_> = shared.iter().filter(|h| h.resource).take(MOST_SHARED).collect();
    let behaviors: Vec<_> = shared.iter().filter(|h| !h.resource).take(MOST_SHARED).collect();
    let mut reasons = Vec::new();
    if Severity::of(worst) >= Severity::High {
        reasons.push(CorrelationReason::HighSeverity);
    }
    if !resources.is_empty() {
        reasons.push(CorrelationReason::SameResource);
    }
    if !behaviors.is_empty() {
        reasons.push(CorrelationReason::SameBehavior);
    }
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    CorrelatedFinding {
        correlation_reasons: Some(reasons),
        count: Some(large(facts.len())),
        finding_ids: Some(facts.iter().take(MOST_IDS).map(|fact| fact.id.clone()).collect()),
        finding_type: Some(name.to_owned()),
        severity_max: Some(worst),
        shared_behaviors: Some(
            behaviors
                .iter()
                .map(|h| SharedBehavior { path: Some(h.path.clone()), value: Some(h.value.clone()) })
                .collect(),
        ),
        shared_resources: Some(
            resources
                .iter()
                .map(|h| SharedResource { identifier: Some(h.value.clone()), resource_type: Some(last(&h.path)) })
                .collect(),
        ),
    }
}

fn accounts(steps: &mut Steps, inquiry: &Inquiry, evidence: &Evidence) {
    let organization = inquiry.kind == picquet_api_model::InvestigationType::Organization;
    let account = (!organization).then(|| inquiry.account.clone());
    let query = FetchQuery {
        account_id: account.clone(),
        criteria: Some(vec![since(inquiry)]),
        row_limit: i32::try_from(MOST_OF_ACCOUNT).ok(),
        ..Default::default()
    };
    // How many there are is known only when all were read.
    let total = (!evidence.more).then_some(evidence.found.len());
    steps.fetch(&inquiry.title, fetched(evidence, query, total));
    let affected = tally::by(evidence.facts(), |fact| Some(fact.account.as_str())).len();
    let mut overview = observation(ObservationType::AccountOverview);
    overview.account_overview = Some(AccountOverview {
        account_id: account,
        affected_account_count: Some(large(affected)),
        detector_id: Some(inquiry.detector.clone()),
        region: Some(inquiry.region.clone()),
        total_findings: Some(report::total(evidence)),
        ..Default::default()
    });
    let between = report::seen(evidence.facts().collect::<Vec<_>>().into_iter());
    let seen = between.map(|(first, last)| format!("Seen from {} to {}.", iso(first), iso(last)));
    steps.observe(&counted(evidence.found.len(), "finding"), seen, overview);
    if evidence.found.is_empty() {
        return;
    }
    for (title, distribution) in distributions::all(evidence) {
        let mut observed = observation(ObservationType::Distribution);
        observed.distribution = Some(distribution);
        steps.observe(title, None, observed);
    }
    let mut trend = analysis(AnalysisType::Trend);
    trend.account_analysis = Some(InvestigationAccountAnalysis {
        baseline: None,
        trend: Some(Trend {
            by_time_window: Some(tally::days(evidence.facts())),
            ended_at: Some(seconds(inquiry.started_at)),
            granularity: Some(TimeGranularity::Day),
            started_at: Some(seconds(inquiry.since)),
            total_findings: Some(report::total(evidence)),
        }),
    });
    steps.analyse("Findings by day", None, trend);
    let mut resources = observation(ObservationType::RepresentativeResource);
    resources.representative_resources = Some(distributions::representatives(evidence));
    steps.observe("Resources with most findings", None, resources);
}

/// The same feature in investigations, which do not know all of them.
const fn in_investigations(feature: DetectorFeature) -> Option<InvestigationDetectorFeature> {
    match feature {
        DetectorFeature::S3DataEvents => Some(InvestigationDetectorFeature::S3DataEvents),
        DetectorFeature::EksAuditLogs => Some(InvestigationDetectorFeature::EksAuditLogs),
        DetectorFeature::EbsMalwareProtection => Some(InvestigationDetectorFeature::EbsMalwareProtection),
        DetectorFeature::RdsLoginEvents => Some(InvestigationDetectorFeature::RdsLoginEvents),
        DetectorFeature::LambdaNetworkLogs => Some(InvestigationDetectorFeature::LambdaNetworkLogs),
        DetectorFeature::EksRuntimeMonitoring => Some(InvestigationDetectorFeature::EksRuntimeMonitoring),
        DetectorFeature::RuntimeMonitoring => Some(InvestigationDetectorFeature::RuntimeMonitoring),
        DetectorFeature::AiProtection | DetectorFeature::AiAnalyst => None,
    }
}

/// What the detector was told to look at.
fn coverage(steps: &mut Steps, inquiry: &Inquiry, evidence: &Evidence) {
    use InvestigationDetectorFeature::{CloudTrail, DnsLogs, FlowLogs};
    let known = evidence.features.iter().filter_map(|(name, on, since)| {
        let status = if *on { FeatureStatus::Enabled } else { FeatureStatus::Disabled };
        Some((in_investigations(*name)?, status, *since))
    });
    let feature = |(name, status, since)| InvestigationDetectorFeatureConfiguration {
        name: Some(name),
        status: Some(status),
        updated_at: Some(seconds(since)),
    };
    let features = known.clone().map(feature).collect();
    let result = FetchResult {
        features: Some(features),
        item_ids: Some(vec![inquiry.detector.clone()]),
        total_count: Some(1),
        ..Default::default()
    };
    let fetch = FetchRecord { fetch_type: FetchType::Detector, query: None, result: Some(result) };
    steps.fetch("The detector", fetch);
    let gaps: Vec<&str> = remedies::off(evidence).map(DetectorFeature::as_str).collect();
    let mut observed = observation(ObservationType::DetectionCoverage);
    observed.detection_coverage = Some(DetectionCoverage {
        coverage_gaps: (!gaps.is_empty()).then(|| format!("Off: {}.", gaps.join(", "))),
        // They are on while the detector is, without which nothing is investigated.
        foundational_data_sources: Some(vec![CloudTrail, DnsLogs, FlowLogs]),
        key_observation: None,
        protection_plans: Some(
            known.map(|(name, status, _)| ProtectionPlan { name: Some(name), status: Some(status) }).collect(),
        ),
    });
    steps.observe("What the detector looks at", None, observed);
}
