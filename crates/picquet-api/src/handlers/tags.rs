//! Tags of resources.

use crate::call::Call;
use crate::error::{ApiError, NO_SUCH_RESOURCE, NOT_OWNED};
use crate::handlers::filters::Filter;
use crate::handlers::malware::plans::Plan;
use crate::handlers::rules::associations::{self, Association};
use crate::resources::{Detector, ListKind, ListSet, ListStatus, PublishingDestination, Tags};
use picquet_api_model::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest, TagResourceResponse,
    UntagResourceRequest, UntagResourceResponse,
};
use picquet_store::documents::{Document, Shelf};

/// Tags of one resource (GuardDuty user guide, "Tagging resources").
const MOST: usize = 50;

/// Tags that a new resource is given.
///
/// # Errors
/// When there are too many of them.
pub fn new(tags: Option<Tags>) -> Result<Tags, ApiError> {
    let tags = tags.unwrap_or_default();
    if tags.len() > MOST {
        return Err(ApiError::parameter("tags", &format!("must have at most {MOST} entries")));
    }
    Ok(tags)
}

pub fn list_tags_for_resource(
    call: &mut Call<'_>,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, ApiError> {
    let tags = with(call, &input.resource_arn, false, |_| Ok(()))?;
    Ok(ListTagsForResourceResponse { tags: Some(tags) })
}

pub fn tag_resource(call: &mut Call<'_>, input: TagResourceRequest) -> Result<TagResourceResponse, ApiError> {
    with(call, &input.resource_arn, true, |tags| {
        tags.extend(input.tags);
        new(Some(tags.clone())).map(|_| ())
    })?;
    Ok(TagResourceResponse {})
}

pub fn untag_resource(call: &mut Call<'_>, input: UntagResourceRequest) -> Result<UntagResourceResponse, ApiError> {
    with(call, &input.resource_arn, true, |tags| {
        tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok(())
    })?;
    Ok(UntagResourceResponse {})
}

/// What has tags.
trait Tagged: Document {
    fn tags(&mut self) -> &mut Tags;
}

macro_rules! tagged {
    ($($kind:ty),*) => {
        $(impl Tagged for $kind {
            fn tags(&mut self) -> &mut Tags {
                &mut self.tags
            }
        })*
    };
}

tagged!(Detector, Filter, ListSet, PublishingDestination, Plan, Association);

/// Shows a resource's tags to `change`, keeps them if they are to be written, and returns them.
fn with(
    call: &mut Call<'_>,
    arn: &str,
    write: bool,
    change: impl FnOnce(&mut Tags) -> Result<(), ApiError>,
) -> Result<Tags, ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "guardduty", region, account, resource] = parts[..] else {
        return Err(ApiError::parameter("resourceArn", "must be the ARN of a resource of GuardDuty"));
    };
    if account != call.account {
        return Err(ApiError::AccessDenied(format!("The resource {arn} belongs to another account.")));
    }
    if partition != call.partition() || region != call.region {
        return Err(ApiError::bad(NOT_OWNED));
    }
    let path: Vec<&str> = resource.split('/').collect();
    let account = call.account_shelf();
    if let ["malware-protection-plan", id] = path[..] {
        return of::<Plan>(call, account, id, write, change, |_| true);
    }
    if let ["custom-detection-rule", _, "association", id] = path[..] {
        let Some((detector, _)) = call.only_detector()? else { return Err(ApiError::bad(NO_SUCH_RESOURCE)) };
        let same = |found: &Association| resource == associations::resource(&found.rule, id);
        let shelf = call.shelf(&detector);
        return of::<Association>(call, shelf, id, write, change, same);
    }
    let ["detector", detector, rest @ ..] = &path[..] else { return Err(ApiError::bad(NO_SUCH_RESOURCE)) };
    call.detector(detector)?;
    let shelf = call.shelf(detector);
    match *rest {
        [] => of::<Detector>(call, account, detector, write, change, |_| true),
        ["filter", name] => of::<Filter>(call, shelf, name, write, change, |_| true),
        ["publishingDestination", id] => of::<PublishingDestination>(call, shelf, id, write, change, |_| true),
        [kind, id] => {
            let Some(kind) = list_kind(kind) else { return Err(ApiError::bad(NO_SUCH_RESOURCE)) };
            let living = |set: &ListSet| set.kind == kind && set.status != ListStatus::Deleted;
            of::<ListSet>(call, shelf, id, write, change, living)
        }
        _ => Err(ApiError::bad(NO_SUCH_RESOURCE)),
    }
}

fn of<D: Tagged>(
    call: &mut Call<'_>,
    shelf: Shelf<'_>,
    id: &str,
    write: bool,
    change: impl FnOnce(&mut Tags) -> Result<(), ApiError>,
    is_it: impl FnOnce(&D) -> bool,
) -> Result<Tags, ApiError> {
    let found = shelf.get::<D>(call.sql, id)?.filter(is_it);
    let mut document = found.ok_or_else(|| ApiError::bad(NO_SUCH_RESOURCE))?;
    change(document.tags())?;
    if write {
        shelf.put(call.sql, id, &document)?;
    }
    Ok(std::mem::take(document.tags()))
}

fn list_kind(name: &str) -> Option<ListKind> {
    Some(match name {
        "ipset" => ListKind::IpSet,
        "threatintelset" => ListKind::ThreatIntelSet,
        "trustedentityset" => ListKind::TrustedEntitySet,
        "threatentityset" => ListKind::ThreatEntitySet,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::error::{ApiError, NO_SUCH_RESOURCE, NOT_OWNED};
    use crate::testing::Bench;
    use serde_json::{Value, json};

    fn arn(rest: &str) -> String {
        format!("arn:aws:guardduty:us-east-1:111122223333:{rest}")
    }

    fn tags(bench: &Bench, arn: &str) -> Result<Value, ApiError> {
        bench.call("ListTagsForResource", json!({ "ResourceArn": arn })).map(|answer| answer["tags"].clone())
    }

    #[test]
    fn tags_of_creation_are_there_and_can_be_changed() {
        let bench = Bench::new();
        let made = bench.call("CreateDetector", json!({ "enable": true, "tags": { "team": "red" } })).unwrap();
        let id = made["detectorId"].as_str().unwrap();
        let arn = arn(&format!("detector/{id}"));
        assert_eq!(tags(&bench, &arn).unwrap(), json!({ "team": "red" }));
        bench.call("TagResource", json!({ "ResourceArn": arn, "tags": { "team": "blue", "tier": "1" } })).unwrap();
        bench.call("UntagResource", json!({ "ResourceArn": arn, "tagKeys": ["tier", "other"] })).unwrap();
        assert_eq!(tags(&bench, &arn).unwrap(), json!({ "team": "blue" }));
        let detector = bench.call("GetDetector", json!({ "DetectorId": id })).unwrap();
        assert_eq!(detector["tags"], json!({ "team": "blue" }));
    }

    #[test]
    fn everything_that_can_be_tagged_can() {
        let bench = Bench::new();
        let id = bench.detector();
        let criteria = json!({ "criterion": { "severity": { "gte": 4 } } });
        bench.call("CreateFilter", json!({ "DetectorId": id, "name": "mine", "findingCriteria": criteria })).unwrap();
        let list =
            json!({ "DetectorId": id, "name": "l", "format": "TXT", "location": "https://h/l", "activate": false });
        let set = bench.call("CreateThreatIntelSet", list).unwrap();
        let set = format!("detector/{id}/threatintelset/{}", set["threatIntelSetId"].as_str().unwrap());
        for resource in [format!("detector/{id}/filter/mine"), set] {
            let arn = arn(&resource);
            bench.call("TagResource", json!({ "ResourceArn": arn, "tags": { "k": "v" } })).unwrap();
            assert_eq!(tags(&bench, &arn).unwrap(), json!({ "k": "v" }), "{resource}");
        }
    }

    #[test]
    fn what_is_unknown_or_not_ours_is_refused() {
        let bench = Bench::new();
        let id = bench.detector();
        let other = "arn:aws:guardduty:us-east-1:444455556666:detector/0123456789abcdef0123456789abcdef";
        assert!(matches!(tags(&bench, other), Err(ApiError::AccessDenied(_))));
        let unknown = arn("detector/0123456789abcdef0123456789abcdef");
        assert_eq!(tags(&bench, &unknown), Err(ApiError::bad(NOT_OWNED)));
        for rest in ["filter/none", "ipset/none", "nothing/none"] {
            assert_eq!(tags(&bench, &arn(&format!("detector/{id}/{rest}"))), Err(ApiError::bad(NO_SUCH_RESOURCE)));
        }
        let many: Value =
            (0..51).map(|n| (format!("k{n}"), Value::from("v"))).collect::<serde_json::Map<_, _>>().into();
        let answer = bench.call("TagResource", json!({ "ResourceArn": arn(&format!("detector/{id}")), "tags": many }));
        assert!(matches!(answer, Err(ApiError::BadRequest(_))));
    }
}
