//! Password guessing over SSH.

use super::{silent, why};
use picquet_testkit::{Flow, INSTANCE, PRIVATE_IP, Scenario, check_detector, json, only};
use serde_json::json;

const GUESSER: &str = "198.51.100.77";
const NAME: &str = "UnauthorizedAccess:EC2/SSHBruteForce";

/// A failed log-in: key exchange and three passwords.
fn attempt(client: &str, server: &str, n: i64) -> [Flow; 2] {
    let port = 33_000 + (n % 20_000) as u16;
    let there = Flow::new((client, port), (server, 22)).after(n * 7);
    [there.clone().size(14, 2_100), there.reply().size(15, 3_400)]
}

fn attempts(client: &str, server: &str, count: i64) -> Scenario {
    (0..count).fold(Scenario::new(), |s, n| s.flows(attempt(client, server, n)))
}

fn guesses(count: i64) -> Scenario {
    attempts(GUESSER, PRIVATE_IP, count)
}

pub fn attack() -> Scenario {
    guesses(20)
}

/// So many attempts from the start of an hour on.
fn in_hour(scenario: Scenario, start: &str, count: i64) -> Scenario {
    (0..count).fold(scenario, |s, n| s.flows(attempt(GUESSER, PRIVATE_IP, n).map(|f| f.at(start).after(n * 7))))
}

#[test]
fn twenty_in_an_hour() {
    let findings = check_detector(&guesses(20));
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (NAME, 2.0, 20));
    assert_eq!(f.service.resource_role, "TARGET");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn one_less_is_none() {
    silent(&guesses(19));
    assert_eq!(check_detector(&guesses(5).tuning("[ssh_brute_force]\nattempts_per_hour = 5")).len(), 1);
}

#[test]
fn slow_guessing_over_midnight() {
    let hours = ["2024-05-01T21:10:00Z", "2024-05-01T22:10:00Z", "2024-05-01T23:10:00Z", "2024-05-02T00:10:00Z"];
    let forty = hours.iter().fold(Scenario::new(), |s, h| in_hour(s, h, 10));
    let findings = check_detector(&forty);
    let f = only(&findings);
    assert_eq!((f.service.count, f.service.event_first_seen.as_str()), (40, "2024-05-01T21:10:00.000Z"));
    assert_eq!(f.service.event_last_seen, "2024-05-02T00:11:03.000Z");
    let less = hours[..3].iter().fold(Scenario::new(), |s, h| in_hour(s, h, 10));
    silent(&in_hour(less, hours[3], 9));
}

#[test]
fn older_than_a_day_is_forgotten() {
    let hours = ["2024-05-01T00:10:00Z", "2024-05-01T08:10:00Z", "2024-05-01T16:10:00Z", "2024-05-02T00:10:00Z"];
    silent(&hours.iter().fold(Scenario::new(), |s, h| in_hour(s, h, 10)));
}

#[test]
fn an_hour_is_counted_once() {
    // Both 24-hour windows suffice, and share hours.
    let hours = [
        ("2024-05-01T01:00:00Z", 15),
        ("2024-05-01T02:00:00Z", 15),
        ("2024-05-01T03:00:00Z", 15),
        ("2024-05-01T20:00:00Z", 15),
        ("2024-05-02T02:30:00Z", 15),
        ("2024-05-02T12:00:00Z", 15),
    ];
    let findings = check_detector(&hours.iter().fold(Scenario::new(), |s, (h, n)| in_hour(s, h, *n)));
    // 12:00 has but 45 in its day; all six hours belong to the series.
    assert_eq!(only(&findings).service.count, 90);
}

#[test]
fn attempts_go_on_the_same_finding_for_days() {
    let scenario = in_hour(in_hour(guesses(20), "2024-05-03T05:00:00Z", 25), "2024-05-20T05:00:00Z", 30);
    let findings = check_detector(&scenario);
    assert_eq!(only(&findings).service.count, 75);
    assert_eq!(findings[0].service.event_first_seen, "2024-05-01T12:00:00.000Z");
}

#[test]
fn another_attacker_on_the_same_instance_is_the_same_finding() {
    let both = (0..20).fold(guesses(20), |s, n| s.flows(attempt("198.51.100.78", PRIVATE_IP, n).map(|f| f.after(600))));
    let findings = check_detector(&both);
    let f = only(&findings);
    assert_eq!(f.service.count, 40);
    let remote = &f.service.action.network_connection_action.as_ref().unwrap().remote_ip_details;
    assert_eq!(remote.ip_address_v4.as_deref(), Some("198.51.100.78"), "the latest");
}

#[test]
fn trusted_wins() {
    silent(&guesses(20).trusted("198.51.100.0/24"));
    assert_eq!(check_detector(&guesses(20).trusted("203.0.113.0/24")).len(), 1, "another network");
}

#[test]
fn sessions_scans_and_refusals_are_no_attempts() {
    let each = |to: fn(Flow) -> Flow, back: fn(Flow) -> Flow| {
        (0..60).fold(Scenario::new(), |s, n| {
            let [a, b] = attempt(GUESSER, PRIVATE_IP, n);
            s.flows([to(a), back(b)])
        })
    };
    // Somebody works in a session.
    silent(&each(|f| f.size(900, 90_000), |f| f.size(1200, 400_000)));
    // A port scan: too few packets for a key exchange.
    silent(&each(|f| f.size(2, 100), |f| f.size(1, 60)));
    // A closed port answers each SYN with a reset.
    silent(&each(|f| f.size(6, 300), |f| f.size(6, 240)));
    // A security group refuses.
    silent(&each(Flow::reject, Flow::reject));
    // Nobody answers.
    silent(&(0..60).fold(Scenario::new(), |s, n| s.flow(attempt(GUESSER, PRIVATE_IP, n)[0].clone())));
}

#[test]
fn clients_inside_the_network_need_ten_times_as_many() {
    let inside = |n| {
        // With other traffic the log shows which address is the interface's own.
        let other = Flow::new((PRIVATE_IP, 40_000), ("10.0.3.3", 443)).both();
        (0..n).fold(Scenario::new().flows(other), |s, n| s.flows(attempt("10.0.7.7", PRIVATE_IP, n)))
    };
    silent(&inside(199));
    let findings = check_detector(&inside(200));
    assert_eq!((only(&findings).service.count, findings[0].severity), (200, 2.0));
}

#[test]
fn an_instance_that_guesses_is_the_actor() {
    let out =
        |n: i64| (0..n).fold(Scenario::new(), |s, n| s.flows(attempt(PRIVATE_IP, "203.0.113.22", n).map(Flow::here)));
    silent(&out(199));
    let findings = check_detector(&out(200));
    let f = only(&findings);
    assert_eq!((f.service.resource_role.as_str(), f.severity), ("ACTOR", 8.0));
    let n = f.service.action.network_connection_action.as_ref().unwrap();
    assert_eq!((n.connection_direction.as_str(), n.remote_port_details.port), ("OUTBOUND", 22));
    assert_eq!(n.remote_ip_details.ip_address_v4.as_deref(), Some("203.0.113.22"));
    assert_eq!(f.resource.instance_details.as_ref().unwrap().instance_id.as_deref(), Some(INSTANCE));
}

#[test]
fn ipv6() {
    let v6 = (0..20).fold(Scenario::new(), |s, n| s.flows(attempt("2001:db8::77", "2600:1f18::5", n).map(Flow::here)));
    // The direction field says whose address is whose, though both are public.
    let v6 = check_detector(&v6);
    let n = only(&v6).service.action.network_connection_action.clone().unwrap();
    assert_eq!(n.remote_ip_details.ip_address_v6.as_deref(), Some("2001:db8::77"));
}

#[test]
fn the_explanation_has_the_numbers() {
    let findings = check_detector(&guesses(20));
    assert_eq!(
        why(only(&findings)),
        json!({
            "detector": "ssh-brute-force",
            "why": "198.51.100.77 made 20 short connections to port 22 of 10.0.1.5 within an hour, 20 within 24 hours, as password guessing does.",
            "observations": [
                {"name": "connections in the hour", "observed": "20", "against": "20 or more"},
                {"name": "connections in 24 hours", "observed": "20", "against": "40 or more"},
                {"name": "mean bytes sent per connection", "observed": "2100"},
                {"name": "minutes of the hour with attempts", "observed": "3"},
            ],
        })
    );
}
