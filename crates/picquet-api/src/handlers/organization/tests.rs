//! The organization, its delegated administrator and its members.

use crate::error::{
    ADMIN_ENABLED, ADMIN_NOT_ENABLED, ALREADY_MEMBER, ANOTHER_ADMIN_ENABLED, ApiError, ENABLED_FOR_ALL, MANAGED,
    MANAGEMENT_NOT_ENABLED, MEMBER_BY_ORGANIZATION, NO_ORGANIZATION_PERMISSION, OUT_OF_RANGE,
};
use crate::testing::{ACCOUNT, Bench, REGION};
use serde_json::{Value, json};

const ADMIN: &str = "222233334444";
const MEMBER: &str = "333344445555";

/// An organization whose management account has delegated.
struct Organization {
    bench: Bench,
    detector: String,
}

impl Organization {
    fn new() -> Self {
        let bench = Bench::new();
        bench.call("EnableOrganizationAdminAccount", json!({ "adminAccountId": ADMIN })).unwrap();
        let listed = bench.call_as(ADMIN, REGION, "ListDetectors", json!({})).unwrap();
        let detector = listed["detectorIds"][0].as_str().unwrap().to_owned();
        Self { bench, detector }
    }

    fn admin(&self, operation: &str, mut input: Value) -> Result<Value, ApiError> {
        input["DetectorId"] = json!(self.detector);
        self.bench.call_as(ADMIN, REGION, operation, input)
    }

    fn create(&self, account: &str) -> Value {
        let details = json!({ "accountDetails": [{ "accountId": account, "email": "a@example.com" }] });
        self.admin("CreateMembers", details).unwrap()
    }

    fn configure(&self, input: Value) {
        self.admin("UpdateOrganizationConfiguration", input).unwrap();
    }

    fn described(&self) -> Value {
        self.admin("DescribeOrganizationConfiguration", json!({})).unwrap()
    }

    fn on(&self, operation: &str, account: &str) -> Result<Value, ApiError> {
        self.admin(operation, json!({ "accountIds": [account] }))
    }

    fn status(&self, account: &str) -> String {
        let got = self.on("GetMembers", account).unwrap();
        got["members"][0]["relationshipStatus"].as_str().unwrap().to_owned()
    }

    fn feature(&self, account: &str, name: &str) -> String {
        let got = self.on("GetMemberDetectors", account).unwrap();
        let features = got["members"][0]["features"].as_array().unwrap();
        features.iter().find(|f| f["name"] == name).unwrap()["status"].as_str().unwrap().to_owned()
    }
}

fn auto(described: &Value, name: &str) -> String {
    let all: Vec<&Value> = described["features"].as_array().unwrap().iter().filter(|f| f["name"] == name).collect();
    assert_eq!(all.len(), 1, "{name}");
    all[0]["autoEnable"].as_str().unwrap().to_owned()
}

#[test]
fn one_account_is_delegated_in_all_regions() {
    let bench = Bench::new();
    let list = |region: &str| bench.call_as(ACCOUNT, region, "ListOrganizationAdminAccounts", json!({})).unwrap();
    let enable = |region: &str, account: &str| {
        bench.call_as(ACCOUNT, region, "EnableOrganizationAdminAccount", json!({ "adminAccountId": account }))
    };
    assert_eq!(list(REGION), json!({ "adminAccounts": [] }));
    assert_eq!(enable(REGION, "admin"), Err(ApiError::bad(OUT_OF_RANGE)));
    assert_eq!(enable(REGION, ADMIN).unwrap(), json!({}));
    let listed = json!({ "adminAccounts": [{ "adminAccountId": ADMIN, "adminStatus": "ENABLED" }] });
    assert_eq!(list(REGION), listed);
    assert_eq!(list("eu-west-1"), json!({ "adminAccounts": [] }));
    let detectors = bench.call_as(ADMIN, REGION, "ListDetectors", json!({})).unwrap();
    assert_eq!(detectors["detectorIds"].as_array().unwrap().len(), 1);

    assert_eq!(enable(REGION, ADMIN), Err(ApiError::bad(ADMIN_ENABLED)));
    assert_eq!(enable(REGION, MEMBER), Err(ApiError::bad(ANOTHER_ADMIN_ENABLED)));
    assert_eq!(enable("eu-west-1", MEMBER), Err(ApiError::bad(ANOTHER_ADMIN_ENABLED)));
    enable("eu-west-1", ADMIN).unwrap();

    let disable = |account: &str| bench.call("DisableOrganizationAdminAccount", json!({ "adminAccountId": account }));
    assert_eq!(disable(MEMBER), Err(ApiError::bad(ADMIN_NOT_ENABLED)));
    assert_eq!(disable(ADMIN).unwrap(), json!({}));
    assert_eq!(disable(ADMIN), Err(ApiError::bad(ADMIN_NOT_ENABLED)));
    assert_eq!(list(REGION), json!({ "adminAccounts": [] }));
    assert_eq!(list("eu-west-1"), listed);
}

#[test]
fn only_the_management_account_delegates() {
    let organization = Organization::new();
    let enable = json!({ "adminAccountId": MEMBER });
    for account in [MEMBER, ADMIN] {
        for (operation, input) in [
            ("EnableOrganizationAdminAccount", enable.clone()),
            ("DisableOrganizationAdminAccount", json!({ "adminAccountId": ADMIN })),
            ("ListOrganizationAdminAccounts", json!({})),
        ] {
            let answer = organization.bench.call_as(account, REGION, operation, input);
            assert_eq!(answer, Err(ApiError::bad(NO_ORGANIZATION_PERMISSION)), "{account} {operation}");
        }
    }
    // And only the delegated administrator configures.
    let own = organization.bench.detector();
    let describe = organization.bench.call("DescribeOrganizationConfiguration", json!({ "DetectorId": own }));
    assert_eq!(describe, Err(ApiError::bad(NO_ORGANIZATION_PERMISSION)));
    let statistics = organization.bench.call("GetOrganizationStatistics", json!({}));
    assert_eq!(statistics, Err(ApiError::bad(NO_ORGANIZATION_PERMISSION)));
}

#[test]
fn the_operator_may_choose_the_management_account() {
    let bench = Bench::with(crate::Options { management_account: Some(MEMBER.into()), ..Default::default() });
    let enable = json!({ "adminAccountId": ADMIN });
    let refused = bench.call("EnableOrganizationAdminAccount", enable.clone());
    assert_eq!(refused, Err(ApiError::bad(NO_ORGANIZATION_PERMISSION)));
    bench.call_as(MEMBER, REGION, "EnableOrganizationAdminAccount", enable).unwrap();
}

#[test]
fn the_two_spellings_of_auto_enable_are_one() {
    let organization = Organization::new();
    let described = organization.described();
    assert_eq!(described["autoEnable"], false);
    assert_eq!(described["memberAccountLimitReached"], false);
    assert_eq!(described["features"].as_array().unwrap().len(), 8);
    for (given, members, auto_enable) in [
        (json!({ "autoEnable": true }), "NEW", true),
        (json!({ "autoEnableOrganizationMembers": "ALL" }), "ALL", true),
        (json!({ "autoEnable": false }), "NONE", false),
        (json!({ "autoEnableOrganizationMembers": "NEW" }), "NEW", true),
    ] {
        organization.configure(given);
        let described = organization.described();
        assert_eq!(described["autoEnableOrganizationMembers"], members);
        assert_eq!(described["autoEnable"], auto_enable);
    }
    for wrong in [json!({}), json!({ "autoEnable": true, "autoEnableOrganizationMembers": "NEW" })] {
        let answer = organization.admin("UpdateOrganizationConfiguration", wrong);
        assert!(matches!(answer, Err(ApiError::BadRequest(_))));
    }
}

#[test]
fn features_and_data_sources_of_the_organization_are_one_state() {
    let organization = Organization::new();
    organization.configure(json!({ "autoEnable": true, "dataSources": { "s3Logs": { "autoEnable": true } },
        "features": [{ "name": "RUNTIME_MONITORING", "autoEnable": "ALL",
                       "additionalConfiguration": [{ "name": "EC2_AGENT_MANAGEMENT", "autoEnable": "NEW" }] },
                     { "name": "EKS_AUDIT_LOGS", "autoEnable": "NEW" }] }));
    let described = organization.described();
    assert_eq!(auto(&described, "S3_DATA_EVENTS"), "NEW");
    assert_eq!(auto(&described, "RUNTIME_MONITORING"), "ALL");
    assert_eq!(described["dataSources"]["kubernetes"]["auditLogs"]["autoEnable"], true);
    let ebs = &described["dataSources"]["malwareProtection"]["scanEc2InstanceWithFindings"]["ebsVolumes"];
    assert_eq!(ebs["autoEnable"], false);
    let (mut names, mut token) = (Vec::new(), Value::Null);
    loop {
        let input = json!({ "maxResults": 3, "nextToken": token });
        let page = organization.admin("DescribeOrganizationConfiguration", input).unwrap();
        names.extend(page["features"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap().to_owned()));
        let Some(next) = page.get("nextToken") else { break };
        token = next.clone();
    }
    names.dedup();
    assert_eq!(names.len(), 8);
    for features in [
        json!([{ "name": "RUNTIME_MONITORING", "autoEnable": "ALL" },
               { "name": "EKS_RUNTIME_MONITORING", "autoEnable": "ALL" }]),
        json!([{ "name": "S3_DATA_EVENTS", "autoEnable": "ALL",
                 "additionalConfiguration": [{ "name": "EC2_AGENT_MANAGEMENT", "autoEnable": "NEW" }] }]),
    ] {
        let input = json!({ "autoEnable": true, "features": features });
        let answer = organization.admin("UpdateOrganizationConfiguration", input);
        assert!(matches!(answer, Err(ApiError::BadRequest(_))));
    }
}

#[test]
fn members_of_the_organization_are_enabled_at_once() {
    let organization = Organization::new();
    organization.configure(json!({ "autoEnable": true,
        "features": [{ "name": "S3_DATA_EVENTS", "autoEnable": "NEW" }] }));
    assert_eq!(organization.create(MEMBER), json!({ "unprocessedAccounts": [] }));
    assert_eq!(organization.status(MEMBER), "Enabled");
    assert_eq!(organization.feature(MEMBER, "S3_DATA_EVENTS"), "ENABLED");
    assert_eq!(organization.feature(MEMBER, "EKS_AUDIT_LOGS"), "DISABLED");
    assert_eq!(organization.create(MEMBER)["unprocessedAccounts"][0]["result"], ALREADY_MEMBER);
    // The management account enables GuardDuty itself.
    assert_eq!(organization.create(ACCOUNT)["unprocessedAccounts"][0]["result"], MANAGEMENT_NOT_ENABLED);

    let listed = organization.bench.call_as(MEMBER, REGION, "ListDetectors", json!({})).unwrap();
    let input = json!({ "DetectorId": listed["detectorIds"][0] });
    let own = |operation: &str| organization.bench.call_as(MEMBER, REGION, operation, input.clone());
    let administrator = own("GetAdministratorAccount").unwrap();
    assert_eq!(administrator["administrator"], json!({ "accountId": ADMIN, "relationshipStatus": "Enabled" }));
    // It can neither leave nor disable.
    assert_eq!(own("DisassociateFromAdministratorAccount"), Err(ApiError::bad(MANAGED)));
    assert_eq!(own("DeleteDetector"), Err(ApiError::bad(MANAGED)));

    organization.on("DisassociateMembers", MEMBER).unwrap();
    assert_eq!(organization.status(MEMBER), "Removed");
    let again = organization.on("InviteMembers", MEMBER).unwrap();
    assert_eq!(again["unprocessedAccounts"][0]["result"], MEMBER_BY_ORGANIZATION);
    assert_eq!(organization.create(MEMBER), json!({ "unprocessedAccounts": [] }));
    assert_eq!(organization.status(MEMBER), "Enabled");
}

#[test]
fn all_means_all_and_stays_so() {
    let organization = Organization::new();
    organization.create(MEMBER);
    organization.on("StopMonitoringMembers", MEMBER).unwrap();
    assert_eq!(organization.status(MEMBER), "Disabled");
    organization.configure(json!({ "autoEnableOrganizationMembers": "ALL",
        "features": [{ "name": "RUNTIME_MONITORING", "autoEnable": "ALL" }] }));
    assert_eq!(organization.status(MEMBER), "Enabled");
    assert_eq!(organization.feature(MEMBER, "RUNTIME_MONITORING"), "ENABLED");
    let own = organization.admin("GetDetector", json!({})).unwrap();
    let runtime = own["features"].as_array().unwrap().iter().find(|f| f["name"] == "RUNTIME_MONITORING").unwrap();
    assert_eq!(runtime["status"], "ENABLED");
    for operation in ["DisassociateMembers", "StopMonitoringMembers"] {
        assert_eq!(organization.on(operation, MEMBER), Err(ApiError::bad(ENABLED_FOR_ALL)), "{operation}");
    }
    organization.configure(json!({ "autoEnableOrganizationMembers": "NONE" }));
    assert_eq!(organization.feature(MEMBER, "RUNTIME_MONITORING"), "ENABLED");
    organization.on("DisassociateMembers", MEMBER).unwrap();
}

#[test]
fn what_is_enabled_is_counted() {
    let organization = Organization::new();
    organization.configure(json!({ "autoEnable": true,
        "features": [{ "name": "S3_DATA_EVENTS", "autoEnable": "NEW" }] }));
    organization.create(MEMBER);
    organization.create("444455556666");
    organization.on("StopMonitoringMembers", MEMBER).unwrap();
    let answer = organization.bench.call_as(ADMIN, REGION, "GetOrganizationStatistics", json!({})).unwrap();
    assert!(answer["organizationDetails"]["updatedAt"].is_number());
    let statistics = &answer["organizationDetails"]["organizationStatistics"];
    // The management account and the administrator are of the organization as well.
    assert_eq!(statistics["totalAccountsCount"], 4);
    assert_eq!((&statistics["memberAccountsCount"], &statistics["activeAccountsCount"]), (&json!(2), &json!(1)));
    assert_eq!(statistics["enabledAccountsCount"], 1);
    let features = statistics["countByFeature"].as_array().unwrap();
    let count = |name: &str| features.iter().find(|f| f["name"] == name).unwrap()["enabledAccountsCount"].clone();
    assert_eq!((features.len(), count("S3_DATA_EVENTS"), count("EKS_AUDIT_LOGS")), (8, json!(1), json!(0)));
}

#[test]
fn members_go_with_their_administrator_and_keep_their_detectors() {
    let organization = Organization::new();
    organization.configure(json!({ "autoEnable": true }));
    organization.create(MEMBER);
    organization.bench.call("DisableOrganizationAdminAccount", json!({ "adminAccountId": ADMIN })).unwrap();
    let listed = organization.bench.call_as(MEMBER, REGION, "ListDetectors", json!({})).unwrap();
    let input = json!({ "DetectorId": listed["detectorIds"][0] });
    let detector = organization.bench.call_as(MEMBER, REGION, "GetDetector", input.clone()).unwrap();
    assert_eq!(detector["status"], "ENABLED");
    let none = organization.bench.call_as(MEMBER, REGION, "GetAdministratorAccount", input).unwrap();
    assert_eq!(none, json!({}));
    let describe = organization.admin("DescribeOrganizationConfiguration", json!({}));
    assert_eq!(describe, Err(ApiError::bad(NO_ORGANIZATION_PERMISSION)));
    // Another may follow, and begins anew.
    organization.bench.call("EnableOrganizationAdminAccount", json!({ "adminAccountId": ADMIN })).unwrap();
    assert_eq!(organization.described()["autoEnable"], false);
}
