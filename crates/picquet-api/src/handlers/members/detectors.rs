//! The detectors of members, as their administrator sees and sets them.

use super::each;
use super::relation::{self, Relation};
use crate::call::Call;
use crate::error::{ApiError, MEMBER_WITHOUT_DETECTOR, NOT_A_MEMBER};
use crate::features::Features;
use crate::org_features::{asked_of_detector, to_member_answer};
use crate::resources::Detector;
use picquet_api_model::{
    GetMemberDetectorsRequest, GetMemberDetectorsResponse, MemberDataSourceConfiguration, UpdateMemberDetectorsRequest,
    UpdateMemberDetectorsResponse,
};

/// The detector of an associated member, or why there is none.
fn detector_of_member(
    call: &mut Call<'_>,
    administrators: &str,
    account: &str,
) -> Result<Result<(String, Detector), &'static str>, ApiError> {
    let relation = call.shelf(administrators).get::<Relation>(call.sql, account)?;
    if !relation.is_some_and(|relation| relation.status.is_associated()) {
        return Ok(Err(NOT_A_MEMBER));
    }
    Ok(relation::detector_of(call, account)?.ok_or(MEMBER_WITHOUT_DETECTOR))
}

pub fn get_member_detectors(
    call: &mut Call<'_>,
    input: GetMemberDetectorsRequest,
) -> Result<GetMemberDetectorsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let mut member_data_source_configurations = Vec::new();
    let unprocessed_accounts = each(call, &input.account_ids, |call, account| {
        let detector = match detector_of_member(call, &input.detector_id, account)? {
            Ok((_, detector)) => detector,
            Err(why) => return Ok(Err(why)),
        };
        let role = crate::handlers::detectors::service_role(call.partition(), account);
        member_data_source_configurations.push(MemberDataSourceConfiguration {
            account_id: account.to_owned(),
            data_sources: detector.features.to_data_sources(detector.enabled, role),
            features: Some(to_member_answer(&detector.features)),
        });
        Ok(Ok(()))
    })?;
    Ok(GetMemberDetectorsResponse { member_data_source_configurations, unprocessed_accounts })
}

pub fn update_member_detectors(
    call: &mut Call<'_>,
    input: UpdateMemberDetectorsRequest,
) -> Result<UpdateMemberDetectorsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let now = call.millis();
    let features = asked_of_detector(input.features.as_deref().unwrap_or_default());
    // What does not go together is refused, whether or not there is a member to do it to.
    Features::new(now).update(Some(&features), input.data_sources.as_ref(), now)?;
    let unprocessed_accounts = each(call, &input.account_ids, |call, account| {
        let (id, mut detector) = match detector_of_member(call, &input.detector_id, account)? {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        detector.features.update(Some(&features), input.data_sources.as_ref(), now)?;
        detector.updated_at = now;
        relation::put_detector(call, account, &id, &detector)?;
        Ok(Ok(()))
    })?;
    Ok(UpdateMemberDetectorsResponse { unprocessed_accounts })
}
