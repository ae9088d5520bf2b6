//! Change that is no attack, added to the benign month from its twentieth day on, each kind in an account of its own:
//! somebody is hired, a region is rolled out, builds move to a new runner, a NAT gateway is replaced.

use super::history::{History, START};
use super::log::{Log, Principal};
use super::objects;
use super::recording::{moment, uuid};
use crate::gz;
use crate::scanner::seconds;
use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use picquet_testkit::Random;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Days of the month before the change.
const DAY: i64 = 20;
/// When everything changes: on a Saturday night, so that Monday is the first busy day. Nobody waits for it: the first
/// day counts from each principal's first changed call.
const FROM: i64 = START + DAY * 86_400;
/// Calls of each kind of change without which it would be no test.
const LEAST: usize = 200;
/// The region that is rolled out.
const REGION: &str = "ap-southeast-2";
/// Users and roles that work in it.
const SETTLERS: (usize, usize) = (5, 5);
/// The share of their calls that is made there as well.
const MOVED: f64 = 0.4;
/// The new gateway's address, in EC2's range of the region as the old one's.
const NAT: &str = "54.81.77.19";
/// The address of the new region's gateway.
const REGION_NAT: &str = "13.236.14.21";
/// The new office: an access provider's.
const OFFICE: &str = "68.84.31.7";
/// Where hosted build runners are: a cloud that is not AWS.
const RUNNERS: [&str; 6] = ["20.57.14.8", "20.57.14.91", "20.57.15.3", "20.57.15.44", "20.57.16.12", "20.57.16.200"];
const RUNNER_AGENT: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) aws-sdk-go-v2/1.30.3 \
                            os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64";
/// Builds on a working day.
const BUILDS: (usize, usize) = (4, 8);
/// What a build calls, and whether that changes something; the first three always.
const BUILD: [(&str, bool); 34] = [
    ("sts:GetCallerIdentity", false),
    ("ecr:GetAuthorizationToken", false),
    ("cloudformation:DescribeStacks", false),
    ("ecr:BatchCheckLayerAvailability", false),
    ("ecr:InitiateLayerUpload", true),
    ("ecr:UploadLayerPart", true),
    ("ecr:CompleteLayerUpload", true),
    ("ecr:PutImage", true),
    ("ecs:DescribeServices", false),
    ("ecs:RegisterTaskDefinition", true),
    ("ecs:UpdateService", true),
    ("cloudformation:CreateChangeSet", true),
    ("cloudformation:DescribeChangeSet", false),
    ("cloudformation:ExecuteChangeSet", true),
    ("lambda:GetFunction20150331v2", false),
    ("lambda:UpdateFunctionCode20150331v2", true),
    ("lambda:PublishVersion20150331", true),
    ("s3:ListBuckets", false),
    ("s3:PutBucketTagging", true),
    ("s3:PutBucketPolicy", true),
    ("iam:GetRole", false),
    ("iam:ListAttachedRolePolicies", false),
    ("iam:CreateRole", true),
    ("iam:PutRolePolicy", true),
    ("iam:TagRole", true),
    ("kms:DescribeKey", false),
    ("kms:Decrypt", false),
    ("ssm:GetParameter", false),
    ("secretsmanager:GetSecretValue", false),
    ("ec2:DescribeVpcs", false),
    ("ec2:DescribeSubnets", false),
    ("ec2:DescribeSecurityGroups", false),
    ("ec2:AuthorizeSecurityGroupIngress", true),
    ("logs:CreateLogGroup", true),
];
/// What builds a region.
const ROLL_OUT: [&str; 14] = [
    "ec2:DescribeAvailabilityZones",
    "ec2:CreateVpc",
    "ec2:CreateSubnet",
    "ec2:CreateSubnet",
    "ec2:CreateInternetGateway",
    "ec2:AttachInternetGateway",
    "ec2:CreateNatGateway",
    "ec2:CreateRouteTable",
    "ec2:CreateRoute",
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateLaunchTemplate",
    "autoscaling:CreateAutoScalingGroup",
    "ec2:RunInstances",
];

/// A month with change.
pub struct Drift {
    /// Where it lies.
    pub folder: PathBuf,
    /// Who changed, by account and name, and how.
    changed: BTreeMap<(String, String), &'static str>,
    /// The first changed call of each.
    since: BTreeMap<(String, String), i64>,
    /// Calls that were added or made from another address, by kind.
    calls: BTreeMap<&'static str, usize>,
}

/// Who plays which part.
struct Parts {
    accounts: Vec<String>,
    model: Principal,
    settlers: BTreeSet<String>,
    nat: String,
    /// The roles that call through it.
    behind: BTreeSet<u32>,
}

impl Drift {
    /// Adds change to a month.
    pub fn make(history: &History, log: &Log, work: &Path, seed: u32) -> Result<Self> {
        let folder = objects::empty(&work.join("drift"))?;
        let mut random = Random(0xd1_0000 + u64::from(seed));
        let parts = Parts::draw(log, &mut random)?;
        let mut drift = Self { folder, changed: BTreeMap::new(), since: BTreeMap::new(), calls: BTreeMap::new() };
        let mut new = Vec::new();
        for root in [&history.before, &history.last] {
            for file in objects::files(root)? {
                let to = drift.folder.join("month").join(file.strip_prefix(root)?);
                fs::create_dir_all(to.parent().context("a file has a folder")?)?;
                let name = file.to_string_lossy();
                if !days().any(|day| name.contains(&day)) {
                    fs::hard_link(&file, &to)?;
                } else if name.contains(&format!("/{}/", parts.accounts[3])) {
                    drift.replace_nat(&file, &to, &parts)?;
                } else {
                    fs::hard_link(&file, &to)?;
                    if parts.accounts[..2].iter().any(|a| name.contains(&format!("/{a}/"))) {
                        for record in objects::records(&file)? {
                            let (hired, settled) = (
                                drift.hire(&record, &parts, &mut random)?,
                                drift.settle(&record, &parts, &mut random)?,
                            );
                            *drift.calls.entry("hire").or_default() += usize::from(hired.is_some());
                            *drift.calls.entry("region").or_default() += usize::from(settled.is_some());
                            new.extend(hired.into_iter().chain(settled));
                        }
                    }
                }
            }
        }
        new.extend(drift.roll_out(log, &parts, &mut random)?);
        let builds = drift.builds(&parts, &mut random)?;
        drift.calls.insert("CI runner", builds.len());
        new.extend(builds);
        for role in parts.behind.iter().map(|n| &log.principals[*n as usize]) {
            drift.note(&role.account, &role.name, "NAT", FROM);
        }
        objects::write(&drift.folder.join("new"), "drift", new)?;
        let all = drift.kinds();
        ensure!(all.len() == 4 && all.values().all(|(_, calls)| *calls >= LEAST), "too little changed: {all:?}");
        Ok(drift)
    }

    /// How the principal of a name changed, and when.
    pub fn of(&self, account: &str, name: &str) -> Option<(&'static str, i64)> {
        let key = (account.to_owned(), name.to_owned());
        Some((*self.changed.get(&key)?, *self.since.get(&key)?))
    }

    /// How many changed, and how many of their calls, by kind.
    pub fn kinds(&self) -> BTreeMap<&'static str, (usize, usize)> {
        let mut kinds = BTreeMap::new();
        for kind in self.changed.values() {
            let calls = self.calls.get(kind).copied().unwrap_or_default();
            kinds.entry(*kind).or_insert((0, calls)).0 += 1;
        }
        kinds
    }

    fn note(&mut self, account: &str, name: &str, kind: &'static str, at: i64) {
        let key = (account.to_owned(), name.to_owned());
        self.changed.insert(key.clone(), kind);
        let since = self.since.entry(key).or_insert(at);
        *since = at.min(*since);
    }

    /// The object with another gateway's address.
    fn replace_nat(&mut self, from: &Path, to: &Path, parts: &Parts) -> Result<()> {
        let old = format!("\"sourceIPAddress\":\"{}\"", parts.nat);
        let text = gz::file(from)?;
        *self.calls.entry("NAT").or_default() += text.matches(&old).count();
        let text = text.replace(&old, &format!("\"sourceIPAddress\":\"{NAT}\""));
        let mut out = GzEncoder::new(fs::File::create(to)?, Compression::fast());
        out.write_all(text.as_bytes())?;
        out.finish()?;
        Ok(())
    }

    /// Somebody who does the work of a colleague, from a new office, some minutes later.
    fn hire(&mut self, record: &Value, parts: &Parts, random: &mut Random) -> Result<Option<Value>> {
        let Principal { account, arn, .. } = &parts.model;
        let identity = &record["userIdentity"];
        if identity["arn"] != arn.as_str() || record["eventName"] == "ConsoleLogin" {
            return Ok(None);
        }
        let text = serde_json::to_string(record)?.replace(arn, &format!("arn:aws:iam::{account}:user/newcomer"));
        let mut new: Value = serde_json::from_str(&text)?;
        new["userIdentity"]["userName"] = "newcomer".into();
        new["userIdentity"]["principalId"] = "AIDANEWCOMER000000001".into();
        new["userIdentity"]["accessKeyId"] = "AKIANEWCOMER00000001".into();
        new["sourceIPAddress"] = OFFICE.into();
        let at = later(&mut new, random)?;
        self.note(account, "newcomer", "hire", at);
        Ok(Some(new))
    }

    /// A call of somebody who works in the new region too, made there.
    fn settle(&mut self, record: &Value, parts: &Parts, random: &mut Random) -> Result<Option<Value>> {
        let identity = &record["userIdentity"];
        let issuer = &identity["sessionContext"]["sessionIssuer"];
        let named = if issuer.is_object() { issuer } else { identity };
        let (Some(arn), Some(name)) = (named["arn"].as_str(), named["userName"].as_str()) else { return Ok(None) };
        let global = ["iam.amazonaws.com", "route53.amazonaws.com", "signin.amazonaws.com"];
        let here = record["eventSource"].as_str().is_some_and(|source| !global.contains(&source));
        if !parts.settlers.contains(arn) || !here || random.share() > MOVED {
            return Ok(None);
        }
        let region = record["awsRegion"].as_str().context("a record has a region")?;
        let mut text = serde_json::to_string(record)?.replace(region, REGION);
        if issuer.is_object() {
            let session =
                identity["arn"].as_str().and_then(|a| a.rsplit('/').next()).context("a session has a name")?;
            text = text.replace(session, &format!("i-0a5{}", &session[session.len().saturating_sub(14)..]));
        }
        let mut new: Value = serde_json::from_str(&text)?;
        if issuer.is_object() {
            // Another instance has another key.
            let key: String = identity["accessKeyId"].as_str().unwrap_or_default().chars().skip(4).collect();
            new["userIdentity"]["accessKeyId"] = format!("ASIA{}", key.chars().rev().collect::<String>()).into();
            new["sourceIPAddress"] = REGION_NAT.into();
            new.as_object_mut().context("a record is an object")?.retain(|name, _| !name.starts_with("vpcEndpoint"));
        }
        let at = later(&mut new, random)?;
        self.note(&parts.accounts[1], name, "region", at);
        Ok(Some(new))
    }

    /// A user of the account builds the region.
    fn roll_out(&mut self, log: &Log, parts: &Parts, random: &mut Random) -> Result<Vec<Value>> {
        let user = log.principals.iter().position(|p| !p.is_role && parts.settlers.contains(&p.arn));
        let user = user.context("a user settles")?;
        let habit = log.habits[user].values().find(|h| h.identity["accessKeyId"] != "").context("a user has habits")?;
        let mut at = FROM + habit.time.rem_euclid(86_400) / 3600 * 3600;
        let account = &parts.accounts[1];
        self.note(account, &log.principals[user].name, "region", at);
        let mut all = Vec::new();
        for api in ROLL_OUT {
            at += random.range(5, 60) as i64;
            let writes = !api.contains(":Describe");
            let place = (account.as_str(), REGION);
            all.push(call(at, place, api, writes, (&habit.identity, &habit.address, &habit.agent), random)?);
        }
        Ok(all)
    }

    /// A new role of the builds.
    fn builds(&mut self, parts: &Parts, random: &mut Random) -> Result<Vec<Value>> {
        let account = &parts.accounts[2];
        let role = "github-deploy";
        let mut all = Vec::new();
        for day in DAY..=30 {
            if matches!(day % 7, 0 | 6) {
                continue;
            }
            for build in 0..random.range(BUILDS.0, BUILDS.1) {
                let mut at = START + day * 86_400 + 8 * 3600 + random.below(9 * 3600) as i64;
                self.note(account, role, "CI runner", at);
                let identity = json!({
                    "type": "AssumedRole", "principalId": "AROAGITHUBDEPLOY00001:GitHubActions",
                    "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/GitHubActions"), "accountId": account,
                    "accessKeyId": format!("ASIAGITHUB{day:02}{build:02}{:06}", random.below(1_000_000)),
                    "sessionContext": {
                        "sessionIssuer": {
                            "type": "Role", "principalId": "AROAGITHUBDEPLOY00001",
                            "arn": format!("arn:aws:iam::{account}:role/{role}"), "accountId": account,
                            "userName": role,
                        },
                        "attributes": {"creationDate": moment(at - 20)?, "mfaAuthenticated": "false"},
                    },
                });
                let address = *random.pick(&RUNNERS);
                for (n, (api, writes)) in BUILD.into_iter().enumerate() {
                    if n < 3 || random.share() < 0.6 {
                        at += random.range(1, 20) as i64;
                        let caller = (&identity, address, RUNNER_AGENT);
                        all.push(call(at, (account.as_str(), "us-east-1"), api, writes, caller, random)?);
                    }
                }
            }
        }
        Ok(all)
    }
}

impl Parts {
    fn draw(log: &Log, random: &mut Random) -> Result<Self> {
        let accounts: BTreeSet<String> = log.principals.iter().map(|p| p.account.clone()).collect();
        let accounts: Vec<String> = accounts.into_iter().collect();
        ensure!(accounts.len() >= 4, "four accounts are needed for four kinds of change");
        let mut calls = vec![0_usize; log.principals.len()];
        log.events.iter().for_each(|e| calls[e.principal as usize] += 1);
        let mut of = |account: &str, is_role: bool| {
            let all = log.principals.iter().zip(&calls).filter(|(_, calls)| **calls >= 200).map(|(p, _)| p);
            let mut all: Vec<&Principal> = all.filter(|p| p.account == account && p.is_role == is_role).collect();
            random.shuffle(&mut all);
            all
        };
        let model = of(&accounts[0], false).first().copied().cloned().context("an account has users")?;
        let mut settlers: BTreeSet<String> =
            of(&accounts[1], false).into_iter().take(SETTLERS.0).map(|p| p.arn.clone()).collect();
        settlers.extend(of(&accounts[1], true).into_iter().take(SETTLERS.1).map(|p| p.arn.clone()));
        let mut users = BTreeMap::<_, BTreeSet<u32>>::new();
        for event in &log.events {
            let principal = &log.principals[event.principal as usize];
            if let Some(address) = event.address.filter(|_| principal.is_role && principal.account == accounts[3]) {
                users.entry(address).or_default().insert(event.principal);
            }
        }
        // Instances without an address of their own share their gateway's, and nothing else is shared by so many.
        let (nat, behind) =
            users.into_iter().max_by_key(|(_, roles)| roles.len()).context("roles call from somewhere")?;
        Ok(Self { accounts, model, settlers, nat: nat.to_string(), behind })
    }
}

/// The days of change, as keys have them.
fn days() -> impl Iterator<Item = String> {
    (DAY + 1..=31).map(|day| format!("/2026/03/{day:02}/"))
}

/// Moves a copied call some minutes, within its day, and gives it ids of its own.
fn later(record: &mut Value, random: &mut Random) -> Result<i64> {
    let time = record["eventTime"].as_str().and_then(seconds).context("a record has a time")?;
    let end = time.div_euclid(86_400) * 86_400 + 86_399;
    let at = end.min(time + random.range(20, 1500) as i64);
    record["eventTime"] = moment(at)?.into();
    record["eventID"] = uuid(random).into();
    record["requestID"] = uuid(random).into();
    Ok(at)
}

/// A successful call.
fn call(
    at: i64,
    (account, region): (&str, &str),
    api: &str,
    writes: bool,
    (identity, address, agent): (&Value, &str, &str),
    random: &mut Random,
) -> Result<Value> {
    let (service, name) = api.split_once(':').context("service:Api")?;
    let region = if service == "iam" { "us-east-1" } else { region };
    Ok(json!({
        "eventVersion": "1.09", "userIdentity": identity, "eventTime": moment(at)?,
        "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "awsRegion": region,
        "sourceIPAddress": address, "userAgent": agent, "requestParameters": null, "responseElements": null,
        "requestID": uuid(random), "eventID": uuid(random), "readOnly": !writes, "eventType": "AwsApiCall",
        "managementEvent": true, "recipientAccountId": account, "eventCategory": "Management",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::anomaly::history::LAST_DAY;

    #[test]
    fn the_days_are_those_after_the_change() {
        let all: Vec<_> = days().collect();
        assert_eq!(all.last().unwrap(), &format!("/{LAST_DAY}/"));
        let first = all[0].trim_matches('/').replace('/', "-");
        assert_eq!(seconds(&format!("{first}T00:00:00Z")), Some(FROM));
    }

    #[test]
    fn a_later_call_stays_in_its_day() {
        let mut record = json!({"eventTime": "2026-03-21T23:59:58Z", "eventID": "a", "requestID": "b"});
        assert_eq!(later(&mut record, &mut Random(1)).unwrap(), seconds("2026-03-21T23:59:59Z").unwrap());
        assert_ne!(record["eventID"], "a");
    }
}
