//! What an administrator does with its members.

use super::relation::{self, Invitation, Relation, Status, Via};
use super::{Processed, each, is_managed};
use crate::above;
use crate::call::{Call, iso};
use crate::error::{
    ALREADY_INVITED, ALREADY_MEMBER, ApiError, ENABLED_FOR_ALL, INVITES_ITSELF, MANAGEMENT_NOT_ENABLED,
    MEMBER_BY_ORGANIZATION, MEMBER_CREATES, MEMBER_INVITES, MEMBER_OF_ITSELF, MEMBER_WITHOUT_DETECTOR, NO_EMAIL,
    NOT_A_MEMBER, NOT_ASSOCIATED, OUT_OF_RANGE, STILL_ASSOCIATED, TOO_MANY_MEMBERS,
};
use crate::handlers::organization::{self, OrganizationConfiguration};
use picquet_api_model::{
    AccountDetail, CreateMembersRequest, CreateMembersResponse, DeleteMembersRequest, DeleteMembersResponse,
    DisassociateMembersRequest, DisassociateMembersResponse, GetMembersRequest, GetMembersResponse,
    InviteMembersRequest, InviteMembersResponse, ListMembersRequest, ListMembersResponse, Member,
    StartMonitoringMembersRequest, StartMonitoringMembersResponse, StopMonitoringMembersRequest,
    StopMonitoringMembersResponse, UnprocessedAccount,
};

/// Members by invitation of one administrator (GuardDuty user guide, "Amazon GuardDuty quotas").
const MOST_BY_INVITATION: usize = 5_000;

/// How many members are read at once while those that a list shows are looked for.
const AT_ONCE: usize = 200;

pub fn create_members(call: &mut Call<'_>, input: CreateMembersRequest) -> Result<CreateMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let managed = is_managed(call)?;
    // A delegated administrator's members are enabled at once, as it configured.
    let configuration = match organization::is_delegated_administrator(call)? {
        true => Some(organization::configuration(call, &input.detector_id)?),
        false => None,
    };
    let mut unprocessed_accounts = Vec::new();
    for detail in input.account_details {
        let created = match managed {
            true => Err(MEMBER_CREATES),
            false => create(call, &input.detector_id, &detail, configuration.as_ref())?,
        };
        if let Err(why) = created {
            unprocessed_accounts.push(UnprocessedAccount { account_id: detail.account_id, result: why.to_owned() });
        }
    }
    Ok(CreateMembersResponse { unprocessed_accounts })
}

fn create(
    call: &mut Call<'_>,
    detector: &str,
    detail: &AccountDetail,
    configuration: Option<&OrganizationConfiguration>,
) -> Result<Processed, ApiError> {
    let account = detail.account_id.as_str();
    if !organization::is_account_id(account) {
        return Ok(Err(OUT_OF_RANGE));
    }
    if account == call.account {
        return Ok(Err(MEMBER_OF_ITSELF));
    }
    let shelf = call.shelf(detector);
    match shelf.get::<Relation>(call.sql, account)? {
        // Disassociated members may come back, and an organization takes over who was invited before.
        Some(known) if known.status.is_over() => {}
        Some(known) if configuration.is_some() && known.via == Via::Invitation => {}
        Some(_) => return Ok(Err(ALREADY_MEMBER)),
        None => {
            let most = if configuration.is_some() { organization::MOST_MEMBERS } else { MOST_BY_INVITATION };
            if shelf.count::<Relation>(call.sql)? >= most {
                return Ok(Err(TOO_MANY_MEMBERS));
            }
        }
    }
    let (via, status) = match configuration {
        Some(configuration) => {
            if let Err(why) = join(call, account, configuration)? {
                return Ok(Err(why));
            }
            (Via::Organization, Status::Enabled)
        }
        None => (Via::Invitation, Status::Created),
    };
    let updated_at = call.millis();
    let relation = Relation { email: detail.email.clone(), status, via, invitation: None, updated_at };
    shelf.put(call.sql, account, &relation)?;
    Ok(Ok(()))
}

/// Enables GuardDuty in an account that becomes a member by way of the organization.
fn join(call: &mut Call<'_>, account: &str, configuration: &OrganizationConfiguration) -> Result<Processed, ApiError> {
    let management = organization::management_account(call)?;
    if management.as_deref() == Some(account) && relation::detector_of(call, account)?.is_none() {
        return Ok(Err(MANAGEMENT_NOT_ENABLED));
    }
    if let Err(why) = relation::may_join(call, account)? {
        return Ok(Err(why));
    }
    let now = call.millis();
    relation::enable(call, account, |features, fresh| configuration.settle_joining(features, fresh, now))?;
    Ok(Ok(()))
}

/// The message is for the e-mail, and none is sent: who is invited sees it in `ListInvitations`.
pub fn invite_members(call: &mut Call<'_>, input: InviteMembersRequest) -> Result<InviteMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let managed = is_managed(call)?;
    let unprocessed_accounts = each(call, &input.account_ids, |call, account| {
        if managed {
            return Ok(Err(MEMBER_INVITES));
        }
        if account == call.account {
            return Ok(Err(INVITES_ITSELF));
        }
        let shelf = call.shelf(&input.detector_id);
        let Some(mut relation) = shelf.get::<Relation>(call.sql, account)? else { return Ok(Err(NO_EMAIL)) };
        if relation.status.is_invited_or_associated() {
            return Ok(Err(ALREADY_INVITED));
        }
        if relation.via == Via::Organization {
            return Ok(Err(MEMBER_BY_ORGANIZATION));
        }
        relation.invitation = Some(Invitation { id: call.new_id()?, at: call.millis() });
        relation.set(Status::Invited, call.millis());
        shelf.put(call.sql, account, &relation)?;
        Ok(Ok(()))
    })?;
    Ok(InviteMembersResponse { unprocessed_accounts })
}

/// A member as its administrator sees it.
fn member(call: &mut Call<'_>, account: String, relation: Relation) -> Result<Member, ApiError> {
    let detector_id = match relation.status.is_associated() {
        true => relation::detector_of(call, &account)?.map(|(id, _)| id),
        false => None,
    };
    Ok(Member {
        account_id: account,
        administrator_id: Some(call.account.to_owned()),
        detector_id,
        email: relation.email,
        invited_at: relation.invitation.map(|invitation| iso(invitation.at)),
        master_id: call.account.to_owned(),
        relationship_status: relation.status.as_str().to_owned(),
        updated_at: iso(relation.updated_at),
    })
}

pub fn list_members(call: &mut Call<'_>, input: ListMembersRequest) -> Result<ListMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let only_associated = match input.only_associated.as_deref().unwrap_or("true") {
        value if value.eq_ignore_ascii_case("true") => true,
        value if value.eq_ignore_ascii_case("false") => false,
        _ => return Err(ApiError::parameter("onlyAssociated", "must be true or false")),
    };
    let question = format!("members/{}/{only_associated}", input.detector_id);
    let page = call.page(&question, input.max_results, input.next_token.as_deref())?;
    let shelf = call.shelf(&input.detector_id);
    let (mut rows, mut after) = (Vec::new(), page.after.clone());
    // Those that are hidden do not count for the page.
    while rows.len() < page.read() {
        let read = shelf.page::<Relation>(call.sql, &after, AT_ONCE)?;
        let Some((last, _)) = read.last() else { break };
        after.clone_from(last);
        rows.extend(read.into_iter().filter(|(_, r)| !only_associated || r.status.is_invited_or_associated()));
    }
    let next_token = call.cut(&page, &mut rows);
    let members: Result<Vec<Member>, ApiError> =
        rows.into_iter().map(|(account, relation)| member(call, account, relation)).collect();
    Ok(ListMembersResponse { members: Some(members?), next_token })
}

pub fn get_members(call: &mut Call<'_>, input: GetMembersRequest) -> Result<GetMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let mut members = Vec::new();
    let unprocessed_accounts = each(call, &input.account_ids, |call, account| {
        let shelf = call.shelf(&input.detector_id);
        let Some(relation) = shelf.get::<Relation>(call.sql, account)? else { return Ok(Err(NOT_A_MEMBER)) };
        members.push(member(call, account.to_owned(), relation)?);
        Ok(Ok(()))
    })?;
    Ok(GetMembersResponse { members, unprocessed_accounts })
}

/// Refuses what would undo that all accounts of the organization are enabled (service model).
fn refuse_when_enabled_for_all(call: &mut Call<'_>, detector: &str, accounts: &[String]) -> Result<(), ApiError> {
    let delegated = organization::is_delegated_administrator(call)?;
    if !delegated || !organization::configuration(call, detector)?.enables_all() {
        return Ok(());
    }
    for account in accounts {
        let relation = call.shelf(detector).get::<Relation>(call.sql, account)?;
        if relation.is_some_and(|r| r.via == Via::Organization && r.status.is_associated()) {
            return Err(ApiError::bad(ENABLED_FOR_ALL));
        }
    }
    Ok(())
}

/// The member's detector goes on watching, for the member alone. An invitation that is pending is withdrawn.
pub fn disassociate_members(
    call: &mut Call<'_>,
    input: DisassociateMembersRequest,
) -> Result<DisassociateMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    refuse_when_enabled_for_all(call, &input.detector_id, &input.account_ids)?;
    let unprocessed_accounts = each(call, &input.account_ids, |call, account| {
        let shelf = call.shelf(&input.detector_id);
        let Some(mut relation) = shelf.get::<Relation>(call.sql, account)? else { return Ok(Err(NOT_A_MEMBER)) };
        if !relation.status.is_invited_or_associated() {
            return Ok(Err(NOT_ASSOCIATED));
        }
        relation.set(Status::Removed, call.millis());
        shelf.put(call.sql, account, &relation)?;
        above::hide(call.sql, &input.detector_id, account)?;
        Ok(Ok(()))
    })?;
    Ok(DisassociateMembersResponse { unprocessed_accounts })
}

pub fn delete_members(call: &mut Call<'_>, input: DeleteMembersRequest) -> Result<DeleteMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let unprocessed_accounts = each(call, &input.account_ids, |call, account| {
        let shelf = call.shelf(&input.detector_id);
        let Some(relation) = shelf.get::<Relation>(call.sql, account)? else { return Ok(Err(NOT_A_MEMBER)) };
        if relation.status.is_associated() {
            return Ok(Err(STILL_ASSOCIATED));
        }
        shelf.remove::<Relation>(call.sql, account)?;
        Ok(Ok(()))
    })?;
    Ok(DeleteMembersResponse { unprocessed_accounts })
}

pub fn start_monitoring_members(
    call: &mut Call<'_>,
    input: StartMonitoringMembersRequest,
) -> Result<StartMonitoringMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let unprocessed_accounts =
        each(call, &input.account_ids, |call, account| monitor(call, &input.detector_id, account, true))?;
    Ok(StartMonitoringMembersResponse { unprocessed_accounts })
}

pub fn stop_monitoring_members(
    call: &mut Call<'_>,
    input: StopMonitoringMembersRequest,
) -> Result<StopMonitoringMembersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    refuse_when_enabled_for_all(call, &input.detector_id, &input.account_ids)?;
    let unprocessed_accounts =
        each(call, &input.account_ids, |call, account| monitor(call, &input.detector_id, account, false))?;
    Ok(StopMonitoringMembersResponse { unprocessed_accounts })
}

/// Resumes or suspends GuardDuty in a member.
fn monitor(call: &mut Call<'_>, detector: &str, account: &str, on: bool) -> Result<Processed, ApiError> {
    let shelf = call.shelf(detector);
    let known = shelf.get::<Relation>(call.sql, account)?;
    let Some(mut relation) = known.filter(|relation| relation.status.is_associated()) else {
        return Ok(Err(NOT_A_MEMBER));
    };
    if !relation::switch(call, account, on)? {
        return Ok(Err(MEMBER_WITHOUT_DETECTOR));
    }
    let status = if on { Status::Enabled } else { Status::Disabled };
    if relation.status != status {
        relation.set(status, call.millis());
        shelf.put(call.sql, account, &relation)?;
    }
    Ok(Ok(()))
}
