//! An identity gives itself everything. A retired type.

use super::silent;
use picquet_testkit::{Event, Identity, Scenario, check_detector, json, only};
use serde_json::json;

fn attach(user: &str, arn: &str) -> Event {
    Event::new("iam", "AttachUserPolicy").request(json!({"userName": user, "policyArn": arn}))
}

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

pub fn attack() -> Scenario {
    Scenario::new().event(attach("alice", ADMIN))
}

#[test]
fn success_is_medium_and_failure_low() {
    let findings = check_detector(&attack().retired());
    assert_eq!(only(&findings).severity, 5.0);
    assert_eq!(findings[0].service.additional_info.members()["policyArn"], ADMIN);
    insta::assert_snapshot!(json(&findings));
    let findings = check_detector(&Scenario::new().retired().event(attach("alice", ADMIN).error("AccessDenied")));
    assert_eq!(only(&findings).severity, 2.0);
}

#[test]
fn inline_policies_and_roles() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["*"],"Resource":"*"}}"#;
    let put = Event::new("iam", "PutRolePolicy")
        .by(Identity::role("Deploy", "ci"))
        .request(json!({"roleName": "Deploy", "policyName": "p", "policyDocument": policy}));
    assert_eq!(check_detector(&Scenario::new().retired().event(put)).len(), 1);
}

#[test]
fn others_and_lesser_policies_are_no_escalation() {
    let narrow = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    silent(
        &Scenario::new()
            .retired()
            .event(attach("bob", ADMIN))
            .event(attach("alice", "arn:aws:iam::aws:policy/ReadOnlyAccess"))
            .event(Event::new("iam", "PutUserPolicy").request(json!({"userName": "alice", "policyDocument": narrow}))),
    );
}
