//! A public name that resolves to the instance metadata service.

use super::silent;
use picquet_testkit::{Query, Scenario, check_detector, json, only};

pub fn attack() -> Scenario {
    Scenario::new().query(Query::new("rebind.example.com").answer("A", "169.254.169.254"))
}

#[test]
fn an_answer_with_the_address() {
    let findings =
        check_detector(&attack().query(
            Query::new("REBIND.example.com").answer("A", "93.184.216.34").answer("A", "169.254.169.254").after(60),
        ));
    let f = only(&findings);
    assert_eq!((f.severity, f.service.resource_role.as_str(), f.service.count), (8.0, "ACTOR", 2));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn trusted_wins() {
    silent(&attack().trusted("rebind.example.com"));
    silent(&attack().trusted("*.example.com"));
}

#[test]
fn the_ipv6_address_in_any_spelling() {
    for data in ["fd00:ec2::254", "FD00:EC2::254", "fd00:0ec2:0:0:0:0:0:254"] {
        let findings =
            check_detector(&Scenario::new().query(Query::new("rebind.example.com").kind("AAAA").answer("AAAA", data)));
        assert_eq!(only(&findings).severity, 8.0, "{data}");
    }
}

#[test]
fn behind_an_alias() {
    let query = Query::new("www.example.com").answer("CNAME", "x.example.net.").answer("A", "169.254.169.254");
    assert_eq!(check_detector(&Scenario::new().query(query)).len(), 1);
}

#[test]
fn awss_own_name_is_not_public() {
    silent(&Scenario::new().query(Query::new("instance-data.ec2.internal").answer("A", "169.254.169.254")));
    silent(&Scenario::new().query(Query::new("metadata.corp").answer("A", "169.254.169.254")));
    silent(&Scenario::new().query(Query::new("instance-data").answer("A", "169.254.169.254")));
}

#[test]
fn the_question_alone_and_other_addresses() {
    silent(
        &Scenario::new()
            .query(Query::new("169.254.169.254.nip.io").rcode("NXDOMAIN"))
            .query(Query::new("rebind.example.com").answer("A", "169.254.169.253"))
            .query(Query::new("rebind.example.com").answer("TXT", "169.254.169.254"))
            .query(Query::new("rebind.example.com").kind("AAAA").answer("AAAA", "fd00:ec2::253")),
    );
}
