//! Floods. Those of AWS's own tester are 400,000 UDP packets.

use crate::{silent, why};
use picquet_testkit::{Flow, Scenario, check_detector, json, of_type, only, types};

const VICTIM: &str = "203.0.113.22";

fn flood(port: u16, packets: u64, size: u64) -> Scenario {
    Scenario::new().flow(Flow::out(VICTIM, port).udp().size(packets, packets * size))
}

/// A packet from each of many ports, as far as a record holds one each.
fn of_many_ports(port: u16) -> Scenario {
    (0..100u16).fold(Scenario::new(), |s, n| {
        s.flow(Flow::out(VICTIM, port).udp().client_port(33_000 + n).size(4000, 4000 * 92).after(i64::from(n) / 2))
    })
}

pub fn attack() -> Scenario {
    let n = 300_000;
    let to = |ip: &str, port| Flow::out(ip, port).udp().size(n, n * 284);
    of_many_ports(53)
        .flow(to("203.0.113.1", 80).interface("eni-1"))
        .flow(to("203.0.113.2", 3389).interface("eni-2"))
        .flow(Flow::out("203.0.113.3", 80).size(n, n * 44).interface("eni-3"))
        .flow(Flow::new(("10.0.1.5", 0), ("203.0.113.4", 0)).protocol(2).size(n, n * 60).interface("eni-4"))
}

#[test]
fn the_testers_flood_of_port_80_is_plain_udp() {
    let findings = check_detector(&flood(80, 400_000, 284));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity), ("Backdoor:EC2/DenialOfService.Udp", 8.0));
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn the_testers_flood_of_port_53_has_a_new_port_each_time() {
    assert_eq!(types(&check_detector(&of_many_ports(53))), ["Backdoor:EC2/DenialOfService.Dns"]);
}

#[test]
fn less_is_no_flood() {
    silent(&flood(80, 199_999, 284));
    assert_eq!(check_detector(&flood(80, 200_000, 284)).len(), 1);
    // The same number over an hour.
    let slow =
        (0..60).fold(Scenario::new(), |s, n| s.flow(Flow::out(VICTIM, 514).udp().size(4000, 4_000_000).after(n * 60)));
    silent(&slow);
}

#[test]
fn what_is_answered_is_no_flood() {
    silent(&flood(443, 400_000, 1200).flow(Flow::out(VICTIM, 443).udp().reply().size(30_000, 2_000_000)));
    // An upload with few acknowledgements.
    let upload = Flow::out(VICTIM, 443).size(400_000, 560_000_000);
    silent(&Scenario::new().flows([upload.clone(), upload.reply().size(15_000, 800_000)]));
    // A download: bare acknowledgements go out, content comes in.
    let download = Flow::out(VICTIM, 443).size(400_000, 400_000 * 52);
    silent(&Scenario::new().flows([download.clone(), download.reply().size(800_000, 1_100_000_000)]));
}

#[test]
fn a_stream_that_was_there_before_is_none() {
    let stream = |day: i64| Flow::out(VICTIM, 5004).udp().size(300_000, 300_000_000).after(day * 86_400);
    let days = |n: i64| (0..n).fold(Scenario::new(), |s, day| s.flow(stream(day)));
    assert_eq!(only(&check_detector(&days(3))).service.count, 3);
    assert_eq!(only(&check_detector(&days(6))).service.count, 3, "what was there on three days is usual");
}

#[test]
fn one_flood_does_not_hide_another() {
    let flood = |days: i64| Flow::out(VICTIM, 5004).udp().size(2_000_000, 900_000_000).after(days * 86_400);
    let findings = check_detector(&Scenario::new().flow(flood(0)).flow(flood(9)));
    assert_eq!(only(&findings).service.count, 2);
}

#[test]
fn a_flood_of_more_ports_than_are_kept_is_counted_in_full() {
    // Fifty packets to each of 20,000 ports of one host: what is kept of them stands for all.
    let all = (0..20_000_u16).map(|n| Flow::out(VICTIM, 1024 + n).udp().size(50, 5000).after(i64::from(n % 60)));
    let findings = Scenario::new().flows(all).findings();
    let flood = of_type(&findings, "Backdoor:EC2/DenialOfService.Udp");
    let text = why(only(&flood.into_iter().cloned().collect::<Vec<_>>()))["why"].as_str().unwrap().to_owned();
    let packets: f64 = text.split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert!((packets / 1e6 - 1.0).abs() < 0.05, "{text}");
    let observed = why(&findings[0])["observations"].to_string();
    assert!(observed.contains("contacts that was kept"), "{observed}");
}

#[test]
fn syn_floods_count_even_when_they_are_answered() {
    let syn = Flow::out(VICTIM, 80).size(300_000, 300_000 * 44);
    let findings = check_detector(&Scenario::new().flows([syn.clone(), syn.reply().size(280_000, 280_000 * 44)]));
    assert_eq!(types(&findings), ["Backdoor:EC2/DenialOfService.Tcp"]);
}

#[test]
fn the_explanation_has_the_numbers() {
    let all = check_detector(&attack());
    let odd = of_type(&all, "Backdoor:EC2/DenialOfService.UnusualProtocol");
    assert_eq!(odd[0].service.additional_info.members()["unusualProtocol"], "IGMP");
    let text = why(odd[0])["why"].as_str().unwrap().to_owned();
    assert!(text.starts_with("The instance sent 300000 packets of IGMP to 203.0.113.4 within an hour"), "{text}");
}
