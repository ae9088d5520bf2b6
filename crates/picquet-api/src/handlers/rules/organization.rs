//! Which rules an organization wants for its members: at most one configuration of a rule and mode.

use super::{catalogue, detector, expiry, needed_detector};
use crate::call::{Call, seconds};
use crate::error::ApiError;
use crate::handlers::sorted::{self, Row};
use picquet_api_model::{
    AssociationMode, CreateCustomDetectionRuleOrgConfigurationRequest,
    CreateCustomDetectionRuleOrgConfigurationResponse, DeleteCustomDetectionRuleOrgConfigurationRequest,
    DeleteCustomDetectionRuleOrgConfigurationResponse, DetectionRuleConfigurationStatus, DetectionRuleOrgConfiguration,
    DetectionRuleOrgConfigurationSummary, GetCustomDetectionRuleOrgConfigurationRequest,
    GetCustomDetectionRuleOrgConfigurationResponse, ListCustomDetectionRuleOrgConfigurationsRequest,
    ListCustomDetectionRuleOrgConfigurationsResponse, UpdateCustomDetectionRuleOrgConfigurationRequest,
    UpdateCustomDetectionRuleOrgConfigurationResponse,
};
use picquet_store::documents::Document;
use serde::{Deserialize, Serialize};

/// A configuration; the document's id is made of rule and mode.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Configuration {
    rule: String,
    mode: AssociationMode,
    /// Only these members; all when it is empty.
    include: Vec<String>,
    /// But not these.
    exclude: Vec<String>,
    created_at: i64,
    updated_at: i64,
    expires_at: Option<i64>,
}

impl Document for Configuration {
    const KIND: &'static str = "custom-detection-rule-org-configuration";
}

/// What is true of every configuration: it waits until there is somebody to apply it.
const STATUS: DetectionRuleConfigurationStatus = DetectionRuleConfigurationStatus::Processing;
const STATUS_REASON: &str = "The configuration is kept. It is not applied to member accounts, since custom detection \
                             rules are not evaluated yet.";

impl Configuration {
    fn id(&self) -> String {
        format!("{}/{}", self.rule, self.mode.as_str())
    }

    /// Whether it is for all members, but for exceptions.
    fn is_for_all(&self) -> bool {
        self.include.is_empty()
    }

    fn summary(&self) -> DetectionRuleOrgConfigurationSummary {
        DetectionRuleOrgConfigurationSummary {
            created_at: seconds(self.created_at),
            expires_at: self.expires_at.map(seconds),
            mode: self.mode,
            rule_id: self.rule.clone(),
            status: STATUS,
            status_reason: Some(STATUS_REASON.into()),
            updated_at: seconds(self.updated_at),
        }
    }
}

fn unknown() -> ApiError {
    ApiError::NotFound(
        "The request is rejected because the custom detection rule organization configuration does not exist.".into(),
    )
}

/// The configurations of a detector that have not ended.
fn all(call: &mut Call<'_>, detector: &str) -> Result<Vec<Configuration>, ApiError> {
    let now = call.millis();
    let all = call.shelf(detector).list::<Configuration>(call.sql)?;
    let all = all.into_iter().map(|(_, configuration)| configuration);
    Ok(all.filter(|configuration| configuration.expires_at.is_none_or(|end| end > now)).collect())
}

/// The configurations of a rule, with the detector that they belong to.
fn of_rule(call: &mut Call<'_>, rule: &str) -> Result<(String, Vec<Configuration>), ApiError> {
    catalogue::check(rule)?;
    let detector = detector(call)?.ok_or_else(unknown)?;
    let mut all = all(call, &detector)?;
    all.retain(|configuration| configuration.rule == rule);
    Ok((detector, all))
}

/// Account ids, each once.
fn accounts(name: &str, ids: Option<Vec<String>>) -> Result<Option<Vec<String>>, ApiError> {
    let Some(mut ids) = ids else { return Ok(None) };
    if ids.iter().any(|id| !id.bytes().all(|b| b.is_ascii_digit())) {
        return Err(ApiError::parameter(name, "must be made of account ids of 12 digits"));
    }
    ids.sort();
    ids.dedup();
    Ok(Some(ids))
}

/// The members that a request is for: those that are named, or all but those that are.
#[derive(Default)]
struct Scope {
    include: Vec<String>,
    exclude: Vec<String>,
}

/// The scope of a request; `None` when it names no list.
fn scope(include: Option<Vec<String>>, exclude: Option<Vec<String>>) -> Result<Option<Scope>, ApiError> {
    let include = accounts("includeAccountIds", include)?;
    let exclude = accounts("excludeAccountIds", exclude)?;
    if include.is_none() && exclude.is_none() {
        return Ok(None);
    }
    let (include, exclude) = (include.unwrap_or_default(), exclude.unwrap_or_default());
    if !include.is_empty() && !exclude.is_empty() {
        let why = "must be absent when includeAccountIds names accounts";
        return Err(ApiError::parameter("excludeAccountIds", why));
    }
    Ok(Some(Scope { include, exclude }))
}

/// A rule is in both modes only for accounts that are named (GuardDuty user guide, "Managing Custom Detection Rules in
/// multiple-account environments").
fn check_beside(new: &Configuration, others: &[Configuration]) -> Result<(), ApiError> {
    let conflict = |why: &str| {
        Err(ApiError::Conflict(format!(
            "The request is rejected because an organization configuration of the custom detection rule {why}."
        )))
    };
    if others.iter().any(|other| other.mode == new.mode) {
        return conflict("already exists for the mode");
    }
    if others.iter().any(|other| new.is_for_all() || other.is_for_all()) {
        return conflict("for the other mode exists, and one of them is for the whole organization");
    }
    Ok(())
}

pub fn create_custom_detection_rule_org_configuration(
    call: &mut Call<'_>,
    input: CreateCustomDetectionRuleOrgConfigurationRequest,
) -> Result<CreateCustomDetectionRuleOrgConfigurationResponse, ApiError> {
    catalogue::check(&input.rule_id)?;
    needed_detector(call)?;
    let scope = scope(input.include_account_ids, input.exclude_account_ids)?.unwrap_or_default();
    let (detector, others) = of_rule(call, &input.rule_id)?;
    let now = call.millis();
    let configuration = Configuration {
        rule: input.rule_id,
        mode: input.mode,
        include: scope.include,
        exclude: scope.exclude,
        created_at: now,
        updated_at: now,
        expires_at: expiry(call, input.mode),
    };
    check_beside(&configuration, &others)?;
    call.shelf(&detector).put(call.sql, &configuration.id(), &configuration)?;
    Ok(CreateCustomDetectionRuleOrgConfigurationResponse {})
}

pub fn delete_custom_detection_rule_org_configuration(
    call: &mut Call<'_>,
    input: DeleteCustomDetectionRuleOrgConfigurationRequest,
) -> Result<DeleteCustomDetectionRuleOrgConfigurationResponse, ApiError> {
    let (detector, all) = of_rule(call, &input.rule_id)?;
    let found = all.iter().find(|c| c.mode == input.mode).ok_or_else(unknown)?;
    call.shelf(&detector).remove::<Configuration>(call.sql, &found.id())?;
    Ok(DeleteCustomDetectionRuleOrgConfigurationResponse {})
}

pub fn get_custom_detection_rule_org_configuration(
    call: &mut Call<'_>,
    input: GetCustomDetectionRuleOrgConfigurationRequest,
) -> Result<GetCustomDetectionRuleOrgConfigurationResponse, ApiError> {
    let (_, all) = of_rule(call, &input.rule_id)?;
    let found = all.into_iter().find(|c| c.mode == input.mode).ok_or_else(unknown)?;
    let summary = found.summary();
    Ok(GetCustomDetectionRuleOrgConfigurationResponse {
        configuration: DetectionRuleOrgConfiguration {
            created_at: summary.created_at,
            exclude_account_ids: found.exclude,
            expires_at: summary.expires_at,
            include_account_ids: found.include,
            mode: summary.mode,
            rule_id: summary.rule_id,
            status: summary.status,
            status_reason: summary.status_reason,
            updated_at: summary.updated_at,
        },
    })
}

pub fn list_custom_detection_rule_org_configurations(
    call: &mut Call<'_>,
    input: ListCustomDetectionRuleOrgConfigurationsRequest,
) -> Result<ListCustomDetectionRuleOrgConfigurationsResponse, ApiError> {
    let all = match detector(call)? {
        Some(detector) => all(call, &detector)?,
        None => Vec::new(),
    };
    let wanted = all.iter().filter(|_| input.status.is_none_or(|status| status == STATUS));
    let rows = wanted.map(|c| Row { key: String::new(), id: c.id(), shown: c.summary() }).collect();
    let question = format!("custom-detection-rule-org-configurations/{:?}", input.status);
    let token = input.next_token.as_deref();
    let (configurations, next_token) = sorted::page(call, &question, input.max_results, token, false, rows)?;
    Ok(ListCustomDetectionRuleOrgConfigurationsResponse { configurations, next_token })
}

/// Changes whom the configuration of the mode is for; where there is none, the rule's only configuration takes the
/// mode.
pub fn update_custom_detection_rule_org_configuration(
    call: &mut Call<'_>,
    input: UpdateCustomDetectionRuleOrgConfigurationRequest,
) -> Result<UpdateCustomDetectionRuleOrgConfigurationResponse, ApiError> {
    let scope = scope(input.include_account_ids, input.exclude_account_ids)?;
    let (detector, mut others) = of_rule(call, &input.rule_id)?;
    let at = others.iter().position(|c| c.mode == input.mode).or((others.len() == 1).then_some(0));
    let old = others.swap_remove(at.ok_or_else(unknown)?);
    let mut new = old.clone();
    if let Some(scope) = scope {
        (new.include, new.exclude) = (scope.include, scope.exclude);
    }
    if new.mode != input.mode {
        new.mode = input.mode;
        new.expires_at = expiry(call, input.mode);
    }
    new.updated_at = call.millis();
    check_beside(&new, &others)?;
    let shelf = call.shelf(&detector);
    shelf.remove::<Configuration>(call.sql, &old.id())?;
    shelf.put(call.sql, &new.id(), &new)?;
    Ok(UpdateCustomDetectionRuleOrgConfigurationResponse {})
}

#[cfg(test)]
mod tests {
    use crate::error::ApiError;
    use crate::testing::Bench;
    use serde_json::{Value, json};

    const RULE: &str = "vpc-flow-logs-deleted";
    const MEMBER: &str = "444455556666";

    fn create(bench: &Bench, mode: &str, more: Value) -> Result<Value, ApiError> {
        let mut input = json!({ "ruleId": RULE, "mode": mode });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bench.call("CreateCustomDetectionRuleOrgConfiguration", input)
    }

    fn get(bench: &Bench, mode: &str) -> Result<Value, ApiError> {
        let input = json!({ "RuleId": RULE, "mode": mode });
        Ok(bench.call("GetCustomDetectionRuleOrgConfiguration", input)?["configuration"].clone())
    }

    #[test]
    fn a_configuration_is_made_changed_and_deleted() {
        let bench = Bench::new();
        assert!(matches!(create(&bench, "DRY_RUN", json!({})), Err(ApiError::BadRequest(_))));
        bench.detector();
        assert_eq!(create(&bench, "DRY_RUN", json!({})).unwrap(), json!({}));
        let made = get(&bench, "DRY_RUN").unwrap();
        assert_eq!((&made["includeAccountIds"], &made["excludeAccountIds"]), (&json!([]), &json!([])));
        assert_eq!(made["status"], "PROCESSING");
        assert!(made["statusReason"].as_str().unwrap().contains("not evaluated yet"));
        assert!(made["expiresAt"].is_number());
        let update = json!({ "RuleId": RULE, "mode": "LIVE", "excludeAccountIds": [MEMBER] });
        bench.call("UpdateCustomDetectionRuleOrgConfiguration", update).unwrap();
        let live = get(&bench, "LIVE").unwrap();
        assert_eq!((&live["excludeAccountIds"], live.get("expiresAt")), (&json!([MEMBER]), None));
        assert!(matches!(get(&bench, "DRY_RUN"), Err(ApiError::NotFound(_))));
        let listed = bench.call("ListCustomDetectionRuleOrgConfigurations", json!({ "status": "PROCESSING" })).unwrap();
        assert_eq!(listed["configurations"].as_array().unwrap().len(), 1);
        let none = bench.call("ListCustomDetectionRuleOrgConfigurations", json!({ "status": "ACTIVE" })).unwrap();
        assert_eq!(none, json!({ "configurations": [] }));
        let delete = |mode: &str| {
            bench.call("DeleteCustomDetectionRuleOrgConfiguration", json!({ "RuleId": RULE, "mode": mode }))
        };
        assert!(matches!(delete("DRY_RUN"), Err(ApiError::NotFound(_))));
        delete("LIVE").unwrap();
        assert!(matches!(delete("LIVE"), Err(ApiError::NotFound(_))));
        let update = json!({ "RuleId": RULE, "mode": "LIVE" });
        let gone = bench.call("UpdateCustomDetectionRuleOrgConfiguration", update);
        assert!(matches!(gone, Err(ApiError::NotFound(_))));
    }

    #[test]
    fn both_modes_need_named_accounts() {
        let bench = Bench::new();
        bench.detector();
        let some = json!({ "includeAccountIds": [MEMBER] });
        create(&bench, "LIVE", some.clone()).unwrap();
        assert!(matches!(create(&bench, "LIVE", some.clone()), Err(ApiError::Conflict(_))));
        assert!(matches!(create(&bench, "DRY_RUN", json!({})), Err(ApiError::Conflict(_))));
        create(&bench, "DRY_RUN", some).unwrap();
        let whole = json!({ "RuleId": RULE, "mode": "LIVE", "includeAccountIds": [] });
        let refused = bench.call("UpdateCustomDetectionRuleOrgConfiguration", whole);
        assert!(matches!(refused, Err(ApiError::Conflict(_))));
        assert_eq!(get(&bench, "LIVE").unwrap()["includeAccountIds"], json!([MEMBER]));
    }

    #[test]
    fn accounts_are_named_in_one_list() {
        let bench = Bench::new();
        bench.detector();
        for wrong in [
            json!({ "includeAccountIds": [MEMBER], "excludeAccountIds": [MEMBER] }),
            json!({ "includeAccountIds": ["44445555666x"] }),
            json!({ "includeAccountIds": ["1"] }),
        ] {
            assert!(matches!(create(&bench, "LIVE", wrong.clone()), Err(ApiError::BadRequest(_))), "{wrong}");
        }
    }
}
