//! Lists of investigations, and of what one did.

use super::{Inquiry, administrator, find, records};
use crate::call::{Call, seconds};
use crate::error::ApiError;
use crate::handlers::sorted::{self, Row};
use picquet_api_model::{
    InvestigationFilterCondition, InvestigationFilterCriterionKey, InvestigationSortField, InvestigationSummary,
    ListInvestigationRecordsRequest, ListInvestigationRecordsResponse, ListInvestigationsRequest,
    ListInvestigationsResponse, OrderBy,
};

fn attribute(inquiry: &Inquiry, key: InvestigationFilterCriterionKey) -> &str {
    match key {
        InvestigationFilterCriterionKey::Status => inquiry.status.as_str(),
        InvestigationFilterCriterionKey::RiskLevel => inquiry.risk.as_str(),
        InvestigationFilterCriterionKey::Confidence => inquiry.confidence.as_str(),
        InvestigationFilterCriterionKey::FindingId => inquiry.finding.as_deref().unwrap_or_default(),
        InvestigationFilterCriterionKey::InvestigationType => inquiry.kind.as_str(),
    }
}

fn meets(inquiry: &Inquiry, key: InvestigationFilterCriterionKey, condition: &InvestigationFilterCondition) -> bool {
    let value = attribute(inquiry, key);
    // Values are written as enumerations are, some in capitals and some not.
    let has = |values: &[String]| values.iter().any(|wanted| wanted.eq_ignore_ascii_case(value));
    condition.equals.as_ref().is_none_or(|values| has(values))
        && !condition.not_equals.as_ref().is_some_and(|values| has(values))
}

/// Levels sort as they rise, and not by their names.
fn key(inquiry: &Inquiry, field: InvestigationSortField) -> String {
    match field {
        InvestigationSortField::StartTime => sorted::moment(inquiry.started_at),
        InvestigationSortField::EndTime => sorted::moment(inquiry.ended_at),
        InvestigationSortField::Status => inquiry.status.as_str().to_owned(),
        InvestigationSortField::RiskLevel => (inquiry.risk as u8).to_string(),
        InvestigationSortField::Confidence => (inquiry.confidence as u8).to_string(),
    }
}

/// The newest first when nothing is said.
pub fn list_investigations(
    call: &mut Call<'_>,
    input: ListInvestigationsRequest,
) -> Result<ListInvestigationsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let criteria = input.filter_criteria.and_then(|f| f.criterion).unwrap_or_default();
    if criteria.values().any(|condition| condition.equals.is_none() && condition.not_equals.is_none()) {
        return Err(ApiError::parameter("filterCriteria.criterion", "must have equals or notEquals"));
    }
    let (field, descending) = match input.sort_criteria {
        None => (InvestigationSortField::StartTime, true),
        Some(sort) => {
            (sort.attribute_name.unwrap_or(InvestigationSortField::StartTime), sort.order_by == Some(OrderBy::Desc))
        }
    };
    let told = serde_json::to_string(&criteria).map_err(|e| ApiError::Internal(e.to_string()))?;
    let question = format!("investigations/{}/{}/{told}", input.detector_id, field.as_str());
    let all = call.shelf(&input.detector_id).list::<Inquiry>(call.sql)?;
    let wanted = all.into_iter().filter(|(_, inquiry)| criteria.iter().all(|(key, c)| meets(inquiry, *key, c)));
    let rows = wanted
        .map(|(id, inquiry)| Row { key: key(&inquiry, field), shown: summary(id.clone(), inquiry), id })
        .collect();
    let token = input.next_token.as_deref();
    let (investigations, next_token) = sorted::page(call, &question, input.max_results, token, descending, rows)?;
    Ok(ListInvestigationsResponse { investigations, next_token })
}

fn summary(id: String, inquiry: Inquiry) -> InvestigationSummary {
    InvestigationSummary {
        admin_account_id: administrator(&inquiry),
        account_id: Some(inquiry.account),
        confidence: Some(inquiry.confidence),
        end_time: Some(seconds(inquiry.ended_at)),
        finding_id: inquiry.finding,
        investigation_id: Some(id),
        investigation_type: Some(inquiry.kind),
        risk_level: Some(inquiry.risk),
        start_time: Some(seconds(inquiry.started_at)),
        status: Some(inquiry.status),
        title: Some(inquiry.title),
        trigger_prompt: Some(inquiry.prompt),
    }
}

pub fn list_investigation_records(
    call: &mut Call<'_>,
    input: ListInvestigationRecordsRequest,
) -> Result<ListInvestigationRecordsResponse, ApiError> {
    let (inquiry, evidence) = find(call, &input.detector_id, &input.investigation_id)?;
    let types = input.record_types.as_deref();
    let told: Vec<&str> = types.unwrap_or_default().iter().map(|kind| kind.as_str()).collect();
    let question = format!("investigation-records/{}/{told:?}", input.investigation_id);
    let wanted = records::all(&inquiry, &evidence).into_iter();
    let rows = wanted
        .filter(|record| types.is_none_or(|types| types.contains(&record.kind)))
        .map(|record| Row { key: String::new(), id: record.record_id.clone(), shown: record })
        .collect();
    let token = input.next_token.as_deref();
    let (records, next_token) = sorted::page(call, &question, input.max_results, token, false, rows)?;
    Ok(ListInvestigationRecordsResponse {
        investigation_id: input.investigation_id,
        next_token,
        records,
        status: inquiry.status,
    })
}
