//! Trusted and threat lists: IP sets, threat intel sets, and the entity sets that take domains as well. The four kinds
//! behave alike; a macro at the end gives each its operations.

use crate::call::Call;
use crate::error::{ApiError, NO_SUCH_RESOURCE};
use crate::handlers::{members, tags};
use crate::lists::Fetch;
use crate::resources::{ListKind, ListSet, ListStatus, Tags};
use picquet_store::lists;

/// How many an account may have in a region (GuardDuty user guide, "Amazon GuardDuty quotas").
const fn quota(kind: ListKind) -> usize {
    match kind {
        ListKind::IpSet | ListKind::TrustedEntitySet => 1,
        ListKind::ThreatIntelSet | ListKind::ThreatEntitySet => 6,
    }
}

/// What all requests to create one have in common.
struct New {
    detector: String,
    name: String,
    format: &'static str,
    location: String,
    owner: Option<String>,
    activate: bool,
    tags: Option<Tags>,
}

/// What all requests to change one have in common.
struct Change {
    detector: String,
    id: String,
    name: Option<String>,
    location: Option<String>,
    owner: Option<String>,
    activate: Option<bool>,
}

fn create(call: &mut Call<'_>, kind: ListKind, new: New) -> Result<String, ApiError> {
    call.detector(&new.detector)?;
    members::refuse_managed(call)?;
    let others: Vec<ListSet> = living(call, &new.detector, kind)?.into_iter().map(|(_, set)| set).collect();
    check_name(&new.name, others.iter())?;
    if others.len() >= quota(kind) {
        return Err(ApiError::bad(format!(
            "The request is rejected because the detector has {} of these lists already, which is the quota.",
            quota(kind)
        )));
    }
    check_location(&new.location)?;
    let id = call.new_id()?;
    let now = call.millis();
    let set = ListSet {
        kind,
        name: new.name,
        format: new.format.to_owned(),
        location: new.location,
        status: if new.activate { ListStatus::Activating } else { ListStatus::Inactive },
        error: None,
        expected_bucket_owner: new.owner,
        tags: tags::new(new.tags)?,
        created_at: now,
        updated_at: now,
    };
    call.shelf(&new.detector).put(call.sql, &id, &set)?;
    if new.activate {
        fetch(call, &new.detector, &id);
    }
    Ok(id)
}

fn check_name<'s>(name: &str, mut others: impl Iterator<Item = &'s ListSet>) -> Result<(), ApiError> {
    if others.any(|other| other.name == name) {
        return Err(ApiError::bad("The request is rejected because a list with the given name already exists."));
    }
    Ok(())
}

fn check_location(location: &str) -> Result<(), ApiError> {
    if ["s3://", "https://", "file://"].iter().any(|scheme| location.starts_with(scheme)) {
        return Ok(());
    }
    Err(ApiError::parameter("location", "must begin with s3://, https:// or file://"))
}

fn fetch(call: &mut Call<'_>, detector: &str, id: &str) {
    call.after.push(Fetch {
        account: call.account.to_owned(),
        region: call.region.to_owned(),
        detector: detector.to_owned(),
        id: id.to_owned(),
    });
}

/// Those of a kind that were not deleted.
fn living(call: &mut Call<'_>, detector: &str, kind: ListKind) -> Result<Vec<(String, ListSet)>, ApiError> {
    let shelf = call.shelf(detector);
    let mut all = shelf.list::<ListSet>(call.sql)?;
    all.retain(|(_, set)| set.kind == kind && set.status != ListStatus::Deleted);
    Ok(all)
}

/// A list, also one that was deleted.
fn get(call: &mut Call<'_>, kind: ListKind, detector: &str, id: &str) -> Result<ListSet, ApiError> {
    call.detector(detector)?;
    let shelf = call.shelf(detector);
    let set = shelf.get::<ListSet>(call.sql, id)?.filter(|set| set.kind == kind);
    set.ok_or_else(|| ApiError::bad(NO_SUCH_RESOURCE))
}

fn get_living(call: &mut Call<'_>, kind: ListKind, detector: &str, id: &str) -> Result<ListSet, ApiError> {
    let set = get(call, kind, detector, id)?;
    if set.status == ListStatus::Deleted { Err(ApiError::bad(NO_SUCH_RESOURCE)) } else { Ok(set) }
}

fn update(call: &mut Call<'_>, kind: ListKind, change: Change) -> Result<(), ApiError> {
    let mut set = get_living(call, kind, &change.detector, &change.id)?;
    members::refuse_managed(call)?;
    if let Some(name) = change.name.filter(|name| *name != set.name) {
        let others = living(call, &change.detector, kind)?;
        check_name(&name, others.iter().map(|(_, other)| other))?;
        set.name = name;
    }
    let moved = change.location.as_ref().is_some_and(|location| *location != set.location);
    if let Some(location) = change.location {
        check_location(&location)?;
        set.location = location;
    }
    set.expected_bucket_owner = change.owner.or(set.expected_bucket_owner);
    let active = matches!(set.status, ListStatus::Active | ListStatus::Activating | ListStatus::Error);
    // A list is read again when it is made active, also if it is; and when it is elsewhere.
    match change.activate {
        Some(false) => set.status = ListStatus::Inactive,
        Some(true) => set.status = ListStatus::Activating,
        None if active && moved => set.status = ListStatus::Activating,
        None => {}
    }
    if set.status != ListStatus::Error {
        set.error = None;
    }
    set.updated_at = call.millis();
    call.shelf(&change.detector).put(call.sql, &change.id, &set)?;
    if set.status == ListStatus::Activating {
        fetch(call, &change.detector, &change.id);
    }
    Ok(())
}

fn delete(call: &mut Call<'_>, kind: ListKind, detector: &str, id: &str) -> Result<(), ApiError> {
    let mut set = get_living(call, kind, detector, id)?;
    members::refuse_managed(call)?;
    // Clients ask for it until it says that it is deleted; an error in place of that they take for a failure.
    set.status = ListStatus::Deleted;
    set.updated_at = call.millis();
    lists::remove(call.sql, id)?;
    call.shelf(detector).put(call.sql, id, &set)?;
    Ok(())
}

fn list(
    call: &mut Call<'_>,
    kind: ListKind,
    detector: &str,
    most: Option<i32>,
    token: Option<&str>,
) -> Result<(Vec<String>, Option<String>), ApiError> {
    call.detector(detector)?;
    let page = call.page(&format!("{kind:?}/{detector}"), most, token)?;
    let mut rows: Vec<(String, ListSet)> =
        living(call, detector, kind)?.into_iter().filter(|(id, _)| *id > page.after).take(page.read()).collect();
    let next = call.cut(&page, &mut rows);
    Ok((rows.into_iter().map(|(id, _)| id).collect(), next))
}

/// The value of an enumeration of the model that has this name.
fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, wanted: &str) -> Result<T, ApiError> {
    let value = all.iter().copied().find(|value| name(*value) == wanted);
    value.ok_or_else(|| ApiError::Internal(format!("{wanted} is not in the model")))
}

/// The five operations of a kind. `$extra` are members that only answers of entity sets have.
macro_rules! operations {
    ($kind:expr, $id:ident, $create:ident($create_in:ident, $create_out:ident), $get:ident($get_in:ident, $get_out:ident),
     $update:ident($update_in:ident, $update_out:ident), $delete:ident($delete_in:ident, $delete_out:ident),
     $list:ident($list_in:ident, $list_out:ident { $ids:ident }), $format:ident, $status:ident $(, $set:ident => { $($extra:tt)* })?) => {
        pub fn $create(call: &mut Call<'_>, input: $create_in) -> Result<$create_out, ApiError> {
            let new = New {
                detector: input.detector_id,
                name: input.name,
                format: input.format.as_str(),
                location: input.location,
                owner: input.expected_bucket_owner,
                activate: input.activate,
                tags: input.tags,
            };
            Ok($create_out { $id: create(call, $kind, new)? })
        }

        pub fn $get(call: &mut Call<'_>, input: $get_in) -> Result<$get_out, ApiError> {
            let set = get(call, $kind, &input.detector_id, &input.$id)?;
            $(let $set = &set;)?
            Ok($get_out {
                $($($extra)*)?
                format: named($format::ALL, $format::as_str, &set.format)?,
                status: named($status::ALL, $status::as_str, set.status.as_str())?,
                location: set.location.clone(),
                name: set.name.clone(),
                expected_bucket_owner: set.expected_bucket_owner.clone(),
                tags: Some(set.tags.clone()),
            })
        }

        pub fn $update(call: &mut Call<'_>, input: $update_in) -> Result<$update_out, ApiError> {
            let change = Change {
                detector: input.detector_id,
                id: input.$id,
                name: input.name,
                location: input.location,
                owner: input.expected_bucket_owner,
                activate: input.activate,
            };
            update(call, $kind, change)?;
            Ok($update_out {})
        }

        pub fn $delete(call: &mut Call<'_>, input: $delete_in) -> Result<$delete_out, ApiError> {
            delete(call, $kind, &input.detector_id, &input.$id)?;
            Ok($delete_out {})
        }

        pub fn $list(call: &mut Call<'_>, input: $list_in) -> Result<$list_out, ApiError> {
            let token = input.next_token.as_deref();
            let ($ids, next_token) = list(call, $kind, &input.detector_id, input.max_results, token)?;
            Ok($list_out { $ids, next_token })
        }
    };
}

mod ip_sets {
    use super::*;
    use picquet_api_model::{
        CreateIpSetRequest, CreateIpSetResponse, DeleteIpSetRequest, DeleteIpSetResponse, GetIpSetRequest,
        GetIpSetResponse, IpSetFormat, IpSetStatus, ListIpSetsRequest, ListIpSetsResponse, UpdateIpSetRequest,
        UpdateIpSetResponse,
    };
    operations!(
        ListKind::IpSet,
        ip_set_id,
        create_ip_set(CreateIpSetRequest, CreateIpSetResponse),
        get_ip_set(GetIpSetRequest, GetIpSetResponse),
        update_ip_set(UpdateIpSetRequest, UpdateIpSetResponse),
        delete_ip_set(DeleteIpSetRequest, DeleteIpSetResponse),
        list_ip_sets(ListIpSetsRequest, ListIpSetsResponse { ip_set_ids }),
        IpSetFormat,
        IpSetStatus
    );
}

mod threat_intel_sets {
    use super::*;
    use picquet_api_model::{
        CreateThreatIntelSetRequest, CreateThreatIntelSetResponse, DeleteThreatIntelSetRequest,
        DeleteThreatIntelSetResponse, GetThreatIntelSetRequest, GetThreatIntelSetResponse, ListThreatIntelSetsRequest,
        ListThreatIntelSetsResponse, ThreatIntelSetFormat, ThreatIntelSetStatus, UpdateThreatIntelSetRequest,
        UpdateThreatIntelSetResponse,
    };
    operations!(
        ListKind::ThreatIntelSet,
        threat_intel_set_id,
        create_threat_intel_set(CreateThreatIntelSetRequest, CreateThreatIntelSetResponse),
        get_threat_intel_set(GetThreatIntelSetRequest, GetThreatIntelSetResponse),
        update_threat_intel_set(UpdateThreatIntelSetRequest, UpdateThreatIntelSetResponse),
        delete_threat_intel_set(DeleteThreatIntelSetRequest, DeleteThreatIntelSetResponse),
        list_threat_intel_sets(ListThreatIntelSetsRequest, ListThreatIntelSetsResponse { threat_intel_set_ids }),
        ThreatIntelSetFormat,
        ThreatIntelSetStatus
    );
}

mod threat_entity_sets {
    use super::*;
    use picquet_api_model::{
        CreateThreatEntitySetRequest, CreateThreatEntitySetResponse, DeleteThreatEntitySetRequest,
        DeleteThreatEntitySetResponse, GetThreatEntitySetRequest, GetThreatEntitySetResponse,
        ListThreatEntitySetsRequest, ListThreatEntitySetsResponse, ThreatEntitySetFormat, ThreatEntitySetStatus,
        UpdateThreatEntitySetRequest, UpdateThreatEntitySetResponse,
    };
    operations!(
        ListKind::ThreatEntitySet,
        threat_entity_set_id,
        create_threat_entity_set(CreateThreatEntitySetRequest, CreateThreatEntitySetResponse),
        get_threat_entity_set(GetThreatEntitySetRequest, GetThreatEntitySetResponse),
        update_threat_entity_set(UpdateThreatEntitySetRequest, UpdateThreatEntitySetResponse),
        delete_threat_entity_set(DeleteThreatEntitySetRequest, DeleteThreatEntitySetResponse),
        list_threat_entity_sets(ListThreatEntitySetsRequest, ListThreatEntitySetsResponse { threat_entity_set_ids }),
        ThreatEntitySetFormat,
        ThreatEntitySetStatus,
        set => {
            created_at: Some(crate::call::seconds(set.created_at)),
            updated_at: Some(crate::call::seconds(set.updated_at)),
            error_details: set.error.clone(),
        }
    );
}

mod trusted_entity_sets {
    use super::*;
    use picquet_api_model::{
        CreateTrustedEntitySetRequest, CreateTrustedEntitySetResponse, DeleteTrustedEntitySetRequest,
        DeleteTrustedEntitySetResponse, GetTrustedEntitySetRequest, GetTrustedEntitySetResponse,
        ListTrustedEntitySetsRequest, ListTrustedEntitySetsResponse, TrustedEntitySetFormat, TrustedEntitySetStatus,
        UpdateTrustedEntitySetRequest, UpdateTrustedEntitySetResponse,
    };
    operations!(
        ListKind::TrustedEntitySet,
        trusted_entity_set_id,
        create_trusted_entity_set(CreateTrustedEntitySetRequest, CreateTrustedEntitySetResponse),
        get_trusted_entity_set(GetTrustedEntitySetRequest, GetTrustedEntitySetResponse),
        update_trusted_entity_set(UpdateTrustedEntitySetRequest, UpdateTrustedEntitySetResponse),
        delete_trusted_entity_set(DeleteTrustedEntitySetRequest, DeleteTrustedEntitySetResponse),
        list_trusted_entity_sets(ListTrustedEntitySetsRequest, ListTrustedEntitySetsResponse { trusted_entity_set_ids }),
        TrustedEntitySetFormat,
        TrustedEntitySetStatus,
        set => {
            created_at: Some(crate::call::seconds(set.created_at)),
            updated_at: Some(crate::call::seconds(set.updated_at)),
            error_details: set.error.clone(),
        }
    );
}

pub use ip_sets::*;
pub use threat_entity_sets::*;
pub use threat_intel_sets::*;
pub use trusted_entity_sets::*;
