//! A known scanner finds an open port.

use super::silent;
use picquet_intel::Category;
use picquet_testkit::{Flow, INSTANCE, Scenario, check_detector, json, only};

const SCANNER: &str = "203.0.113.7";
const PLAIN: &str = "Recon:EC2/PortProbeUnprotectedPort";
const EMR: &str = "Recon:EC2/PortProbeEMRUnprotectedPort";

fn listed() -> Scenario {
    Scenario::new().feed(Category::Scanner, SCANNER)
}

fn probe(port: u16) -> [Flow; 2] {
    Flow::inward(SCANNER, port).here().size(6, 400).both()
}

/// An instance of a cluster, by EMR's own tag.
fn cluster() -> String {
    format!(
        r#"{{"Reservations": [{{"OwnerId": "111122223333", "Instances": [{{"InstanceId": "{INSTANCE}",
            "Placement": {{"AvailabilityZone": "us-east-1a"}},
            "Tags": [{{"Key": "aws:elasticmapreduce:job-flow-id", "Value": "j-2AXXXXXXGAPLF"}}]}}]}}]}}"#
    )
}

pub fn attack() -> Scenario {
    listed().inventory(&cluster()).flows(probe(22)).flows(probe(8088))
}

#[test]
fn an_open_port() {
    let findings = check_detector(&listed().flows(probe(22)));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (PLAIN, 2.0, 1));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn elasticsearch_is_severe() {
    for port in [9200, 9300] {
        assert_eq!(only(&check_detector(&listed().flows(probe(port)))).severity, 8.0);
    }
    let both = listed().flows(probe(9200)).flows(probe(22).map(|f| f.after(60)));
    assert_eq!(only(&check_detector(&both)).severity, 8.0, "the highest of the instance's ports");
}

#[test]
fn emr_ports_of_a_cluster() {
    let findings = check_detector(&listed().inventory(&cluster()).flows(probe(8088)));
    assert_eq!((only(&findings).finding_type.as_str(), findings[0].severity), (EMR, 8.0));
    // The same port of another machine is a port like any other.
    assert_eq!(only(&check_detector(&listed().flows(probe(8088)))).finding_type, PLAIN);
    // Another port of the cluster as well.
    assert_eq!(only(&check_detector(&listed().inventory(&cluster()).flows(probe(22)))).finding_type, PLAIN);
}

#[test]
fn the_latest_probes_are_listed_newest_first() {
    let scenario = (0..25).fold(listed(), |s, n| s.flows(probe(1000 + n).map(|f| f.after(60 * i64::from(n)))));
    let findings = check_detector(&scenario);
    let f = only(&findings);
    let ports: Vec<i32> = f
        .service
        .action
        .port_probe_action
        .as_ref()
        .unwrap()
        .port_probe_details
        .iter()
        .map(|p| p.local_port_details.port)
        .collect();
    assert_eq!(ports, (1005..1025).rev().collect::<Vec<i32>>());
    assert_eq!(f.service.count, 25);
    assert!(f.title.starts_with("Open port 1024 "), "{}", f.title);
}

#[test]
fn malicious_addresses_probe_as_well() {
    let scenario = Scenario::new().feed(Category::MaliciousIp, SCANNER).flows(probe(22));
    assert_eq!(only(&check_detector(&scenario)).finding_type, PLAIN);
}

#[test]
fn what_is_not_open_is_no_finding() {
    // Refused, unanswered, or answered with the 40 bytes of a reset.
    silent(&listed().flow(Flow::inward(SCANNER, 22).reject()));
    silent(&listed().flow(Flow::inward(SCANNER, 22)));
    silent(&listed().flows([Flow::inward(SCANNER, 22).size(2, 80), Flow::inward(SCANNER, 22).reply().size(2, 80)]));
}

#[test]
fn flags_tell_an_answer_from_a_reset() {
    let [to, back] = Flow::inward(SCANNER, 22).here().flags(2).size(1, 60).both();
    assert_eq!(check_detector(&listed().flows([to.clone(), back.clone().size(1, 60)])).len(), 1, "a SYN-ACK");
    silent(&listed().flows([to, back.clone().flags(4).size(1, 40)]));
    // Of a long connection later records have no flags at all.
    let [to, back] = Flow::inward(SCANNER, 22).here().flags(0).both();
    assert_eq!(check_detector(&listed().flows([to, back])).len(), 1);
}

#[test]
fn web_ports_are_meant_to_be_open() {
    silent(&listed().flows(probe(80)).flows(probe(443)));
    let other = listed().flows(probe(8443)).tuning("[port_probe]\nignored_ports = [8443]");
    silent(&other);
}

#[test]
fn only_tcp_and_only_inbound() {
    silent(&listed().flows(probe(161).map(Flow::udp)));
    silent(&listed().flows(Flow::out(SCANNER, 22).both()));
}

#[test]
fn unlisted_and_trusted_callers() {
    silent(&listed().flows(Flow::inward("203.0.113.8", 22).both()));
    silent(&listed().trusted(SCANNER).flows(probe(22)));
}

#[test]
fn ipv6_scanners() {
    let flow = Flow::new(("2001:db8::7", 50_001), ("2600:1f18::5", 22)).here();
    let findings = check_detector(&Scenario::new().feed(Category::Scanner, "2001:db8::/32").flows(flow.both()));
    let details = &only(&findings).service.action.port_probe_action.as_ref().unwrap().port_probe_details[0];
    assert_eq!(details.remote_ip_details.ip_address_v6.as_deref(), Some("2001:db8::7"));
}
