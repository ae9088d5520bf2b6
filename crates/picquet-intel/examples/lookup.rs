//! Prints what looking up and building cost: `cargo run --release -p picquet-intel --example lookup [entries]`.
//!
//! Synthetic lists: 60 % single addresses and 40 % blocks of /16 to /28 as in the project's performance notes, names of
//! two and three labels. What is asked is 5 % listed addresses and 7 % listed names.

#![allow(clippy::disallowed_methods, clippy::expect_used)]

use picquet_intel::{Category, Intel};
use std::fmt::Write;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

const ASKED: usize = 1 << 17;
const ROUNDS: usize = 20;

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn address(&mut self) -> Ipv4Addr {
        Ipv4Addr::from_bits(((16 + self.below(200)) as u32) << 24 | self.next() as u32 >> 8)
    }

    fn word(&mut self) -> String {
        let length = 5 + self.below(10);
        (0..length).map(|_| char::from(b'a' + self.below(26) as u8)).collect()
    }

    fn name(&mut self) -> String {
        let top = ["com", "net", "org", "info", "ru", "co.uk"][self.below(6) as usize];
        if self.below(3) == 0 {
            format!("{}.{}.{top}", self.word(), self.word())
        } else {
            format!("{}.{top}", self.word())
        }
    }
}

/// Resident memory in KiB, where the system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn time<T>(what: &str, asked: &[T], mut look: impl FnMut(&T) -> bool) {
    let mut best = f64::INFINITY;
    let mut hits = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        hits = asked.iter().filter(|one| look(black_box(one))).count();
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / asked.len() as f64);
    }
    println!("{what:<28}{best:>8.1} ns   {:>5.1} % hit", 100.0 * hits as f64 / asked.len() as f64);
}

fn main() {
    let entries: usize = std::env::args().nth(1).map_or(250_000, |text| text.parse().expect("a number of entries"));
    let mut random = Random(1);
    let (mut ips, mut names) = (String::new(), String::new());
    let (mut listed_ips, mut listed_names) = (Vec::new(), Vec::new());
    for _ in 0..entries {
        let ip = random.address();
        let prefix = if random.below(10) < 6 { 32 } else { 16 + random.below(13) };
        // Wide blocks are few in real lists: most of the 40 % are /24 and longer.
        let prefix = if prefix < 24 && random.below(200) > 0 { 24 + random.below(5) } else { prefix };
        let _ = writeln!(ips, "{ip}/{prefix}");
        listed_ips.push(IpAddr::V4(ip));
        let name = random.name();
        let _ = writeln!(names, "{name}");
        listed_names.push(name);
    }
    let before = resident();
    let start = Instant::now();
    let mut builder = Intel::builder();
    let report = builder.feed(Category::C2, "addresses", ips.as_bytes());
    let ips_read = start.elapsed();
    println!("{} random addresses are private and left out", report.rejected_total);
    builder.feed(Category::C2, "names", names.as_bytes());
    let read = start.elapsed();
    let intel = builder.build();
    let built = start.elapsed();
    println!(
        "{entries} addresses and {entries} names: {:.0} ms ({:.0} reading addresses, {:.0} reading names, {:.0} building)",
        built.as_secs_f64() * 1e3,
        ips_read.as_secs_f64() * 1e3,
        (read - ips_read).as_secs_f64() * 1e3,
        (built - read).as_secs_f64() * 1e3,
    );
    println!("resident memory grew by {} KiB", resident().saturating_sub(before));

    let asked: Vec<IpAddr> = (0..ASKED)
        .map(|_| {
            if random.below(20) == 0 {
                listed_ips[random.below(entries as u64) as usize]
            } else {
                random.address().into()
            }
        })
        .collect();
    time("IPv4", &asked, |ip| intel.ip(*ip).is_some());
    let v6: Vec<IpAddr> =
        (0..ASKED).map(|_| Ipv6Addr::from_bits(0x2600_u128 << 112 | u128::from(random.next())).into()).collect();
    time("IPv6, none listed", &v6, |ip| intel.ip(*ip).is_some());
    let asked: Vec<String> = (0..ASKED)
        .map(|_| match random.below(100) {
            0..7 => format!("www.{}", listed_names[random.below(entries as u64) as usize]),
            _ => format!("{}.{}.", random.word(), random.name()),
        })
        .collect();
    time("names, reading them", &asked, |name| name.bytes().fold(0_u8, |sum, byte| sum ^ byte) == 0);
    time("names", &asked, |name| intel.domain(name).is_some());
    let unlisted: Vec<String> = asked.iter().filter(|name| intel.domain(name).is_none()).cloned().collect();
    time("names, none listed", &unlisted, |name| intel.domain(name).is_some());
    let empty = Intel::empty();
    time("names, no list", &asked, |name| empty.domain(name).is_some());

    let start = Instant::now();
    let mut builder = Intel::builder();
    builder.default_feeds(&[]);
    let bundled = builder.build();
    let total: usize = bundled.lists().iter().map(|list| list.entries).sum();
    println!("bundled feeds: {total} entries in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    time("names, bundled", &asked, |name| bundled.domain(name).is_some());
    let geo = picquet_intel::Geo::bundled();
    let start = Instant::now();
    let _ = geo.lookup(Ipv4Addr::new(8, 8, 8, 8).into());
    println!("bundled countries: {:.1} ms to unpack", start.elapsed().as_secs_f64() * 1e3);
}
