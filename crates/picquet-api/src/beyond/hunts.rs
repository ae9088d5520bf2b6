//! Hunts, below `/picquet/v1/hunts`.

use super::parsed;
use crate::Api;
use crate::auth::policy;
use crate::error::ApiError;
use crate::hunting::{Hunter, NewHunt};
use picquet_model::ids::hex;
use picquet_store::users::User;
use serde::Deserialize;
use serde_json::Value;

/// Findings that are promoted at a time, as many as GuardDuty archives at a time.
const PROMOTED: usize = 50;

/// What is asked of hunts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'p> {
    /// All of them.
    List,
    /// A new one.
    Start,
    /// One of them.
    Get(&'p str),
    /// Its end.
    Cancel(&'p str),
    /// That it is forgotten.
    Remove(&'p str),
    /// What it found.
    Findings(&'p str),
    /// One finding of it.
    Finding(&'p str, &'p str),
    /// That findings of it become the detector's.
    Promote(&'p str),
}

/// Findings that are to become the detectors'.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Promote {
    finding_ids: Vec<String>,
}

impl<'p> Asked<'p> {
    /// By method and what follows `hunts` in the path.
    pub fn of(method: &str, rest: &'p str) -> Option<Self> {
        let parts: Vec<&str> = match rest.strip_prefix('/') {
            Some(rest) => rest.split('/').collect(),
            None if rest.is_empty() => Vec::new(),
            None => return None,
        };
        match (method, &parts[..]) {
            ("GET", []) => Some(Self::List),
            ("POST", []) => Some(Self::Start),
            ("GET", [id]) => Some(Self::Get(id)),
            ("DELETE", [id]) => Some(Self::Remove(id)),
            ("POST", [id, "cancel"]) => Some(Self::Cancel(id)),
            ("POST", [id, "promote"]) => Some(Self::Promote(id)),
            ("GET", [id, "findings"]) => Some(Self::Findings(id)),
            ("GET", [id, "findings", finding]) => Some(Self::Finding(id, finding)),
            _ => None,
        }
    }

    /// What the audit log calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "ListHunts",
            Self::Start => "StartHunt",
            Self::Get(_) => "GetHunt",
            Self::Cancel(_) => "CancelHunt",
            Self::Remove(_) => "DeleteHunt",
            Self::Findings(_) => "ListHuntFindings",
            Self::Finding(..) => "GetHuntFinding",
            Self::Promote(_) => "PromoteHuntFindings",
        }
    }

    /// The operation of GuardDuty's whose permission it takes: one that starts a scan, one that reads findings, or one
    /// that brings findings back into the list.
    pub const fn like(self) -> &'static str {
        match self {
            Self::List | Self::Get(_) | Self::Findings(_) | Self::Finding(..) => "GetFindings",
            Self::Start | Self::Cancel(_) | Self::Remove(_) => "StartMalwareScan",
            Self::Promote(_) => "UnarchiveFindings",
        }
    }

    /// Whether it can change nothing.
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::List | Self::Get(_) | Self::Findings(_) | Self::Finding(..))
    }
}

/// Answers.
///
/// # Errors
/// When what is asked for is wrong or cannot be told.
pub fn answer(api: &Api, user: &User, asked: Asked<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let hunts = super::operation(api)?.hunting()?;
    let by = Hunter { user: &user.name, account: &user.account, is_administrator: policy::is_administrator(user) };
    Ok(match asked {
        Asked::List => hunts.list(by)?,
        Asked::Start => {
            let asked: NewHunt = parsed(body)?;
            let id = api.keyring().random::<16>().map_err(|e| ApiError::Internal(e.to_string()))?;
            hunts.start(by, &hex(&id), asked)?
        }
        Asked::Get(id) => hunts.get(by, id)?,
        Asked::Cancel(id) => hunts.cancel(by, id)?,
        Asked::Remove(id) => hunts.remove(by, id)?,
        Asked::Findings(id) => hunts.findings(by, id)?,
        Asked::Finding(id, finding) => hunts.finding(by, id, finding)?,
        Asked::Promote(id) => {
            let Promote { finding_ids } = parsed(body)?;
            if finding_ids.is_empty() || finding_ids.len() > PROMOTED {
                return Err(ApiError::parameter("findingIds", "must have 1 to 50 members"));
            }
            hunts.promote(by, id, &finding_ids)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_place() {
        let of = |method, rest| Asked::of(method, rest);
        assert_eq!((of("GET", ""), of("POST", "")), (Some(Asked::List), Some(Asked::Start)));
        assert_eq!((of("GET", "/a"), of("DELETE", "/a")), (Some(Asked::Get("a")), Some(Asked::Remove("a"))));
        assert_eq!(of("POST", "/a/cancel"), Some(Asked::Cancel("a")));
        assert_eq!(of("POST", "/a/promote"), Some(Asked::Promote("a")));
        assert_eq!(of("GET", "/a/findings"), Some(Asked::Findings("a")));
        assert_eq!(of("GET", "/a/findings/b"), Some(Asked::Finding("a", "b")));
        for (method, rest) in
            [("PUT", ""), ("GET", "/a/cancel"), ("GET", "/a/findings/b/c"), ("GET", "x"), ("DELETE", "")]
        {
            assert_eq!(of(method, rest), None, "{method} {rest}");
        }
    }
}
