//! What a type is not raised for.

use crate::portscan::{self, TARGET};
use crate::silent;
use picquet_testkit::{ACCOUNT, Flow, INSTANCE, Query, Scenario, check_detector, types};

const SCAN: &str = "Recon:EC2/Portscan";

fn allow(scenario: Scenario, name: &str, entry: &str) -> Scenario {
    scenario.tuning(&format!("[types.\"{name}\"]\nallow = [\"{entry}\"]"))
}

/// A scan of one host from an instance that the log names.
fn scan() -> Scenario {
    portscan::ports(TARGET, 30).flow(Flow::out("203.0.113.200", 443).here())
}

#[test]
fn by_network_and_instance() {
    for entry in [TARGET, "203.0.113.0/24", "0.0.0.0/0", INSTANCE] {
        silent(&allow(scan(), SCAN, entry));
    }
    for other in ["192.0.2.0/24", "i-00000000000000001", "::/0", "tag:Role=scanner", "example.com"] {
        assert_eq!(types(&check_detector(&allow(scan(), SCAN, other))), [SCAN], "{other}");
    }
    // Of another type nothing is allowed.
    assert_eq!(types(&check_detector(&allow(scan(), "Backdoor:EC2/Spambot", TARGET))), [SCAN]);
}

#[test]
fn by_tag() {
    let inventory = |role: &str| {
        format!(
            r#"{{"Reservations": [{{"OwnerId": "{ACCOUNT}", "Instances": [{{"InstanceId": "{INSTANCE}", "Placement":
            {{"AvailabilityZone": "us-east-1a"}}, "Tags": [{{"Key": "Role", "Value": "{role}"}}]}}]}}]}}"#
        )
    };
    let tagged = |role: &str| allow(scan().inventory(&inventory(role)), SCAN, "tag:Role=scanner");
    silent(&tagged("scanner"));
    assert_eq!(types(&check_detector(&tagged("web"))), [SCAN]);
}

#[test]
fn by_domain() {
    const NAME: &str = "Impact:EC2/MaliciousDomainRequest.Reputation";
    let asked = || {
        Scenario::new()
            .feed(picquet_intel::Category::MaliciousDomain, "bad.example.com\n")
            .query(Query::new("www.bad.example.com"))
    };
    assert_eq!(types(&check_detector(&asked())), [NAME]);
    silent(&allow(asked(), NAME, "example.com"));
    silent(&allow(asked(), NAME, "bad.example.com"));
    for other in ["ample.com", "x.bad.example.com", "0.0.0.0/0"] {
        assert_eq!(types(&check_detector(&allow(asked(), NAME, other))), [NAME], "{other}");
    }
}
