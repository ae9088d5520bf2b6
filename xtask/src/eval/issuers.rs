//! CloudTrail of a month: instances, functions and tasks that call AWS by the ways that networks have, and thieves.
//!
//! One account has all of them: gateways for translation of addresses, one of which is replaced; addresses of the
//! instances' own, which change when they are stopped; endpoints, with a gateway for what has none; a proxy of another
//! account; data centres whose exits lie outside AWS, of which one gets a second exit beside the first, one moves to
//! another and one fails over for some hours; instances that come and go; functions and tasks.

use crate::scanner::seconds;
use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use picquet_testkit::Random;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

/// When the month begins.
pub const START: &str = "2024-03-01T00:00:00Z";
const DAYS: i64 = 31;
const DAY: i64 = 86_400;
const HOUR: i64 = 3600;
const ACCOUNT: &str = "111122223333";
const OTHER: &str = "999988887777";
/// The account of the network that others share: nobody says that it is affiliated.
const SHARED: &str = "444455556666";
const REGION: &str = "us-east-1";
/// How long credentials of a role are valid at most (EC2 user guide, "Retrieve security credentials").
const VALID: i64 = 6 * HOUR;

/// Calls that instances make: service, name.
const CALLS: [(&str, &str); 8] = [
    ("ssm", "UpdateInstanceInformation"),
    ("s3", "ListBuckets"),
    ("ec2", "DescribeInstances"),
    ("kms", "Decrypt"),
    ("secretsmanager", "GetSecretValue"),
    ("logs", "CreateLogStream"),
    ("sqs", "GetQueueAttributes"),
    ("sts", "GetCallerIdentity"),
];

/// What was stolen.
pub struct Theft {
    /// The session's name: of an instance its id.
    pub session: String,
    /// The way of the holder's own calls.
    pub way: &'static str,
    /// From where the thief called.
    pub from: String,
    /// The type that is to be raised.
    pub expected: &'static str,
    /// The thief's first and last call.
    pub first: i64,
    /// See `first`.
    pub last: i64,
}

/// What a month holds.
#[derive(Default)]
pub struct Month {
    /// Sets of credentials that were used.
    pub sessions: usize,
    /// Days of holders.
    pub days: f64,
    /// What was stolen.
    pub thefts: Vec<Theft>,
}

/// How calls leave.
#[derive(Clone, Debug)]
enum Way {
    /// A gateway of the account; by its number.
    Nat(usize),
    /// An address of one's own.
    Public,
    /// Endpoints for half of the services, a gateway for the others.
    Endpoint(usize),
    /// A proxy in AWS that belongs to another account.
    Proxy,
    /// An endpoint of the shared network's account.
    SharedEndpoint,
    /// A data centre; by its number.
    Exit(usize),
    /// AWS's own network: of functions, each time another address.
    Anywhere,
}

impl Way {
    fn name(&self) -> &'static str {
        match self {
            Self::Nat(_) => "gateway",
            Self::Public => "own address",
            Self::Endpoint(_) => "endpoint",
            Self::Proxy => "proxy",
            Self::SharedEndpoint => "shared endpoint",
            Self::Exit(_) => "data centre",
            Self::Anywhere => "function",
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Instance,
    Function,
    Task,
}

struct Holder {
    kind: Kind,
    /// The session's name.
    session: String,
    role: String,
    way: Way,
    /// From when to when it lives.
    life: (i64, i64),
    /// Seconds between its calls, about.
    pace: f64,
    /// Its own addresses, each since when.
    addresses: Vec<(i64, String)>,
}

struct World {
    random: Random,
    start: i64,
    events: BTreeMap<i64, Vec<(i64, Value)>>,
    number: u64,
    nats: Vec<Vec<(i64, String)>>,
    exits: Vec<Vec<String>>,
    proxies: Vec<String>,
}

/// Writes a month, with an inventory beside it.
pub fn write(folder: &Path, seed: u64) -> Result<Month> {
    let start = seconds(START).unwrap_or_default();
    let mut world = World {
        random: Random(seed ^ 0x0c4e_d5ea),
        start,
        events: BTreeMap::new(),
        number: 0,
        nats: Vec::new(),
        exits: Vec::new(),
        proxies: Vec::new(),
    };
    let mut month = Month::default();
    let holders = world.populate();
    for holder in &holders {
        world.live(holder, &mut month);
    }
    world.steal(&holders, &mut month);
    world.write(folder)?;
    fs::write(folder.join("inventory.json"), world.inventory(&holders).to_string())?;
    Ok(month)
}

impl World {
    /// An address of EC2.
    fn aws(&mut self) -> String {
        let (a, b, n) = *self.random.pick(&[(54, 80, 8), (3, 80, 16), (18, 208, 8)]);
        format!("{a}.{}.{}.{}", b + self.random.below(n), self.random.below(256), 1 + self.random.below(254))
    }

    /// An address of a provider or of a house, outside AWS.
    fn outside(&mut self) -> String {
        let (a, b) = *self.random.pick(&[(45, 133), (77, 83), (91, 240), (146, 70), (84, 130), (86, 140), (73, 20)]);
        format!("{a}.{b}.{}.{}", self.random.below(256), 1 + self.random.below(254))
    }

    fn hex(&mut self, n: usize) -> String {
        self.random.text(b"0123456789abcdef", n)
    }

    fn instance(&mut self, role: &str, way: Way, life: (i64, i64)) -> Holder {
        let addresses = match way {
            Way::Public => vec![(life.0, self.aws())],
            _ => Vec::new(),
        };
        let session = format!("i-0{}", self.hex(16));
        // From a call in five minutes to one in four hours: agents are busy, others are not.
        let pace = 300.0 * (self.random.share() * (48.0_f64).ln()).exp();
        Holder { kind: Kind::Instance, session, role: role.into(), way, life, pace, addresses }
    }

    fn populate(&mut self) -> Vec<Holder> {
        let (start, end) = (self.start, self.start + DAYS * DAY);
        let life = (start, end);
        for _ in 0..3 {
            let address = self.aws();
            self.nats.push(vec![(start, address)]);
        }
        // One gateway is replaced.
        let (at, next) = (start + 12 * DAY + 5 * HOUR, self.aws());
        self.nats[1].push((at, next));
        self.exits = (0..4).map(|_| (0..2).map(|_| self.outside()).collect()).collect();
        self.proxies = (0..2).map(|_| self.aws()).collect();
        let mut all = Vec::new();
        for n in 0..18 {
            let holder = self.instance("web", Way::Nat(n % 3), life);
            all.push(holder);
        }
        for _ in 0..18 {
            let mut holder = self.instance("edge", Way::Public, life);
            // Some are stopped and started, and have another address then.
            if self.random.below(4) == 0 {
                let (at, address) = (start + self.random.below((DAYS * DAY) as usize) as i64, self.aws());
                holder.addresses.push((at, address));
            }
            all.push(holder);
        }
        for n in 0..12 {
            let holder = self.instance("private", Way::Endpoint(n % 3), life);
            all.push(holder);
        }
        for n in 0..10 {
            let way = if n < 6 { Way::Proxy } else { Way::SharedEndpoint };
            let holder = self.instance("batch", way, life);
            all.push(holder);
        }
        for n in 0..16 {
            let holder = self.instance("office", Way::Exit(n % 4), life);
            all.push(holder);
        }
        // Those that come and go: a day or less.
        for _ in 0..60 {
            let from = start + self.random.below((DAYS * DAY) as usize) as i64;
            let way = match self.random.below(3) {
                0 => Way::Nat(self.random.below(3)),
                1 => Way::Public,
                _ => Way::Exit(self.random.below(4)),
            };
            let to = from + HOUR * self.random.range(2, 24) as i64;
            let holder = self.instance("fleet", way, (from, to.min(end)));
            all.push(holder);
        }
        for n in 0..10 {
            let way = if n < 7 { Way::Anywhere } else { Way::Nat(n % 3) };
            let session = format!("function-{n}");
            let role = format!("function-{n}-role");
            all.push(Holder { kind: Kind::Function, session, role, way, life, pace: 3000.0, addresses: Vec::new() });
        }
        for _ in 0..60 {
            let from = start + self.random.below(((DAYS - 1) * DAY) as usize) as i64;
            let (way, session) = match self.random.below(3) {
                0 => (Way::Public, self.hex(32)),
                _ => (Way::Nat(self.random.below(3)), self.hex(32)),
            };
            let address = self.aws();
            let addresses = vec![(from, address)];
            let life = (from, from + HOUR * self.random.range(4, 24) as i64);
            all.push(Holder { kind: Kind::Task, session, role: "shop".into(), way, life, pace: 1200.0, addresses });
        }
        all
    }

    /// From where a holder calls at a moment: an address, and an endpoint with its owner.
    fn origin(&mut self, holder: &Holder, service: &str, at: i64) -> (String, Option<(String, &'static str)>) {
        let since = |all: &[(i64, String)]| {
            all.iter().rev().find(|(from, _)| *from <= at).or(all.first()).map(|(_, ip)| ip.clone()).unwrap_or_default()
        };
        let inner = format!("10.0.{}.{}", holder.pace as u32 % 250, holder.session.len());
        match holder.way {
            Way::Nat(n) => (since(&self.nats[n]), None),
            Way::Public => (since(&holder.addresses), None),
            Way::Endpoint(n) => match service {
                "s3" | "kms" | "ssm" | "logs" => (inner, Some((format!("vpce-0aaaaaaaaaaaaa{service}"), ACCOUNT))),
                _ => (since(&self.nats[n]), None),
            },
            Way::Proxy => {
                let n = usize::from(self.random.below(5) == 0);
                (self.proxies[n].clone(), None)
            }
            Way::SharedEndpoint => (inner, Some((format!("vpce-0bbbbbbbbbbbbb{service}"), SHARED))),
            Way::Exit(n) => {
                let day = (at - self.start) as f64 / DAY as f64;
                let second = match n {
                    // One moves to another exit for good, one fails over, one gets a second exit beside the first.
                    1 => day > 14.3,
                    2 => (20.4..20.55).contains(&day),
                    3 => day > 9.7 && self.random.below(2) == 0,
                    _ => false,
                };
                (self.exits[n][usize::from(second)].clone(), None)
            }
            Way::Anywhere => (self.aws(), None),
        }
    }

    fn live(&mut self, holder: &Holder, month: &mut Month) {
        month.days += (holder.life.1 - holder.life.0) as f64 / DAY as f64;
        let mut at = holder.life.0 + (self.random.share() * holder.pace) as i64;
        let mut session = -1;
        while at < holder.life.1 {
            let now = (at - holder.life.0) / VALID;
            month.sessions += usize::from(now != session);
            session = now;
            let (service, api) = *self.random.pick(&CALLS);
            let (ip, endpoint) = self.origin(holder, service, at);
            self.call(holder, at, (service, api), &ip, endpoint);
            if self.random.below(12) == 0 {
                self.call(holder, at + 1, ("autoscaling", "DescribeTags"), "autoscaling.amazonaws.com", None);
            }
            at += 1 + (holder.pace * (0.3 + 1.4 * self.random.share())) as i64;
        }
    }

    fn steal(&mut self, holders: &[Holder], month: &mut Month) {
        let long: Vec<usize> = (0..holders.len()).filter(|&n| holders[n].kind != Kind::Task).collect();
        for n in 0..140 {
            let inside = n % 7 >= 4;
            let mut holder = &holders[*self.random.pick(&long)];
            if n % 10 == 3 {
                let tasks: Vec<&Holder> = holders.iter().filter(|h| h.kind == Kind::Task).collect();
                holder = tasks[self.random.below(tasks.len())];
            }
            if inside && holder.kind == Kind::Function {
                continue;
            }
            let second = (!inside && n % 14 == 0).then(|| &holders[*self.random.pick(&long)]);
            // While it lives, and not in its first hour.
            let length = (holder.life.1 - holder.life.0 - HOUR).max(1) as usize;
            let first = holder.life.0 + HOUR.min(length as i64 / 2) + self.random.below(length) as i64;
            let endpoint = (inside && n % 3 == 0).then(|| (format!("vpce-0{}", self.hex(16)), OTHER));
            let ip = match (inside, &endpoint) {
                (_, Some(_)) => "10.9.8.7".into(),
                (true, None) => self.aws(),
                (false, None) => self.outside(),
            };
            for holder in [Some(holder), second].into_iter().flatten() {
                if first < holder.life.0 || first >= holder.life.1 {
                    continue;
                }
                let calls = [1, 3, 10, 40][self.random.below(4)];
                let gap = [2, 60, 900][self.random.below(3)];
                let mut at = first;
                for i in 0..calls {
                    let call = *self.random.pick(&CALLS);
                    self.call(holder, at, call, &ip, endpoint.clone());
                    if i + 1 < calls {
                        at += 1 + self.random.below(2 * gap) as i64;
                    }
                }
                let expected = match (holder.kind, inside) {
                    (Kind::Instance, false) => "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                    (Kind::Instance, true) => "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS",
                    (_, false) => "UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS",
                    (_, true) => "UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.InsideAWS",
                };
                let from = endpoint.as_ref().map_or_else(|| ip.clone(), |(id, _)| id.clone());
                let (session, way) = (holder.session.clone(), holder.way.name());
                month.thefts.push(Theft { session, way, from, expected, first, last: at });
            }
        }
    }

    fn call(
        &mut self,
        holder: &Holder,
        at: i64,
        (service, api): (&str, &str),
        ip: &str,
        endpoint: Option<(String, &'static str)>,
    ) {
        self.number += 1;
        let role = &holder.role;
        let session = &holder.session;
        let key = picquet_detect::hash::stable(&[session.as_bytes(), &((at - holder.life.0) / VALID).to_le_bytes()]);
        let mut identity = json!({
            "type": "AssumedRole",
            "principalId": format!("AROA{:016X}:{session}", picquet_detect::hash::stable(&[role.as_bytes()])),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"),
            "accountId": ACCOUNT,
            "accessKeyId": format!("ASIA{key:016X}"),
            "sessionContext": {"sessionIssuer": {
                "type": "Role",
                "principalId": format!("AROA{:016X}", picquet_detect::hash::stable(&[role.as_bytes()])),
                "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
                "accountId": ACCOUNT,
                "userName": role,
            }},
        });
        let scope = |kind: &str, arn: String| json!({"issuerType": kind, "credentialsIssuedTo": arn});
        match holder.kind {
            Kind::Instance => identity["sessionContext"]["ec2RoleDelivery"] = json!("2.0"),
            Kind::Function => {
                let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{session}");
                identity["inScopeOf"] = scope("AWS::Lambda::Function", arn);
            }
            Kind::Task => {
                let arn = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/{session}");
                identity["inScopeOf"] = scope("AWS::ECS::Task", arn);
            }
        }
        if ip.ends_with(".amazonaws.com") {
            identity["invokedBy"] = json!(ip);
        }
        let mut event = json!({
            "eventVersion": "1.09",
            "userIdentity": identity,
            "eventTime": text(at),
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": api,
            "awsRegion": REGION,
            "sourceIPAddress": ip,
            "userAgent": "Boto3/1.34.51 md/Botocore#1.34.51 lang/python#3.9.16",
            "requestParameters": null,
            "responseElements": null,
            "eventID": format!("{:08x}-0000-4000-a000-{:012x}", self.number >> 32, self.number),
            "readOnly": true,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        });
        if let Some((id, owner)) = endpoint {
            event["vpcEndpointId"] = json!(id);
            event["vpcEndpointAccountId"] = json!(owner);
        }
        self.events.entry(at.div_euclid(HOUR)).or_default().push((at, event));
    }

    /// As AWS delivers them: an object an hour.
    fn write(&mut self, folder: &Path) -> Result<()> {
        let inner = folder.join(format!("AWSLogs/{ACCOUNT}/CloudTrail/{REGION}"));
        fs::create_dir_all(&inner)?;
        for (hour, events) in &mut self.events {
            events.sort_by_key(|(at, _)| *at);
            let path = inner.join(format!("{ACCOUNT}_CloudTrail_{REGION}_{hour}_a1b2c3.json.gz"));
            let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
            let mut out = GzEncoder::new(file, Compression::fast());
            let records: Vec<&Value> = events.iter().map(|(_, event)| event).collect();
            serde_json::to_writer(&mut out, &json!({"Records": records}))?;
            out.finish()?.flush()?;
        }
        Ok(())
    }

    /// `describe-network-interfaces` of the last day: gateways, and the addresses that instances have then.
    fn inventory(&self, holders: &[Holder]) -> Value {
        let interface = |n: usize, ip: &str, kind: &str, instance: Option<&str>| {
            json!({
                "NetworkInterfaceId": format!("eni-0{n:016x}"),
                "InterfaceType": kind,
                "AvailabilityZone": format!("{REGION}a"),
                "OwnerId": ACCOUNT,
                "VpcId": "vpc-0a1b2c3d4e5f60718",
                "PrivateIpAddress": format!("10.1.{}.{}", n / 250, n % 250 + 1),
                "Association": {"PublicIp": ip},
                "Attachment": instance.map(|id| json!({"InstanceId": id, "Status": "attached"})),
            })
        };
        let mut all = Vec::new();
        for nat in &self.nats {
            all.extend(nat.last().map(|(_, ip)| interface(all.len(), ip, "nat_gateway", None)));
        }
        for holder in holders.iter().filter(|h| h.kind == Kind::Instance) {
            if let Some((_, ip)) = holder.addresses.last() {
                all.push(interface(all.len(), ip, "interface", Some(&holder.session)));
            }
        }
        json!({"NetworkInterfaces": all})
    }
}

/// A moment in RFC 3339.
fn text(secs: i64) -> String {
    jiff::Timestamp::from_second(secs).map(|t| t.to_string()).unwrap_or_default()
}
