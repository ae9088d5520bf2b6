//! Usage, free trial and coverage.
//!
//! Picquet costs by the machine and not by what it reads. Usage amounts are what GuardDuty would charge for what was read
//! in the last 30 days, at its list prices. Coverage is of runtime agents; none reports to Picquet.

use crate::call::Call;
use crate::error::{ApiError, OUT_OF_RANGE};
use crate::handlers::{costs, members};
use crate::resources::Detector;
use picquet_api_model::{
    AccountFreeTrialInfo, CoverageStatistics, CoverageStatisticsType, CoverageStatus, DataSource, DataSourceFreeTrial,
    DataSourcesFreeTrial, DetectorFeature, FreeTrialFeatureConfigurationResult, FreeTrialFeatureResult,
    GetCoverageStatisticsRequest, GetCoverageStatisticsResponse, GetRemainingFreeTrialDaysRequest,
    GetRemainingFreeTrialDaysResponse, GetUsageStatisticsRequest, GetUsageStatisticsResponse,
    KubernetesDataSourceFreeTrial, ListCoverageRequest, ListCoverageResponse, MalwareProtectionDataSourceFreeTrial,
    ResourceType, Total, UnprocessedAccount, UsageAccountResult, UsageDataSourceResult, UsageFeature,
    UsageFeatureResult, UsageStatisticType, UsageStatistics, UsageTopAccountResult, UsageTopAccountsResult,
};
use picquet_store::DAY_MILLIS;
use picquet_store::documents::Shelf;
use std::collections::BTreeMap;

/// Accounts with the highest amounts of a feature that are told (GuardDuty API reference, UsageStatistics).
const TOP_ACCOUNTS: usize = 50;
/// How long a free trial lasts (GuardDuty user guide, "Estimating GuardDuty cost").
const TRIAL_DAYS: i64 = 30;

pub fn get_usage_statistics(
    call: &mut Call<'_>,
    input: GetUsageStatisticsRequest,
) -> Result<GetUsageStatisticsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    if input.unit.is_some_and(|unit| unit != "USD") {
        return Err(ApiError::parameter("unit", "must be USD"));
    }
    let criteria = input.usage_criteria;
    // Of those that are asked for, or of all, the caller's own and its members are told of.
    let mut accounts = vec![call.account.to_owned()];
    accounts.extend(members::associated(call, &input.detector_id)?);
    if let Some(asked) = &criteria.account_ids {
        accounts.retain(|account| asked.contains(account));
    }
    let features = criteria.features.unwrap_or_default();
    let sources = criteria.data_sources.unwrap_or_default();
    if features.is_empty() && sources.is_empty() {
        return Err(ApiError::bad(OUT_OF_RANGE));
    }
    let mut costs: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
    for account in &accounts {
        costs.insert(account, costs::of(call.sql, account, call.region, call.now.as_millisecond())?);
    }
    let cost_of = |account: &str, kind: &str| costs.get(account).and_then(|of| of.get(kind)).copied().unwrap_or(0.0);
    let cost = |kind: &str| accounts.iter().map(|account| cost_of(account, kind)).sum::<f64>();
    let total = |dollars: f64| Some(Total { amount: Some(amount(dollars)), unit: Some("USD".into()) });
    let of_account = |id: &String| {
        let asked: f64 = match sources.is_empty() {
            false => sources.iter().map(|source| cost_of(id, of_data_source(*source))).sum(),
            true => features.iter().map(|feature| cost_of(id, of_usage_feature(*feature))).sum(),
        };
        UsageAccountResult { account_id: Some(id.clone()), total: total(asked) }
    };
    let of_source = |source: &DataSource| UsageDataSourceResult {
        data_source: Some(*source),
        total: total(cost(of_data_source(*source))),
    };
    let of_feature = |feature: &UsageFeature| UsageFeatureResult {
        feature: Some(*feature),
        total: total(cost(of_usage_feature(*feature))),
    };
    let top = |feature: &UsageFeature| {
        let kind = of_usage_feature(*feature);
        let mut dearest: Vec<(f64, &String)> = accounts.iter().map(|id| (cost_of(id, kind), id)).collect();
        dearest.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
        let told = dearest.into_iter().take(TOP_ACCOUNTS);
        let told = told.map(|(cost, id)| UsageTopAccountResult { account_id: Some(id.clone()), total: total(cost) });
        UsageTopAccountsResult { feature: Some(*feature), accounts: Some(told.collect()) }
    };
    let mut usage_statistics = UsageStatistics::default();
    match input.usage_statistic_type {
        UsageStatisticType::SumByAccount => {
            usage_statistics.sum_by_account = Some(accounts.iter().map(of_account).collect());
        }
        UsageStatisticType::SumByDataSource => {
            usage_statistics.sum_by_data_source = Some(sources.iter().map(of_source).collect());
        }
        UsageStatisticType::SumByFeatures => {
            usage_statistics.sum_by_feature = Some(features.iter().map(of_feature).collect());
        }
        UsageStatisticType::SumByResource => usage_statistics.sum_by_resource = Some(Vec::new()),
        UsageStatisticType::TopResources => usage_statistics.top_resources = Some(Vec::new()),
        UsageStatisticType::TopAccountsByFeature => {
            usage_statistics.top_accounts_by_feature = Some(features.iter().map(top).collect());
        }
    }
    Ok(GetUsageStatisticsResponse { usage_statistics: Some(usage_statistics), next_token: None })
}

/// Dollars as text, with small parts of a cent: little was read of many accounts.
fn amount(dollars: f64) -> String {
    let text = format!("{dollars:.8}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The kind of log that a data source is; of those that Picquet does not read nothing is known.
const fn of_data_source(source: DataSource) -> &'static str {
    match source {
        DataSource::CloudTrail => "CLOUD_TRAIL",
        DataSource::FlowLogs => "FLOW_LOGS",
        DataSource::DnsLogs => "DNS_LOGS",
        DataSource::S3Logs => "S3_LOGS",
        _ => "",
    }
}

const fn of_usage_feature(feature: UsageFeature) -> &'static str {
    match feature {
        UsageFeature::CloudTrail => "CLOUD_TRAIL",
        UsageFeature::FlowLogs => "FLOW_LOGS",
        UsageFeature::DnsLogs => "DNS_LOGS",
        UsageFeature::S3DataEvents => "S3_LOGS",
        _ => "",
    }
}

pub fn get_remaining_free_trial_days(
    call: &mut Call<'_>,
    input: GetRemainingFreeTrialDaysRequest,
) -> Result<GetRemainingFreeTrialDaysResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let now = call.millis();
    let known = members::associated(call, &input.detector_id)?;
    let (mut accounts, mut unprocessed) = (Vec::new(), Vec::new());
    for account in input.account_ids {
        let shelf = Shelf { account: &account, region: call.region, parent: "" };
        let is_known = account == call.account || known.contains(&account);
        let detector = if is_known { shelf.page::<Detector>(call.sql, "", 1)?.into_iter().next() } else { None };
        match detector {
            Some((_, detector)) => accounts.push(trial(account, &detector, now)),
            None => unprocessed.push(UnprocessedAccount {
                account_id: account,
                result: "The request is rejected because the given account ID is not an associated member of the \
                         current account."
                    .into(),
            }),
        }
    }
    Ok(GetRemainingFreeTrialDaysResponse { accounts: Some(accounts), unprocessed_accounts: Some(unprocessed) })
}

fn trial(account: String, detector: &Detector, now: i64) -> AccountFreeTrialInfo {
    let left = |since: i64| {
        let days = TRIAL_DAYS - (now - since) / DAY_MILLIS;
        Some(i32::try_from(days.clamp(0, TRIAL_DAYS)).unwrap_or(0))
    };
    let source = |since: i64| Some(DataSourceFreeTrial { free_trial_days_remaining: left(since) });
    let foundational = source(detector.created_at);
    let of = |feature: DetectorFeature| {
        let since =
            detector.features.iter().find(|(name, f)| *name == feature && f.switch.on).map(|(_, f)| f.switch.since);
        since.and_then(source)
    };
    let mut features = vec![
        (FreeTrialFeatureResult::FlowLogs, Some(detector.created_at)),
        (FreeTrialFeatureResult::CloudTrail, Some(detector.created_at)),
        (FreeTrialFeatureResult::DnsLogs, Some(detector.created_at)),
    ];
    for (name, feature) in detector.features.iter().filter(|(_, f)| f.switch.on) {
        // Features are named alike in both enumerations, where the trial has them.
        if let Some(result) = FreeTrialFeatureResult::ALL.iter().find(|r| r.as_str() == name.as_str()) {
            features.push((*result, Some(feature.switch.since)));
        }
    }
    AccountFreeTrialInfo {
        account_id: Some(account),
        data_sources: Some(DataSourcesFreeTrial {
            cloud_trail: foundational.clone(),
            dns_logs: foundational.clone(),
            flow_logs: foundational,
            s3_logs: of(DetectorFeature::S3DataEvents),
            kubernetes: of(DetectorFeature::EksAuditLogs)
                .map(|audit_logs| KubernetesDataSourceFreeTrial { audit_logs: Some(audit_logs) }),
            malware_protection: of(DetectorFeature::EbsMalwareProtection)
                .map(|scan| MalwareProtectionDataSourceFreeTrial { scan_ec2_instance_with_findings: Some(scan) }),
        }),
        features: Some(
            features
                .into_iter()
                .map(|(name, since)| FreeTrialFeatureConfigurationResult {
                    name: Some(name),
                    free_trial_days_remaining: since.and_then(left),
                })
                .collect(),
        ),
    }
}

pub fn get_coverage_statistics(
    call: &mut Call<'_>,
    input: GetCoverageStatisticsRequest,
) -> Result<GetCoverageStatisticsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let wants = |kind| input.statistics_type.contains(&kind);
    let by_type = || ResourceType::ALL.iter().map(|kind| (*kind, 0)).collect();
    let by_status = || CoverageStatus::ALL.iter().map(|status| (*status, 0)).collect();
    Ok(GetCoverageStatisticsResponse {
        coverage_statistics: Some(CoverageStatistics {
            count_by_resource_type: wants(CoverageStatisticsType::CountByResourceType).then(by_type),
            count_by_coverage_status: wants(CoverageStatisticsType::CountByCoverageStatus).then(by_status),
        }),
    })
}

pub fn list_coverage(call: &mut Call<'_>, input: ListCoverageRequest) -> Result<ListCoverageResponse, ApiError> {
    call.detector(&input.detector_id)?;
    // A token can only be one that was never given.
    call.page("coverage", input.max_results, input.next_token.as_deref())?;
    Ok(ListCoverageResponse { resources: Vec::new(), next_token: None })
}

#[cfg(test)]
mod tests {
    use crate::error::ApiError;
    use crate::testing::Bench;
    use serde_json::json;

    #[test]
    fn the_trial_of_a_new_detector_is_thirty_days_long() {
        let bench = Bench::new();
        let id = bench.detector();
        let accounts = json!(["111122223333", "444455556666"]);
        let answer =
            bench.call("GetRemainingFreeTrialDays", json!({ "DetectorId": id, "accountIds": accounts })).unwrap();
        assert_eq!(answer["accounts"][0]["dataSources"]["cloudTrail"]["freeTrialDaysRemaining"], 30);
        assert_eq!(answer["unprocessedAccounts"][0]["accountId"], "444455556666");
        let names: Vec<&str> =
            answer["accounts"][0]["features"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"S3_DATA_EVENTS") && !names.contains(&"RUNTIME_MONITORING"), "{names:?}");
    }

    #[test]
    fn usage_is_of_what_was_asked_for() {
        let bench = Bench::new();
        let id = bench.detector();
        let ask = |kind: &str, criteria: serde_json::Value| {
            bench.call(
                "GetUsageStatistics",
                json!({ "DetectorId": id, "usageStatisticsType": kind, "usageCriteria": criteria }),
            )
        };
        let answer = ask("SUM_BY_FEATURES", json!({ "features": ["FLOW_LOGS", "DNS_LOGS"] })).unwrap();
        let sums = answer["usageStatistics"]["sumByFeature"].as_array().unwrap();
        assert_eq!(sums.iter().map(|s| s["feature"].as_str().unwrap()).collect::<Vec<_>>(), ["FLOW_LOGS", "DNS_LOGS"]);
        assert_eq!(sums[0]["total"], json!({ "amount": "0", "unit": "USD" }));
        assert!(matches!(ask("SUM_BY_ACCOUNT", json!({})), Err(ApiError::BadRequest(_))));
    }
}
