//! CloudTrail as numbers: what rival models and the recount learn from, read without any code of the product.

use super::objects;
use crate::scanner::seconds;
use anyhow::Result;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::path::Path;

/// How many habits of a principal are kept.
const HABITS: usize = 16;

/// Texts and their numbers, in the order in which they came. Number 0 is the empty text.
#[derive(Debug)]
pub struct Names {
    all: Vec<String>,
    index: HashMap<String, u32>,
}

impl Default for Names {
    fn default() -> Self {
        Self { all: vec![String::new()], index: HashMap::from([(String::new(), 0)]) }
    }
}

impl Names {
    /// The number of a text.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.index.get(text) {
            return number;
        }
        let number = self.all.len() as u32;
        self.all.push(text.to_owned());
        self.index.insert(text.to_owned(), number);
        number
    }

    /// The number of a text that is there.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.index.get(text).copied()
    }

    /// All texts with their numbers.
    pub fn all(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.all.iter().map(String::as_str))
    }

    /// The text of a number.
    pub fn text(&self, number: u32) -> &str {
        self.all.get(number as usize).map_or("", String::as_str)
    }
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Seconds since 1970.
    pub time: i64,
    /// Who called: a place in [`Log::principals`].
    pub principal: u32,
    /// `service:Api`, of [`Log::apis`].
    pub api: u32,
    /// The address, where it is one of IPv4.
    pub address: Option<Ipv4Addr>,
    /// Of [`Log::agents`].
    pub agent: u32,
    /// The agent's family, of [`Log::families`].
    pub family: u32,
    /// Of [`Log::regions`].
    pub region: u32,
    /// Of [`Log::errors`]; 0 for none.
    pub error: u32,
    /// Whether it changes something.
    pub writes: bool,
}

/// Somebody who calls: an IAM user, or a role with all of its sessions.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The account.
    pub account: String,
    /// The user's or the role's ARN.
    pub arn: String,
    /// The user's or the role's name.
    pub name: String,
    /// Whether it is a role.
    pub is_role: bool,
}

/// How a principal called once: what a call made in its name looks like.
#[derive(Clone, Debug)]
pub struct Habit {
    /// When.
    pub time: i64,
    /// `userIdentity`.
    pub identity: Value,
    /// `sourceIPAddress`
    pub address: String,
    /// `userAgent`
    pub agent: String,
    /// `awsRegion`
    pub region: String,
    /// The members that name a VPC endpoint, where it called through one.
    pub endpoint: BTreeMap<String, Value>,
}

/// All calls of some objects.
#[derive(Default)]
pub struct Log {
    /// The calls, in no order before [`Log::sort`].
    pub events: Vec<Event>,
    /// Who called.
    pub principals: Vec<Principal>,
    /// How each principal calls: some of its calls, drawn by the hash of their ids.
    pub habits: Vec<BTreeMap<u64, Habit>>,
    /// `service:Api`
    pub apis: Names,
    /// Agents as they are written.
    pub agents: Names,
    /// Their families.
    pub families: Names,
    /// Regions.
    pub regions: Names,
    /// Error codes.
    pub errors: Names,
    /// Records of all kinds, also of those that are no principal's call.
    pub records: u64,
    arns: Names,
}

impl Log {
    /// Reads what lies below a folder.
    pub fn read(&mut self, folder: &Path) -> Result<()> {
        for file in objects::files(folder)? {
            for record in objects::records(&file)? {
                self.add(&record);
            }
        }
        self.sort();
        Ok(())
    }

    /// Puts calls in the order of time.
    pub fn sort(&mut self) {
        self.events.sort_by_key(|e| (e.time, e.principal, e.api));
    }

    /// Takes a record in.
    pub fn add(&mut self, record: &Value) {
        self.records += 1;
        let Some((event, who)) = self.event(record) else { return };
        self.events.push(event);
        let id = fnv(record["eventID"].as_str().unwrap_or_default());
        let habits = &mut self.habits[who];
        if habits.len() < HABITS || habits.last_key_value().is_some_and(|(last, _)| id < *last) {
            habits.insert(id, Habit::of(record, event.time));
            if habits.len() > HABITS {
                habits.pop_last();
            }
        }
    }

    /// A record as a call; `None` where AWS itself called or nobody is named.
    pub fn event(&mut self, record: &Value) -> Option<(Event, usize)> {
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let source = text("sourceIPAddress");
        let identity = &record["userIdentity"];
        let by_aws = identity["type"] == "AWSService" || identity["invokedBy"].is_string();
        if by_aws || source.ends_with(".amazonaws.com") || text("eventType") == "AwsServiceEvent" {
            return None;
        }
        let who = self.principal(identity)?;
        let service = text("eventSource").trim_end_matches(".amazonaws.com");
        let event = Event {
            time: seconds(text("eventTime"))?,
            principal: who as u32,
            api: self.apis.number(&format!("{service}:{}", text("eventName"))),
            address: source.parse().ok(),
            agent: self.agents.number(text("userAgent")),
            family: self.families.number(family(text("userAgent"))),
            region: self.regions.number(text("awsRegion")),
            error: self.errors.number(text("errorCode")),
            writes: record["readOnly"] == false,
        };
        Some((event, who))
    }

    fn principal(&mut self, identity: &Value) -> Option<usize> {
        let issuer = &identity["sessionContext"]["sessionIssuer"];
        let is_role = identity["type"] == "AssumedRole";
        let named = if is_role { issuer } else { identity };
        let arn = named["arn"].as_str().filter(|arn| !arn.is_empty())?;
        let number = self.arns.number(arn) as usize - 1;
        if number == self.principals.len() {
            self.principals.push(Principal {
                account: identity["accountId"].as_str().unwrap_or_default().to_owned(),
                arn: arn.to_owned(),
                name: named["userName"].as_str().unwrap_or_default().to_owned(),
                is_role,
            });
            self.habits.push(BTreeMap::new());
        }
        Some(number)
    }

    /// The place of a principal.
    pub fn find(&self, account: &str, name: &str) -> Option<u32> {
        self.principals.iter().position(|p| p.account == account && p.name == name).map(|n| n as u32)
    }
}

impl Habit {
    fn of(record: &Value, time: i64) -> Self {
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        let endpoint = ["vpcEndpointId", "vpcEndpointAccountId"]
            .into_iter()
            .filter(|name| record[*name].is_string())
            .map(|name| (name.to_owned(), record[name].clone()))
            .collect();
        Self {
            time,
            identity: record["userIdentity"].clone(),
            address: text("sourceIPAddress"),
            agent: text("userAgent"),
            region: text("awsRegion"),
            endpoint,
        }
    }
}

/// The first word of an agent: its product without the version.
fn family(agent: &str) -> &str {
    let agent = agent.trim_start_matches('[');
    agent.split(['/', ' ', '_']).next().unwrap_or(agent)
}

/// FNV-1a, to draw some of many in an order that nothing else follows.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(identity: Value) -> Value {
        json!({"eventTime": "2026-03-01T00:00:10Z", "eventSource": "iam.amazonaws.com", "eventName": "ListUsers",
               "sourceIPAddress": "73.1.2.3", "userAgent": "aws-cli/2.15.30 Python", "awsRegion": "us-east-1",
               "eventID": "a", "readOnly": true, "userIdentity": identity})
    }

    #[test]
    fn sessions_are_their_roles_and_aws_is_nobody() {
        let role = |session: &str| {
            let issuer = json!({"arn": "arn:aws:iam::1:role/r", "userName": "r"});
            call(json!({"type": "AssumedRole", "arn": session, "accountId": "1",
                        "sessionContext": {"sessionIssuer": issuer}}))
        };
        let mut log = Log::default();
        log.add(&role("arn:aws:sts::1:assumed-role/r/a"));
        log.add(&role("arn:aws:sts::1:assumed-role/r/b"));
        log.add(&call(json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/u", "accountId": "1", "userName": "u"})));
        log.add(&call(json!({"type": "AWSService", "invokedBy": "ecs.amazonaws.com"})));
        assert_eq!((log.records, log.events.len(), log.principals.len()), (4, 3, 2));
        assert_eq!(log.find("1", "u"), Some(1));
        assert_eq!(log.apis.text(log.events[0].api), "iam:ListUsers");
        assert_eq!(log.families.text(log.events[0].family), "aws-cli");
        assert_eq!(log.habits[0].len(), 1, "one habit for an id");
    }
}
