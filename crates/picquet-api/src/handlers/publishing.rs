//! Where findings are exported to.

use crate::call::Call;
use crate::error::{ApiError, INVALID_VALUES};
use crate::handlers::tags;
use crate::resources::PublishingDestination;
use picquet_api_model::{
    CreatePublishingDestinationRequest, CreatePublishingDestinationResponse, DeletePublishingDestinationRequest,
    DeletePublishingDestinationResponse, DescribePublishingDestinationRequest, DescribePublishingDestinationResponse,
    Destination, DestinationProperties, DestinationType, ListPublishingDestinationsRequest,
    ListPublishingDestinationsResponse, PublishingStatus, UpdatePublishingDestinationRequest,
    UpdatePublishingDestinationResponse,
};

pub fn create_publishing_destination(
    call: &mut Call<'_>,
    input: CreatePublishingDestinationRequest,
) -> Result<CreatePublishingDestinationResponse, ApiError> {
    call.detector(&input.detector_id)?;
    check(&input.destination_properties)?;
    let shelf = call.shelf(&input.detector_id);
    // One of a type (GuardDuty user guide, "Exporting findings"), and S3 is the only type.
    if !shelf.page::<PublishingDestination>(call.sql, "", 1)?.is_empty() {
        return Err(ApiError::bad("The request is rejected because a publishing destination already exists."));
    }
    let id = call.new_id()?;
    let destination = PublishingDestination {
        properties: input.destination_properties,
        // Whether the bucket takes what is written shows with the first export; clients wait for this.
        status: PublishingStatus::Publishing,
        failing_since: 0,
        tags: tags::new(input.tags)?,
    };
    shelf.put(call.sql, &id, &destination)?;
    Ok(CreatePublishingDestinationResponse { destination_id: id })
}

/// The bucket and the key must be ARNs of such things, with a prefix after the bucket at most.
fn check(properties: &DestinationProperties) -> Result<(), ApiError> {
    let is_arn = |arn: &str, service: &str| {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        matches!(parts[..], ["arn", partition, s, _, _, rest] if partition.starts_with("aws") && s == service && !rest.is_empty())
    };
    let bucket = properties.destination_arn.as_deref().is_some_and(|arn| is_arn(arn, "s3"));
    let key = properties.kms_key_arn.as_deref().is_some_and(|arn| is_arn(arn, "kms"));
    if bucket && key { Ok(()) } else { Err(ApiError::bad(INVALID_VALUES)) }
}

fn find(call: &mut Call<'_>, detector: &str, id: &str) -> Result<PublishingDestination, ApiError> {
    call.detector(detector)?;
    let shelf = call.shelf(detector);
    shelf.get::<PublishingDestination>(call.sql, id)?.ok_or_else(|| ApiError::bad(INVALID_VALUES))
}

pub fn describe_publishing_destination(
    call: &mut Call<'_>,
    input: DescribePublishingDestinationRequest,
) -> Result<DescribePublishingDestinationResponse, ApiError> {
    let destination = find(call, &input.detector_id, &input.destination_id)?;
    Ok(DescribePublishingDestinationResponse {
        destination_id: input.destination_id,
        destination_type: DestinationType::S3,
        status: destination.status,
        publishing_failure_start_timestamp: destination.failing_since,
        destination_properties: destination.properties,
        tags: Some(destination.tags),
    })
}

pub fn list_publishing_destinations(
    call: &mut Call<'_>,
    input: ListPublishingDestinationsRequest,
) -> Result<ListPublishingDestinationsResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let question = format!("destinations/{}", input.detector_id);
    let page = call.page(&question, input.max_results, input.next_token.as_deref())?;
    let shelf = call.shelf(&input.detector_id);
    let mut rows = shelf.page::<PublishingDestination>(call.sql, &page.after, page.read())?;
    let next_token = call.cut(&page, &mut rows);
    let destinations = rows
        .into_iter()
        .map(|(destination_id, destination)| Destination {
            destination_id,
            destination_type: DestinationType::S3,
            status: destination.status,
        })
        .collect();
    Ok(ListPublishingDestinationsResponse { destinations, next_token })
}

pub fn update_publishing_destination(
    call: &mut Call<'_>,
    input: UpdatePublishingDestinationRequest,
) -> Result<UpdatePublishingDestinationResponse, ApiError> {
    let mut destination = find(call, &input.detector_id, &input.destination_id)?;
    if let Some(new) = input.destination_properties {
        let old = destination.properties;
        destination.properties = DestinationProperties {
            destination_arn: new.destination_arn.or(old.destination_arn),
            kms_key_arn: new.kms_key_arn.or(old.kms_key_arn),
            expected_bucket_owner: new.expected_bucket_owner.or(old.expected_bucket_owner),
        };
        check(&destination.properties)?;
    }
    destination.status = PublishingStatus::Publishing;
    destination.failing_since = 0;
    call.shelf(&input.detector_id).put(call.sql, &input.destination_id, &destination)?;
    Ok(UpdatePublishingDestinationResponse {})
}

pub fn delete_publishing_destination(
    call: &mut Call<'_>,
    input: DeletePublishingDestinationRequest,
) -> Result<DeletePublishingDestinationResponse, ApiError> {
    find(call, &input.detector_id, &input.destination_id)?;
    call.shelf(&input.detector_id).remove::<PublishingDestination>(call.sql, &input.destination_id)?;
    Ok(DeletePublishingDestinationResponse {})
}

#[cfg(test)]
mod tests {
    use crate::error::{ApiError, INVALID_VALUES};
    use crate::testing::Bench;
    use serde_json::{Value, json};

    fn create(bench: &Bench, detector: &str, bucket: &str) -> Result<Value, ApiError> {
        let key = "arn:aws:kms:us-east-1:111122223333:key/1";
        let properties = json!({ "destinationArn": bucket, "kmsKeyArn": key });
        let input = json!({ "DetectorId": detector, "destinationType": "S3", "destinationProperties": properties });
        bench.call("CreatePublishingDestination", input)
    }

    #[test]
    fn a_destination_is_made_moved_and_deleted() {
        let bench = Bench::new();
        let detector = bench.detector();
        let made = create(&bench, &detector, "arn:aws:s3:::bucket/prefix").unwrap();
        let one = json!({ "DetectorId": detector, "DestinationId": made["destinationId"] });
        let described = bench.call("DescribePublishingDestination", one.clone()).unwrap();
        assert_eq!(
            (&described["status"], &described["publishingFailureStartTimestamp"]),
            (&json!("PUBLISHING"), &json!(0))
        );
        let mut moved = one.clone();
        moved["destinationProperties"] = json!({ "destinationArn": "arn:aws:s3:::other" });
        bench.call("UpdatePublishingDestination", moved).unwrap();
        let described = bench.call("DescribePublishingDestination", one.clone()).unwrap();
        assert_eq!(described["destinationProperties"]["destinationArn"], "arn:aws:s3:::other");
        assert_eq!(described["destinationProperties"]["kmsKeyArn"], "arn:aws:kms:us-east-1:111122223333:key/1");
        bench.call("DeletePublishingDestination", one.clone()).unwrap();
        assert_eq!(bench.call("DescribePublishingDestination", one), Err(ApiError::bad(INVALID_VALUES)));
        let left = bench.call("ListPublishingDestinations", json!({ "DetectorId": detector })).unwrap();
        assert_eq!(left, json!({ "destinations": [] }));
    }

    #[test]
    fn there_is_one_and_it_is_a_bucket() {
        let bench = Bench::new();
        let detector = bench.detector();
        for bucket in ["bucket", "arn:aws:sqs:us-east-1:1:queue", "arn:aws:s3:::"] {
            assert_eq!(create(&bench, &detector, bucket), Err(ApiError::bad(INVALID_VALUES)), "{bucket}");
        }
        create(&bench, &detector, "arn:aws:s3:::bucket").unwrap();
        assert!(create(&bench, &detector, "arn:aws:s3:::second").is_err());
    }
}
