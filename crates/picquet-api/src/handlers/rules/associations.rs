//! Which rules an account wants, and in which mode: one association of a rule.

use super::{catalogue, detector, expiry, needed_detector};
use crate::call::{Call, seconds};
use crate::error::ApiError;
use crate::handlers::sorted::{self, Row};
use crate::handlers::tags;
use crate::resources::Tags;
use picquet_api_model::{
    AssociationDetail, AssociationMode, AssociationSummary, CreateCustomDetectionRuleAssociationRequest,
    CreateCustomDetectionRuleAssociationResponse, DeleteCustomDetectionRuleAssociationRequest,
    DeleteCustomDetectionRuleAssociationResponse, GetCustomDetectionRuleAssociationRequest,
    GetCustomDetectionRuleAssociationResponse, ListCustomDetectionRuleAssociationsRequest,
    ListCustomDetectionRuleAssociationsResponse, UpdateCustomDetectionRuleAssociationRequest,
    UpdateCustomDetectionRuleAssociationResponse,
};
use picquet_store::documents::Document;
use serde::{Deserialize, Serialize};

/// An association; its id is the document's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Association {
    /// The rule.
    pub rule: String,
    /// Live or dry run.
    pub mode: AssociationMode,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
    /// When a dry run ends, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// Tags.
    pub tags: Tags,
}

impl Document for Association {
    const KIND: &'static str = "custom-detection-rule-association";
}

/// What an association's ARN ends with.
pub fn resource(rule: &str, id: &str) -> String {
    format!("custom-detection-rule/{rule}/association/{id}")
}

fn unknown() -> ApiError {
    ApiError::NotFound("The request is rejected because the custom detection rule association does not exist.".into())
}

/// The associations of a detector that have not ended.
fn all(call: &mut Call<'_>, detector: &str) -> Result<Vec<(String, Association)>, ApiError> {
    let now = call.millis();
    let mut all = call.shelf(detector).list::<Association>(call.sql)?;
    all.retain(|(_, association)| association.expires_at.is_none_or(|end| end > now));
    Ok(all)
}

/// An association of a rule, with the detector that it belongs to.
fn find(call: &mut Call<'_>, rule: &str, id: &str) -> Result<(String, Association), ApiError> {
    catalogue::check(rule)?;
    let detector = detector(call)?.ok_or_else(unknown)?;
    let found = all(call, &detector)?.into_iter().find(|(i, association)| i == id && association.rule == rule);
    found.map(|(_, association)| (detector, association)).ok_or_else(unknown)
}

fn detail(call: &Call<'_>, id: String, association: &Association) -> AssociationDetail {
    AssociationDetail {
        account_id: call.account.to_owned(),
        arn: call.arn(&resource(&association.rule, &id)),
        association_id: id,
        created_at: seconds(association.created_at),
        expires_at: association.expires_at.map(seconds),
        mode: association.mode,
        rule_id: association.rule.clone(),
        updated_at: seconds(association.updated_at),
    }
}

pub fn create_custom_detection_rule_association(
    call: &mut Call<'_>,
    input: CreateCustomDetectionRuleAssociationRequest,
) -> Result<CreateCustomDetectionRuleAssociationResponse, ApiError> {
    catalogue::check(&input.rule_id)?;
    let detector = needed_detector(call)?;
    for (id, old) in call.shelf(&detector).list::<Association>(call.sql)? {
        if old.expires_at.is_some_and(|end| end <= call.millis()) {
            // Nobody sees it any more.
            call.shelf(&detector).remove::<Association>(call.sql, &id)?;
        } else if old.rule == input.rule_id {
            return Err(ApiError::Conflict(
                "The request is rejected because an association already exists for the custom detection rule.".into(),
            ));
        }
    }
    let now = call.millis();
    let association = Association {
        rule: input.rule_id,
        mode: input.mode,
        created_at: now,
        updated_at: now,
        expires_at: expiry(call, input.mode),
        tags: tags::new(input.tags)?,
    };
    let id = call.new_id()?;
    call.shelf(&detector).put(call.sql, &id, &association)?;
    Ok(CreateCustomDetectionRuleAssociationResponse { rule_association: detail(call, id, &association) })
}

pub fn delete_custom_detection_rule_association(
    call: &mut Call<'_>,
    input: DeleteCustomDetectionRuleAssociationRequest,
) -> Result<DeleteCustomDetectionRuleAssociationResponse, ApiError> {
    let (detector, _) = find(call, &input.rule_id, &input.association_id)?;
    call.shelf(&detector).remove::<Association>(call.sql, &input.association_id)?;
    Ok(DeleteCustomDetectionRuleAssociationResponse {})
}

pub fn get_custom_detection_rule_association(
    call: &mut Call<'_>,
    input: GetCustomDetectionRuleAssociationRequest,
) -> Result<GetCustomDetectionRuleAssociationResponse, ApiError> {
    let (_, association) = find(call, &input.rule_id, &input.association_id)?;
    let rule_association = detail(call, input.association_id, &association);
    Ok(GetCustomDetectionRuleAssociationResponse { rule_association, tags: Some(association.tags) })
}

pub fn list_custom_detection_rule_associations(
    call: &mut Call<'_>,
    input: ListCustomDetectionRuleAssociationsRequest,
) -> Result<ListCustomDetectionRuleAssociationsResponse, ApiError> {
    let question = format!("custom-detection-rule-associations/{:?}/{:?}", input.rule_id, input.mode);
    let all = match detector(call)? {
        Some(detector) => all(call, &detector)?,
        None => Vec::new(),
    };
    let rows = all
        .into_iter()
        .filter(|(_, a)| input.rule_id.as_ref().is_none_or(|rule| *rule == a.rule))
        .filter(|(_, a)| input.mode.is_none_or(|mode| mode == a.mode))
        .map(|(id, association)| {
            let shown = detail(call, id.clone(), &association);
            Row { key: sorted::moment(association.created_at), id, shown }
        })
        .collect();
    let token = input.next_token.as_deref();
    let (shown, next_token) = sorted::page(call, &question, input.max_results, token, false, rows)?;
    let summary = |detail: AssociationDetail| AssociationSummary {
        arn: detail.arn,
        association_id: detail.association_id,
        created_at: detail.created_at,
        expires_at: detail.expires_at,
        mode: detail.mode,
        rule_id: detail.rule_id,
        updated_at: detail.updated_at,
    };
    Ok(ListCustomDetectionRuleAssociationsResponse {
        next_token,
        rule_associations: shown.into_iter().map(summary).collect(),
    })
}

pub fn update_custom_detection_rule_association(
    call: &mut Call<'_>,
    input: UpdateCustomDetectionRuleAssociationRequest,
) -> Result<UpdateCustomDetectionRuleAssociationResponse, ApiError> {
    let (detector, mut association) = find(call, &input.rule_id, &input.association_id)?;
    if association.mode != input.mode {
        // A dry run that goes on as one is not prolonged.
        association.mode = input.mode;
        association.expires_at = expiry(call, input.mode);
    }
    association.updated_at = call.millis();
    call.shelf(&detector).put(call.sql, &input.association_id, &association)?;
    Ok(UpdateCustomDetectionRuleAssociationResponse {})
}

#[cfg(test)]
mod tests {
    use super::Association;
    use crate::error::ApiError;
    use crate::testing::{ACCOUNT, Bench, REGION};
    use picquet_api_model::AssociationMode;
    use picquet_store::Sql;
    use picquet_store::documents::Shelf;
    use serde_json::{Value, json};

    const RULE: &str = "vpc-flow-logs-deleted";

    fn create(bench: &Bench, rule: &str, mode: &str) -> Result<Value, ApiError> {
        let input = json!({ "ruleId": rule, "mode": mode, "tags": { "a": "b" } });
        Ok(bench.call("CreateCustomDetectionRuleAssociation", input)?["ruleAssociation"].clone())
    }

    #[test]
    fn an_association_is_made_changed_and_deleted() {
        let bench = Bench::new();
        assert!(matches!(create(&bench, RULE, "DRY_RUN"), Err(ApiError::BadRequest(_))));
        bench.detector();
        let made = create(&bench, RULE, "DRY_RUN").unwrap();
        let days = (made["expiresAt"].as_f64().unwrap() - made["createdAt"].as_f64().unwrap()) / 86400.0;
        assert_eq!((days, &made["accountId"]), (14.0, &json!("111122223333")));
        assert!(matches!(create(&bench, RULE, "LIVE"), Err(ApiError::Conflict(_))));
        let ids = json!({ "RuleId": RULE, "AssociationId": made["associationId"] });
        let with = |more: Value| {
            let mut all = ids.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        bench.call("UpdateCustomDetectionRuleAssociation", with(json!({ "mode": "LIVE" }))).unwrap();
        let got = bench.call("GetCustomDetectionRuleAssociation", ids.clone()).unwrap();
        assert_eq!((&got["ruleAssociation"]["mode"], &got["tags"]), (&json!("LIVE"), &json!({ "a": "b" })));
        assert_eq!(got["ruleAssociation"].get("expiresAt"), None);
        let other = json!({ "RuleId": "iam-access-key-created", "AssociationId": made["associationId"] });
        assert!(matches!(bench.call("GetCustomDetectionRuleAssociation", other), Err(ApiError::NotFound(_))));
        bench.call("DeleteCustomDetectionRuleAssociation", ids.clone()).unwrap();
        for operation in ["DeleteCustomDetectionRuleAssociation", "GetCustomDetectionRuleAssociation"] {
            assert!(matches!(bench.call(operation, ids.clone()), Err(ApiError::NotFound(_))), "{operation}");
        }
        assert!(matches!(create(&bench, "no-such-rule", "LIVE"), Err(ApiError::NotFound(_))));
    }

    #[test]
    fn associations_are_filtered_and_paged_and_go_with_the_detector() {
        let bench = Bench::new();
        let list = |input: Value| bench.call("ListCustomDetectionRuleAssociations", input).unwrap();
        assert_eq!(list(json!({})), json!({ "ruleAssociations": [] }));
        let detector = bench.detector();
        create(&bench, RULE, "DRY_RUN").unwrap();
        create(&bench, "iam-access-key-created", "LIVE").unwrap();
        let live = list(json!({ "mode": "LIVE" }));
        assert_eq!(live["ruleAssociations"].as_array().unwrap().len(), 1);
        assert_eq!(live["ruleAssociations"][0]["ruleId"], "iam-access-key-created");
        let first = list(json!({ "maxResults": 1 }));
        assert_eq!(first["ruleAssociations"][0]["ruleId"], RULE);
        let second = list(json!({ "maxResults": 1, "nextToken": first["nextToken"] }));
        assert_eq!(second["ruleAssociations"][0]["ruleId"], "iam-access-key-created");
        assert_eq!(second.get("nextToken"), None);
        bench.call("DeleteDetector", json!({ "DetectorId": detector })).unwrap();
        bench.detector();
        assert_eq!(list(json!({})), json!({ "ruleAssociations": [] }));
    }

    #[test]
    fn a_dry_run_that_ended_is_gone() {
        let bench = Bench::new();
        let detector = bench.detector();
        let ended = Association {
            rule: RULE.into(),
            mode: AssociationMode::DryRun,
            created_at: 0,
            updated_at: 0,
            expires_at: Some(1),
            tags: Default::default(),
        };
        let write = |sql: &mut dyn Sql| -> Result<(), ApiError> {
            Ok(Shelf { account: ACCOUNT, region: REGION, parent: &detector }.put(sql, "old", &ended)?)
        };
        bench.api.store().write(write).unwrap();
        let list = || bench.call("ListCustomDetectionRuleAssociations", json!({})).unwrap();
        assert_eq!(list(), json!({ "ruleAssociations": [] }));
        let old = json!({ "RuleId": RULE, "AssociationId": "old", "mode": "LIVE" });
        let refused = bench.call("UpdateCustomDetectionRuleAssociation", old);
        assert!(matches!(refused, Err(ApiError::NotFound(_))));
        create(&bench, RULE, "DRY_RUN").unwrap();
        assert_eq!(list()["ruleAssociations"].as_array().unwrap().len(), 1);
    }
}
