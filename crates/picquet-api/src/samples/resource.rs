//! The resource of a sample.

use super::Kind;
use crate::call::Call;
use serde_json::{Value, json};

pub fn of(kind: &Kind, call: &Call<'_>) -> Value {
    let arn = |service: &str, rest: &str| {
        format!("arn:{}:{service}:{}:{}:{rest}", call.partition(), call.region, call.account)
    };
    let seconds = call.seconds();
    let tags = json!([{ "key": "GeneratedFindingTagKey", "value": "GeneratedFindingTagValue" }]);
    let access_key = json!({
        "accessKeyId": "GeneratedFindingAccessKeyId",
        "principalId": "GeneratedFindingPrincipalId",
        "userType": "IAMUser",
        "userName": "GeneratedFindingUserName",
    });
    let instance = || {
        json!({
            "instanceId": "i-99999999",
            "instanceType": "m3.xlarge",
            "launchTime": call.iso(),
            "imageId": "ami-99999999",
            "imageDescription": "GeneratedFindingInstanceImageDescription",
            "instanceState": "running",
            "availabilityZone": format!("{}a", call.region),
            "iamInstanceProfile": {
                "arn": arn("iam", "instance-profile/GeneratedFindingInstanceProfile"),
                "id": "GeneratedFindingInstanceProfileId",
            },
            "networkInterfaces": [{
                "networkInterfaceId": "eni-99999999",
                "privateIpAddress": "10.0.0.1",
                "privateIpAddresses": [{ "privateIpAddress": "10.0.0.1", "privateDnsName": "GeneratedFindingPrivateName" }],
                "publicIp": "198.51.100.1",
                "publicDnsName": "GeneratedFindingPublicDNSName",
                "ipv6Addresses": [],
                "subnetId": "subnet-99999999",
                "vpcId": "vpc-99999999",
                "securityGroups": [{ "groupId": "sg-99999999", "groupName": "GeneratedFindingSecurityGroupName" }],
            }],
            "productCodes": [],
            "tags": tags,
        })
    };
    let cluster = |service: &str| {
        json!({
            "name": "GeneratedFindingClusterName",
            "arn": arn(service, "cluster/GeneratedFindingClusterName"),
            "status": "ACTIVE",
            "tags": tags,
        })
    };
    match kind.resource {
        "AccessKey" => json!({ "resourceType": "AccessKey", "accessKeyDetails": access_key }),
        "S3Bucket" | "S3Object" => json!({
            "resourceType": kind.resource,
            "accessKeyDetails": access_key,
            "s3BucketDetails": [{
                "arn": format!("arn:{}:s3:::amzn-s3-demo-bucket1", call.partition()),
                "name": "amzn-s3-demo-bucket1",
                "type": "Destination",
                "createdAt": seconds,
                "owner": { "id": "GeneratedFindingCanonicalOwnerId" },
                "tags": tags,
            }],
        }),
        "Instance" => json!({ "resourceType": "Instance", "instanceDetails": instance() }),
        "EKSCluster" => json!({
            "resourceType": "EKSCluster",
            "eksClusterDetails": cluster("eks"),
            "kubernetesDetails": {
                "kubernetesUserDetails": { "username": "GeneratedFindingUserName", "uid": "GeneratedFindingUID", "groups": [] },
                "kubernetesWorkloadDetails": {
                    "name": "GeneratedFindingWorkloadName", "type": "pods", "namespace": "GeneratedFindingNamespace",
                },
            },
        }),
        "ECSCluster" => json!({ "resourceType": "ECSCluster", "ecsClusterDetails": cluster("ecs") }),
        "Container" => json!({
            "resourceType": "Container",
            "containerDetails": {
                "id": "GeneratedFindingContainerId",
                "name": "GeneratedFindingContainerName",
                "image": "GeneratedFindingContainerImage",
                "containerRuntime": "docker",
            },
        }),
        "RDSDBInstance" => json!({
            "resourceType": "RDSDBInstance",
            "rdsDbInstanceDetails": {
                "dbInstanceIdentifier": "GeneratedFindingDBInstanceId",
                "engine": "Aurora MySQL",
                "engineVersion": "3.02",
                "dbInstanceArn": arn("rds", "db:GeneratedFindingDBInstanceId"),
                "tags": tags,
            },
            "rdsDbUserDetails": { "user": "GeneratedFindingUserName", "database": "GeneratedFindingDatabaseName" },
        }),
        "Lambda" => json!({
            "resourceType": "Lambda",
            "lambdaDetails": {
                "functionName": "GeneratedFindingFunctionName",
                "functionArn": arn("lambda", "function:GeneratedFindingFunctionName"),
                "functionVersion": "$LATEST",
                "tags": tags,
            },
        }),
        "EBSSnapshot" => json!({
            "resourceType": "EBSSnapshot",
            "ebsSnapshotDetails": { "snapshotArn": arn("ec2", "snapshot/snap-99999999") },
        }),
        "EC2Image" => {
            json!({ "resourceType": "EC2Image", "ec2ImageDetails": { "imageArn": arn("ec2", "image/ami-99999999") } })
        }
        "EC2RecoveryPoint" | "S3RecoveryPoint" => json!({
            "resourceType": kind.resource,
            "recoveryPointDetails": {
                "recoveryPointArn": arn("backup", "recovery-point:GeneratedFindingRecoveryPoint"),
                "backupVaultName": "GeneratedFindingBackupVault",
            },
        }),
        other => json!({ "resourceType": other }),
    }
}
