//! Benign services whose names could be taken for data: content networks, tenants, telemetry, look-ups of hashes and
//! addresses, service discovery.

use super::dns_log::Query;
use picquet_testkit::Random;
use std::collections::BTreeMap;

/// Queries of one client below one domain within a day from which a domain counts.
pub const FLOOR: usize = 50;
const CLIENTS: usize = 80;
const DAY: i64 = 86_400_000;

/// The domains and their kinds.
pub struct Services(BTreeMap<String, &'static str>);

impl Services {
    /// The domain that a name is below, and its kind.
    pub fn of(&self, name: &str) -> Option<(&str, &'static str)> {
        let mut rest = name;
        loop {
            if let Some((domain, kind)) = self.0.get_key_value(rest) {
                return Some((domain, kind));
            }
            rest = rest.split_once('.')?.1;
        }
    }
}

const WORDS: [&str; 40] = [
    "river", "stone", "market", "cloud", "paper", "silver", "north", "green", "travel", "media", "data", "global",
    "smart", "fresh", "prime", "metro", "urban", "solar", "pixel", "logic", "harbor", "summit", "forest", "bridge",
    "canvas", "copper", "delta", "ember", "falcon", "garden", "island", "jasper", "kernel", "lumen", "meadow", "nova",
    "orbit", "pearl", "quartz", "ridge",
];
const REGIONS: [&str; 5] = ["eu-west-1", "us-east-1", "ap-south-1", "eu-central-1", "us-west-2"];
const ENVS: [&str; 4] = ["prod", "staging", "dev", "qa"];
const HEX: &[u8] = b"0123456789abcdef";
const BASE36: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

type Make = fn(&mut Random) -> String;

/// A kind of service: how its names are made, and whether each client has a set of them that it repeats, of up to so
/// many.
struct Kind {
    name: &'static str,
    make: Make,
    repeats: Option<usize>,
    qtype: &'static str,
    rcode: &'static str,
    /// Its share of the domains, in hundredths.
    share: usize,
}

const KINDS: [Kind; 12] = [
    Kind {
        name: "content network, hashed shards",
        make: shard,
        repeats: Some(400),
        qtype: "A",
        rcode: "NOERROR",
        share: 12,
    },
    Kind { name: "tenants of a service", make: tenant, repeats: Some(600), qtype: "A", rcode: "NOERROR", share: 14 },
    Kind { name: "service discovery", make: discovery, repeats: Some(800), qtype: "A", rcode: "NOERROR", share: 12 },
    Kind { name: "telemetry, device ids", make: device, repeats: Some(40), qtype: "A", rcode: "NOERROR", share: 12 },
    Kind { name: "pods of deployments", make: pod, repeats: Some(2000), qtype: "A", rcode: "NOERROR", share: 8 },
    Kind { name: "buckets of a store", make: bucket, repeats: Some(1500), qtype: "A", rcode: "NOERROR", share: 8 },
    Kind { name: "block list, addresses", make: reversed, repeats: None, qtype: "A", rcode: "NXDOMAIN", share: 10 },
    Kind { name: "block list, hashes", make: hashed, repeats: None, qtype: "A", rcode: "NXDOMAIN", share: 4 },
    Kind { name: "antivirus, file hashes", make: antivirus, repeats: None, qtype: "TXT", rcode: "NOERROR", share: 4 },
    Kind { name: "beacons with a nonce", make: nonce, repeats: None, qtype: "A", rcode: "NOERROR", share: 6 },
    Kind {
        name: "validation and mail records",
        make: records,
        repeats: Some(300),
        qtype: "TXT",
        rcode: "NOERROR",
        share: 5,
    },
    Kind { name: "long names of words", make: wordy, repeats: None, qtype: "A", rcode: "NOERROR", share: 5 },
];

fn shard(r: &mut Random) -> String {
    format!("{}.{}.static", r.text(HEX, 8), r.of(&["a", "b", "img", "media"]))
}

fn tenant(r: &mut Random) -> String {
    format!("{}-{}{}.{}.app", r.of(&WORDS), r.of(&WORDS), r.below(90), r.of(&REGIONS))
}

fn discovery(r: &mut Random) -> String {
    match r.below(3) {
        0 => format!("ip-10-{}-{}-{}.{}.compute", r.below(4), r.below(256), r.below(256), r.of(&REGIONS)),
        1 => format!("{}-{}.{}.{}", r.of(&WORDS), r.of(&["api", "db", "cache", "worker"]), r.of(&ENVS), r.of(&REGIONS)),
        _ => format!("_{}._tcp.{}.{}", r.of(&["https", "grpc", "amqp"]), r.of(&WORDS), r.of(&ENVS)),
    }
}

fn uuid(r: &mut Random) -> String {
    format!("{}-{}-4{}-a{}-{}", r.text(HEX, 8), r.text(HEX, 4), r.text(HEX, 3), r.text(HEX, 3), r.text(HEX, 12))
}

fn device(r: &mut Random) -> String {
    format!("{}.{}", uuid(r), r.of(&["telemetry", "ingest", "events", "beat"]))
}

fn pod(r: &mut Random) -> String {
    format!("{}-{}-{}.{}.svc", r.of(&WORDS), r.text(BASE36, 10), r.text(BASE36, 5), r.of(&ENVS))
}

fn bucket(r: &mut Random) -> String {
    format!("{}-{}-{}.storage.{}", r.of(&WORDS), r.of(&WORDS), r.of(&ENVS), r.of(&REGIONS))
}

fn reversed(r: &mut Random) -> String {
    format!("{}.{}.{}.{}.{}", r.below(256), r.below(256), r.below(256), r.below(224), r.of(&["bl", "zen", "dyn"]))
}

fn hashed(r: &mut Random) -> String {
    format!("{}.{}", r.text(HEX, 32), r.of(&["ebl", "hashbl", "uri"]))
}

fn antivirus(r: &mut Random) -> String {
    format!("{}.{}.{}.q", r.below(9), r.below(99), r.text(BASE36, 26))
}

fn nonce(r: &mut Random) -> String {
    let length = 12 + r.below(20);
    format!("{}.r", r.text(BASE36, length))
}

fn records(r: &mut Random) -> String {
    match r.below(3) {
        0 => format!("_acme-challenge.{}-{}", r.of(&WORDS), r.of(&WORDS)),
        1 => format!("selector{}._domainkey.{}", r.below(3), r.of(&WORDS)),
        _ => format!("_dmarc.{}", r.of(&WORDS)),
    }
}

fn wordy(r: &mut Random) -> String {
    format!("{}-{}-{}-{}.{}", r.of(&WORDS), r.of(&WORDS), r.of(&WORDS), r.below(1000), r.of(&WORDS))
}

/// Zones that are known as look-up services: heavy, each name new.
const LISTED: [&str; 12] = [
    "avqs.mcafee.com",
    "sophosxl.net",
    "zen.spamhaus.org",
    "multi.uribl.com",
    "hash.cymru.com",
    "rspamd.com",
    "e5.sk",
    "ksn.kaspersky-labs.com",
    "b.barracudacentral.org",
    "multi.surbl.org",
    "webrootcloudav.com",
    "list.dnswl.org",
];

/// The queries of so many days below so many domains, in order, and the domains.
pub fn days(days: i64, domains: usize) -> (Vec<Query>, Services) {
    let mut r = Random(41);
    let mut queries = Vec::new();
    let mut services = BTreeMap::new();
    for (n, zone) in LISTED.iter().enumerate() {
        for client in 0..4 {
            for _ in 0..days * 4000 {
                let at = (r.share() * (days * DAY) as f64) as i64;
                let name = format!("{}.{zone}", if n % 2 == 0 { r.text(BASE36, 40) } else { hashed(&mut r) });
                queries.push(query(at, client, name, "TXT", "NOERROR"));
            }
        }
        services.insert((*zone).to_owned(), "look-up services of the data file");
    }
    for n in 0..domains {
        let mut pick = n * 100 / domains;
        let kind = KINDS.iter().find(|k| {
            let here = pick < k.share;
            pick = pick.saturating_sub(k.share);
            here
        });
        let Some(kind) = kind else { continue };
        let domain = format!("{}{}{n}.{}", r.of(&WORDS), r.of(&WORDS), r.of(&["com", "net", "io", "org"]));
        // Few services are used by many; volumes are log-normal around 120 a day.
        let users = 1 + (r.share().powi(4) * 12.0) as usize;
        let first = r.below(CLIENTS);
        for client in (0..users).map(|i| (first + i * 7) % CLIENTS) {
            let volume = (120.0 * (r.normal()).exp()).max(FLOOR as f64 + 10.0) as usize;
            let set: Vec<String> =
                (0..kind.repeats.map_or(0, |most| 1 + r.below(most))).map(|_| (kind.make)(&mut r)).collect();
            let phase = r.share();
            for _ in 0..volume * days as usize {
                // Half of the traffic is in the working hours of its host, and a part of it in bursts.
                let x = r.share();
                let in_day = if x < 0.5 { (phase + x / 1.5) % 1.0 } else { r.share() };
                let day = r.below(days as usize) as i64;
                let at = day * DAY + (in_day * DAY as f64) as i64;
                let sub = match set.len() {
                    0 => (kind.make)(&mut r),
                    // Popular names are asked for more often.
                    len => set[(r.share().powi(2) * len as f64) as usize].clone(),
                };
                queries.push(query(at, client, format!("{sub}.{domain}"), kind.qtype, kind.rcode));
            }
        }
        services.insert(domain, kind.name);
    }
    queries.sort_by(|a, b| (a.at, &a.name, a.client).cmp(&(b.at, &b.name, b.client)));
    (queries, Services(services))
}

fn query(at: i64, client: usize, name: String, kind: &'static str, rcode: &'static str) -> Query {
    let answer = match (kind, rcode) {
        ("A", "NOERROR") => "192.0.2.80",
        ("TXT", "NOERROR") => "v=1",
        _ => "",
    };
    Query { at, client, name, kind, rcode, answer: answer.into() }
}
