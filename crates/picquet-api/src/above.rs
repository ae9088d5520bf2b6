//! Findings of members, as their administrator sees them: they are kept with the administrator's detector as well, so that
//! it lists, counts, archives and exports them like its own (GuardDuty user guide, "Managing multiple accounts").

use crate::error::ApiError;
use crate::handlers::members::relation::Relation;
use crate::resources::Detector;
use picquet_store::documents::{self, Shelf};
use picquet_store::{Sql, findings};
use serde_json::Value;

/// The administrator of an account in a region.
pub struct Above {
    /// Its account.
    pub account: String,
    /// Its detector.
    pub detector: String,
    /// What that is set to.
    pub settings: Detector,
}

/// The administrator of an account, if it has one whose detector is there.
///
/// # Errors
/// When the store fails.
pub fn of(sql: &mut dyn Sql, account: &str, region: &str) -> Result<Option<Above>, ApiError> {
    let relations = documents::about::<Relation>(sql, account)?;
    let found =
        relations.into_iter().find(|(_, there, _, relation)| there == region && relation.status.is_associated());
    let Some((account, _, detector, _)) = found else { return Ok(None) };
    let settings = Shelf { account: &account, region, parent: "" }.get::<Detector>(sql, &detector)?;
    Ok(settings.map(|settings| Above { account, detector, settings }))
}

/// A member in a region, and its administrator.
pub struct Member {
    /// The administrator's account.
    pub administrator: String,
    /// The region.
    pub region: String,
    /// The member's account.
    pub account: String,
}

/// All members of the store.
///
/// # Errors
/// When the store fails.
pub fn members(sql: &mut dyn Sql) -> picquet_store::Result<Vec<Member>> {
    let all = documents::everywhere::<Relation>(sql)?;
    let associated = all.into_iter().filter(|(_, relation)| relation.status.is_associated());
    Ok(associated.map(|((administrator, region, _, account), _)| Member { administrator, region, account }).collect())
}

/// Shows the administrator, if there is one, a finding as it is now.
///
/// # Errors
/// When the store fails.
pub fn show(sql: &mut dyn Sql, above: Option<&Above>, finding: &Value) -> Result<(), ApiError> {
    let Some(above) = above else { return Ok(()) };
    Ok(findings::put(sql, &above.detector, finding)?)
}

/// Hides all findings of an account from an administrator that it has no more.
///
/// # Errors
/// When the store fails.
pub fn hide(sql: &mut dyn Sql, detector: &str, account: &str) -> Result<(), ApiError> {
    Ok(findings::clear_account(sql, detector, account)?)
}

/// Changes a member's finding for the member too, when its administrator changed it.
///
/// # Errors
/// When the store fails.
pub fn pass_down(sql: &mut dyn Sql, member: &str, region: &str, finding: &Value) -> Result<(), ApiError> {
    let shelf = Shelf { account: member, region, parent: "" };
    let Some((detector, _)) = shelf.page::<Detector>(sql, "", 1)?.into_iter().next() else { return Ok(()) };
    let id = finding["id"].as_str().unwrap_or_default();
    if findings::get(sql, &detector, id)?.is_some() {
        findings::put(sql, &detector, finding)?;
    }
    Ok(())
}
