//! Connections with listed addresses.

use super::silent;
use picquet_intel::Category;
use picquet_testkit::{Flow, INSTANCE, Scenario, check_detector, json, of_type, only, types};

const PEERS: [(Category, &str, &str, f64); 6] = [
    (Category::C2, "203.0.113.1", "Backdoor:EC2/C&CActivity.B", 8.0),
    (Category::Miner, "203.0.113.2", "CryptoCurrency:EC2/BitcoinTool.B", 8.0),
    (Category::Sinkhole, "203.0.113.3", "Trojan:EC2/BlackholeTraffic", 5.0),
    (Category::DropPoint, "203.0.113.4", "Trojan:EC2/DropPoint", 5.0),
    (Category::TorRelay, "203.0.113.5", "UnauthorizedAccess:EC2/TorClient", 8.0),
    (Category::Custom, "203.0.113.6", "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom", 5.0),
];
const C2: &str = "203.0.113.1";
const EXIT: &str = "203.0.113.9";

fn c2() -> Scenario {
    Scenario::new().named_feed(Category::C2, "C2 servers", &format!("indicator\tthreat\n{C2}\tXOR.DDoS\n"))
}

pub fn attack() -> Scenario {
    let others = PEERS[1..].iter().fold(c2(), |s, (category, ip, ..)| s.feed(*category, ip));
    let s = PEERS.iter().fold(others, |s, (_, ip, ..)| s.flows(Flow::out(ip, 4444).here().both()));
    s.feed(Category::TorExit, EXIT).flows(Flow::inward(EXIT, 3389).here().both())
}

#[test]
fn each_category_has_its_type() {
    let findings = check_detector(&attack());
    for (_, ip, finding_type, severity) in PEERS {
        let of = of_type(&findings, finding_type);
        assert_eq!(of.len(), 1, "{finding_type}");
        let f = of[0];
        assert_eq!(
            (f.severity, f.service.resource_role.as_str(), f.service.count),
            (severity, "TARGET", 2),
            "{finding_type}"
        );
        let n = f.service.action.network_connection_action.as_ref().unwrap();
        assert_eq!(n.remote_ip_details.ip_address_v4.as_deref(), Some(ip));
        assert_eq!((n.connection_direction.as_str(), n.remote_port_details.port), ("OUTBOUND", 4444));
        assert_eq!(f.resource.instance_details.as_ref().unwrap().instance_id.as_deref(), Some(INSTANCE));
    }
    assert_eq!(findings.len(), PEERS.len());
}

#[test]
fn retired_types() {
    let findings = check_detector(&attack().retired());
    for (name, role) in [
        ("Backdoor:EC2/XORDDOS", "ACTOR"),
        ("CryptoCurrency:EC2/BitcoinTool.A", "ACTOR"),
        ("UnauthorizedAccess:EC2/TorIPCaller", "TARGET"),
    ] {
        assert_eq!(of_type(&findings, name)[0].service.resource_role, role, "{name}");
    }
}

#[test]
fn a_whole_finding() {
    let findings = check_detector(
        &c2()
            .flows(Flow::out(C2, 443).here().both())
            .flows(Flow::out(C2, 443).after(90_000).size(7, 900).here().both()),
    );
    assert_eq!(only(&findings).service.count, 4);
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn refused_attempts_count_and_say_so() {
    let findings = check_detector(&c2().flow(Flow::out(C2, 443).reject().size(3, 180)));
    let f = only(&findings);
    assert!(f.service.action.network_connection_action.as_ref().unwrap().blocked);
    assert!(f.service.additional_info.value.contains("tried to connect to"), "{}", f.service.additional_info.value);
}

#[test]
fn what_the_instance_does_not_open_does_not_count() {
    // The C2 address scans the instance: that is not the instance's doing.
    silent(&c2().flows(Flow::inward(C2, 22).both()).flow(Flow::inward(C2, 443).reject()));
}

#[test]
fn flags_tell_who_opened_a_connection() {
    // Both ports are high: only the SYN says who called whom.
    let out = || Flow::new(("10.0.1.5", 40_001), (C2, 50_001));
    let inward = || Flow::new((C2, 50_001), ("10.0.1.5", 40_001));
    assert_eq!(check_detector(&c2().flows(out().here().flags(2).both())).len(), 1);
    silent(&c2().flows(inward().here().flags(2).both()));
}

#[test]
fn custom_lists_count_inbound_when_answered() {
    let custom = || Scenario::new().threat_list("203.0.113.6");
    let findings = check_detector(&custom().flows(Flow::inward("203.0.113.6", 22).both()));
    let n = only(&findings).service.action.network_connection_action.clone().unwrap();
    assert_eq!((n.connection_direction.as_str(), n.local_port_details.port_name.as_str()), ("INBOUND", "SSH"));
    silent(&custom().flow(Flow::inward("203.0.113.6", 22)));
    silent(&custom().flow(Flow::inward("203.0.113.6", 22).reject()));
    assert_eq!(check_detector(&custom().flow(Flow::out("203.0.113.6", 443).reject())).len(), 1);
}

#[test]
fn an_entry_with_a_port_counts_on_that_port_only() {
    let ported = || Scenario::new().feed(Category::C2, "203.0.113.1:8443");
    assert_eq!(check_detector(&ported().flows(Flow::out(C2, 8443).both())).len(), 1);
    silent(&ported().flows(Flow::out(C2, 443).both()));
}

#[test]
fn trusted_wins() {
    silent(&c2().trusted("203.0.113.0/24").flows(Flow::out(C2, 443).both()));
}

#[test]
fn the_neighbours_address_is_not_listed() {
    silent(&c2().flows(Flow::out("203.0.113.0", 443).both()).flows(Flow::out("203.0.113.2", 443).both()));
}

#[test]
fn scanners_and_malicious_addresses_are_not_for_outbound_traffic() {
    silent(
        &Scenario::new()
            .feed(Category::Scanner, "203.0.113.7")
            .feed(Category::MaliciousIp, "203.0.113.8")
            .flows(Flow::out("203.0.113.7", 443).both())
            .flows(Flow::out("203.0.113.8", 443).both()),
    );
}

#[test]
fn ipv6_peers() {
    let flow = || Flow::new(("2600:1f18::5", 40_001), ("2001:db8::1", 443)).here();
    let findings = check_detector(&Scenario::new().feed(Category::C2, "2001:db8::1").flows(flow().both()));
    let n = only(&findings).service.action.network_connection_action.clone().unwrap();
    assert_eq!(n.remote_ip_details.ip_address_v6.as_deref(), Some("2001:db8::1"));
    assert_eq!(n.local_ip_details.unwrap().ip_address_v6.as_deref(), Some("2600:1f18::5"));
    let interface = &findings[0].resource.instance_details.as_ref().unwrap().network_interfaces[0];
    assert_eq!(
        (interface.private_ip_address.as_deref(), interface.ipv6_addresses.as_slice()),
        (None, &["2600:1f18::5".to_owned()][..])
    );
}

#[test]
fn without_an_instance_the_interface_is_named() {
    let findings = check_detector(&c2().flows(Flow::out(C2, 443).both()));
    let f = only(&findings);
    assert_eq!(f.title, "Interface eni-0a1b2c3d4e5f60718 contacted command-and-control address 203.0.113.1");
    assert_eq!(f.resource.instance_details.as_ref().unwrap().instance_id, None, "nothing is made up");
}

#[test]
fn two_interfaces_of_one_instance_are_one_finding() {
    let other = Flow::new(("10.0.2.5", 40_001), (C2, 443)).interface("eni-0ffffffffffffffff").after(60);
    let scenario = c2().flows(Flow::out(C2, 443).here().both()).flows(other.here().both());
    let findings = check_detector(&scenario);
    let f = only(&findings);
    assert_eq!(f.service.count, 4);
    assert_eq!(f.resource.instance_details.as_ref().unwrap().network_interfaces.len(), 2);
}

#[test]
fn retired_tor_visitors_must_be_answered() {
    let exit = || Scenario::new().retired().feed(Category::TorExit, EXIT);
    silent(&exit().flow(Flow::inward(EXIT, 22).reject()));
    assert_eq!(
        types(&check_detector(&exit().flows(Flow::inward(EXIT, 22).both()))),
        ["UnauthorizedAccess:EC2/TorIPCaller"]
    );
}
