//! The organization's administrator and configuration.
//!
//! AWS Organizations is not attached, so that nothing tells which accounts belong together: the accounts of a store are
//! one organization. Its management account is the operator's choice ([`crate::Options`]), or else the account that first
//! designates a delegated administrator.

mod configuration;
mod delegation;
mod statistics;
#[cfg(test)]
mod tests;

pub use configuration::{
    OrganizationConfiguration, configuration, describe_organization_configuration, update_organization_configuration,
};
pub use delegation::{
    disable_organization_admin_account, enable_organization_admin_account, is_delegated_administrator,
    list_organization_admin_accounts, management_account,
};
pub use statistics::get_organization_statistics;

use crate::call::Call;
use crate::error::{ApiError, NO_ORGANIZATION_PERMISSION};

/// Members of one delegated administrator (GuardDuty user guide, "Amazon GuardDuty quotas").
pub const MOST_MEMBERS: usize = 50_000;

/// Whether a text is the id of an account: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Refuses callers that are not the delegated administrator in the region.
fn only_delegated_administrator(call: &mut Call<'_>) -> Result<(), ApiError> {
    if is_delegated_administrator(call)? {
        return Ok(());
    }
    Err(ApiError::bad(NO_ORGANIZATION_PERMISSION))
}
