//! Members, and the invitations between administrators and members.
//!
//! The operations that are named after the master and those that are named after the administrator are the same.

mod administrator;
mod detectors;
mod invitations;
pub mod relation;
#[cfg(test)]
mod tests;

pub use administrator::{
    create_members, delete_members, disassociate_members, get_members, invite_members, list_members,
    start_monitoring_members, stop_monitoring_members,
};
pub use detectors::{get_member_detectors, update_member_detectors};
pub use invitations::{
    accept_administrator_invitation, accept_invitation, decline_invitations, delete_invitations,
    disassociate_from_administrator_account, disassociate_from_master_account, get_administrator_account,
    get_invitations_count, get_master_account, list_invitations,
};

use crate::above;
use crate::call::Call;
use crate::error::{ApiError, MANAGED};
use picquet_api_model::UnprocessedAccount;
use relation::{Relation, Status, Via};

/// Whether an account was processed, and if not, why not.
type Processed = Result<(), &'static str>;

/// Does something for each account, and collects those that it was not done for.
fn each(
    call: &mut Call<'_>,
    accounts: &[String],
    mut work: impl FnMut(&mut Call<'_>, &str) -> Result<Processed, ApiError>,
) -> Result<Vec<UnprocessedAccount>, ApiError> {
    let mut unprocessed = Vec::new();
    for account in accounts {
        if let Err(why) = work(call, account)? {
            unprocessed.push(UnprocessedAccount { account_id: account.clone(), result: why.to_owned() });
        }
    }
    Ok(unprocessed)
}

/// Whether a detector has invited or associated members.
///
/// # Errors
/// When the store fails.
pub fn has_any(call: &mut Call<'_>, detector: &str) -> Result<bool, ApiError> {
    let account = call.account;
    relation::has(call, account, detector, Status::is_invited_or_associated)
}

/// The accounts that are members of a detector of the caller's.
///
/// # Errors
/// When the store fails.
pub fn associated(call: &mut Call<'_>, detector: &str) -> Result<Vec<String>, ApiError> {
    let all = call.shelf(detector).list::<Relation>(call.sql)?;
    Ok(all.into_iter().filter(|(_, relation)| relation.status.is_associated()).map(|(account, _)| account).collect())
}

/// Whether the caller has an administrator in the region, which then manages its lists and rules, and archives.
///
/// # Errors
/// When the store fails.
pub fn is_managed(call: &mut Call<'_>) -> Result<bool, ApiError> {
    let account = call.account;
    Ok(relation::administrator_of(call, account)?.is_some())
}

/// Refuses what is the administrator's, where the caller has one.
///
/// # Errors
/// [`MANAGED`]; and when the store fails.
pub fn refuse_managed(call: &mut Call<'_>) -> Result<(), ApiError> {
    if is_managed(call)? { Err(ApiError::bad(MANAGED)) } else { Ok(()) }
}

/// Ends the caller's relation to its administrator, because its detector goes.
///
/// # Errors
/// When it is a member by way of its organization, which cannot disable GuardDuty itself (GuardDuty user guide,
/// "Understanding the relationship between GuardDuty administrator account and member accounts").
pub fn leave(call: &mut Call<'_>) -> Result<(), ApiError> {
    let account = call.account;
    let Some(mut found) = relation::administrator_of(call, account)? else { return Ok(()) };
    if found.relation.via == Via::Organization {
        return Err(ApiError::bad(MANAGED));
    }
    found.relation.set(Status::Resigned, call.millis());
    found.put(call, account)?;
    above::hide(call.sql, &found.detector, account)
}
