//! Data in DNS queries: how soon tunnels are found, and what benign domains are taken for one.
//!
//! The encoders are our own, in the manner of the tools that they are named after: what matters is how names look and
//! how many there are. The time to detection is that of events: the shortest beginning of the log that a scan raises
//! the finding for.

use super::benign_dns;
use super::dns_log::{Query, write};
use super::score::Score;
use crate::scanner::{Finding, Scanner};
use anyhow::Result;
use picquet_testkit::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

const NAME: &str = "Trojan:EC2/DNSDataExfiltration";
/// 2024-05-01T10:57:13Z: bursts cross the turn of an hour.
const START: i64 = 1_714_561_033;
const HOUR: i64 = 3_600_000;

/// At most so many of a million benign domains may be flagged.
const BENIGN_PER_MILLION: u64 = 500;
/// At least so many must be in the denominator.
const BENIGN_DOMAINS: usize = 6000;

/// Runs everything.
pub fn run(scanner: &Scanner, work: &Path, score: &mut Score) -> Result<()> {
    tester(scanner, work, score)?;
    println!("\ntunnels: time from the first query to the finding, by bytes of payload a second");
    println!("{:<28} {:>12} {:>12} {:>12} {:>12}", "encoding", "0.5 B/s", "1 B/s", "5 B/s", "50 B/s");
    for tool in TOOLS {
        let mut line = format!("{:<28}", tool.name);
        for (rate, hours, limit) in
            [(0.5, 24, None), (1.0, 24, Some(24 * HOUR)), (5.0, 24, Some(24 * HOUR)), (50.0, 1, Some(300_000))]
        {
            let queries = tool.queries(rate, hours * HOUR);
            let found = soonest(scanner, work, &queries, score)?;
            let time = found.map(|n| queries[n - 1].at);
            line += &format!(" {:>12}", time.map_or_else(|| "-".into(), duration));
            if let Some(limit) = limit {
                let soon = time.is_some_and(|t| t <= limit);
                score.positive(NAME, soon, || format!("{} at {rate} B/s: {time:?} ms", tool.name));
            }
        }
        println!("{line}");
    }
    benign(scanner, work, score)
}

/// What a scan without lists finds in a log.
fn scan(scanner: &Scanner, folder: &Path, score: &mut Score) -> Result<Vec<Finding>> {
    let options: [OsString; 1] = ["--no-default-feeds".into()];
    let findings = scanner.scan(&folder.join("AWSLogs"), &options)?;
    score.validate("made-up DNS", &findings);
    Ok(findings)
}

/// The fewest queries from the first on that raise the finding.
fn soonest(scanner: &Scanner, work: &Path, queries: &[Query], score: &mut Score) -> Result<Option<usize>> {
    let mut raises = |n: usize| -> Result<bool> {
        let folder = write(&work.join("tunnel"), START, &queries[..n])?;
        Ok(scan(scanner, &folder, score)?.iter().any(|f| f.name() == NAME))
    };
    if !raises(queries.len())? {
        return Ok(None);
    }
    let (mut none, mut some) = (0, queries.len());
    while some - none > 1 {
        let middle = (none + some) / 2;
        if raises(middle)? { some = middle } else { none = middle }
    }
    Ok(Some(some))
}

fn duration(ms: i64) -> String {
    match ms / 1000 {
        s @ 0..600 => format!("{s} s"),
        s @ 600..7200 => format!("{} min", s / 60),
        s => format!("{:.1} h", s as f64 / 3600.0),
    }
}

/// The pattern of AWS's own tester: 914 distinct names, 113 to 229 characters, two to four labels before the domain.
fn tester(scanner: &Scanner, work: &Path, score: &mut Score) -> Result<()> {
    let mut random = Random(17);
    let alphabet = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let domain = "guarddutyc2activityb.com";
    let queries: Vec<Query> = (0..914)
        .map(|n| {
            // Half of the names have the least length; few are the longest.
            let length = [113, 115, 117, 117, 150, 229][random.below(6)] - domain.len() - 1;
            let labels = length.div_ceil(63).max(2);
            let text = random.text(alphabet, length + 1 - labels);
            let size = text.len().div_ceil(labels);
            let parts: Vec<&str> = (0..labels).map(|i| &text[i * size..text.len().min((i + 1) * size)]).collect();
            Query {
                at: n * 40,
                client: 1,
                name: format!("{}.{domain}", parts.join(".")),
                kind: "A",
                rcode: "NXDOMAIN",
                answer: String::new(),
            }
        })
        .collect();
    let found = soonest(scanner, work, &queries, score)?;
    println!("\ntester's pattern: the finding is raised from query {found:?} of {} on (bar: 100)", queries.len());
    score.positive(NAME, found.is_some_and(|n| n <= 100), || format!("the tester's pattern: {found:?} queries"));
    Ok(())
}

/// The name of a query that carries nothing, by its number.
type Idle = fn(&mut Random, u32) -> String;

/// One way to put data into names.
struct Tool {
    name: &'static str,
    kind: &'static str,
    /// The most payload of one query.
    payload: usize,
    encode: fn(&mut Random, &[u8], u32) -> String,
    /// Names of queries that carry nothing, and how many milliseconds apart they are.
    idle: Option<(i64, Idle)>,
    answer: fn(&mut Random) -> String,
}

const TOOLS: [Tool; 7] = [
    Tool {
        name: "iodine, base32, NULL",
        kind: "NULL",
        payload: 110,
        encode: iodine32,
        idle: Some((4000, ping)),
        answer: packet,
    },
    Tool {
        name: "iodine, base64, CNAME",
        kind: "CNAME",
        payload: 130,
        encode: iodine64,
        idle: Some((4000, ping)),
        answer: packet,
    },
    Tool {
        name: "iodine, base128, TXT",
        kind: "TXT",
        payload: 150,
        encode: iodine128,
        idle: Some((4000, ping)),
        answer: packet,
    },
    Tool {
        name: "dnscat2, hex, TXT",
        kind: "TXT",
        payload: 90,
        encode: dnscat,
        idle: Some((1000, poll)),
        answer: status,
    },
    Tool {
        name: "dnscat2, hex, quiet, MX",
        kind: "MX",
        payload: 60,
        encode: dnscat,
        idle: Some((60_000, poll)),
        answer: status,
    },
    Tool {
        name: "exfiltration, base64url, TXT",
        kind: "TXT",
        payload: 120,
        encode: exfil64,
        idle: None,
        answer: status,
    },
    Tool { name: "exfiltration, 12 octets, A", kind: "A", payload: 12, encode: exfil32, idle: None, answer: address },
];

impl Tool {
    /// The queries of a transfer that sends `rate` octets of payload a second.
    fn queries(&self, rate: f64, span: i64) -> Vec<Query> {
        let mut random = Random(self.name.len() as u64 * 1000 + (rate * 10.0) as u64);
        let domain = "t.cdn-edge-sync.net";
        let mut queries = Vec::new();
        let mut add = |at: i64, sub: String, answer: String| {
            let name = format!("{sub}.{domain}");
            queries.push(Query { at, client: 1, name, kind: self.kind, rcode: "NOERROR", answer });
        };
        // Applications send packets, not octets: what gathers in a second, at least 64 octets or what fits.
        let size = ((rate * 1.0) as usize).clamp(self.payload.min(64), self.payload);
        let step = size as f64 * 1000.0 / rate;
        let mut number = 0;
        let mut at = 0.0;
        while (at as i64) < span {
            let data = random.bytes(size);
            let sub = (self.encode)(&mut random, &data, number);
            let answer = (self.answer)(&mut random);
            add(at as i64, sub, answer);
            number += 1;
            at += step;
        }
        if let Some((every, idle)) = self.idle {
            for n in 0..span / every {
                let sub = idle(&mut random, n as u32);
                let answer = (self.answer)(&mut random);
                add(n * every + 500, sub, answer);
            }
        }
        queries.sort_by_key(|q| q.at);
        queries
    }
}

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
const BASE64: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789+";

/// Octets as characters of `bits` bits each.
fn base(alphabet: &[u8], bits: u32, data: &[u8]) -> String {
    let (mut held, mut have, mut out) = (0u32, 0, String::new());
    for byte in data {
        held = held << 8 | u32::from(*byte);
        have += 8;
        while have >= bits {
            have -= bits;
            out.push(char::from(alphabet[(held >> have) as usize & (alphabet.len() - 1)]));
        }
    }
    if have > 0 {
        out.push(char::from(alphabet[(held << (bits - have)) as usize & (alphabet.len() - 1)]));
    }
    out
}

fn labels(text: &str, size: usize) -> String {
    text.as_bytes().chunks(size).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join(".")
}

/// A user's digit, a header of sequence and fragment numbers, data; labels of 57.
fn iodine32(_: &mut Random, data: &[u8], n: u32) -> String {
    labels(&format!("0{}{}", base(BASE32, 5, &n.to_be_bytes()[1..]), base(BASE32, 5, data)), 57)
}

fn iodine64(_: &mut Random, data: &[u8], n: u32) -> String {
    labels(&format!("0{}{}", base(BASE32, 5, &n.to_be_bytes()[1..]), base(BASE64, 6, data)), 57)
}

/// Seven bits a character; the upper half of the alphabet is not printing, and a log has it as octal escapes.
fn iodine128(_: &mut Random, data: &[u8], n: u32) -> String {
    let alphabet: Vec<u8> = (0..128).collect();
    let packed = base(&alphabet, 7, data);
    let mut out = format!("0{}", base(BASE32, 5, &n.to_be_bytes()[1..]));
    for (i, c) in packed.bytes().enumerate() {
        if i % 57 == 50 {
            out.push('.');
        }
        match c {
            0..64 => out.push(char::from(BASE64[usize::from(c)])),
            _ => out += &format!("\\{:03o}", 0o200 + u32::from(c)),
        }
    }
    out
}

fn ping(random: &mut Random, _: u32) -> String {
    format!("p{}", base(BASE32, 5, &random.bytes(4)))
}

/// Packet id, type, session, sequence and acknowledgement, data, all in hexadecimal; labels of 60.
fn dnscat(random: &mut Random, data: &[u8], n: u32) -> String {
    let mut packet = random.bytes(2);
    packet.extend([1, 0x5a, 0x31]);
    packet.extend((n as u16).to_be_bytes());
    packet.extend(((n / 2) as u16).to_be_bytes());
    packet.extend(data);
    labels(&packet.iter().map(|b| format!("{b:02x}")).collect::<String>(), 60)
}

fn poll(random: &mut Random, n: u32) -> String {
    dnscat(random, &[], n)
}

/// A chunk's number and its data, as tools send that only push a file out.
fn exfil64(_: &mut Random, data: &[u8], n: u32) -> String {
    let url = base(BASE64, 6, data).replace('+', "_");
    format!("{n}.{}", labels(&url, 63))
}

fn exfil32(_: &mut Random, data: &[u8], n: u32) -> String {
    format!("{}.{n}", base(BASE32, 5, data))
}

fn packet(random: &mut Random) -> String {
    let length = 20 + random.below(60);
    random.text(BASE32, length)
}

fn status(random: &mut Random) -> String {
    random.text(b"0123456789abcdef", 18)
}

fn address(_: &mut Random) -> String {
    "192.0.2.53".into()
}

/// Benign domains with at least the volume floor, and how many are taken for a tunnel.
fn benign(scanner: &Scanner, work: &Path, score: &mut Score) -> Result<()> {
    let (queries, services) = benign_dns::days(2, 6600);
    let folder = write(&work.join("benign-dns"), START, &queries)?;
    let mut above: BTreeMap<&'static str, BTreeSet<&str>> = BTreeMap::new();
    let mut total = BTreeSet::new();
    // The floor: so many queries of one client below one domain within a day.
    let mut counts: BTreeMap<(&str, usize, i64), usize> = BTreeMap::new();
    for q in &queries {
        if let Some((domain, kind)) = services.of(&q.name) {
            let n = counts.entry((domain, q.client, q.at / (24 * HOUR))).or_default();
            *n += 1;
            if *n == benign_dns::FLOOR {
                above.entry(kind).or_default().insert(domain);
                total.insert(domain);
            }
        }
    }
    let findings = scan(scanner, &folder, score)?;
    let domain = |f: &Finding| f.text("/service/action/dnsRequestAction/domainWithSuffix").to_owned();
    let flagged: BTreeSet<String> = findings.iter().filter(|f| f.name() == NAME).map(domain).collect();
    println!(
        "\nbenign domains with {} queries or more of one client in a day: {}, in {} queries; taken for a tunnel: {} ({:.3}%, bar 0.05%)",
        benign_dns::FLOOR,
        total.len(),
        queries.len(),
        flagged.len(),
        100.0 * flagged.len() as f64 / total.len() as f64
    );
    for (kind, domains) in &above {
        let here = domains.iter().filter(|d| flagged.contains(**d)).count();
        println!("  {kind:<34} {:>5} domains, {here} flagged", domains.len());
    }
    let few = flagged.len() as u64 * 1_000_000 <= BENIGN_PER_MILLION * total.len() as u64;
    if !few || total.len() < BENIGN_DOMAINS {
        findings.iter().filter(|f| f.name() == NAME).for_each(|f| score.extra("benign DNS", f));
        anyhow::ensure!(total.len() >= BENIGN_DOMAINS, "only {} benign domains above the floor", total.len());
    }
    for f in findings.iter() {
        score.note("benign DNS", &f.line());
        if f.name() != NAME {
            score.extra("benign DNS", f);
        }
    }
    Ok(())
}
