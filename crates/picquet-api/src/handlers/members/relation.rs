//! The relation of an administrator and a member in a region: one document, which both sides read and change.
//!
//! It lies with the administrator's detector and has the member's account as its id, so that the administrator pages
//! through its members, and a member finds its relations by its own id.

use crate::call::Call;
use crate::error::{ApiError, IS_ADMINISTRATOR, MEMBER_ELSEWHERE};
use crate::features::Features;
use crate::resources::{Detector, Tags};
use picquet_api_model::{FindingPublishingFrequency, Sensitive};
use picquet_store::documents::{self, Document, Shelf};
use serde::{Deserialize, Serialize};

/// How administrator and member stand to each other (GuardDuty user guide, "Understanding member relationship status").
///
/// Those that tell of a verification by e-mail do not occur: nothing is sent, and nothing has to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// The administrator named the member.
    Created,
    /// The administrator invited it.
    Invited,
    /// The member is watched on behalf of the administrator.
    Enabled,
    /// The administrator has stopped watching it.
    Disabled,
    /// The administrator ended it.
    Removed,
    /// The member ended it, or declined.
    Resigned,
}

impl Status {
    /// As clients compare it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Invited => "Invited",
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::Removed => "Removed",
            Self::Resigned => "Resigned",
        }
    }

    /// Whether the member has the administrator.
    pub const fn is_associated(self) -> bool {
        matches!(self, Self::Enabled | Self::Disabled)
    }

    /// Whether it has, or may have when it says yes.
    pub const fn is_invited_or_associated(self) -> bool {
        matches!(self, Self::Invited | Self::Enabled | Self::Disabled)
    }

    /// Whether it has not any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Removed | Self::Resigned)
    }
}

/// How they came together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    /// The member was, or will be, asked.
    Invitation,
    /// A delegated administrator added an account of its organization.
    Organization,
}

/// An invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: String,
    /// Milliseconds since the epoch.
    pub at: i64,
}

/// The relation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Relation {
    /// The member's address, as the administrator gave it.
    pub email: Sensitive,
    /// How they stand to each other.
    pub status: Status,
    /// How they came together.
    pub via: Via,
    /// The latest invitation; `None` before it, and after the member deleted it.
    pub invitation: Option<Invitation>,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
}

impl Document for Relation {
    const KIND: &'static str = "member";
}

impl Relation {
    /// Changes how they stand to each other.
    pub fn set(&mut self, status: Status, now: i64) {
        self.status = status;
        self.updated_at = now;
    }
}

/// A relation as the member found it.
pub struct Found {
    /// The administrator's account.
    pub administrator: String,
    /// The administrator's detector.
    pub detector: String,
    /// The relation.
    pub relation: Relation,
}

impl Found {
    /// Writes it back.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put(&self, call: &mut Call<'_>, member: &str) -> Result<(), ApiError> {
        let shelf = Shelf { account: &self.administrator, region: call.region, parent: &self.detector };
        Ok(shelf.put(call.sql, member, &self.relation)?)
    }
}

/// The relations of a member in the region, in the order of the administrators.
///
/// # Errors
/// When the store fails.
pub fn of_member(call: &mut Call<'_>, member: &str) -> Result<Vec<Found>, ApiError> {
    let all = documents::about::<Relation>(call.sql, member)?;
    let here = all.into_iter().filter(|(_, region, ..)| region == call.region);
    Ok(here.map(|(administrator, _, detector, relation)| Found { administrator, detector, relation }).collect())
}

/// The relation of an account to its administrator in the region: it has at most one.
///
/// # Errors
/// When the store fails.
pub fn administrator_of(call: &mut Call<'_>, account: &str) -> Result<Option<Found>, ApiError> {
    Ok(of_member(call, account)?.into_iter().find(|found| found.relation.status.is_associated()))
}

/// Whether an account's detector has members of which something is true.
///
/// # Errors
/// When the store fails.
pub fn has(
    call: &mut Call<'_>,
    account: &str,
    detector: &str,
    what: impl Fn(Status) -> bool,
) -> Result<bool, ApiError> {
    const AT_ONCE: usize = 500;
    let shelf = Shelf { account, region: call.region, parent: detector };
    let mut after = String::new();
    loop {
        let rows = shelf.page::<Relation>(call.sql, &after, AT_ONCE)?;
        if rows.iter().any(|(_, relation)| what(relation.status)) {
            return Ok(true);
        }
        match rows.last() {
            Some((last, _)) if rows.len() == AT_ONCE => after.clone_from(last),
            _ => return Ok(false),
        }
    }
}

/// Whether an account may become a member of the caller without being asked, and if not, why not: it has no other
/// administrator, and is none.
///
/// # Errors
/// When the store fails.
pub fn may_join(call: &mut Call<'_>, account: &str) -> Result<Result<(), &'static str>, ApiError> {
    if administrator_of(call, account)?.is_some_and(|found| found.administrator != call.account) {
        return Ok(Err(MEMBER_ELSEWHERE));
    }
    if let Some((detector, _)) = detector_of(call, account)?
        && has(call, account, &detector, Status::is_invited_or_associated)?
    {
        return Ok(Err(IS_ADMINISTRATOR));
    }
    Ok(Ok(()))
}

/// An account's detector in the region.
///
/// # Errors
/// When the store fails.
pub fn detector_of(call: &mut Call<'_>, account: &str) -> Result<Option<(String, Detector)>, ApiError> {
    let shelf = Shelf { account, region: call.region, parent: "" };
    Ok(shelf.page::<Detector>(call.sql, "", 1)?.into_iter().next())
}

/// Writes an account's detector in the region.
///
/// # Errors
/// When the store fails.
pub fn put_detector(call: &mut Call<'_>, account: &str, id: &str, detector: &Detector) -> Result<(), ApiError> {
    let shelf = Shelf { account, region: call.region, parent: "" };
    Ok(shelf.put(call.sql, id, detector)?)
}

/// Enables GuardDuty in an account: its detector is made when there is none, and watches. `settle` is given the features,
/// and whether they are those of a new detector.
///
/// # Errors
/// When the store fails, or `settle`.
pub fn enable(
    call: &mut Call<'_>,
    account: &str,
    settle: impl FnOnce(&mut Features, bool) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let now = call.millis();
    let found = detector_of(call, account)?;
    let fresh = found.is_none();
    let (id, mut detector) = found.unwrap_or_else(|| {
        let detector = Detector {
            enabled: true,
            created_at: now,
            updated_at: now,
            frequency: FindingPublishingFrequency::SixHours,
            features: Features::new(now),
            tags: Tags::new(),
        };
        (picquet_model::ids::detector_id(account, call.region), detector)
    });
    let before = (detector.enabled, detector.features.clone());
    detector.enabled = true;
    settle(&mut detector.features, fresh)?;
    if fresh || before != (detector.enabled, detector.features.clone()) {
        detector.updated_at = now;
        put_detector(call, account, &id, &detector)?;
    }
    Ok(())
}

/// Suspends or resumes an account's detector; whether it has one.
///
/// # Errors
/// When the store fails.
pub fn switch(call: &mut Call<'_>, account: &str, on: bool) -> Result<bool, ApiError> {
    let Some((id, mut detector)) = detector_of(call, account)? else { return Ok(false) };
    if detector.enabled != on {
        detector.enabled = on;
        detector.updated_at = call.millis();
        put_detector(call, account, &id, &detector)?;
    }
    Ok(true)
}
