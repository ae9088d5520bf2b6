//! What an account does with the invitations that it got, and with its administrator.

use super::relation::{self, Found, Status, Via};
use super::{Processed, each};
use crate::above;
use crate::call::{Call, iso};
use crate::error::{ADMINISTRATOR_ACCEPTS, ApiError, MANAGED, MEMBER_ACCEPTS, NO_INVITATION, NO_MASTER, NOT_DECLINED};
use crate::handlers::organization;
use picquet_api_model::{
    AcceptAdministratorInvitationRequest, AcceptAdministratorInvitationResponse, AcceptInvitationRequest,
    AcceptInvitationResponse, Administrator, DeclineInvitationsRequest, DeclineInvitationsResponse,
    DeleteInvitationsRequest, DeleteInvitationsResponse, DisassociateFromAdministratorAccountRequest,
    DisassociateFromAdministratorAccountResponse, DisassociateFromMasterAccountRequest,
    DisassociateFromMasterAccountResponse, GetAdministratorAccountRequest, GetAdministratorAccountResponse,
    GetInvitationsCountRequest, GetInvitationsCountResponse, GetMasterAccountRequest, GetMasterAccountResponse,
    Invitation, ListInvitationsRequest, ListInvitationsResponse, Master,
};

pub fn accept_administrator_invitation(
    call: &mut Call<'_>,
    input: AcceptAdministratorInvitationRequest,
) -> Result<AcceptAdministratorInvitationResponse, ApiError> {
    accept(call, &input.detector_id, &input.administrator_id, &input.invitation_id)?;
    Ok(AcceptAdministratorInvitationResponse {})
}

pub fn accept_invitation(
    call: &mut Call<'_>,
    input: AcceptInvitationRequest,
) -> Result<AcceptInvitationResponse, ApiError> {
    accept(call, &input.detector_id, &input.master_id, &input.invitation_id)?;
    Ok(AcceptInvitationResponse {})
}

fn accept(call: &mut Call<'_>, detector: &str, administrator: &str, invitation: &str) -> Result<(), ApiError> {
    call.detector(detector)?;
    let account = call.account;
    let found = relation::of_member(call, account)?;
    if found.iter().any(|found| found.relation.status.is_associated()) {
        return Err(ApiError::bad(MEMBER_ACCEPTS));
    }
    // An account cannot be administrator and member at the same time (GuardDuty user guide, "Managing GuardDuty accounts
    // by invitation").
    if relation::has(call, account, detector, |status| !status.is_over())?
        || organization::is_delegated_administrator(call)?
    {
        return Err(ApiError::bad(ADMINISTRATOR_ACCEPTS));
    }
    let pending = |found: &Found| {
        found.administrator == administrator
            && found.relation.status == Status::Invited
            && found.relation.invitation.as_ref().is_some_and(|i| i.id == invitation)
    };
    let Some(mut found) = found.into_iter().find(pending) else { return Err(ApiError::bad(NO_INVITATION)) };
    found.relation.set(Status::Enabled, call.millis());
    found.put(call, account)
}

/// The caller's relation to an account that invited it.
fn invited_by(call: &mut Call<'_>, administrator: &str) -> Result<Option<Found>, ApiError> {
    let account = call.account;
    let found = relation::of_member(call, account)?;
    Ok(found.into_iter().find(|f| f.administrator == administrator && f.relation.invitation.is_some()))
}

pub fn decline_invitations(
    call: &mut Call<'_>,
    input: DeclineInvitationsRequest,
) -> Result<DeclineInvitationsResponse, ApiError> {
    let unprocessed_accounts = each(call, &input.account_ids, decline)?;
    Ok(DeclineInvitationsResponse { unprocessed_accounts })
}

fn decline(call: &mut Call<'_>, administrator: &str) -> Result<Processed, ApiError> {
    let found = invited_by(call, administrator)?;
    let Some(mut found) = found.filter(|f| f.relation.status == Status::Invited) else {
        return Ok(Err(NO_INVITATION));
    };
    found.relation.set(Status::Resigned, call.millis());
    found.put(call, call.account)?;
    Ok(Ok(()))
}

pub fn delete_invitations(
    call: &mut Call<'_>,
    input: DeleteInvitationsRequest,
) -> Result<DeleteInvitationsResponse, ApiError> {
    let unprocessed_accounts = each(call, &input.account_ids, delete)?;
    Ok(DeleteInvitationsResponse { unprocessed_accounts })
}

fn delete(call: &mut Call<'_>, administrator: &str) -> Result<Processed, ApiError> {
    let Some(mut found) = invited_by(call, administrator)? else { return Ok(Err(NO_INVITATION)) };
    if found.relation.status.is_invited_or_associated() {
        return Ok(Err(NOT_DECLINED));
    }
    found.relation.invitation = None;
    found.put(call, call.account)?;
    Ok(Ok(()))
}

/// Those that were not accepted (service model).
pub fn get_invitations_count(
    call: &mut Call<'_>,
    _input: GetInvitationsCountRequest,
) -> Result<GetInvitationsCountResponse, ApiError> {
    let account = call.account;
    let found = relation::of_member(call, account)?;
    let open = |f: &&Found| f.relation.invitation.is_some() && !f.relation.status.is_associated();
    let count = i32::try_from(found.iter().filter(open).count()).unwrap_or(i32::MAX);
    Ok(GetInvitationsCountResponse { invitations_count: Some(count) })
}

/// An answered invitation stays, with the status of the relation, until it is deleted.
pub fn list_invitations(
    call: &mut Call<'_>,
    input: ListInvitationsRequest,
) -> Result<ListInvitationsResponse, ApiError> {
    let page = call.page("invitations", input.max_results, input.next_token.as_deref())?;
    let account = call.account;
    let mut rows = Vec::new();
    for found in relation::of_member(call, account)? {
        let Some(invitation) = found.relation.invitation else { continue };
        if found.administrator <= page.after {
            continue;
        }
        let answer = Invitation {
            account_id: Some(found.administrator.clone()),
            invitation_id: Some(invitation.id),
            invited_at: Some(iso(invitation.at)),
            relationship_status: Some(found.relation.status.as_str().to_owned()),
        };
        rows.push((found.administrator, answer));
    }
    let next_token = call.cut(&page, &mut rows);
    Ok(ListInvitationsResponse { invitations: Some(rows.into_iter().map(|(_, answer)| answer).collect()), next_token })
}

/// Without an administrator the answer is empty (service model), though the member is a required one.
pub fn get_administrator_account(
    call: &mut Call<'_>,
    input: GetAdministratorAccountRequest,
) -> Result<Option<GetAdministratorAccountResponse>, ApiError> {
    let Some(found) = administrator(call, &input.detector_id)? else { return Ok(None) };
    let administrator = Administrator {
        account_id: Some(found.administrator),
        invitation_id: found.relation.invitation.as_ref().map(|i| i.id.clone()),
        invited_at: found.relation.invitation.as_ref().map(|i| iso(i.at)),
        relationship_status: Some(found.relation.status.as_str().to_owned()),
    };
    Ok(Some(GetAdministratorAccountResponse { administrator }))
}

pub fn get_master_account(
    call: &mut Call<'_>,
    input: GetMasterAccountRequest,
) -> Result<Option<GetMasterAccountResponse>, ApiError> {
    let input = GetAdministratorAccountRequest { detector_id: input.detector_id };
    let Some(answer) = get_administrator_account(call, input)? else { return Ok(None) };
    let Administrator { account_id, invitation_id, invited_at, relationship_status } = answer.administrator;
    let master = Master { account_id, invitation_id, invited_at, relationship_status };
    Ok(Some(GetMasterAccountResponse { master }))
}

fn administrator(call: &mut Call<'_>, detector: &str) -> Result<Option<Found>, ApiError> {
    call.detector(detector)?;
    let account = call.account;
    relation::administrator_of(call, account)
}

pub fn disassociate_from_administrator_account(
    call: &mut Call<'_>,
    input: DisassociateFromAdministratorAccountRequest,
) -> Result<DisassociateFromAdministratorAccountResponse, ApiError> {
    resign(call, &input.detector_id)?;
    Ok(DisassociateFromAdministratorAccountResponse {})
}

pub fn disassociate_from_master_account(
    call: &mut Call<'_>,
    input: DisassociateFromMasterAccountRequest,
) -> Result<DisassociateFromMasterAccountResponse, ApiError> {
    resign(call, &input.detector_id)?;
    Ok(DisassociateFromMasterAccountResponse {})
}

/// A member by way of its organization cannot leave (GuardDuty user guide, "Understanding the relationship between
/// GuardDuty administrator account and member accounts").
fn resign(call: &mut Call<'_>, detector: &str) -> Result<(), ApiError> {
    let Some(mut found) = administrator(call, detector)? else { return Err(ApiError::bad(NO_MASTER)) };
    if found.relation.via == Via::Organization {
        return Err(ApiError::bad(MANAGED));
    }
    found.relation.set(Status::Resigned, call.millis());
    found.put(call, call.account)?;
    above::hide(call.sql, &found.detector, call.account)
}
