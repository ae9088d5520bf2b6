//! Password guessing: RDP.

use crate::guessing::Service;
use picquet_testkit::{Scenario, json};

const SERVICE: Service = Service { name: "UnauthorizedAccess:EC2/RDPBruteForce", port: 3389 };

pub fn attack() -> Scenario {
    SERVICE.attack()
}

#[test]
fn twenty_in_an_hour() {
    insta::assert_snapshot!(json(&SERVICE.twenty_in_an_hour()));
}

#[test]
fn an_instance_that_guesses_is_the_actor() {
    SERVICE.an_instance_that_guesses_is_the_actor();
}

#[test]
fn a_session_is_no_attempt() {
    SERVICE.a_session_is_no_attempt();
}
