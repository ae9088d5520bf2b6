//! Custom detection rules: a catalogue of prebuilt rules, which of them an account wants, and which an organization.
//!
//! Rules are not evaluated yet, and each rule's description says so. What is wanted is kept with its detector.

pub mod associations;
mod catalogue;
mod organization;

pub use associations::{
    create_custom_detection_rule_association, delete_custom_detection_rule_association,
    get_custom_detection_rule_association, list_custom_detection_rule_associations,
    update_custom_detection_rule_association,
};
pub use catalogue::{get_custom_detection_rule, list_custom_detection_rules};
pub use organization::{
    create_custom_detection_rule_org_configuration, delete_custom_detection_rule_org_configuration,
    get_custom_detection_rule_org_configuration, list_custom_detection_rule_org_configurations,
    update_custom_detection_rule_org_configuration,
};

use crate::call::Call;
use crate::error::ApiError;
use picquet_api_model::AssociationMode;

/// How long a rule stays in dry run: 14 days (GuardDuty user guide, "Managing Custom Detection Rules").
const DRY_RUN_MILLIS: i64 = 14 * 24 * 3600 * 1000;

/// When something that begins now ends by itself.
fn expiry(call: &Call<'_>, mode: AssociationMode) -> Option<i64> {
    match mode {
        AssociationMode::Live => None,
        AssociationMode::DryRun => Some(call.millis() + DRY_RUN_MILLIS),
    }
}

/// The detector that rules belong to.
fn detector(call: &mut Call<'_>) -> Result<Option<String>, ApiError> {
    Ok(call.only_detector()?.map(|(id, _)| id))
}

/// The detector, which something new needs.
fn needed_detector(call: &mut Call<'_>) -> Result<String, ApiError> {
    let none = "The request is rejected because GuardDuty is not enabled in the region.";
    detector(call)?.ok_or_else(|| ApiError::bad(none))
}
