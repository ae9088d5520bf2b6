//! Who administers GuardDuty for the organization.

use super::configuration::Kept;
use super::is_account_id;
use crate::call::Call;
use crate::error::{
    ADMIN_ENABLED, ADMIN_IS_MEMBER, ADMIN_NOT_ENABLED, ANOTHER_ADMIN_ENABLED, ApiError, NO_ORGANIZATION_PERMISSION,
    OUT_OF_RANGE,
};
use crate::handlers::members::relation::{self, Relation, Via};
use picquet_api_model::{
    AdminAccount, AdminStatus, DisableOrganizationAdminAccountRequest, DisableOrganizationAdminAccountResponse,
    EnableOrganizationAdminAccountRequest, EnableOrganizationAdminAccountResponse,
    ListOrganizationAdminAccountsRequest, ListOrganizationAdminAccountsResponse,
};
use picquet_store::documents::{self, Document, Shelf};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The delegated administrator of the organization, the same in all regions (GuardDuty user guide, "Managing GuardDuty
/// accounts with AWS Organizations"). The document is the management account's.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Delegation {
    /// The account.
    administrator: String,
    /// Where it is enabled.
    regions: BTreeSet<String>,
}

impl Document for Delegation {
    const KIND: &'static str = "organization-administrator";
}

/// The document's id: there is one.
const ID: &str = "administrator";

/// What belongs to the management account in all regions. It may be another than the operator chose since.
const fn shelf_of(management: &str) -> Shelf<'_> {
    Shelf { account: management, region: "", parent: "" }
}

/// The delegation of the store's organization, with the management account.
fn delegation(call: &mut Call<'_>) -> Result<Option<(String, Delegation)>, ApiError> {
    let all = documents::everywhere::<Delegation>(call.sql)?;
    Ok(all.into_iter().next().map(|((management, ..), delegation)| (management, delegation)))
}

/// The management account, when there is one yet.
///
/// # Errors
/// When the store fails.
pub fn management_account(call: &mut Call<'_>) -> Result<Option<String>, ApiError> {
    if let Some(chosen) = &call.api.options().management_account {
        return Ok(Some(chosen.clone()));
    }
    Ok(delegation(call)?.map(|(management, _)| management))
}

/// Whether the caller administers GuardDuty for the organization in the region.
///
/// # Errors
/// When the store fails.
pub fn is_delegated_administrator(call: &mut Call<'_>) -> Result<bool, ApiError> {
    let delegation = delegation(call)?;
    Ok(delegation.is_some_and(|(_, d)| d.administrator == call.account && d.regions.contains(call.region)))
}

/// Refuses callers that are not the management account.
fn only_management(call: &mut Call<'_>) -> Result<(), ApiError> {
    match management_account(call)? {
        Some(management) if management != call.account => Err(ApiError::bad(NO_ORGANIZATION_PERMISSION)),
        _ => Ok(()),
    }
}

pub fn enable_organization_admin_account(
    call: &mut Call<'_>,
    input: EnableOrganizationAdminAccountRequest,
) -> Result<EnableOrganizationAdminAccountResponse, ApiError> {
    let administrator = input.admin_account_id;
    if !is_account_id(&administrator) && !call.api.options().lenient {
        return Err(ApiError::bad(OUT_OF_RANGE));
    }
    only_management(call)?;
    let (management, mut delegation) = delegation(call)?.unwrap_or_else(|| {
        let delegation = Delegation { administrator: administrator.clone(), regions: BTreeSet::new() };
        (call.account.to_owned(), delegation)
    });
    if delegation.administrator != administrator {
        return Err(ApiError::bad(ANOTHER_ADMIN_ENABLED));
    }
    if !delegation.regions.insert(call.region.to_owned()) {
        return Err(ApiError::bad(ADMIN_ENABLED));
    }
    if relation::administrator_of(call, &administrator)?.is_some() {
        return Err(ApiError::bad(ADMIN_IS_MEMBER));
    }
    // A detector that is suspended stays so: that is its account's choice.
    if relation::detector_of(call, &administrator)?.is_none() {
        relation::enable(call, &administrator, |_, _| Ok(()))?;
    }
    shelf_of(&management).put(call.sql, ID, &delegation)?;
    Ok(EnableOrganizationAdminAccountResponse {})
}

/// Members by way of the organization are none any more, and their detectors stay as they are (GuardDuty user guide,
/// "Managing GuardDuty accounts with AWS Organizations").
pub fn disable_organization_admin_account(
    call: &mut Call<'_>,
    input: DisableOrganizationAdminAccountRequest,
) -> Result<DisableOrganizationAdminAccountResponse, ApiError> {
    only_management(call)?;
    let Some((management, mut delegation)) = delegation(call)? else { return Err(ApiError::bad(ADMIN_NOT_ENABLED)) };
    if delegation.administrator != input.admin_account_id || !delegation.regions.remove(call.region) {
        return Err(ApiError::bad(ADMIN_NOT_ENABLED));
    }
    if let Some((detector, _)) = relation::detector_of(call, &delegation.administrator)? {
        let shelf = Shelf { account: &delegation.administrator, region: call.region, parent: &detector };
        for (account, member) in shelf.list::<Relation>(call.sql)? {
            if member.via == Via::Organization {
                shelf.remove::<Relation>(call.sql, &account)?;
            }
        }
        Kept::remove(call.sql, &shelf)?;
    }
    if delegation.regions.is_empty() {
        shelf_of(&management).remove::<Delegation>(call.sql, ID)?;
    } else {
        shelf_of(&management).put(call.sql, ID, &delegation)?;
    }
    Ok(DisableOrganizationAdminAccountResponse {})
}

pub fn list_organization_admin_accounts(
    call: &mut Call<'_>,
    input: ListOrganizationAdminAccountsRequest,
) -> Result<ListOrganizationAdminAccountsResponse, ApiError> {
    only_management(call)?;
    let page = call.page("organization-administrators", input.max_results, input.next_token.as_deref())?;
    let here = delegation(call)?.map(|(_, d)| d).filter(|d| d.regions.contains(call.region));
    let mut rows: Vec<(String, AdminAccount)> = Vec::new();
    if let Some(delegation) = here.filter(|d| d.administrator > page.after) {
        let admin_account_id = Some(delegation.administrator.clone());
        let account = AdminAccount { admin_account_id, admin_status: Some(AdminStatus::Enabled) };
        rows.push((delegation.administrator, account));
    }
    let next_token = call.cut(&page, &mut rows);
    let admin_accounts = Some(rows.into_iter().map(|(_, account)| account).collect());
    Ok(ListOrganizationAdminAccountsResponse { admin_accounts, next_token })
}
