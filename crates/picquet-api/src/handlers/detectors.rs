//! Detectors: at most one of an account in a region.

use crate::call::Call;
use crate::error::{ApiError, DETECTOR_EXISTS, HAS_MEMBERS};
use crate::features::Features;
use crate::handlers::{members, tags};
use crate::resources::Detector;
use picquet_api_model::{
    CreateDetectorRequest, CreateDetectorResponse, DeleteDetectorRequest, DeleteDetectorResponse, DetectorStatus,
    FindingPublishingFrequency, GetDetectorRequest, GetDetectorResponse, ListDetectorsRequest, ListDetectorsResponse,
    UpdateDetectorRequest, UpdateDetectorResponse,
};
use picquet_store::findings;

pub fn create_detector(call: &mut Call<'_>, input: CreateDetectorRequest) -> Result<CreateDetectorResponse, ApiError> {
    if call.only_detector()?.is_some() {
        return Err(ApiError::bad(DETECTOR_EXISTS));
    }
    let now = call.millis();
    let mut features = Features::new(now);
    features.update(input.features.as_deref(), input.data_sources.as_ref(), now)?;
    let detector = Detector {
        enabled: input.enable,
        created_at: now,
        updated_at: now,
        frequency: input.finding_publishing_frequency.unwrap_or(FindingPublishingFrequency::SixHours),
        features,
        tags: tags::new(input.tags)?,
    };
    Ok(CreateDetectorResponse { detector_id: Some(create(call, &detector)?), unprocessed_data_sources: None })
}

/// Keeps a new detector. Its id follows from account and region, so that findings of a scan are this detector's.
pub fn create(call: &mut Call<'_>, detector: &Detector) -> Result<String, ApiError> {
    let id = picquet_model::ids::detector_id(call.account, call.region);
    call.account_shelf().put(call.sql, &id, detector)?;
    Ok(id)
}

pub fn get_detector(call: &mut Call<'_>, input: GetDetectorRequest) -> Result<GetDetectorResponse, ApiError> {
    let detector = call.detector(&input.detector_id)?;
    let role = service_role(call.partition(), call.account);
    Ok(GetDetectorResponse {
        created_at: Some(crate::call::iso(detector.created_at)),
        updated_at: Some(crate::call::iso(detector.updated_at)),
        data_sources: Some(detector.features.to_data_sources(detector.enabled, role.clone())),
        features: Some(detector.features.to_answer(detector.enabled, detector.created_at)),
        finding_publishing_frequency: Some(detector.frequency),
        service_role: role,
        status: if detector.enabled { DetectorStatus::Enabled } else { DetectorStatus::Disabled },
        tags: Some(detector.tags),
    })
}

/// The role that GuardDuty has in an account.
pub fn service_role(partition: &str, account: &str) -> String {
    format!(
        "arn:{partition}:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
    )
}

pub fn list_detectors(call: &mut Call<'_>, input: ListDetectorsRequest) -> Result<ListDetectorsResponse, ApiError> {
    let page = call.page("detectors", input.max_results, input.next_token.as_deref())?;
    let shelf = call.account_shelf();
    let mut rows = shelf.page::<Detector>(call.sql, &page.after, page.read())?;
    let next_token = call.cut(&page, &mut rows);
    Ok(ListDetectorsResponse { detector_ids: rows.into_iter().map(|(id, _)| id).collect(), next_token })
}

pub fn update_detector(call: &mut Call<'_>, input: UpdateDetectorRequest) -> Result<UpdateDetectorResponse, ApiError> {
    let mut detector = call.detector(&input.detector_id)?;
    // The administrator decides on its members' features, and how often their findings are published.
    let managed =
        input.features.is_some() || input.data_sources.is_some() || input.finding_publishing_frequency.is_some();
    if managed {
        members::refuse_managed(call)?;
    }
    let now = call.millis();
    detector.enabled = input.enable.unwrap_or(detector.enabled);
    detector.frequency = input.finding_publishing_frequency.unwrap_or(detector.frequency);
    detector.features.update(input.features.as_deref(), input.data_sources.as_ref(), now)?;
    detector.updated_at = now;
    call.account_shelf().put(call.sql, &input.detector_id, &detector)?;
    Ok(UpdateDetectorResponse {})
}

pub fn delete_detector(call: &mut Call<'_>, input: DeleteDetectorRequest) -> Result<DeleteDetectorResponse, ApiError> {
    call.detector(&input.detector_id)?;
    if members::has_any(call, &input.detector_id)? {
        return Err(ApiError::bad(HAS_MEMBERS));
    }
    members::leave(call)?;
    // With all that belongs to it.
    call.shelf(&input.detector_id).clear(call.sql)?;
    findings::clear(call.sql, &input.detector_id)?;
    call.account_shelf().remove::<Detector>(call.sql, &input.detector_id)?;
    Ok(DeleteDetectorResponse {})
}

#[cfg(test)]
mod tests {
    use crate::error::{ApiError, DETECTOR_EXISTS, NOT_OWNED};
    use crate::testing::{ACCOUNT, Bench};
    use serde_json::{Value, json};

    fn feature(detector: &Value, name: &str) -> String {
        let all: Vec<&Value> = detector["features"].as_array().unwrap().iter().filter(|f| f["name"] == name).collect();
        assert_eq!(all.len(), 1, "{name}");
        all[0]["status"].as_str().unwrap().to_owned()
    }

    #[test]
    fn an_account_has_one_detector_in_a_region() {
        let bench = Bench::new();
        let id = bench.detector();
        let second = bench.call("CreateDetector", json!({ "enable": true }));
        assert_eq!(second, Err(ApiError::bad(DETECTOR_EXISTS)));
        assert_eq!(bench.call("ListDetectors", json!({})).unwrap(), json!({ "detectorIds": [id] }));
        assert!(bench.call_as(ACCOUNT, "eu-west-1", "CreateDetector", json!({ "enable": true })).is_ok());
        for (account, region) in [("444455556666", "us-east-1"), (ACCOUNT, "eu-central-1")] {
            let other = bench.call_as(account, region, "GetDetector", json!({ "DetectorId": id }));
            assert_eq!(other, Err(ApiError::bad(NOT_OWNED)));
        }
    }

    #[test]
    fn features_and_data_sources_are_one_state() {
        let bench = Bench::new();
        let id = bench.detector();
        let get = || bench.call("GetDetector", json!({ "DetectorId": id })).unwrap();
        assert_eq!(feature(&get(), "S3_DATA_EVENTS"), "ENABLED");
        assert_eq!(feature(&get(), "RUNTIME_MONITORING"), "DISABLED");
        let off = json!({ "DetectorId": id, "dataSources": { "s3Logs": { "enable": false } } });
        bench.call("UpdateDetector", off).unwrap();
        assert_eq!(feature(&get(), "S3_DATA_EVENTS"), "DISABLED");
        let on = json!({ "DetectorId": id, "features": [{ "name": "S3_DATA_EVENTS", "status": "ENABLED" }] });
        bench.call("UpdateDetector", on).unwrap();
        assert_eq!(get()["dataSources"]["s3Logs"]["status"], "ENABLED");
    }

    #[test]
    fn an_update_leaves_what_it_does_not_name() {
        let bench = Bench::new();
        let id = bench.detector();
        let hourly = json!({ "DetectorId": id, "findingPublishingFrequency": "ONE_HOUR" });
        bench.call("UpdateDetector", hourly).unwrap();
        bench.call("UpdateDetector", json!({ "DetectorId": id, "enable": false })).unwrap();
        let detector = bench.call("GetDetector", json!({ "DetectorId": id })).unwrap();
        assert_eq!(
            (&detector["findingPublishingFrequency"], &detector["status"]),
            (&json!("ONE_HOUR"), &json!("DISABLED"))
        );
        assert_eq!(feature(&detector, "FLOW_LOGS"), "DISABLED");
        assert!(detector["updatedAt"].as_str() > detector["createdAt"].as_str());
        assert_eq!(detector["tags"], json!({}));
    }

    #[test]
    fn features_that_exclude_each_other_are_refused() {
        let bench = Bench::new();
        let id = bench.detector();
        let feature = |name: &str| json!({ "name": name, "status": "ENABLED" });
        for features in [
            json!([feature("RUNTIME_MONITORING"), feature("EKS_RUNTIME_MONITORING")]),
            json!([feature("S3_DATA_EVENTS"), feature("S3_DATA_EVENTS")]),
            json!([{ "name": "S3_DATA_EVENTS", "status": "ENABLED",
                     "additionalConfiguration": [{ "name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED" }] }]),
            json!([feature("NO_SUCH_FEATURE")]),
        ] {
            let answer = bench.call("UpdateDetector", json!({ "DetectorId": id, "features": features }));
            assert!(matches!(answer, Err(ApiError::BadRequest(_))), "{features}");
        }
    }

    #[test]
    fn every_additional_configuration_belongs_to_a_feature() {
        use picquet_api_model::{DetectorFeature, FeatureAdditionalConfiguration};
        let bench = Bench::new();
        let id = bench.detector();
        for additional in FeatureAdditionalConfiguration::ALL {
            let has = |feature: &&DetectorFeature| crate::features::additional_of(**feature).contains(additional);
            let feature = DetectorFeature::ALL.iter().rfind(has).unwrap().as_str();
            let on = json!([{ "name": additional.as_str(), "status": "ENABLED" }]);
            let features = json!([{ "name": feature, "additionalConfiguration": on }]);
            bench.call("UpdateDetector", json!({ "DetectorId": id, "features": features })).unwrap();
            let detector = bench.call("GetDetector", json!({ "DetectorId": id })).unwrap();
            let all = detector["features"].as_array().unwrap().iter().filter(|f| f["name"] == feature);
            let shown: Vec<&Value> = all.flat_map(|f| f["additionalConfiguration"].as_array().unwrap()).collect();
            let shown: Vec<_> =
                shown.iter().filter(|a| a["name"] == additional.as_str()).map(|a| &a["status"]).collect();
            assert_eq!(shown, ["ENABLED"], "{feature}");
        }
    }

    #[test]
    fn a_deleted_detector_is_not_owned_any_more() {
        let bench = Bench::new();
        let id = bench.detector();
        bench.call("DeleteDetector", json!({ "DetectorId": id })).unwrap();
        assert_eq!(bench.call("DeleteDetector", json!({ "DetectorId": id })), Err(ApiError::bad(NOT_OWNED)));
        assert_eq!(bench.call("ListDetectors", json!({})).unwrap(), json!({ "detectorIds": [] }));
    }
}
