//! Investigations: reports on a finding, an account or an organization, put together from what the store knows.
//!
//! No model of language is asked. A prompt is read by fixed rules (prompt), findings are looked up (gather), and the
//! report follows from them (report, records), so that the same findings give the same report. It is made at once and
//! kept as it was: later changes of the findings do not change it.

mod attack;
mod distributions;
mod facts;
mod gather;
mod list;
mod prompt;
mod records;
mod remedies;
mod report;
mod tally;
#[cfg(test)]
mod tests;

pub use list::{list_investigation_records, list_investigations};

use crate::call::{Call, seconds};
use crate::error::ApiError;
use facts::Fact;
use gather::Found;
use picquet_api_model::{
    CloudDetails, CloudProvider, Confidence, CreateInvestigationRequest, CreateInvestigationResponse, DetectorFeature,
    GetInvestigationRequest, GetInvestigationResponse, Investigation, InvestigationMetadata, InvestigationScope,
    InvestigationStatus, InvestigationType, Product, QueryTimeWindow, RiskLevel, SummaryFormat,
};
use picquet_store::documents::Document;
use prompt::Asked;
use serde::{Deserialize, Serialize};

/// An investigation as it is listed; its id is the document's.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Inquiry {
    prompt: String,
    /// What it is about, in a line.
    title: String,
    kind: InvestigationType,
    finding: Option<String>,
    /// The account that is looked into; for an organization that of its administrator.
    account: String,
    status: InvestigationStatus,
    risk: RiskLevel,
    confidence: Confidence,
    /// The account that asked.
    by: String,
    region: String,
    detector: String,
    /// Milliseconds since the epoch: from when findings were looked at.
    since: i64,
    started_at: i64,
    ended_at: i64,
}

impl Document for Inquiry {
    const KIND: &'static str = "investigation";
}

/// What an investigation found; its id is that of the investigation.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Evidence {
    /// The finding that was asked about.
    subject: Option<Fact>,
    /// Related findings, or those of the accounts.
    found: Vec<Found>,
    /// Whether there were more findings than were read.
    more: bool,
    /// The detector's features, and whether and since when each is on.
    features: Vec<(DetectorFeature, bool, i64)>,
}

impl Document for Evidence {
    const KIND: &'static str = "investigation-evidence";
}

impl Evidence {
    /// All findings, the one that was asked about first.
    fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.subject.iter().chain(self.found.iter().map(|found| &found.fact))
    }
}

pub fn create_investigation(
    call: &mut Call<'_>,
    input: CreateInvestigationRequest,
) -> Result<CreateInvestigationResponse, ApiError> {
    let detector = call.detector(&input.detector_id)?;
    if !detector.enabled {
        return Err(ApiError::bad("The request is rejected because the detector is not enabled."));
    }
    // GuardDuty user guide, "GuardDuty Investigation", "Prerequisites".
    if !detector.features.is_on(DetectorFeature::AiAnalyst) {
        return Err(ApiError::bad(
            "The request is rejected because the feature AI_ANALYST of the detector is not enabled.",
        ));
    }
    let id = &input.detector_id;
    let mut evidence = Evidence {
        subject: None,
        found: Vec::new(),
        more: false,
        features: detector.features.iter().map(|(name, f)| (name, f.switch.on, f.switch.since)).collect(),
    };
    let (kind, account, title) = match prompt::read(&input.trigger_prompt)? {
        Asked::Finding(finding, account) => {
            let subject = gather::finding(call, id, &finding)?;
            if account.is_some_and(|account| account != subject.account) {
                return Err(ApiError::parameter("triggerPrompt", "must name the account that the finding belongs to"));
            }
            evidence.found = gather::related(call, id, &subject)?;
            let (account, title) = (subject.account.clone(), subject.title.clone());
            evidence.subject = Some(subject);
            (InvestigationType::Finding, account, title)
        }
        Asked::Account(account) => {
            let account = account.unwrap_or_else(|| call.account.to_owned());
            (evidence.found, evidence.more) = gather::of_accounts(call, id, Some(&account))?;
            // An account is visible to the detector when its findings are.
            if account != call.account && evidence.found.is_empty() {
                let why = "The request is rejected because the current account does not manage the account.";
                return Err(ApiError::AccessDenied(why.into()));
            }
            let title = format!("Findings of account {account}");
            (InvestigationType::Account, account, title)
        }
        Asked::Organization => {
            (evidence.found, evidence.more) = gather::of_accounts(call, id, None)?;
            let title = "Findings of the organization".to_owned();
            (InvestigationType::Organization, call.account.to_owned(), title)
        }
    };
    let inquiry = Inquiry {
        prompt: input.trigger_prompt,
        title,
        kind,
        finding: evidence.subject.as_ref().map(|fact| fact.id.clone()),
        account,
        status: InvestigationStatus::Completed,
        risk: report::risk(&evidence).0,
        confidence: report::confidence(&evidence),
        by: call.account.to_owned(),
        region: call.region.to_owned(),
        detector: id.clone(),
        since: gather::since(call),
        started_at: call.millis(),
        ended_at: call.millis(),
    };
    let investigation_id = call.new_id()?;
    let shelf = call.shelf(id);
    shelf.put(call.sql, &investigation_id, &inquiry)?;
    shelf.put(call.sql, &investigation_id, &evidence)?;
    Ok(CreateInvestigationResponse { investigation_id })
}

/// An investigation of a detector, with what it found.
fn find(call: &mut Call<'_>, detector: &str, id: &str) -> Result<(Inquiry, Evidence), ApiError> {
    call.detector(detector)?;
    let shelf = call.shelf(detector);
    let inquiry = shelf.get::<Inquiry>(call.sql, id)?;
    let evidence = shelf.get::<Evidence>(call.sql, id)?;
    inquiry
        .zip(evidence)
        .ok_or_else(|| ApiError::NotFound("The request is rejected because the investigation does not exist.".into()))
}

/// The account that manages the one that is looked into, where they differ.
fn administrator(inquiry: &Inquiry) -> Option<String> {
    let others = inquiry.kind == InvestigationType::Organization || inquiry.account != inquiry.by;
    others.then(|| inquiry.by.clone())
}

pub fn get_investigation(
    call: &mut Call<'_>,
    input: GetInvestigationRequest,
) -> Result<GetInvestigationResponse, ApiError> {
    let (inquiry, evidence) = find(call, &input.detector_id, &input.investigation_id)?;
    let data = report::summary(&inquiry, &evidence);
    let structured = input.summary_format == Some(SummaryFormat::Structured);
    let text = serde_json::to_string(&data).map_err(|e| ApiError::Internal(e.to_string()))?;
    let investigation = Investigation {
        cloud: Some(CloudDetails {
            account: inquiry.account.clone(),
            provider: CloudProvider::Aws,
            region: inquiry.region.clone(),
        }),
        confidence: Some(inquiry.confidence),
        end_time: Some(seconds(inquiry.ended_at)),
        error: None,
        investigation_id: input.investigation_id,
        metadata: Some(InvestigationMetadata {
            product: Product { feature: Some("Investigation".into()), name: "Picquet".into() },
            version: env!("CARGO_PKG_VERSION").into(),
        }),
        risk: Some(report::risk(&evidence).1),
        risk_level: Some(inquiry.risk),
        scope: Some(InvestigationScope {
            // An organization is no account.
            account_id: (inquiry.kind != InvestigationType::Organization).then(|| inquiry.account.clone()),
            admin_account_id: administrator(&inquiry),
            finding_id: inquiry.finding.clone(),
            investigation_type: Some(inquiry.kind),
            query_time_window: Some(QueryTimeWindow {
                end_time: Some(seconds(inquiry.started_at)),
                start_time: Some(seconds(inquiry.since)),
            }),
        }),
        start_time: Some(seconds(inquiry.started_at)),
        status: inquiry.status,
        summary: (!structured).then_some(text),
        summary_data: structured.then_some(data),
        trigger_prompt: inquiry.prompt,
        triggered_by: inquiry.by,
    };
    Ok(GetInvestigationResponse { investigation })
}
