//! What GuardDuty has no operation for, below `/picquet/v1/`: signed, authorized and audited as its operations are.

pub mod hunts;

use crate::Api;
use crate::auth::policy::{self, Decision};
use crate::error::ApiError;
use crate::operation::{Format, Operation, OperationError};
use picquet_store::users::User;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// Where all of it lies.
pub const BELOW: &str = "/picquet/v1/";
/// Days that findings can be kept: ten years at most.
const DAYS: RangeInclusive<u16> = 1..=3650;
/// Values that are looked up at a time.
const LOOK_UPS: usize = 100;
/// Characters of such a value: more than a name may have (RFC 1035, 2.3.4).
const LONGEST_VALUE: usize = 256;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'p> {
    /// What the process tells of itself.
    Status,
    /// The settings of detection.
    Settings,
    /// What other settings would find.
    DryRun,
    /// How long findings are kept from now on.
    Retention,
    /// On which lists something is.
    LookUp,
    /// Scans of what the sources hold.
    Hunts(hunts::Asked<'p>),
    /// Findings of a detector in another format.
    Findings(&'p str, Format),
}

impl<'p> Asked<'p> {
    /// By method and path.
    pub fn of(method: &str, path: &'p str) -> Option<Self> {
        let below = path.strip_prefix(BELOW)?;
        if let Some(rest) = below.strip_prefix("hunts") {
            return hunts::Asked::of(method, rest).map(Self::Hunts);
        }
        match (method, below) {
            ("GET", "status") => Some(Self::Status),
            ("GET", "settings") => Some(Self::Settings),
            ("POST", "dry-run") => Some(Self::DryRun),
            ("POST", "look-up") => Some(Self::LookUp),
            ("PUT", "retention") => Some(Self::Retention),
            ("POST", _) => {
                let (detector, format) = below.strip_prefix("detector/")?.split_once("/findings/")?;
                Some(Self::Findings(detector, Format::of(format)?))
            }
            _ => None,
        }
    }

    /// What the audit log calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "GetStatus",
            Self::Settings => "GetDetectionSettings",
            Self::DryRun => "DryRunDetectionSettings",
            Self::Retention => "UpdateRetention",
            Self::LookUp => "LookUpIndicators",
            Self::Hunts(asked) => asked.name(),
            Self::Findings(..) => "GetFormattedFindings",
        }
    }

    /// The operation of GuardDuty's whose permission it takes.
    const fn like(self) -> &'static str {
        match self {
            Self::Status => "ListCoverage",
            Self::Settings | Self::DryRun | Self::Retention => "UpdateDetector",
            Self::LookUp => "ListThreatIntelSets",
            Self::Hunts(asked) => asked.like(),
            Self::Findings(..) => "GetFindings",
        }
    }

    /// Whether it is of all accounts, and for administrators alone.
    const fn is_of_all(self) -> bool {
        matches!(self, Self::Settings | Self::DryRun | Self::Retention)
    }

    /// Whether it can change nothing.
    pub const fn is_read_only(self) -> bool {
        match self {
            Self::Retention => false,
            Self::Hunts(asked) => asked.is_read_only(),
            _ => true,
        }
    }
}

/// What a dry run is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DryRun {
    settings: String,
}

/// How long findings are to be kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retention {
    days: u16,
}

/// What is looked up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LookUp {
    values: Vec<String>,
}

/// Answers all but [`Asked::Findings`].
///
/// # Errors
/// When the caller may not, or what is asked for is wrong or cannot be told.
pub fn answer(api: &Api, user: &User, region: &str, asked: Asked<'_>, body: &[u8]) -> Result<Value, ApiError> {
    may(api, user, region, asked)?;
    let operation = operation(api)?;
    match asked {
        Asked::Status => Ok(operation.status(&user.account, policy::is_administrator(user))?),
        Asked::Settings => Ok(json!({ "settings": operation.settings()? })),
        Asked::DryRun => {
            let DryRun { settings } = parsed(body)?;
            Ok(operation.dry_run(&user.account, region, &settings)?)
        }
        Asked::Retention => {
            let Retention { days } = parsed(body)?;
            if !DAYS.contains(&days) {
                return Err(ApiError::parameter("days", "must be from 1 to 3650"));
            }
            operation.keep_for(days)?;
            Ok(json!({ "retentionDays": days }))
        }
        Asked::LookUp => {
            let LookUp { values } = parsed(body)?;
            if values.is_empty() || values.len() > LOOK_UPS {
                return Err(ApiError::parameter("values", "must have 1 to 100 members"));
            }
            if values.iter().any(|value| value.is_empty() || value.len() > LONGEST_VALUE) {
                return Err(ApiError::parameter("values", "must each have 1 to 256 characters"));
            }
            Ok(json!({ "results": operation.look_up(&user.account, region, &values)? }))
        }
        Asked::Hunts(asked) => hunts::answer(api, user, asked, body),
        Asked::Findings(..) => Err(ApiError::Internal("findings are asked for elsewhere".into())),
    }
}

/// Findings in another format, from the body of GetFindings' answer.
///
/// # Errors
/// When there is no process to ask.
pub fn formatted(api: &Api, format: Format, answer: &str) -> Result<Value, ApiError> {
    let answer: Value = serde_json::from_str(answer).map_err(|e| ApiError::Internal(e.to_string()))?;
    let operation = operation(api)?;
    let findings = answer.get("findings").and_then(Value::as_array).into_iter().flatten();
    Ok(json!({ "findings": findings.filter_map(|finding| operation.formatted(finding, format)).collect::<Vec<_>>() }))
}

fn operation(api: &Api) -> Result<&dyn Operation, ApiError> {
    api.operation().ok_or_else(|| ApiError::Internal("no process is told of".into()))
}

fn may(api: &Api, user: &User, region: &str, asked: Asked<'_>) -> Result<(), ApiError> {
    if asked.is_of_all() && !policy::is_administrator(user) {
        return Err(ApiError::AccessDenied("Settings are of all accounts, and for administrators.".into()));
    }
    let route = picquet_api_model::ROUTES.iter().find(|route| route.name == asked.like());
    let Some(route) = route else { return Err(ApiError::Internal(format!("no operation {}", asked.like()))) };
    match api.policies().decide(user, route, region, None) {
        Decision::Denied(why) => Err(ApiError::AccessDenied(why)),
        Decision::Allowed => Ok(()),
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|e| ApiError::BadRequest(format!("The request is rejected because its body is not as expected: {e}.")))
}

impl From<OperationError> for ApiError {
    fn from(e: OperationError) -> Self {
        match e {
            OperationError::Failed(why) => Self::Internal(why),
            // The request was right, and may be made again.
            OperationError::Busy(_) => Self::Conflict(e.to_string()),
            OperationError::NotThere(_) => Self::NotFound(e.to_string()),
            OperationError::NoSources | OperationError::Wrong(_) => Self::BadRequest(e.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_place() {
        assert_eq!(Asked::of("GET", "/picquet/v1/status"), Some(Asked::Status));
        assert_eq!(Asked::of("POST", "/picquet/v1/status"), None);
        assert_eq!(Asked::of("POST", "/picquet/v1/dry-run"), Some(Asked::DryRun));
        assert_eq!(
            Asked::of("POST", "/picquet/v1/detector/abc/findings/ocsf"),
            Some(Asked::Findings("abc", Format::Ocsf))
        );
        assert_eq!(Asked::of("POST", "/picquet/v1/detector/abc/findings/csv"), None);
        assert_eq!(Asked::of("GET", "/detector"), None);
        assert_eq!(Asked::of("GET", "/picquet/v1/hunts/a"), Some(Asked::Hunts(hunts::Asked::Get("a"))));
    }

    #[test]
    fn each_takes_the_permission_of_an_operation_that_is_there() {
        for asked in [
            Asked::Status,
            Asked::Settings,
            Asked::DryRun,
            Asked::Retention,
            Asked::LookUp,
            Asked::Hunts(hunts::Asked::List),
            Asked::Hunts(hunts::Asked::Start),
            Asked::Hunts(hunts::Asked::Promote("a")),
            Asked::Findings("a", Format::Asff),
        ] {
            assert!(picquet_api_model::ROUTES.iter().any(|route| route.name == asked.like()), "{asked:?}");
        }
    }
}
