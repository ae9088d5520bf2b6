//! What the tests of password guessing over Windows' services share.

use crate::silent;
use picquet_model::Finding;
use picquet_testkit::{Flow, INSTANCE, PRIVATE_IP, Scenario, check_detector, only};

const CLIENT: &str = "198.51.100.77";

/// A service and the type of its findings.
pub struct Service {
    pub name: &'static str,
    pub port: u16,
}

impl Service {
    fn attempts(&self, client: &str, server: &str, count: i64) -> Scenario {
        (0..count).fold(Scenario::new(), |s, n| {
            let there = Flow::new((client, 33_000 + n as u16), (server, self.port)).after(n * 7).here();
            s.flows([there.clone().size(18, 2_900), there.reply().size(15, 3_100)])
        })
    }

    pub fn attack(&self) -> Scenario {
        self.attempts(CLIENT, PRIVATE_IP, 20)
    }

    /// The findings of twenty attempts from outside, of which one less is none.
    pub fn twenty_in_an_hour(&self) -> Vec<Finding> {
        let findings = check_detector(&self.attack());
        let f = only(&findings);
        assert_eq!((f.finding_type.as_str(), f.severity, f.service.count), (self.name, 2.0, 20));
        assert_eq!(f.service.resource_role, "TARGET");
        silent(&self.attempts(CLIENT, PRIVATE_IP, 19));
        findings
    }

    pub fn an_instance_that_guesses_is_the_actor(&self) {
        let findings = check_detector(&self.attempts(PRIVATE_IP, "203.0.113.22", 200));
        let f = only(&findings);
        assert_eq!((f.finding_type.as_str(), f.severity), (self.name, 8.0));
        assert_eq!(f.service.resource_role, "ACTOR");
        let port = f.service.action.network_connection_action.as_ref().unwrap().remote_port_details.port;
        assert_eq!(port, i32::from(self.port));
        assert_eq!(f.resource.instance_details.as_ref().unwrap().instance_id.as_deref(), Some(INSTANCE));
    }

    pub fn a_session_is_no_attempt(&self) {
        let sessions = (0..60).fold(Scenario::new(), |s, n| {
            s.flows(Flow::inward(CLIENT, self.port).size(900, 400_000).after(n * 30).both())
        });
        silent(&sessions);
    }
}
