//! Recorded techniques, and how a recording becomes calls of somebody else.
//!
//! A recording was anonymised: its regions and some of its addresses do not exist, and ids differ inside one file. What
//! is kept is what was called, with which answers, and the pauses between; who called, from where, in which account and
//! region and when are those of the principal that it is played on.

use super::log::Habit;
use super::objects;
use crate::eval::table;
use crate::scanner::seconds;
use anyhow::{Context, Result};
use picquet_testkit::Random;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Tactics that fit beside that of the label, where the label's note says so.
const ALSO: [(&str, &str); 1] = [("aws.persistence.iam-create-backdoor-role", "Persistence")];

/// Services whose calls are recorded in this region wherever they are made.
const GLOBAL: [&str; 2] = ["iam.amazonaws.com", "route53.amazonaws.com"];
/// That region.
const HOME: &str = "us-east-1";

/// A technique that is labelled with an anomaly type.
pub struct Recording {
    /// Its name.
    pub technique: String,
    /// The file.
    pub file: PathBuf,
    /// Threat purposes that fit.
    pub purposes: BTreeSet<String>,
    /// What it calls, as `service:Api`.
    pub apis: BTreeSet<String>,
    records: Vec<Value>,
    start: i64,
    own: Own,
}

/// What names the recorded account and its callers.
#[derive(Default)]
struct Own {
    accounts: BTreeSet<String>,
    regions: BTreeSet<String>,
    arns: BTreeSet<String>,
}

/// Where a recording is played: when, from which address, with which agent.
#[derive(Clone, Debug)]
pub struct Stage {
    /// When its first call is made.
    pub at: i64,
    /// The attacker's address and agent, the recorded one when `None`; the principal's own without this.
    pub attacker: Option<String>,
}

/// Reads every recording with an anomaly label.
pub fn all(data: &Path) -> Result<Vec<Recording>> {
    let rows = table::read(&data.join("cloudtrail/labels.tsv"))?;
    rows.iter().filter(|row| row.get("kind") == "anomaly").map(|row| Recording::read(data, row)).collect()
}

impl Recording {
    fn read(data: &Path, row: &table::Row) -> Result<Self> {
        let file = data.join(row.get("file"));
        let mut records = objects::records(&file)?;
        records.sort_by_key(|r| r["eventTime"].as_str().unwrap_or_default().to_owned());
        let technique = row.get("technique").to_owned();
        let mut purposes: BTreeSet<String> =
            row.get("expected_finding").split(':').take(1).map(str::to_owned).collect();
        purposes.extend(ALSO.iter().filter(|(of, _)| *of == technique).map(|(_, purpose)| (*purpose).to_owned()));
        let start = records.first().and_then(|r| seconds(r["eventTime"].as_str()?)).context("a recording is empty")?;
        let apis = records.iter().map(api).collect();
        let own = Own::of(&records);
        Ok(Self { technique, file, purposes, apis, records, start, own })
    }

    /// The recording as calls of a principal.
    pub fn play(&self, habit: &Habit, account: &str, stage: &Stage, random: &mut Random) -> Result<Vec<Value>> {
        self.records.iter().map(|record| self.rewrite(record, habit, account, stage, random)).collect()
    }

    /// One call of the recording, as a principal makes it that has a good reason: it succeeds, from where this principal
    /// always calls, and no word in it is the attacker's.
    pub fn routine(&self, n: usize, habit: &Habit, account: &str, at: i64, random: &mut Random) -> Result<Value> {
        let mut record = self.records[n % self.records.len()].clone();
        if let Some(members) = record.as_object_mut() {
            members.remove("errorCode");
            members.remove("errorMessage");
            members.insert("eventTime".into(), moment(self.start)?.into());
        }
        texts(&mut record, &mut |text| {
            for (word, instead) in [("stratus-red-team", "app"), ("malicious", "app"), ("Administrator", "ReadOnly")] {
                *text = text.replace(word, instead);
            }
        });
        self.rewrite(&record, habit, account, &Stage { at, attacker: None }, random)
    }

    /// The place of the first call of each interface.
    pub fn kinds(&self) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        (0..self.records.len()).filter(|&n| seen.insert(api(&self.records[n]))).collect()
    }

    fn rewrite(
        &self,
        record: &Value,
        habit: &Habit,
        account: &str,
        stage: &Stage,
        random: &mut Random,
    ) -> Result<Value> {
        let mut new = record.clone();
        let source = record["eventSource"].as_str().unwrap_or_default();
        let region = if GLOBAL.contains(&source) { HOME } else { habit.region.as_str() };
        let arn = habit.identity["arn"].as_str().unwrap_or_default();
        texts(&mut new, &mut |text| {
            for own in &self.own.arns {
                replace(text, own, arn);
            }
            for own in &self.own.accounts {
                replace(text, own, account);
            }
            for own in &self.own.regions {
                replace(text, own, region);
            }
        });
        let time = record["eventTime"].as_str().and_then(seconds).unwrap_or(self.start);
        let members = new.as_object_mut().context("a record is no object")?;
        members.insert("userIdentity".into(), habit.identity.clone());
        members.insert("recipientAccountId".into(), account.into());
        members.insert("awsRegion".into(), region.into());
        members.insert("eventTime".into(), moment(stage.at + time - self.start)?.into());
        for name in ["eventID", "requestID"] {
            members.insert(name.into(), uuid(random).into());
        }
        if let Some(address) = &stage.attacker {
            members.insert("sourceIPAddress".into(), address.clone().into());
        } else {
            members.insert("sourceIPAddress".into(), habit.address.clone().into());
            members.insert("userAgent".into(), agent_for(&habit.agent, record).into());
            members.extend(habit.endpoint.clone());
        }
        Ok(new)
    }
}

impl Own {
    fn of(records: &[Value]) -> Self {
        let mut own = Self::default();
        for record in records {
            let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            own.accounts.extend(text("/recipientAccountId"));
            own.accounts.extend(text("/userIdentity/accountId"));
            own.regions.extend(text("/awsRegion"));
            own.arns.extend(text("/userIdentity/arn"));
        }
        own
    }
}

/// `service:Api`
pub fn api(record: &Value) -> String {
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    format!("{}:{}", text("eventSource").trim_end_matches(".amazonaws.com"), text("eventName"))
}

/// Command lines say in their agent what they call; another call says another.
fn agent_for(agent: &str, record: &Value) -> String {
    for mark in ["command/", "command#"] {
        if let Some((before, _)) = agent.split_once(mark) {
            return format!("{before}{mark}{}", api(record).replace(':', "."));
        }
    }
    agent.to_owned()
}

fn replace(text: &mut String, old: &str, new: &str) {
    if text.contains(old) {
        *text = text.replace(old, new);
    }
}

/// Changes every text of a value.
fn texts(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(all) => all.iter_mut().for_each(|v| texts(v, change)),
        Value::Object(members) => members.values_mut().for_each(|v| texts(v, change)),
        _ => {}
    }
}

/// `2026-03-31T12:00:00Z`
pub fn moment(seconds: i64) -> Result<String> {
    Ok(jiff::Timestamp::from_second(seconds)?.to_string())
}

/// An id that nothing else has.
pub fn uuid(random: &mut Random) -> String {
    let (a, b) = (random.number(), random.number());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn recording() -> Recording {
        let record = |time: &str| {
            json!({"eventTime": time, "eventSource": "ec2.amazonaws.com", "eventName": "GetPasswordData",
                   "awsRegion": "xx-1", "recipientAccountId": "111111111111", "userAgent": "tool",
                   "sourceIPAddress": "999.1.1.1", "eventID": "old", "requestID": "old",
                   "errorMessage": "User: arn:aws:iam::111111111111:user/christophe at ec2.xx-1.amazonaws.com",
                   "requestParameters": {"userId": "222222222222"},
                   "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/christophe",
                                    "accountId": "111111111111"}})
        };
        let records = vec![record("2024-07-30T00:00:00Z"), record("2024-07-30T00:00:07Z")];
        let own = Own::of(&records);
        Recording {
            technique: "t".into(),
            file: PathBuf::new(),
            purposes: BTreeSet::new(),
            apis: BTreeSet::new(),
            start: seconds("2024-07-30T00:00:00Z").unwrap(),
            records,
            own,
        }
    }

    fn habit() -> Habit {
        Habit {
            time: 0,
            identity: json!({"type": "IAMUser", "arn": "arn:aws:iam::333333333333:user/bob", "accessKeyId": "AKIAB"}),
            address: "73.1.2.3".into(),
            agent: "aws-cli/2 command/s3.ls".into(),
            region: "eu-west-1".into(),
            endpoint: BTreeMap::new(),
        }
    }

    #[test]
    fn a_recording_is_played_on_somebody_else() {
        let at = seconds("2026-03-31T10:00:00Z").unwrap();
        let hard = Stage { at, attacker: None };
        let new = recording().play(&habit(), "333333333333", &hard, &mut Random(1)).unwrap();
        assert_eq!(new[1]["eventTime"], "2026-03-31T10:00:07Z", "the pauses stay");
        assert_eq!(
            new[0]["errorMessage"], "User: arn:aws:iam::333333333333:user/bob at ec2.eu-west-1.amazonaws.com",
            "nothing of the recorded account stays"
        );
        assert_eq!(new[0]["requestParameters"]["userId"], "222222222222", "the attacker's account stays");
        assert_eq!(new[0]["userIdentity"], habit().identity);
        assert_eq!(new[0]["sourceIPAddress"], "73.1.2.3");
        assert_eq!(new[0]["userAgent"], "aws-cli/2 command/ec2.GetPasswordData");
        assert_ne!(new[0]["eventID"], new[1]["eventID"]);
    }

    #[test]
    fn an_easy_case_keeps_the_attackers_agent() {
        let easy = Stage { at: 1_800_000_000, attacker: Some("45.33.1.2".into()) };
        let new = recording().play(&habit(), "333333333333", &easy, &mut Random(1)).unwrap();
        assert_eq!(new[0]["sourceIPAddress"], "45.33.1.2");
        assert_eq!(new[0]["userAgent"], "tool");
        assert_eq!(new[0]["awsRegion"], "eu-west-1");
    }

    #[test]
    fn a_routine_call_succeeds() {
        let mut made = recording();
        made.records[0]["errorCode"] = "AccessDenied".into();
        let new = made.routine(0, &habit(), "333333333333", 1_800_000_000, &mut Random(1)).unwrap();
        assert!(new.get("errorCode").is_none() && new.get("errorMessage").is_none());
        assert_eq!(new["eventTime"], moment(1_800_000_000).unwrap());
    }
}
