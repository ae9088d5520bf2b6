//! Findings: listed, shown, counted, archived and judged; and samples of them.

use crate::call::Call;
use crate::error::{ApiError, OUT_OF_RANGE};
use crate::handlers::members;
use crate::{above, intake};
use crate::{criteria, samples};
use picquet_api_model::{
    AccountStatistics, ArchiveFindingsRequest, ArchiveFindingsResponse, CreateSampleFindingsRequest,
    CreateSampleFindingsResponse, DateStatistics, FindingStatistics, FindingTypeStatistics, GetFindingsRequest,
    GetFindingsResponse, GetFindingsStatisticsRequest, GetFindingsStatisticsResponse, GroupByType, ListFindingsRequest,
    ListFindingsResponse, OrderBy, ResourceStatistics, SeverityStatistics, SortCriteria, UnarchiveFindingsRequest,
    UnarchiveFindingsResponse, UpdateFindingsFeedbackRequest, UpdateFindingsFeedbackResponse,
};
use picquet_store::DAY_MILLIS;
use picquet_store::findings::{self, Key, Order};
use picquet_store::statistics::{self, By, Group};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

fn order(sort: Option<&SortCriteria>, lenient: bool) -> Result<Order, ApiError> {
    let attribute = sort.and_then(|s| s.attribute_name.clone());
    if attribute.as_ref().is_some_and(|a| !lenient && !criteria::is_attribute(a)) {
        return Err(ApiError::parameter("sortCriteria.attributeName", "must be an attribute of findings"));
    }
    // The default is the newest first; GuardDuty promises none.
    let descending = sort.is_none_or(|s| s.order_by == Some(OrderBy::Desc));
    Ok(Order { attribute: attribute.unwrap_or_else(|| "updatedAt".into()), descending, after: None })
}

pub fn list_findings(call: &mut Call<'_>, input: ListFindingsRequest) -> Result<ListFindingsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let lenient = call.api.options().lenient;
    let wanted = criteria::parse(input.finding_criteria.as_ref(), lenient)?;
    let mut order = order(input.sort_criteria.as_ref(), lenient)?;
    // A token is of one detector, one filter and one order.
    let question = format!("findings/{}/{wanted:?}/{}/{}", input.detector_id, order.attribute, order.descending);
    order.after = call.api.pager().place::<(Key, String)>(&question, input.next_token.as_deref())?;
    let most = usize::try_from(input.max_results.unwrap_or(50)).unwrap_or(50);
    let mut rows = findings::list(call.sql, &input.detector_id, &wanted, &order, most + 1)?;
    let more = rows.len() > most;
    rows.truncate(most);
    let next_token = rows.last().filter(|_| more).map(|last| call.api.pager().token(&question, last));
    Ok(ListFindingsResponse { finding_ids: rows.into_iter().map(|(_, id)| id).collect(), next_token })
}

/// Findings of the ids that are known, each once.
fn known(call: &mut Call<'_>, detector: &str, ids: &[String]) -> Result<Vec<(String, String)>, ApiError> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        if let Some(body) = findings::get(call.sql, detector, id)? {
            all.push((id.clone(), body));
        }
    }
    Ok(all)
}

pub fn get_findings(call: &mut Call<'_>, input: GetFindingsRequest) -> Result<GetFindingsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let mut bodies = known(call, &input.detector_id, &input.finding_ids)?;
    if let Some(sort) = &input.sort_criteria {
        let order = order(Some(sort), call.api.options().lenient)?;
        let ids: BTreeSet<&String> = input.finding_ids.iter().collect();
        let only = picquet_store::criteria::Criterion {
            attribute: "id".into(),
            test: picquet_store::criteria::Test::In(ids.into_iter().cloned().collect()),
        };
        let sorted = findings::list(call.sql, &input.detector_id, &[only], &order, input.finding_ids.len())?;
        let place: BTreeMap<&str, usize> = sorted.iter().enumerate().map(|(i, (_, id))| (id.as_str(), i)).collect();
        bodies.sort_by_key(|(id, _)| place.get(id.as_str()).copied());
    }
    let raw = |body: String| RawValue::from_string(body).map_err(|e| ApiError::Internal(e.to_string()));
    Ok(GetFindingsResponse { findings: bodies.into_iter().map(|(_, body)| raw(body)).collect::<Result<_, _>>()? })
}

/// Changes findings of the ids that are known; others are passed over, as GuardDuty does.
fn change(
    call: &mut Call<'_>,
    detector: &str,
    ids: &[String],
    change: impl Fn(&mut serde_json::Map<String, Value>),
) -> Result<(), ApiError> {
    call.detector(detector)?;
    let now = call.iso();
    for (_, body) in known(call, detector, ids)? {
        let mut finding: Value = serde_json::from_str(&body).map_err(|e| ApiError::Internal(e.to_string()))?;
        if let Some(service) = finding.get_mut("service").and_then(Value::as_object_mut) {
            change(service);
        }
        if let Some(finding) = finding.as_object_mut() {
            finding.insert("updatedAt".into(), now.clone().into());
        }
        findings::put(call.sql, detector, &finding)?;
        let of = finding["accountId"].as_str().unwrap_or_default();
        if of != call.account {
            above::pass_down(call.sql, of, call.region, &finding)?;
        }
    }
    Ok(())
}

pub fn archive_findings(
    call: &mut Call<'_>,
    input: ArchiveFindingsRequest,
) -> Result<ArchiveFindingsResponse, ApiError> {
    members::refuse_managed(call)?;
    change(call, &input.detector_id, &input.finding_ids, |service| {
        service.insert("archived".into(), true.into());
    })?;
    Ok(ArchiveFindingsResponse {})
}

pub fn unarchive_findings(
    call: &mut Call<'_>,
    input: UnarchiveFindingsRequest,
) -> Result<UnarchiveFindingsResponse, ApiError> {
    members::refuse_managed(call)?;
    change(call, &input.detector_id, &input.finding_ids, |service| {
        service.insert("archived".into(), false.into());
    })?;
    Ok(UnarchiveFindingsResponse {})
}

pub fn update_findings_feedback(
    call: &mut Call<'_>,
    input: UpdateFindingsFeedbackRequest,
) -> Result<UpdateFindingsFeedbackResponse, ApiError> {
    change(call, &input.detector_id, &input.finding_ids, |service| {
        service.insert("userFeedback".into(), input.feedback.as_str().into());
    })?;
    Ok(UpdateFindingsFeedbackResponse {})
}

pub fn create_sample_findings(
    call: &mut Call<'_>,
    input: CreateSampleFindingsRequest,
) -> Result<CreateSampleFindingsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let types = match input.finding_types {
        Some(types) if !types.is_empty() => types,
        _ => samples::types().map(str::to_owned).collect(),
    };
    for finding_type in types {
        let Some(sample) = samples::of(call, &input.detector_id, &finding_type) else {
            return Err(ApiError::parameter("findingTypes", "must be finding types that are known"));
        };
        findings::put(call.sql, &input.detector_id, &sample)?;
        let above = above::of(call.sql, call.account, call.region)?;
        above::show(call.sql, above.as_ref(), &sample)?;
        // Samples show whether notifications arrive.
        let id = sample["id"].as_str().unwrap_or_default().to_owned();
        intake::publish(call.sql, call.account, call.region, &[id], call.now.as_millisecond())?;
    }
    Ok(CreateSampleFindingsResponse {})
}

pub fn get_findings_statistics(
    call: &mut Call<'_>,
    input: GetFindingsStatisticsRequest,
) -> Result<GetFindingsStatisticsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let wanted = criteria::parse(input.finding_criteria.as_ref(), call.api.options().lenient)?;
    let legacy = input.finding_statistic_types.is_some_and(|types| !types.is_empty());
    let ascending = input.order_by == Some(OrderBy::Asc);
    let mut count = |by, most| statistics::count(call.sql, &input.detector_id, &wanted, by, ascending, most);
    let finding_statistics = match (legacy, input.group_by) {
        (true, None) if input.max_results.is_none() && input.order_by.is_none() => {
            let groups = count(By::Severity, usize::MAX)?;
            let by_severity = groups.into_iter().map(|g| (format!("{:?}", g.severity), number(g.count))).collect();
            FindingStatistics { count_by_severity: Some(by_severity), ..Default::default() }
        }
        (false, Some(by)) => {
            // 25 is the default number of groups (GuardDuty API reference, GetFindingsStatistics).
            let most = usize::try_from(input.max_results.unwrap_or(25)).unwrap_or(25);
            match by {
                GroupByType::Account => FindingStatistics {
                    grouped_by_account: Some(count(By::Account, most)?.iter().map(account).collect()),
                    ..Default::default()
                },
                GroupByType::Date => FindingStatistics {
                    grouped_by_date: Some(count(By::Date, most)?.iter().map(date).collect()),
                    ..Default::default()
                },
                GroupByType::FindingType => FindingStatistics {
                    grouped_by_finding_type: Some(count(By::Type, most)?.iter().map(finding_type).collect()),
                    ..Default::default()
                },
                GroupByType::Resource => FindingStatistics {
                    grouped_by_resource: Some(count(By::Resource, most)?.iter().map(resource).collect()),
                    ..Default::default()
                },
                GroupByType::Severity => FindingStatistics {
                    grouped_by_severity: Some(count(By::Severity, most)?.iter().map(severity).collect()),
                    ..Default::default()
                },
            }
        }
        // One or the other, and what belongs to grouping only with it.
        _ => return Err(ApiError::bad(OUT_OF_RANGE)),
    };
    Ok(GetFindingsStatisticsResponse { finding_statistics, next_token: None })
}

fn number(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn last(group: &Group) -> Option<f64> {
    Some(crate::call::seconds(group.last_updated))
}

fn key(group: &Group, n: usize) -> Option<String> {
    group.key.get(n).cloned()
}

fn account(group: &Group) -> AccountStatistics {
    AccountStatistics {
        account_id: key(group, 0),
        last_generated_at: last(group),
        total_findings: Some(number(group.count)),
    }
}

fn date(group: &Group) -> DateStatistics {
    let day = key(group, 0).and_then(|day| day.parse::<i64>().ok());
    DateStatistics {
        date: day.map(|day| crate::call::seconds(day * DAY_MILLIS)),
        last_generated_at: last(group),
        severity: Some(group.severity),
        total_findings: Some(number(group.count)),
    }
}

fn finding_type(group: &Group) -> FindingTypeStatistics {
    FindingTypeStatistics {
        finding_type: key(group, 0),
        last_generated_at: last(group),
        total_findings: Some(number(group.count)),
    }
}

fn resource(group: &Group) -> ResourceStatistics {
    ResourceStatistics {
        account_id: key(group, 0),
        resource_type: key(group, 1),
        resource_id: key(group, 2),
        last_generated_at: last(group),
        total_findings: Some(number(group.count)),
    }
}

fn severity(group: &Group) -> SeverityStatistics {
    SeverityStatistics {
        severity: Some(group.severity),
        last_generated_at: last(group),
        total_findings: Some(number(group.count)),
    }
}
