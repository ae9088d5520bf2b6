//! Both sides of the relation between administrator and member.

use super::relation::{Relation, Status, Via};
use crate::error::{
    ADMINISTRATOR_ACCEPTS, ALREADY_INVITED, ALREADY_MEMBER, ApiError, HAS_MEMBERS, INVITES_ITSELF, MANAGED,
    MEMBER_ACCEPTS, MEMBER_CREATES, MEMBER_INVITES, MEMBER_OF_ITSELF, NO_EMAIL, NO_INVITATION, NO_MASTER, NOT_A_MEMBER,
    NOT_ASSOCIATED, NOT_DECLINED, NOT_OWNED, OUT_OF_RANGE, STILL_ASSOCIATED, TOO_MANY_MEMBERS,
};
use crate::testing::{ACCOUNT, Bench, REGION};
use picquet_store::Sql;
use picquet_store::documents::Shelf;
use serde_json::{Value, json};

const MEMBER: &str = "222233334444";
const OTHER: &str = "333344445555";

/// Accounts with a detector each.
struct Two {
    bench: Bench,
    admin: String,
    member: String,
}

impl Two {
    fn new() -> Self {
        let bench = Bench::new();
        let admin = bench.detector();
        let member = detector(&bench, MEMBER);
        Self { bench, admin, member }
    }

    /// With the member created and invited.
    fn invited() -> Self {
        let two = Self::new();
        two.create(&[MEMBER]);
        assert_eq!(two.on("InviteMembers", &[MEMBER]), json!({ "unprocessedAccounts": [] }));
        two
    }

    /// With the invitation accepted.
    fn associated() -> Self {
        let two = Self::invited();
        two.accept("AcceptInvitation", "masterId").unwrap();
        two
    }

    fn create(&self, accounts: &[&str]) -> Value {
        create(&self.bench, ACCOUNT, &self.admin, accounts)
    }

    /// A bulk call of the administrator.
    fn on(&self, operation: &str, accounts: &[&str]) -> Value {
        let input = json!({ "DetectorId": self.admin, "accountIds": accounts });
        self.bench.call(operation, input).unwrap()
    }

    fn as_member(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.bench.call_as(MEMBER, REGION, operation, input)
    }

    fn invitations(&self) -> Vec<Value> {
        let listed = self.as_member("ListInvitations", json!({})).unwrap();
        listed["invitations"].as_array().unwrap().clone()
    }

    fn accept(&self, operation: &str, name: &str) -> Result<Value, ApiError> {
        let id = self.invitations().first().map_or(json!("none"), |i| i["invitationId"].clone());
        self.as_member(operation, json!({ "DetectorId": self.member, "invitationId": id, name: ACCOUNT }))
    }

    fn member(&self) -> Value {
        self.on("GetMembers", &[MEMBER])["members"][0].clone()
    }

    fn status(&self) -> String {
        self.member()["relationshipStatus"].as_str().unwrap().to_owned()
    }

    fn listed(&self, only_associated: Value) -> usize {
        let input = json!({ "DetectorId": self.admin, "onlyAssociated": only_associated });
        self.bench.call("ListMembers", input).unwrap()["members"].as_array().unwrap().len()
    }
}

fn detector(bench: &Bench, account: &str) -> String {
    let made = bench.call_as(account, REGION, "CreateDetector", json!({ "enable": true })).unwrap();
    made["detectorId"].as_str().unwrap().to_owned()
}

fn create(bench: &Bench, account: &str, detector: &str, accounts: &[&str]) -> Value {
    let details: Vec<Value> =
        accounts.iter().map(|a| json!({ "accountId": a, "email": format!("{a}@example.com") })).collect();
    bench
        .call_as(account, REGION, "CreateMembers", json!({ "DetectorId": detector, "accountDetails": details }))
        .unwrap()
}

fn why(answer: &Value) -> &str {
    answer["unprocessedAccounts"][0]["result"].as_str().unwrap()
}

#[test]
fn an_invitation_shows_on_both_sides() {
    let two = Two::new();
    assert_eq!(two.create(&[MEMBER]), json!({ "unprocessedAccounts": [] }));
    let created = two.member();
    assert_eq!(created["relationshipStatus"], "Created");
    assert_eq!((&created["masterId"], &created["administratorId"]), (&json!(ACCOUNT), &json!(ACCOUNT)));
    assert_eq!(created["email"], "222233334444@example.com");
    assert!(created.get("invitedAt").is_none() && created.get("detectorId").is_none());
    assert!(two.invitations().is_empty());

    two.on("InviteMembers", &[MEMBER]);
    assert_eq!(two.status(), "Invited");
    let invitation = two.invitations().remove(0);
    assert_eq!((&invitation["accountId"], &invitation["relationshipStatus"]), (&json!(ACCOUNT), &json!("Invited")));
    assert_eq!(invitation["invitationId"].as_str().unwrap().len(), 32);
    assert_eq!(invitation["invitedAt"], two.member()["invitedAt"]);
    assert_eq!(two.as_member("GetInvitationsCount", json!({})).unwrap(), json!({ "invitationsCount": 1 }));
    let elsewhere = two.bench.call_as(MEMBER, "eu-west-1", "ListInvitations", json!({})).unwrap();
    assert_eq!(elsewhere, json!({ "invitations": [] }));

    let input = json!({ "DetectorId": two.member });
    assert_eq!(two.as_member("GetMasterAccount", input.clone()).unwrap(), json!({}));
    two.accept("AcceptAdministratorInvitation", "administratorId").unwrap();
    let member = two.member();
    assert_eq!((&member["relationshipStatus"], &member["detectorId"]), (&json!("Enabled"), &json!(two.member)));
    assert_eq!(two.as_member("GetInvitationsCount", json!({})).unwrap(), json!({ "invitationsCount": 0 }));
    let master = two.as_member("GetMasterAccount", input.clone()).unwrap();
    let administrator = two.as_member("GetAdministratorAccount", input).unwrap();
    assert_eq!(master["master"], administrator["administrator"]);
    assert_eq!(master["master"]["relationshipStatus"], "Enabled");
    assert_eq!(master["master"]["accountId"], ACCOUNT);
    assert_eq!(master["master"]["invitationId"], invitation["invitationId"]);
    // The administrator has none itself.
    assert_eq!(two.bench.call("GetMasterAccount", json!({ "DetectorId": two.admin })).unwrap(), json!({}));
}

#[test]
fn who_cannot_be_processed_is_said_with_the_reason() {
    let two = Two::new();
    let answer = two.create(&[ACCOUNT, MEMBER, MEMBER, "not-a-number"]);
    let whys: Vec<&str> =
        answer["unprocessedAccounts"].as_array().unwrap().iter().map(|u| u["result"].as_str().unwrap()).collect();
    assert_eq!(whys, [MEMBER_OF_ITSELF, ALREADY_MEMBER, OUT_OF_RANGE]);
    assert_eq!(answer["unprocessedAccounts"][0]["accountId"], ACCOUNT);
    assert_eq!(why(&two.on("InviteMembers", &[OTHER])), NO_EMAIL);
    assert_eq!(why(&two.on("InviteMembers", &[ACCOUNT])), INVITES_ITSELF);
    two.on("InviteMembers", &[MEMBER]);
    assert_eq!(why(&two.on("InviteMembers", &[MEMBER])), ALREADY_INVITED);
    assert_eq!(why(&two.on("GetMembers", &[OTHER])), NOT_A_MEMBER);
    assert_eq!(why(&two.on("DeleteMembers", &[OTHER])), NOT_A_MEMBER);
    assert_eq!(why(&two.on("StartMonitoringMembers", &[MEMBER])), NOT_A_MEMBER);
    assert_eq!(why(&two.on("GetMemberDetectors", &[MEMBER])), NOT_A_MEMBER);
    let foreign = json!({ "DetectorId": two.member, "accountIds": [MEMBER] });
    assert_eq!(two.bench.call("GetMembers", foreign), Err(ApiError::bad(NOT_OWNED)));
}

#[test]
fn an_account_has_one_administrator_and_is_none() {
    let two = Two::associated();
    let other = detector(&two.bench, OTHER);
    create(&two.bench, OTHER, &other, &[MEMBER, ACCOUNT]);
    let invite = json!({ "DetectorId": other, "accountIds": [MEMBER, ACCOUNT] });
    two.bench.call_as(OTHER, REGION, "InviteMembers", invite).unwrap();
    let invitation = |account: &str| {
        let listed = two.bench.call_as(account, REGION, "ListInvitations", json!({})).unwrap();
        let all = listed["invitations"].as_array().unwrap();
        all.iter().find(|i| i["accountId"] == OTHER).unwrap()["invitationId"].clone()
    };
    let accept = |account: &str, detector: &str| {
        let input = json!({ "DetectorId": detector, "masterId": OTHER, "invitationId": invitation(account) });
        two.bench.call_as(account, REGION, "AcceptInvitation", input)
    };
    assert_eq!(accept(MEMBER, &two.member), Err(ApiError::bad(MEMBER_ACCEPTS)));
    assert_eq!(accept(ACCOUNT, &two.admin), Err(ApiError::bad(ADMINISTRATOR_ACCEPTS)));
    // A member manages no one.
    assert_eq!(why(&create(&two.bench, MEMBER, &two.member, &[OTHER])), MEMBER_CREATES);
    let invite = json!({ "DetectorId": two.member, "accountIds": [OTHER] });
    assert_eq!(why(&two.as_member("InviteMembers", invite).unwrap()), MEMBER_INVITES);
}

#[test]
fn only_the_right_invitation_can_be_accepted() {
    let two = Two::invited();
    let input = json!({ "DetectorId": two.member, "masterId": ACCOUNT, "invitationId": "0".repeat(32) });
    assert_eq!(two.as_member("AcceptInvitation", input), Err(ApiError::bad(NO_INVITATION)));
    let input = json!({ "DetectorId": "0".repeat(32), "masterId": ACCOUNT, "invitationId": "0".repeat(32) });
    assert_eq!(two.as_member("AcceptInvitation", input), Err(ApiError::bad(NOT_OWNED)));
    two.accept("AcceptInvitation", "masterId").unwrap();
    assert_eq!(two.accept("AcceptInvitation", "masterId"), Err(ApiError::bad(MEMBER_ACCEPTS)));
}

#[test]
fn an_invitation_is_declined_and_then_deleted() {
    let two = Two::invited();
    let admin = json!({ "accountIds": [ACCOUNT] });
    assert_eq!(why(&two.as_member("DeleteInvitations", admin.clone()).unwrap()), NOT_DECLINED);
    assert_eq!(two.as_member("DeclineInvitations", admin.clone()).unwrap(), json!({ "unprocessedAccounts": [] }));
    assert_eq!(why(&two.as_member("DeclineInvitations", admin.clone()).unwrap()), NO_INVITATION);
    assert_eq!(two.status(), "Resigned");
    assert_eq!(two.invitations()[0]["relationshipStatus"], "Resigned");
    assert_eq!(two.accept("AcceptInvitation", "masterId"), Err(ApiError::bad(NO_INVITATION)));
    assert_eq!(two.as_member("DeleteInvitations", admin.clone()).unwrap(), json!({ "unprocessedAccounts": [] }));
    assert!(two.invitations().is_empty());
    assert_eq!(why(&two.as_member("DeleteInvitations", admin).unwrap()), NO_INVITATION);
    // The administrator may ask again.
    two.on("InviteMembers", &[MEMBER]);
    two.accept("AcceptInvitation", "masterId").unwrap();
    assert_eq!(two.status(), "Enabled");
}

#[test]
fn monitoring_is_stopped_and_started() {
    let two = Two::associated();
    let watches = || two.as_member("GetDetector", json!({ "DetectorId": two.member })).unwrap()["status"].clone();
    assert_eq!(two.on("StopMonitoringMembers", &[MEMBER]), json!({ "unprocessedAccounts": [] }));
    assert_eq!((two.status().as_str(), watches()), ("Disabled", json!("DISABLED")));
    let master = two.as_member("GetMasterAccount", json!({ "DetectorId": two.member })).unwrap();
    assert_eq!(master["master"]["relationshipStatus"], "Disabled");
    assert_eq!(two.on("StartMonitoringMembers", &[MEMBER]), json!({ "unprocessedAccounts": [] }));
    assert_eq!((two.status().as_str(), watches()), ("Enabled", json!("ENABLED")));
}

#[test]
fn an_association_ends_from_either_side() {
    for operation in ["DisassociateFromMasterAccount", "DisassociateFromAdministratorAccount"] {
        let two = Two::associated();
        let input = json!({ "DetectorId": two.member });
        assert_eq!(two.as_member(operation, input.clone()).unwrap(), json!({}));
        assert_eq!(two.status(), "Resigned");
        assert_eq!(two.as_member(operation, input.clone()), Err(ApiError::bad(NO_MASTER)));
        assert_eq!(two.as_member("GetAdministratorAccount", input).unwrap(), json!({}));
    }
    let two = Two::associated();
    assert_eq!(why(&two.on("DeleteMembers", &[MEMBER])), STILL_ASSOCIATED);
    assert_eq!(two.on("DisassociateMembers", &[MEMBER]), json!({ "unprocessedAccounts": [] }));
    assert_eq!(two.status(), "Removed");
    assert_eq!(why(&two.on("DisassociateMembers", &[MEMBER])), NOT_ASSOCIATED);
    // What is known of the member stays until it is deleted.
    two.on("InviteMembers", &[MEMBER]);
    assert_eq!(two.status(), "Invited");
    assert_eq!(two.on("DeleteMembers", &[MEMBER]), json!({ "unprocessedAccounts": [] }));
    assert_eq!(two.on("GetMembers", &[MEMBER])["members"], json!([]));
    assert!(two.invitations().is_empty());
}

#[test]
fn a_list_hides_who_is_not_associated_unless_asked() {
    let two = Two::new();
    two.create(&[MEMBER]);
    assert_eq!((two.listed(Value::Null), two.listed(json!("true")), two.listed(json!("false"))), (0, 0, 1));
    two.on("InviteMembers", &[MEMBER]);
    two.accept("AcceptInvitation", "masterId").unwrap();
    assert_eq!((two.listed(Value::Null), two.listed(json!("false"))), (1, 1));
    two.on("DisassociateMembers", &[MEMBER]);
    assert_eq!((two.listed(json!("true")), two.listed(json!("false"))), (0, 1));
    let other = json!({ "DetectorId": two.admin, "onlyAssociated": "maybe" });
    assert!(matches!(two.bench.call("ListMembers", other), Err(ApiError::BadRequest(_))));
}

#[test]
fn pages_skip_and_repeat_nothing() {
    let two = Two::new();
    let accounts: Vec<String> = (0..9).map(|n| format!("50000000000{n}")).collect();
    let accounts: Vec<&str> = accounts.iter().map(String::as_str).collect();
    two.create(&accounts);
    // Every other one is invited, and the rest hidden.
    let invited: Vec<&str> = accounts.iter().copied().step_by(2).collect();
    two.on("InviteMembers", &invited);
    for (only, wanted) in [("true", &invited), ("false", &accounts)] {
        let (mut seen, mut token) = (Vec::new(), Value::Null);
        loop {
            let input = json!({ "DetectorId": two.admin, "onlyAssociated": only, "maxResults": 2, "nextToken": token });
            let page = two.bench.call("ListMembers", input).unwrap();
            let members = page["members"].as_array().unwrap();
            assert!((1..=2).contains(&members.len()));
            seen.extend(members.iter().map(|m| m["accountId"].as_str().unwrap().to_owned()));
            match page.get("nextToken") {
                Some(next) => token = next.clone(),
                None => break,
            }
        }
        assert_eq!(&seen, wanted);
    }
}

#[test]
fn the_detectors_of_members_are_their_own() {
    let two = Two::associated();
    let update = json!({ "DetectorId": two.admin, "accountIds": [MEMBER, OTHER],
        "features": [{ "name": "S3_DATA_EVENTS", "status": "DISABLED" },
                     { "name": "RUNTIME_MONITORING", "status": "ENABLED",
                       "additionalConfiguration": [{ "name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED" }] }] });
    let answer = two.bench.call("UpdateMemberDetectors", update).unwrap();
    assert_eq!(answer["unprocessedAccounts"], json!([{ "accountId": OTHER, "result": NOT_A_MEMBER }]));
    let detectors = two.on("GetMemberDetectors", &[MEMBER]);
    let of = &detectors["members"][0];
    assert_eq!((&of["accountId"], &of["dataSources"]["s3Logs"]["status"]), (&json!(MEMBER), &json!("DISABLED")));
    let features = of["features"].as_array().unwrap();
    assert_eq!(features.len(), 8);
    let runtime = features.iter().find(|f| f["name"] == "RUNTIME_MONITORING").unwrap();
    assert_eq!(runtime["status"], "ENABLED");
    let own = two.as_member("GetDetector", json!({ "DetectorId": two.member })).unwrap();
    assert_eq!(own["dataSources"]["s3Logs"]["status"], "DISABLED");
    assert_eq!(own["dataSources"], of["dataSources"]);
    let both = json!({ "DetectorId": two.admin, "accountIds": [OTHER],
        "features": [{ "name": "RUNTIME_MONITORING", "status": "ENABLED" },
                     { "name": "EKS_RUNTIME_MONITORING", "status": "ENABLED" }] });
    assert!(matches!(two.bench.call("UpdateMemberDetectors", both), Err(ApiError::BadRequest(_))));
}

#[test]
fn a_detector_with_members_stays_and_a_member_may_go() {
    let two = Two::associated();
    let input = json!({ "DetectorId": two.admin });
    assert_eq!(two.bench.call("DeleteDetector", input.clone()), Err(ApiError::bad(HAS_MEMBERS)));
    two.as_member("DeleteDetector", json!({ "DetectorId": two.member })).unwrap();
    assert_eq!(two.status(), "Resigned");
    two.bench.call("DeleteDetector", input).unwrap();
    assert!(two.invitations().is_empty());
}

#[test]
fn an_administrator_has_so_many_members() {
    let two = Two::new();
    let relation = Relation {
        email: "a@example.com".to_owned().into(),
        status: Status::Created,
        via: Via::Invitation,
        invitation: None,
        updated_at: 0,
    };
    let fill = |sql: &mut dyn Sql| -> Result<(), ApiError> {
        let shelf = Shelf { account: ACCOUNT, region: REGION, parent: &two.admin };
        for n in 0..4_999 {
            shelf.put(sql, &format!("{n:012}"), &relation)?;
        }
        Ok(())
    };
    two.bench.api.store().write(fill).unwrap();
    let answer = two.create(&[MEMBER, OTHER]);
    assert_eq!(answer["unprocessedAccounts"], json!([{ "accountId": OTHER, "result": TOO_MANY_MEMBERS }]));
    assert_eq!((two.listed(json!("true")), two.listed(json!("false"))), (0, 50));
}

#[test]
fn what_the_administrator_manages_a_member_does_not() {
    let two = Two::associated();
    let list = |detector: &str| {
        json!({ "DetectorId": detector, "name": "trusted", "format": "TXT", "activate": false,
                "location": "s3://bucket/list.txt" })
    };
    assert_eq!(two.as_member("CreateIPSet", list(&two.member)), Err(ApiError::bad(MANAGED)));
    assert!(two.bench.call("CreateIPSet", list(&two.admin)).is_ok());
    two.on("DisassociateMembers", &[MEMBER]);
    assert!(two.as_member("CreateIPSet", list(&two.member)).is_ok());
}

#[test]
fn a_member_does_not_change_features_and_may_suspend_its_detector() {
    let two = Two::associated();
    let update = |member: Value| {
        let mut input = json!({ "DetectorId": two.member });
        input.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        two.as_member("UpdateDetector", input)
    };
    for managed in [
        json!({ "features": [{ "name": "S3_DATA_EVENTS", "status": "DISABLED" }] }),
        json!({ "dataSources": { "s3Logs": { "enable": false } } }),
        json!({ "findingPublishingFrequency": "ONE_HOUR" }),
    ] {
        assert_eq!(update(managed), Err(ApiError::bad(MANAGED)));
    }
    assert_eq!(update(json!({ "enable": false })), Ok(json!({})));
}

/// A finding of an account, as detection gives it.
fn finding(account: &str, id: &str, severity: f64) -> Value {
    json!({
        "schemaVersion": "2.0", "accountId": account, "region": REGION, "partition": "aws", "id": id, "arn": "a",
        "type": "Recon:EC2/Portscan", "severity": severity, "title": "t", "description": "d",
        "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": "i-1" } },
        "service": { "archived": false, "count": 1, "eventFirstSeen": "2026-01-01T00:00:00.000Z",
                     "eventLastSeen": "2026-01-01T00:00:00.000Z" },
    })
}

impl Two {
    fn take(&self, finding: Value) {
        self.bench.api.store().write(|sql| crate::intake::take(sql, finding, 5000)).unwrap();
    }

    /// Ids of the findings that an account sees, and whether they are archived.
    fn seen(&self, account: &str, detector: &str) -> Vec<(String, bool)> {
        let list = json!({ "DetectorId": detector, "sortCriteria": { "attributeName": "id", "orderBy": "ASC" } });
        let ids = self.bench.call_as(account, REGION, "ListFindings", list).unwrap()["findingIds"].clone();
        let get = json!({ "DetectorId": detector, "findingIds": ids });
        let found = self.bench.call_as(account, REGION, "GetFindings", get).unwrap()["findings"].clone();
        let mut told: Vec<_> =
            found.as_array().unwrap().iter().map(|f| (text(&f["id"]), f["service"]["archived"] == true)).collect();
        told.sort();
        told
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn an_administrator_sees_its_members_findings_and_archives_them_for_both() {
    let two = Two::associated();
    two.take(finding(ACCOUNT, "own", 8.0));
    two.take(finding(MEMBER, "theirs", 8.0));
    let both = [("own".to_owned(), false), ("theirs".to_owned(), false)];
    assert_eq!(two.seen(ACCOUNT, &two.admin), both);
    assert_eq!(two.seen(MEMBER, &two.member), [("theirs".to_owned(), false)]);
    let statistics = json!({ "DetectorId": two.admin, "groupBy": "ACCOUNT" });
    let counted = two.bench.call("GetFindingsStatistics", statistics).unwrap();
    assert_eq!(counted["findingStatistics"]["groupedByAccount"].as_array().unwrap().len(), 2);
    // The member may not archive; what the administrator archives is so for the member.
    let ids = json!(["theirs"]);
    let archive = json!({ "DetectorId": two.member, "findingIds": ids });
    assert_eq!(two.as_member("ArchiveFindings", archive), Err(ApiError::bad(MANAGED)));
    two.bench.call("ArchiveFindings", json!({ "DetectorId": two.admin, "findingIds": ids })).unwrap();
    assert_eq!(two.seen(MEMBER, &two.member), [("theirs".to_owned(), true)]);
    // It stays archived when it goes on.
    let mut again = finding(MEMBER, "theirs", 8.0);
    again["service"]["count"] = 9.into();
    two.take(again);
    assert_eq!(two.seen(ACCOUNT, &two.admin)[1], ("theirs".to_owned(), true));
    // Without the relation nothing of it is seen.
    two.on("DisassociateMembers", &[MEMBER]);
    assert_eq!(two.seen(ACCOUNT, &two.admin), both[..1]);
    two.take(finding(MEMBER, "later", 8.0));
    assert_eq!(two.seen(ACCOUNT, &two.admin), both[..1]);
    assert_eq!(two.seen(MEMBER, &two.member).len(), 2);
}

#[test]
fn an_administrators_rules_suppress_findings_of_its_members() {
    let two = Two::associated();
    let rule = json!({ "DetectorId": two.admin, "name": "low", "action": "ARCHIVE",
                       "findingCriteria": { "criterion": { "severity": { "lt": 4 } } } });
    two.bench.call("CreateFilter", rule).unwrap();
    two.take(finding(MEMBER, "low", 2.0));
    two.take(finding(MEMBER, "high", 8.0));
    let wanted = [("high".to_owned(), false), ("low".to_owned(), true)];
    assert_eq!(two.seen(MEMBER, &two.member), wanted);
    assert_eq!(two.seen(ACCOUNT, &two.admin), wanted);
    let resigned = json!({ "DetectorId": two.member });
    two.as_member("DisassociateFromAdministratorAccount", resigned).unwrap();
    assert!(two.seen(ACCOUNT, &two.admin).is_empty());
}

#[test]
fn usage_is_told_of_members_too() {
    let two = Two::associated();
    let ask = json!({ "DetectorId": two.admin, "usageStatisticsType": "SUM_BY_ACCOUNT",
                      "usageCriteria": { "features": ["CLOUD_TRAIL"] } });
    let told = two.bench.call("GetUsageStatistics", ask).unwrap();
    let accounts = told["usageStatistics"]["sumByAccount"].as_array().unwrap();
    let mut accounts: Vec<_> = accounts.iter().map(|of| text(&of["accountId"])).collect();
    accounts.sort();
    assert_eq!(accounts, [ACCOUNT, MEMBER]);
    let days = json!({ "DetectorId": two.admin, "accountIds": [MEMBER, OTHER] });
    let told = two.bench.call("GetRemainingFreeTrialDays", days).unwrap();
    assert_eq!(
        (&told["accounts"][0]["accountId"], &told["unprocessedAccounts"][0]["accountId"]),
        (&json!(MEMBER), &json!(OTHER))
    );
}
