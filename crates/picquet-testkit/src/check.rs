//! What must hold of every detector, whatever it detects.

use crate::{Plan, Scenario, assert_valid, json};
use picquet_model::Finding;

/// Gives a scenario's findings, after it was run in several orders, splits and spills: all must be the same,
/// byte for byte, and each must be a valid finding.
pub fn check_detector(scenario: &Scenario) -> Vec<Finding> {
    let findings = scenario.findings();
    let want = json(&findings);
    for plan in Plan::all() {
        let got = json(&scenario.findings_by(&plan));
        assert!(got == want, "the findings depend on {plan:?}:\n{}", difference(&want, &got));
    }
    if scenario.only_events() {
        let plan = Plan { per_object: 2, workers: 2, trails: 2, ..Plan::default() };
        let got = json(&scenario.findings_by(&plan));
        assert!(got == want, "an event of two trails counts twice:\n{}", difference(&want, &got));
    }
    findings.iter().for_each(assert_valid);
    findings
}

/// The lines that differ.
fn difference(want: &str, got: &str) -> String {
    let (want, got): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
    let mut text = String::new();
    for i in 0..want.len().max(got.len()) {
        let (a, b) = (want.get(i).unwrap_or(&"(end)"), got.get(i).unwrap_or(&"(end)"));
        if a != b {
            text += &format!("line {i}\n  - {a}\n  + {b}\n");
        }
    }
    text
}
