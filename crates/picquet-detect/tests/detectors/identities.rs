//! Every kind of identity, as a finding shows it.

use picquet_intel::Category;
use picquet_testkit::{Event, Identity, Scenario, check_detector, only};

#[test]
fn each_kind_of_identity_is_named() {
    let cases = [
        (Identity::root(), "Root", Some("Root"), "Root called"),
        (Identity::user("alice"), "IAMUser", Some("alice"), "alice called"),
        (Identity::role("Deploy", "ci"), "AssumedRole", Some("Deploy"), "Deploy called"),
        (Identity::instance_role("web", "i-0a1b2c3d4e5f60718"), "AssumedRole", Some("web"), "web called"),
        (Identity::federated("bob", "alice"), "FederatedUser", Some("alice"), "alice called"),
        (
            Identity::identity_center("94482488-3041-7000-18cb-40f0f3a2b9d1"),
            "IdentityCenterUser",
            None,
            "IAM Identity Center user 94482488-3041-7000-18cb-40f0f3a2b9d1 called",
        ),
        (Identity::other_account("999988887777"), "AWSAccount", None, "A principal of account 999988887777 called"),
    ];
    for (identity, kind, name, title) in cases {
        // An Identity Center user has no principal id of its own, only that of the user it acts for.
        let principal = match kind {
            "IdentityCenterUser" => "94482488-3041-7000-18cb-40f0f3a2b9d1".to_owned(),
            _ => identity.principal_id().to_owned(),
        };
        let key = identity.key_id().to_owned();
        let scenario = Scenario::new()
            .feed(Category::MaliciousIp, "203.0.113.7")
            .event(Event::new("sts", "GetSessionToken").ip("203.0.113.7").by(identity));
        let findings = check_detector(&scenario);
        let f = findings.iter().find(|f| f.finding_type == "UnauthorizedAccess:IAMUser/MaliciousIPCaller").unwrap();
        let details = f.resource.access_key_details.as_ref().unwrap();
        assert_eq!(details.user_type.as_deref(), Some(kind));
        assert_eq!(details.user_name.as_deref(), name, "{kind}");
        assert_eq!(details.principal_id.as_deref().unwrap_or_default(), principal, "{kind}: nothing is made up");
        assert_eq!(details.access_key_id.as_deref().unwrap_or_default(), key, "{kind}");
        assert!(f.title.starts_with(title), "{}", f.title);
    }
}

#[test]
fn a_call_through_a_service_names_the_service() {
    let scenario = Scenario::new().event(
        Event::new("cloudtrail", "StopLogging")
            .by(Identity::user("alice").invoked_by("cloudformation.amazonaws.com"))
            .ip("cloudformation.amazonaws.com")
            .request(serde_json::json!({"name": "t"})),
    );
    let findings = check_detector(&scenario);
    let f = only(&findings);
    let call = f.service.action.aws_api_call_action.as_ref().unwrap();
    assert_eq!(call.caller_type, "Domain");
    assert_eq!(call.domain_details.as_ref().unwrap().domain, "cloudformation.amazonaws.com");
    assert!(f.description.contains("from cloudformation.amazonaws.com, and"), "{}", f.description);
}

#[test]
fn two_users_of_identity_center_are_two_principals() {
    let call = |user| {
        Event::new("cloudtrail", "StopLogging")
            .by(Identity::identity_center(user))
            .request(serde_json::json!({"name": "t"}))
    };
    let [one, other] = ["94482488-3041-7000-18cb-40f0f3a2b9d1", "14482488-3041-7000-18cb-40f0f3a2b9d2"];
    let listed = |user| call(user).ip("203.0.113.7");
    let findings = check_detector(
        &Scenario::new().feed(Category::MaliciousIp, "203.0.113.7").event(listed(one)).event(listed(other)),
    );
    let callers: Vec<_> =
        findings.iter().filter(|f| f.finding_type == "UnauthorizedAccess:IAMUser/MaliciousIPCaller").collect();
    assert_eq!(callers.len(), 2, "one finding a user");
}
