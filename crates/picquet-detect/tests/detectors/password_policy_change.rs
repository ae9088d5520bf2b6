//! The password policy is weakened.

use super::{silent, why};
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};
use serde_json::{Value, json};

fn update(change: impl FnOnce(&mut Value)) -> Event {
    let mut policy = json!({
        "minimumPasswordLength": 14, "requireSymbols": true, "requireNumbers": true,
        "requireUppercaseCharacters": true, "requireLowercaseCharacters": true, "allowUsersToChangePassword": true,
        "passwordReusePrevention": 24, "maxPasswordAge": 90, "hardExpiry": false
    });
    change(&mut policy);
    Event::new("iam", "UpdateAccountPasswordPolicy").request(policy)
}

fn strong() -> Event {
    update(|_| {}).at("2024-04-01T00:00:00Z")
}

pub fn attack() -> Scenario {
    Scenario::new().event(strong()).event(update(|p| p["minimumPasswordLength"] = json!(6)))
}

#[test]
fn a_shorter_minimum() {
    let findings = check_detector(&attack());
    assert_eq!(only(&findings).severity, 5.0);
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn severity_follows_how_far() {
    let severity =
        |event: Event| check_detector(&Scenario::new().event(strong()).event(event)).first().map(|f| f.severity);
    assert_eq!(severity(update(|p| p["minimumPasswordLength"] = json!(12))), Some(2.0));
    assert_eq!(severity(update(|p| p["maxPasswordAge"] = Value::Null)), Some(2.0));
    assert_eq!(severity(update(|p| p["requireSymbols"] = json!(false))), Some(5.0));
    assert_eq!(severity(update(|p| *p = json!({"minimumPasswordLength": 14}))), Some(8.0));
    assert_eq!(severity(Event::new("iam", "DeleteAccountPasswordPolicy")), Some(8.0));
    assert_eq!(severity(update(|p| p["minimumPasswordLength"] = json!(20))), None);
    assert_eq!(severity(update(|_| {})), None);
}

#[test]
fn each_change_is_held_against_the_one_before() {
    let scenario = Scenario::new()
        .event(strong())
        .event(update(|p| p["minimumPasswordLength"] = json!(10)))
        .event(update(|p| p["minimumPasswordLength"] = json!(12)).after(60))
        .event(update(|p| p["minimumPasswordLength"] = json!(11)).after(120));
    let findings = check_detector(&scenario);
    let f = only(&findings);
    assert_eq!(f.service.count, 2, "14 to 10 and 12 to 11, not 10 to 12");
    assert_eq!(why(f)["observations"][0], json!({"name": "minimum length", "observed": "11", "against": "12"}));
}

#[test]
fn attempts_count_but_change_nothing() {
    let scenario = Scenario::new()
        .event(strong())
        .event(Event::new("iam", "DeleteAccountPasswordPolicy").error("AccessDenied"))
        .event(update(|_| {}).after(60));
    let findings = check_detector(&scenario);
    assert_eq!(only(&findings).service.count, 1);
    assert_eq!(why(only(&findings))["why"], "An attempt was made to delete the account's password policy.");
}

#[test]
fn without_a_known_policy_only_a_weak_one_speaks() {
    silent(&Scenario::new().event(update(|_| {})));
    let weak = check_detector(&Scenario::new().event(update(|p| p["requireNumbers"] = json!(false))));
    assert_eq!(only(&weak).severity, 2.0);
}

#[test]
fn the_policy_is_known_from_before_the_window() {
    let scenario = attack().window("2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z");
    assert_eq!(only(&check_detector(&scenario)).severity, 5.0, "held against the policy of April");
}

#[test]
fn it_counts_in_every_region_and_accounts_are_apart() {
    let scenario = attack()
        .event(Event::new("ec2", "DescribeInstances").region("eu-west-1"))
        .event(update(|p| p["minimumPasswordLength"] = json!(8)).account("444455556666").after(60));
    let findings = check_detector(&scenario);
    let mut regions: Vec<&str> = findings.iter().map(|f| f.region.as_str()).collect();
    regions.sort_unstable();
    assert_eq!(regions, ["eu-west-1", "us-east-1"], "the other account's policy is another one");
}

#[test]
fn an_event_of_two_trails_counts_once() {
    let delete = || Event::new("iam", "DeleteAccountPasswordPolicy").id("0c6ae7a5-0000-4000-8000-00000000000a");
    let findings = check_detector(&Scenario::new().event(strong()).event(delete()).event(delete()));
    assert_eq!(only(&findings).service.count, 1);
}

#[test]
fn sessions_of_one_role_are_one_finding() {
    let delete = |session: &str| {
        Event::new("iam", "DeleteAccountPasswordPolicy").by(Identity::role("Admin", session)).error("AccessDenied")
    };
    let findings = check_detector(&Scenario::new().event(delete("a")).event(delete("b").after(60)));
    assert_eq!(only(&findings).service.count, 2);
}
