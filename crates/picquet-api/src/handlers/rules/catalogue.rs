//! The rules, and how they are looked up.

mod rows;

use crate::call::Call;
use crate::error::ApiError;
use picquet_api_model::{
    DetectionRuleDataSource, DetectionRuleFilter, DetectionRuleFilterCondition, DetectionRuleSeverity, FilterFieldName,
    GetCustomDetectionRuleRequest, GetCustomDetectionRuleResponse, ListCustomDetectionRulesRequest,
    ListCustomDetectionRulesResponse, RuleDefinition, RuleDetail, RuleLanguage, RuleSchema, RuleSummary,
};

/// When the catalogue was written: 2026-11-27, in seconds since the epoch.
const WRITTEN: f64 = 1_795_737_600.0;

/// What every description ends with.
const NOT_EVALUATED: &str = "Picquet keeps for which accounts this rule is wanted, but does not evaluate it yet: it \
                             makes neither findings nor metrics.";

/// A rule.
struct Rule {
    id: &'static str,
    name: &'static str,
    severity: DetectionRuleSeverity,
    /// The finding type that it would make: `Tactic:Service/Technique`.
    finding_type: &'static str,
    /// What it looks for, in a sentence.
    looks_for: &'static str,
    /// The same as a condition on a CloudTrail event.
    expression: &'static str,
}

impl Rule {
    fn tactic(&self) -> &'static str {
        self.finding_type.split(':').next().unwrap_or_default()
    }

    fn service(&self) -> &'static str {
        let rest = self.finding_type.split(':').nth(1).unwrap_or_default();
        rest.split('/').next().unwrap_or_default()
    }

    fn technique(&self) -> &'static str {
        self.finding_type.split('/').nth(1).unwrap_or_default()
    }

    fn description(&self) -> String {
        format!("{} {NOT_EVALUATED}", self.looks_for)
    }

    /// Rules are nobody's own, which the account `aws` says.
    fn arn(&self, call: &Call<'_>) -> String {
        format!("arn:{}:guardduty:{}:aws:custom-detection-rule/{}", call.partition(), call.region, self.id)
    }

    fn field(&self, name: FilterFieldName) -> String {
        match name {
            FilterFieldName::Name => self.name.to_owned(),
            FilterFieldName::Description => self.description(),
            FilterFieldName::DataSource => DetectionRuleDataSource::CloudTrailManagementEvent.as_str().to_owned(),
            FilterFieldName::Severity => self.severity.as_str().to_owned(),
            FilterFieldName::Tactic => self.tactic().to_owned(),
            FilterFieldName::Technique => self.technique().to_owned(),
            FilterFieldName::Service => self.service().to_owned(),
        }
    }

    fn meets(&self, filter: &DetectionRuleFilter) -> bool {
        let field = self.field(filter.name).to_lowercase();
        filter.values.iter().map(|value| value.to_lowercase()).any(|value| match filter.condition {
            Some(DetectionRuleFilterCondition::Contains) => field.contains(&value),
            Some(DetectionRuleFilterCondition::Equals) | None => field == value,
        })
    }

    fn summary(&self, call: &Call<'_>) -> RuleSummary {
        RuleSummary {
            arn: self.arn(call),
            created_at: WRITTEN,
            data_source: DetectionRuleDataSource::CloudTrailManagementEvent,
            description: self.description(),
            language: Some(RuleLanguage::Sql),
            name: self.name.to_owned(),
            rule_id: self.id.to_owned(),
            schema: Some(RuleSchema::CloudTrail),
            service: self.service().to_owned(),
            severity: self.severity,
            tactic: self.tactic().to_owned(),
            technique: self.technique().to_owned(),
            updated_at: Some(WRITTEN),
        }
    }
}

fn find(id: &str) -> Result<&'static Rule, ApiError> {
    let unknown = "The request is rejected because the custom detection rule does not exist.";
    rows::RULES.iter().find(|rule| rule.id == id).ok_or_else(|| ApiError::NotFound(unknown.into()))
}

/// A rule must be known before something can be said of it.
pub(super) fn check(id: &str) -> Result<(), ApiError> {
    find(id).map(|_| ())
}

pub fn get_custom_detection_rule(
    call: &mut Call<'_>,
    input: GetCustomDetectionRuleRequest,
) -> Result<GetCustomDetectionRuleResponse, ApiError> {
    let rule = find(&input.rule_id)?;
    let summary = rule.summary(call);
    Ok(GetCustomDetectionRuleResponse {
        rule: RuleDetail {
            arn: summary.arn,
            created_at: summary.created_at,
            data_source: summary.data_source,
            definition: RuleDefinition { expression: rule.expression.to_owned() },
            description: summary.description,
            language: summary.language,
            name: summary.name,
            rule_id: summary.rule_id,
            runtime_monitoring_details: None,
            schema: summary.schema,
            service: summary.service,
            severity: summary.severity,
            tactic: summary.tactic,
            technique: summary.technique,
            updated_at: summary.updated_at,
        },
    })
}

pub fn list_custom_detection_rules(
    call: &mut Call<'_>,
    input: ListCustomDetectionRulesRequest,
) -> Result<ListCustomDetectionRulesResponse, ApiError> {
    let filters = input.filters.unwrap_or_default();
    let told = filters.iter().map(|f| (f.name.as_str(), f.condition.map(|c| c.as_str()), &f.values));
    let question = format!("custom-detection-rules/{:?}", told.collect::<Vec<_>>());
    let page = call.page(&question, input.max_results, input.next_token.as_deref())?;
    let wanted =
        rows::RULES.iter().filter(|rule| rule.id > page.after.as_str() && filters.iter().all(|f| rule.meets(f)));
    let mut rows: Vec<_> = wanted.take(page.read()).map(|rule| (rule.id.to_owned(), rule.summary(call))).collect();
    let next_token = call.cut(&page, &mut rows);
    Ok(ListCustomDetectionRulesResponse { next_token, rules: rows.into_iter().map(|(_, rule)| rule).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use serde_json::{Value, json};

    #[test]
    fn rows_are_sorted_and_fit_the_model() {
        assert!(rows::RULES.windows(2).all(|pair| pair[0].id < pair[1].id));
        for rule in &rows::RULES {
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", rule.id);
            assert!(rule.description().len() <= 1024 && rule.expression.len() <= 4096, "{}", rule.id);
            for part in [rule.tactic(), rule.service(), rule.technique()] {
                assert!(!part.is_empty(), "{}", rule.id);
            }
        }
    }

    fn ids(answer: &Value) -> Vec<&str> {
        answer["rules"].as_array().unwrap().iter().map(|rule| rule["ruleId"].as_str().unwrap()).collect()
    }

    #[test]
    fn rules_are_filtered_and_paged() {
        let bench = Bench::new();
        let list = |input: Value| bench.call("ListCustomDetectionRules", input).unwrap();
        let all = list(json!({ "maxResults": 100 }));
        assert_eq!(ids(&all).len(), rows::RULES.len());
        let mut input = json!({ "maxResults": 10 });
        let mut seen = Vec::new();
        loop {
            let page = list(input.clone());
            seen.extend(ids(&page).iter().map(|id| (*id).to_owned()));
            let Some(next) = page["nextToken"].as_str() else { break };
            input["nextToken"] = next.into();
        }
        assert_eq!(seen, ids(&all));
        let filter = |filters: Value| list(json!({ "filters": filters }));
        let high =
            filter(json!([{ "name": "severity", "values": ["HIGH"] }, { "name": "service", "values": ["EC2"] }]));
        assert!(!ids(&high).is_empty());
        assert!(high["rules"].as_array().unwrap().iter().all(|r| r["severity"] == "HIGH" && r["service"] == "EC2"));
        let flow = filter(json!([{ "name": "name", "values": ["flowlogs"], "condition": "CONTAINS" }]));
        assert_eq!(ids(&flow), ["vpc-flow-logs-deleted"]);
        assert_eq!(ids(&filter(json!([{ "name": "name", "values": ["flowlogs"] }]))), [""; 0]);
        let other = json!({ "maxResults": 10, "nextToken": list(json!({ "maxResults": 5 }))["nextToken"],
                            "filters": [{ "name": "severity", "values": ["HIGH"] }] });
        assert!(matches!(bench.call("ListCustomDetectionRules", other), Err(ApiError::BadRequest(_))));
    }

    #[test]
    fn a_rule_says_that_it_is_not_evaluated() {
        let bench = Bench::new();
        let get = |id: &str| bench.call("GetCustomDetectionRule", json!({ "RuleId": id }));
        let rule = get("vpc-flow-logs-deleted").unwrap();
        let rule = &rule["rule"];
        assert_eq!((&rule["tactic"], &rule["service"]), (&json!("DefenseImpairment"), &json!("EC2")));
        assert!(rule["description"].as_str().unwrap().contains("does not evaluate it yet"));
        assert!(rule["definition"]["expression"].as_str().unwrap().contains("DeleteFlowLogs"));
        assert_eq!(rule["arn"], "arn:aws:guardduty:us-east-1:aws:custom-detection-rule/vpc-flow-logs-deleted");
        assert!(matches!(get("no-such-rule"), Err(ApiError::NotFound(_))));
        assert!(matches!(get("No_Rule"), Err(ApiError::BadRequest(_))));
    }
}
