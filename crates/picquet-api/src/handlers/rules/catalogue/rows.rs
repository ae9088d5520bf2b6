//! The rows of the catalogue, sorted by id.
//!
//! Names, severities, tactics, services and techniques are those that GuardDuty publishes (GuardDuty user guide,
//! "Custom Detection Rules finding types"); the sentences and the conditions are ours.

use super::Rule;
use picquet_api_model::DetectionRuleSeverity::{High, Low, Medium};

/// All rules.
pub const RULES: [Rule; 35] = [
    Rule {
        id: "admin-policy-attached-to-role",
        name: "AdminPolicyAttachedToRole",
        severity: High,
        finding_type: "PrivilegeEscalation:IAM/AccountManipulation",
        looks_for: "The managed policy AdministratorAccess was attached to a role.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'AttachRolePolicy' AND errorCode IS NULL AND \
                     get_json_object(requestParameters, '$.policyArn') LIKE \
                     'arn:aws%:iam::aws:policy/AdministratorAccess'",
    },
    Rule {
        id: "admin-policy-attached-to-user",
        name: "AdminPolicyAttachedToUser",
        severity: High,
        finding_type: "PrivilegeEscalation:IAM/AccountManipulation",
        looks_for: "The managed policy AdministratorAccess was attached to a user.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'AttachUserPolicy' AND errorCode IS NULL AND \
                     get_json_object(requestParameters, '$.policyArn') LIKE \
                     'arn:aws%:iam::aws:policy/AdministratorAccess'",
    },
    Rule {
        id: "ami-external-access",
        name: "AMIExternalAccess",
        severity: High,
        finding_type: "Exfiltration:EC2/TransferDataToCloudAccount",
        looks_for: "A machine image was shared with another account or with everyone.",
        expression: "eventSource = 'ec2.amazonaws.com' AND eventName = 'ModifyImageAttribute' AND errorCode IS NULL \
                     AND get_json_object(requestParameters, '$.launchPermission.add') IS NOT NULL",
    },
    Rule {
        id: "bedrock-service-credential-created",
        name: "BedrockServiceCredentialCreated",
        severity: Medium,
        finding_type: "PrivilegeEscalation:IAM/AccountManipulation",
        looks_for: "A long-lived credential for Amazon Bedrock was created for a user.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'CreateServiceSpecificCredential' AND \
                     errorCode IS NULL AND get_json_object(requestParameters, '$.serviceName') = \
                     'bedrock.amazonaws.com'",
    },
    Rule {
        id: "console-login-without-mfa",
        name: "ConsoleLoginWithoutMFA",
        severity: Medium,
        finding_type: "InitialAccess:IAM/ValidAccounts",
        looks_for: "Somebody signed in to the console with a password only.",
        expression: "eventSource = 'signin.amazonaws.com' AND eventName = 'ConsoleLogin' AND \
                     get_json_object(responseElements, '$.ConsoleLogin') = 'Success' AND \
                     get_json_object(additionalEventData, '$.MFAUsed') = 'No'",
    },
    Rule {
        id: "dns-query-logs-deleted",
        name: "DNSQueryLogsDeleted",
        severity: Medium,
        finding_type: "DefenseImpairment:Route53Resolver/DisableOrModifyTools",
        looks_for: "The logging of DNS queries was deleted or taken off a network.",
        expression: "eventSource = 'route53resolver.amazonaws.com' AND eventName IN ('DeleteResolverQueryLogConfig', \
                     'DisassociateResolverQueryLogConfig') AND errorCode IS NULL",
    },
    Rule {
        id: "ebs-snapshot-external-access",
        name: "EBSSnapshotExternalAccess",
        severity: High,
        finding_type: "Exfiltration:EC2/TransferDataToCloudAccount",
        looks_for: "A disk snapshot was shared with another account or with everyone.",
        expression: "eventSource = 'ec2.amazonaws.com' AND eventName = 'ModifySnapshotAttribute' AND errorCode IS \
                     NULL AND get_json_object(requestParameters, '$.createVolumePermission.add') IS NOT NULL",
    },
    Rule {
        id: "ec2-instance-ssh-key-pushed",
        name: "EC2InstanceSSHKeyPushed",
        severity: Medium,
        finding_type: "LateralMovement:EC2/RemoteServices",
        looks_for: "An SSH key was put on a running instance through EC2 Instance Connect.",
        expression: "eventSource = 'ec2-instance-connect.amazonaws.com' AND eventName IN ('SendSSHPublicKey', \
                     'SendSerialConsoleSSHPublicKey') AND errorCode IS NULL",
    },
    Rule {
        id: "ec2-password-data-retrieved",
        name: "EC2PasswordDataRetrieved",
        severity: Medium,
        finding_type: "CredentialAccess:EC2/UnsecuredCredentials",
        looks_for: "The administrator password of a Windows instance was fetched.",
        expression: "eventSource = 'ec2.amazonaws.com' AND eventName = 'GetPasswordData' AND errorCode IS NULL",
    },
    Rule {
        id: "ec2-security-group-public-ssh",
        name: "EC2SecurityGroupPublicSSH",
        severity: Medium,
        finding_type: "Persistence:EC2/ExternalRemoteServices",
        looks_for: "A security group was opened for SSH from everywhere.",
        expression: "eventSource = 'ec2.amazonaws.com' AND eventName = 'AuthorizeSecurityGroupIngress' AND errorCode \
                     IS NULL AND (array_contains(json_collect_values(requestParameters, '$.ipPermissions.items', \
                     'fromPort'), '22') AND requestParameters LIKE '%0.0.0.0/0%')",
    },
    Rule {
        id: "ec2-termination-protection-enabled",
        name: "EC2TerminationProtectionEnabled",
        severity: Low,
        finding_type: "DefenseImpairment:EC2/DisableOrModifyTools",
        looks_for: "An instance was protected from being terminated, which keeps responders from removing it.",
        expression: "eventSource = 'ec2.amazonaws.com' AND eventName = 'ModifyInstanceAttribute' AND errorCode IS \
                     NULL AND get_json_object(requestParameters, '$.disableApiTermination.value') = 'true'",
    },
    Rule {
        id: "ec2-user-data-modified",
        name: "EC2UserDataModified",
        severity: High,
        finding_type: "Persistence:EC2/BootOrLogonInitializationScripts",
        looks_for: "The script that an instance runs at its start was replaced.",
        expression: "eventSource = 'ec2.amazonaws.com' AND eventName = 'ModifyInstanceAttribute' AND errorCode IS \
                     NULL AND get_json_object(requestParameters, '$.userData') IS NOT NULL",
    },
    Rule {
        id: "iam-access-key-created",
        name: "IAMAccessKeyCreated",
        severity: Low,
        finding_type: "Persistence:IAM/AccountManipulation",
        looks_for: "An access key was created for a user.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'CreateAccessKey' AND errorCode IS NULL",
    },
    Rule {
        id: "iam-role-trust-policy-modified",
        name: "IAMRoleTrustPolicyModified",
        severity: Medium,
        finding_type: "Persistence:IAM/AccountManipulation",
        looks_for: "The policy that says who may assume a role was changed.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'UpdateAssumeRolePolicy' AND errorCode IS NULL",
    },
    Rule {
        id: "iam-user-login-profile-created",
        name: "IAMUserLoginProfileCreated",
        severity: High,
        finding_type: "Persistence:IAM/AccountManipulation",
        looks_for: "A user was given a password for the console.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'CreateLoginProfile' AND errorCode IS NULL",
    },
    Rule {
        id: "iam-user-login-profile-updated",
        name: "IAMUserLoginProfileUpdated",
        severity: Medium,
        finding_type: "Persistence:IAM/AccountManipulation",
        looks_for: "A user's password for the console was changed.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'UpdateLoginProfile' AND errorCode IS NULL",
    },
    Rule {
        id: "lambda-function-public-access",
        name: "LambdaFunctionPublicAccess",
        severity: High,
        finding_type: "Persistence:Lambda/AccountManipulation",
        looks_for: "Everyone was allowed to call a Lambda function.",
        expression: "eventSource = 'lambda.amazonaws.com' AND eventName LIKE 'AddPermission%' AND errorCode IS NULL \
                     AND get_json_object(requestParameters, '$.principal') = '*'",
    },
    Rule {
        id: "lambda-function-url-public-access",
        name: "LambdaFunctionUrlPublicAccess",
        severity: High,
        finding_type: "Persistence:Lambda/ModifyAuthenticationProcess",
        looks_for: "A Lambda function got an address that anyone can call without signing in.",
        expression: "eventSource = 'lambda.amazonaws.com' AND (eventName LIKE 'CreateFunctionUrlConfig%' OR \
                     eventName LIKE 'UpdateFunctionUrlConfig%') AND errorCode IS NULL AND \
                     get_json_object(requestParameters, '$.authType') = 'NONE'",
    },
    Rule {
        id: "organization-leave-attempt",
        name: "OrganizationLeaveAttempt",
        severity: High,
        finding_type: "DefenseImpairment:Organizations/ModifyCloudResourceHierarchy",
        looks_for: "An account tried to leave its organization, whether it succeeded or not.",
        expression: "eventSource = 'organizations.amazonaws.com' AND eventName = 'LeaveOrganization'",
    },
    Rule {
        id: "organization-policy-disabled",
        name: "OrganizationPolicyDisabled",
        severity: High,
        finding_type: "DefenseImpairment:Organizations/DisableOrModifyTools",
        looks_for: "A type of policies was switched off for a root of the organization.",
        expression: "eventSource = 'organizations.amazonaws.com' AND eventName = 'DisablePolicyType' AND errorCode \
                     IS NULL",
    },
    Rule {
        id: "rds-iam-auth-disabled",
        name: "RDSIAMAuthDisabled",
        severity: Medium,
        finding_type: "DefenseImpairment:RDS/ModifyAuthenticationProcess",
        looks_for: "Signing in to a database through IAM was switched off.",
        expression: "eventSource = 'rds.amazonaws.com' AND eventName IN ('ModifyDBInstance', 'ModifyDBCluster') AND \
                     errorCode IS NULL AND get_json_object(requestParameters, '$.enableIAMDatabaseAuthentication') \
                     = 'false'",
    },
    Rule {
        id: "rds-master-password-reset",
        name: "RDSMasterPasswordReset",
        severity: High,
        finding_type: "CredentialAccess:RDS/ModifyAuthenticationProcess",
        looks_for: "The password of a database's master user was replaced.",
        expression: "eventSource = 'rds.amazonaws.com' AND eventName IN ('ModifyDBInstance', 'ModifyDBCluster') AND \
                     errorCode IS NULL AND get_json_object(requestParameters, '$.masterUserPassword') IS NOT NULL",
    },
    Rule {
        id: "rds-publicly-accessible",
        name: "RDSPubliclyAccessible",
        severity: High,
        finding_type: "InitialAccess:RDS/ExploitPublicFacingApplication",
        looks_for: "A database was made reachable from the internet.",
        expression: "eventSource = 'rds.amazonaws.com' AND eventName IN ('CreateDBInstance', 'ModifyDBInstance') AND \
                     errorCode IS NULL AND get_json_object(requestParameters, '$.publiclyAccessible') = 'true'",
    },
    Rule {
        id: "rds-snapshot-publicly-shared",
        name: "RDSSnapshotPubliclyShared",
        severity: High,
        finding_type: "Exfiltration:RDS/TransferDataToCloudAccount",
        looks_for: "A database snapshot was shared with everyone.",
        expression: "eventSource = 'rds.amazonaws.com' AND eventName IN ('ModifyDBSnapshotAttribute', \
                     'ModifyDBClusterSnapshotAttribute') AND errorCode IS NULL AND \
                     get_json_object(requestParameters, '$.attributeName') = 'restore' AND \
                     get_json_object(requestParameters, '$.valuesToAdd') LIKE '%all%'",
    },
    Rule {
        id: "rolesanywhere-trust-anchor-created",
        name: "RolesAnywhereTrustAnchorCreated",
        severity: Medium,
        finding_type: "Persistence:RolesAnywhere/AccountManipulation",
        looks_for: "A certificate authority was trusted to hand out credentials of the account's roles.",
        expression: "eventSource = 'rolesanywhere.amazonaws.com' AND eventName = 'CreateTrustAnchor' AND errorCode \
                     IS NULL",
    },
    Rule {
        id: "s3-bucket-policy-external-access",
        name: "S3BucketPolicyExternalAccess",
        severity: High,
        finding_type: "Exfiltration:S3/TransferDataToCloudAccount",
        looks_for: "The policy of a bucket was changed so that another account or everyone has access.",
        expression: "eventSource = 's3.amazonaws.com' AND eventName = 'PutBucketPolicy' AND errorCode IS NULL AND \
                     (policy_has_public_principal(get_json_object(requestParameters, '$.bucketPolicy'), 'Allow') OR \
                     size(array_except(get_aws_principal(get_json_object(requestParameters, '$.bucketPolicy'), \
                     'Allow'), array(recipientAccountId))) > 0)",
    },
    Rule {
        id: "s3-customer-provided-keys-enabled",
        name: "S3CustomerProvidedKeysEnabled",
        severity: High,
        finding_type: "DefenseImpairment:S3/DisableOrModifyTools",
        looks_for: "A bucket's encryption was changed so that callers can lock objects with keys of their own.",
        expression: "eventSource = 's3.amazonaws.com' AND eventName = 'PutBucketEncryption' AND errorCode IS NULL \
                     AND requestParameters LIKE '%BlockedEncryptionTypes%' AND requestParameters NOT LIKE \
                     '%SSE-C%'",
    },
    Rule {
        id: "s3-lifecycle-rapid-expiration",
        name: "S3LifecycleRapidExpiration",
        severity: Medium,
        finding_type: "Impact:S3/DataDestruction",
        looks_for: "Objects of a bucket were set to expire within a few days.",
        expression: "eventSource = 's3.amazonaws.com' AND eventName IN ('PutBucketLifecycle', \
                     'PutBucketLifecycleConfiguration') AND errorCode IS NULL AND \
                     CAST(get_json_object(requestParameters, '$.LifecycleConfiguration.Rule.Expiration.Days') AS \
                     INT) <= 7",
    },
    Rule {
        id: "sagemaker-lifecycle-config-modified",
        name: "SageMakerLifecycleConfigModified",
        severity: Medium,
        finding_type: "Execution:SageMaker/CommandAndScriptingInterpreter",
        looks_for: "The script that a notebook instance runs at its start was created or replaced.",
        expression: "eventSource = 'sagemaker.amazonaws.com' AND eventName IN \
                     ('CreateNotebookInstanceLifecycleConfig', 'UpdateNotebookInstanceLifecycleConfig') AND \
                     errorCode IS NULL",
    },
    Rule {
        id: "ses-account-sending-enabled",
        name: "SESAccountSendingEnabled",
        severity: Low,
        finding_type: "Impact:SES/ResourceHijacking",
        looks_for: "Sending of mail was switched on for the account.",
        expression: "eventSource = 'ses.amazonaws.com' AND eventName IN ('UpdateAccountSendingEnabled', \
                     'PutAccountSendingAttributes') AND errorCode IS NULL AND \
                     coalesce(get_json_object(requestParameters, '$.enabled'), get_json_object(requestParameters, \
                     '$.sendingEnabled')) = 'true'",
    },
    Rule {
        id: "ses-domain-identity-verified",
        name: "SESDomainIdentityVerified",
        severity: Medium,
        finding_type: "ResourceDevelopment:SES/CompromiseAccounts",
        looks_for: "A domain was set up as a sender of mail.",
        expression: "eventSource = 'ses.amazonaws.com' AND eventName IN ('VerifyDomainIdentity', \
                     'CreateEmailIdentity') AND errorCode IS NULL",
    },
    Rule {
        id: "ses-full-access-policy-attached-to-role",
        name: "SESFullAccessPolicyAttachedToRole",
        severity: Medium,
        finding_type: "PrivilegeEscalation:IAM/AccountManipulation",
        looks_for: "The managed policy AmazonSESFullAccess was attached to a role.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'AttachRolePolicy' AND errorCode IS NULL AND \
                     get_json_object(requestParameters, '$.policyArn') LIKE \
                     'arn:aws%:iam::aws:policy/AmazonSESFullAccess'",
    },
    Rule {
        id: "ses-full-access-policy-attached-to-user",
        name: "SESFullAccessPolicyAttachedToUser",
        severity: Medium,
        finding_type: "PrivilegeEscalation:IAM/AccountManipulation",
        looks_for: "The managed policy AmazonSESFullAccess was attached to a user.",
        expression: "eventSource = 'iam.amazonaws.com' AND eventName = 'AttachUserPolicy' AND errorCode IS NULL AND \
                     get_json_object(requestParameters, '$.policyArn') LIKE \
                     'arn:aws%:iam::aws:policy/AmazonSESFullAccess'",
    },
    Rule {
        id: "ses-production-access-enabled",
        name: "SESProductionAccessEnabled",
        severity: Medium,
        finding_type: "Impact:SES/ResourceHijacking",
        looks_for: "The account asked to send mail to anyone.",
        expression: "eventSource = 'ses.amazonaws.com' AND eventName = 'PutAccountDetails' AND errorCode IS NULL AND \
                     get_json_object(requestParameters, '$.productionAccessEnabled') = 'true'",
    },
    Rule {
        id: "vpc-flow-logs-deleted",
        name: "VPCFlowLogsDeleted",
        severity: High,
        finding_type: "DefenseImpairment:EC2/DisableOrModifyTools",
        looks_for: "Flow logs of a network were deleted.",
        expression: "eventSource = 'ec2.amazonaws.com' AND eventName = 'DeleteFlowLogs' AND errorCode IS NULL",
    },
];
