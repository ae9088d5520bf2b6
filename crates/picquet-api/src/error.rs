//! What the API says when it does not do what was asked.
//!
//! The service model knows five errors; foundational operations know but two of them, so that what is not found is a
//! `BadRequestException` there. Clients match some of the texts, which are constants here for that reason.

use picquet_api_model::Invalid;
use picquet_store::StoreError;
use thiserror::Error;

/// A detector that is unknown, or another account's, or another region's.
pub const NOT_OWNED: &str = "The request is rejected because the input detectorId is not owned by the current account.";
/// A filter, a list or the like that is unknown.
pub const NO_SUCH_RESOURCE: &str = "The request is rejected since no such resource found.";
/// A second detector.
pub const DETECTOR_EXISTS: &str = "The request is rejected because a detector already exists for the current account.";
/// A detector that still has members.
pub const HAS_MEMBERS: &str = "The request is rejected because the current account cannot delete detector while it \
                               has invited or associated members.";
/// A publishing destination that is unknown.
pub const INVALID_VALUES: &str =
    "The request is rejected because the one or more input parameters have invalid values.";
/// A member that changes what its administrator manages.
pub const MANAGED: &str =
    "The request is rejected because member accounts cannot manage specified resources or properties.";
/// A value that is not allowed here.
pub const OUT_OF_RANGE: &str =
    "The request is rejected because an invalid or out-of-range value is specified as an input parameter.";

// Members and invitations. The texts are those of the API reference that the GuardDuty user guide had until 2018, whose
// wording the service and the clients that match it have kept ("master" is the older name of the administrator).

/// A second invitation.
pub const ALREADY_INVITED: &str = "The request is rejected because the current account has already invited or is \
                                   already the GuardDuty master of the given member account ID.";
/// A second `CreateMembers`.
pub const ALREADY_MEMBER: &str = "The request is rejected because the given account ID is already a member or associated member of the current account.";
/// An account that would be its own member.
pub const MEMBER_OF_ITSELF: &str = "The request is rejected because an account cannot become a member of itself.";
/// An account that invites itself.
pub const INVITES_ITSELF: &str = "The request is rejected because the current account cannot invite itself.";
/// An account that is invited without having been created.
pub const NO_EMAIL: &str = "The request is rejected because member account's email address is missing.";
/// A member that creates members.
pub const MEMBER_CREATES: &str = "The request is rejected because the current account cannot create members since it is \
                                  already an associated member of another master account.";
/// A member that invites.
pub const MEMBER_INVITES: &str = "The request is rejected because the current account cannot invite other accounts since \
                                  it is already an associated member of another master account.";
/// More members than an administrator may have.
pub const TOO_MANY_MEMBERS: &str = "The request is rejected because the current account cannot create anymore members \
                                    since it cannot exceed the maximum number of allowed members.";
/// An administrator that accepts an invitation.
pub const ADMINISTRATOR_ACCEPTS: &str = "The request is rejected because the current account cannot accept invitations \
                                         since it still has created, invited or associated members.";
/// A member that accepts an invitation.
pub const MEMBER_ACCEPTS: &str = "The request is rejected because the current account cannot accept invitations since it \
                                  is already an associated member of some master account.";
/// An invitation that is not there, or was answered.
pub const NO_INVITATION: &str = "The request is rejected because the current account has no pending invitation from the \
                                 given master account ID or is already an associated member of another master account.";
/// An invitation that is deleted before it was declined.
pub const NOT_DECLINED: &str = "The request is rejected because the current account cannot delete the invitation from the \
                                given master account ID since it is still associated to it or has not declined their \
                                invitation yet.";
/// An account that leaves an administrator it does not have.
pub const NO_MASTER: &str =
    "The request is rejected because the current account is not associated to a master account.";
/// A member that is deleted before it was disassociated.
pub const STILL_ASSOCIATED: &str = "The request is rejected because the current account cannot delete the given member \
                                    account ID since it is still associated to it.";
/// A member that is disassociated before it was associated: a text of Amazon Inspector, whose end clients match here too.
pub const NOT_ASSOCIATED: &str = "The request is rejected because the current account cannot disassociate the given \
                                  member account ID since the latter is not yet associated to it.";
/// An account that is no member (the text is AWS's own).
pub const NOT_A_MEMBER: &str = "The request is rejected because the given account ID is not an associated member of \
                                account the current account.";
// The reference has no texts for these; they are worded alike.

/// A member that has no detector in the region.
pub const MEMBER_WITHOUT_DETECTOR: &str =
    "The request is rejected because the given member account ID has no detector in the current region.";
/// An account of the organization that another administrator has.
pub const MEMBER_ELSEWHERE: &str = "The request is rejected because the given account ID is already an associated member \
                                    of another master account.";
/// An account of the organization that has members of its own.
pub const IS_ADMINISTRATOR: &str =
    "The request is rejected because the given account ID still has invited or associated members.";
/// A member by way of the organization that is invited after it was disassociated.
pub const MEMBER_BY_ORGANIZATION: &str = "The request is rejected because the given account ID was a member through \
                                          AWS Organizations and cannot be invited.";

// Organizations. What clients match was seen in them; the rest is worded alike.

/// The management account is added as a member without a detector.
pub const MANAGEMENT_NOT_ENABLED: &str =
    "Operation failed because your organization master must first enable GuardDuty to be added as a member";
/// A delegated administrator that is one already.
pub const ADMIN_ENABLED: &str = "The request failed because the account is already enabled as the GuardDuty delegated \
                                 administrator for the organization.";
/// A second delegated administrator.
pub const ANOTHER_ADMIN_ENABLED: &str = "The request failed because another account is already enabled as GuardDuty \
                                         delegated administrator for the organization.";
/// A delegated administrator that is none.
pub const ADMIN_NOT_ENABLED: &str = "The request failed because the account is not enabled as the GuardDuty delegated \
                                     administrator for the organization.";
/// A delegated administrator that is a member of another administrator.
pub const ADMIN_IS_MEMBER: &str =
    "The request failed because the account is an associated member of another master account.";
/// What only the management account, or its delegated administrator, may do.
pub const NO_ORGANIZATION_PERMISSION: &str =
    "The request failed because you do not have required AWS Organization master permission.";
/// What would undo that all accounts of the organization are enabled.
pub const ENABLED_FOR_ALL: &str = "The request is rejected because autoEnableOrganizationMembers is ALL: members of the \
                                   organization cannot be disassociated, and their monitoring cannot be stopped.";

/// An error of the service model.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ApiError {
    /// The request cannot be carried out as it is.
    #[error("{0}")]
    BadRequest(String),
    /// The caller may not do this.
    #[error("{0}")]
    AccessDenied(String),
    /// There is no such thing; only operations that know this error.
    #[error("{0}")]
    NotFound(String),
    /// It contradicts what is there; only operations that know this error.
    #[error("{0}")]
    Conflict(String),
    /// A fault of ours; what it was is logged and not told.
    #[error("an internal error occurred")]
    Internal(String),
}

impl ApiError {
    /// A bad request.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::BadRequest(message.into())
    }

    /// A parameter whose value does not fit, with what is asked of it.
    pub fn parameter(name: &str, why: &str) -> Self {
        Self::BadRequest(format!(
            "The request is rejected because the parameter {name} has an invalid value. {name} {why}."
        ))
    }

    /// The name in the service model.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "BadRequestException",
            Self::AccessDenied(_) => "AccessDeniedException",
            Self::NotFound(_) => "ResourceNotFoundException",
            Self::Conflict(_) => "ConflictException",
            Self::Internal(_) => "InternalServerErrorException",
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::AccessDenied(_) => 403,
            Self::NotFound(_) => 404,
            Self::Conflict(_) => 409,
            Self::Internal(_) => 500,
        }
    }

    /// What stands in the body's `__type`: GuardDuty's own name for bad requests is an inner one.
    pub const fn body_type(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "InvalidInputException",
            other => other.name(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(e: StoreError) -> Self {
        Self::Internal(e.to_string())
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::parameter(&invalid.member, &invalid.why)
    }
}
