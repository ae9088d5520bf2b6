//! Far more bytes than ever.

use crate::{account, silent, usual, why};
use picquet_testkit::{Flow, Scenario, check_detector, json, only};

fn sends(scenario: Scenario, day: i64, bytes: u64) -> Scenario {
    let there = Flow::out("203.0.113.22", 443).size(bytes / 1400, bytes).after(day * 86_400);
    scenario.flows([there.clone(), there.reply().size(bytes / 4000, bytes / 80)])
}

pub fn attack() -> Scenario {
    sends(usual(8), 8, 900_000_000)
}

#[test]
fn a_thousand_times_the_most() {
    let findings = check_detector(&attack());
    let f = only(&findings);
    assert_eq!((f.finding_type.as_str(), f.severity), ("Behavior:EC2/TrafficVolumeUnusual", 5.0));
    assert_eq!(f.service.additional_info.members()["outBytes"], "900000000");
    insta::assert_snapshot!(json(&findings));
}

#[test]
fn not_what_is_small_or_early_or_was_there_before() {
    silent(&sends(usual(8), 8, 249_000_000));
    silent(&sends(usual(6), 6, 900_000_000));
    silent(&sends(sends(usual(8), 2, 400_000_000), 8, 900_000_000));
    // Three times the most of before.
    assert_eq!(check_detector(&sends(sends(usual(8), 2, 300_000_000), 8, 900_000_000)).len(), 1);
}

#[test]
fn one_upload_does_not_hide_the_next_ones() {
    let again = |days: &[i64]| days.iter().fold(usual(40), |s, day| sends(s, *day, 900_000_000));
    let count = |days: &[i64]| only(&check_detector(&again(days))).service.count;
    assert_eq!(count(&[8, 9]), 2);
    assert_eq!(count(&[8, 9, 20]), 3);
    // What is there on three days is a habit.
    assert_eq!(count(&[8, 9, 20, 24, 29]), 3);
}

#[test]
fn what_was_learned_fades() {
    let learned = |day: i64| sends(sends(usual(day), 2, 900_000_000), day, 900_000_000);
    silent(&learned(30));
    // Two times thirty days later a third of it is less than it counts.
    assert_eq!(check_detector(&learned(64)).len(), 1);
}

#[test]
fn the_explanation_has_the_numbers() {
    let text = why(only(&check_detector(&attack())))["why"].as_str().unwrap().to_owned();
    assert!(
        text.starts_with("The instance sent 900000000 bytes to 203.0.113.22 within an hour. In 8 hours of 8 days"),
        "{text}"
    );
}

#[test]
fn one_that_is_not_known_is_held_against_its_account() {
    let findings = check_detector(&sends(account(10, 8), 8, 1_000_000_000));
    let text = why(only(&findings))["why"].as_str().unwrap().to_owned();
    assert!(text.contains("not known well itself; in 9 days no other of the account's 10 interfaces"), "{text}");
    silent(&sends(account(10, 8), 8, 999_000_000));
    silent(&sends(account(9, 8), 8, 1_000_000_000));
    silent(&sends(account(10, 6), 6, 1_000_000_000));
    // Another one sent more than a tenth of it five days before.
    let other = Flow::out("203.0.113.201", 443).interface("eni-00000000000000001");
    let backup = other.size(85_000, 120_000_000).after(3 * 86_400 + 600).both();
    silent(&sends(account(10, 8).flows(backup), 8, 1_000_000_000));
}

#[test]
fn copies_to_aws_are_usual_where_any_interface_makes_them() {
    let copy = |scenario: Scenario, day: i64, bytes: u64| {
        let there = Flow::out("52.216.16.67", 443).size(bytes / 1400, bytes).after(day * 86_400);
        scenario.flows([there.clone(), there.reply().size(bytes / 4000, bytes / 80)])
    };
    assert_eq!(check_detector(&copy(usual(8), 8, 1_100_000_000)).len(), 1);
    silent(&copy(usual(8), 8, 900_000_000));
    let other = Flow::out("52.216.17.1", 443).interface("eni-00000000000000001").size(280_000, 400_000_000);
    let backup = other.after(7 * 86_400).both();
    silent(&copy(usual(8).flows(backup.clone()), 8, 1_100_000_000));
    // To any other host it is not.
    assert_eq!(check_detector(&sends(usual(8).flows(backup), 8, 1_100_000_000)).len(), 1);
}

#[test]
fn who_copies_to_aws_every_day_may_copy_some_times_as_much() {
    let copy = |scenario: Scenario, day: i64, bytes: u64| {
        let there = Flow::out("52.216.16.67", 443).size(bytes / 1400, bytes).after(day * 86_400);
        scenario.flows([there.clone(), there.reply().size(bytes / 4000, bytes / 80)])
    };
    let nights = |nights: i64| (0..nights).fold(usual(12), |s, day| copy(s, day, 1_100_000_000));
    silent(&copy(nights(4), 12, 8_000_000_000));
    assert_eq!(check_detector(&copy(nights(4), 12, 12_000_000_000)).len(), 1);
    assert_eq!(check_detector(&copy(nights(2), 12, 8_000_000_000)).len(), 1, "two nights are no habit");
}

#[test]
fn a_host_that_nobody_called_needs_less_to_stand_out() {
    // Hours between a kilobyte and two megabytes: the median says little.
    let bursts = |scenario: Scenario| {
        (0..8 * 24).fold(scenario, |s, hour: i64| {
            let bytes = 1_000 << (hour * 7 % 12);
            let there = Flow::out("203.0.113.9", 443).size(bytes / 1400 + 5, bytes).after(hour * 3600);
            s.flows([there.clone(), there.reply()])
        })
    };
    let sent = sends(bursts(usual(9)), 9, 20_000_000_000);
    assert_eq!(check_detector(&sent).len(), 1);
    let known = Flow::out("203.0.113.22", 443).interface("eni-00000000000000001").both();
    silent(&sent.flows(known));
}
