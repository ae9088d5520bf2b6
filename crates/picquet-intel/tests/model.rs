//! The matcher against a scan of all entries, which is slow and plainly right.

use picquet_intel::{Category, Intel};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whose list an entry is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    FeedA,
    FeedB,
    Custom,
    Trusted,
}

const KINDS: [Kind; 4] = [Kind::FeedA, Kind::FeedB, Kind::Custom, Kind::Trusted];

impl Kind {
    fn list(self) -> &'static str {
        match self {
            Self::FeedA => "feed-a",
            Self::FeedB => "feed-b",
            Self::Custom => "custom",
            Self::Trusted => "trusted",
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![3 => Just(Kind::FeedA), 2 => Just(Kind::FeedB), 2 => Just(Kind::Custom), 1 => Just(Kind::Trusted)]
}

/// A matcher with these entries, through the text of lists as a customer writes it. Half of the time each list is read
/// by a builder of its own, which must not show.
fn build(entries: &[(Kind, String)]) -> Intel {
    let apart = entries.len() % 2 == 1;
    let mut all = Intel::builder();
    for kind in KINDS {
        let mut own = Intel::builder();
        let builder = if apart { &mut own } else { &mut all };
        let list = kind.list();
        let lines: Vec<&str> = entries.iter().filter(|(k, _)| *k == kind).map(|(_, text)| text.as_str()).collect();
        let text = lines.join("\n");
        let report = match kind {
            Kind::FeedA => builder.feed(Category::C2, list, text.as_bytes()),
            Kind::FeedB => builder.feed(Category::Phishing, list, text.as_bytes()),
            Kind::Custom => builder.threat_list(list, text.as_bytes()),
            Kind::Trusted => builder.trusted_list(list, text.as_bytes()),
        };
        assert_eq!(report.entries, lines.len(), "{report:?}");
        if apart {
            all.append(own);
        }
    }
    all.build()
}

type Found = BTreeSet<(String, String)>;

fn found(intel: &Intel, set: Option<picquet_intel::HitSet>) -> Found {
    let hits: Vec<_> = set.into_iter().flat_map(|set| intel.hits(set)).collect();
    assert!(set.is_none() || !hits.is_empty(), "a match has at least one hit");
    let found: Found = hits.iter().map(|hit| (hit.list.to_owned(), hit.indicator.clone().into_owned())).collect();
    assert_eq!(found.len(), hits.len(), "no hit comes twice");
    found
}

fn cut4(ip: u32, prefix: u8) -> u32 {
    ip & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

fn cut6(ip: u128, prefix: u8) -> u128 {
    ip & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

/// Addresses that often share long prefixes: a few bits here and there over a fixed base, and the end of the space.
fn v4() -> impl Strategy<Value = u32> {
    let near = (0_u32..4, 0_u32..4, 0_u32..4).prop_map(|(a, b, c)| 0x0b00_0000 | a << 16 | b << 8 | c << 6 | c);
    prop_oneof![8 => near, 1 => 0xdfff_fff0_u32..=0xdfff_ffff, 1 => 0x0affff00_u32..=0x0b0000ff]
}

fn v6() -> impl Strategy<Value = u128> {
    (0_u128..3, 0_u128..3, 0_u128..3, 0_u128..4)
        .prop_map(|(a, b, c, d)| (0x2600_u128 << 112) | a << 100 | b << 96 | c << 64 | d)
}

fn single(start: IpAddr, prefix: u8, bits: u8) -> String {
    if prefix == bits { start.to_string() } else { format!("{start}/{prefix}") }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn ipv4_is_as_a_scan_finds_it(
        entries in prop::collection::vec((kind(), v4(), 8_u8..=32), 0..40),
        asked in prop::collection::vec(v4(), 1..60),
    ) {
        // A block of private addresses is refused, and so is no entry here: 11.0.0.0/8 and 223.255.255.240/28 upwards.
        let text: Vec<(Kind, String)> = entries
            .iter()
            .filter(|(_, ip, prefix)| cut4(*ip, *prefix) >> 24 != 0x0a)
            .map(|(kind, ip, prefix)| (*kind, format!("{}/{prefix}", Ipv4Addr::from_bits(*ip))))
            .collect();
        let kept: Vec<_> = entries.iter().filter(|(_, ip, prefix)| cut4(*ip, *prefix) >> 24 != 0x0a).collect();
        let intel = build(&text);
        let edges = kept.iter().flat_map(|(_, ip, prefix)| {
            let first = cut4(*ip, *prefix);
            let last = first | u32::MAX.checked_shr(u32::from(*prefix)).unwrap_or(0);
            [first, last, first.wrapping_sub(1), last.wrapping_add(1)]
        });
        for ip in asked.iter().copied().chain(edges) {
            let covers = |(_, net, prefix): &&&(Kind, u32, u8)| cut4(ip, *prefix) == cut4(*net, *prefix);
            let trusted = kept.iter().filter(covers).any(|(kind, ..)| *kind == Kind::Trusted);
            let address = IpAddr::V4(Ipv4Addr::from_bits(ip));
            prop_assert_eq!(intel.is_trusted_ip(address), trusted);
            let private = ip >> 24 == 0x0a || ip >> 29 == 7;
            let expected: Found = kept
                .iter()
                .filter(covers)
                .filter(|_| !trusted && !private)
                .map(|(kind, net, prefix)| {
                    let start = Ipv4Addr::from_bits(cut4(*net, *prefix)).into();
                    (kind.list().to_owned(), single(start, *prefix, 32))
                })
                .collect();
            prop_assert_eq!(found(&intel, intel.ip(address)), expected.clone(), "{}", address);
            let mapped = IpAddr::V6(Ipv4Addr::from_bits(ip).to_ipv6_mapped());
            prop_assert_eq!(found(&intel, intel.ip(mapped)), expected);
        }
    }

    #[test]
    fn ipv6_is_as_a_scan_finds_it(
        entries in prop::collection::vec((kind(), v6(), 16_u8..=128), 0..30),
        asked in prop::collection::vec(v6(), 1..40),
    ) {
        let text: Vec<(Kind, String)> = entries
            .iter()
            .map(|(kind, ip, prefix)| (*kind, format!("{}/{prefix}", Ipv6Addr::from_bits(*ip))))
            .collect();
        let intel = build(&text);
        let edges = entries.iter().flat_map(|(_, ip, prefix)| {
            let first = cut6(*ip, *prefix);
            let last = first | u128::MAX.checked_shr(u32::from(*prefix)).unwrap_or(0);
            [first, last, first - 1, last + 1]
        });
        for ip in asked.iter().copied().chain(edges) {
            let covers = |(_, net, prefix): &&(Kind, u128, u8)| cut6(ip, *prefix) == cut6(*net, *prefix);
            let trusted = entries.iter().filter(covers).any(|(kind, ..)| *kind == Kind::Trusted);
            let expected: Found = entries
                .iter()
                .filter(covers)
                .filter(|_| !trusted)
                .map(|(kind, net, prefix)| {
                    let start = Ipv6Addr::from_bits(cut6(*net, *prefix)).into();
                    (kind.list().to_owned(), single(start, *prefix, 128))
                })
                .collect();
            let address = IpAddr::V6(Ipv6Addr::from_bits(ip));
            prop_assert_eq!(found(&intel, intel.ip(address)), expected, "{}", address);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Plain,
    Wildcard,
    Exact,
}

fn name(labels: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    let label = prop_oneof![Just("a"), Just("b"), Just("cc")];
    // One ordinary name and one that is a public suffix of the list's private section.
    let root = prop_oneof![4 => Just("x.com"), 1 => Just("github.io")];
    (prop::collection::vec(label, labels), root).prop_map(|(mut labels, root)| {
        labels.push(root);
        labels.join(".")
    })
}

fn under(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
}

/// The rules of lists, word by word.
fn expected(entries: &[(Kind, Scope, String)], asked: &str) -> Found {
    let trusts = |(kind, scope, name): &&(Kind, Scope, String)| {
        *kind == Kind::Trusted && if *scope == Scope::Wildcard { under(asked, name) } else { name == asked }
    };
    if entries.iter().any(|entry| trusts(&entry)) {
        return Found::new();
    }
    let covers = |(kind, scope, name): &&(Kind, Scope, String)| match (kind, scope) {
        (_, Scope::Wildcard) => under(asked, name),
        (Kind::Custom, _) | (_, Scope::Exact) => name == asked,
        _ => name == asked || name != "github.io" && under(asked, name),
    };
    let matching: Vec<_> = entries.iter().filter(covers).filter(|(kind, ..)| *kind != Kind::Trusted).collect();
    let always = |(kind, scope, _): &(Kind, Scope, String)| *kind == Kind::Custom || *scope == Scope::Wildcard;
    let longest = matching.iter().filter(|entry| !always(entry)).map(|(.., name)| name.len()).max();
    matching
        .iter()
        .filter(|entry| always(entry) || Some(entry.2.len()) == longest)
        .map(|(kind, scope, name)| {
            let star = if *scope == Scope::Wildcard { "*." } else { "" };
            (kind.list().to_owned(), format!("{star}{name}"))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn names_are_as_a_scan_finds_them(
        entries in prop::collection::vec(
            (kind(), prop_oneof![Just(Scope::Plain), Just(Scope::Wildcard), Just(Scope::Exact)], name(0..=3)),
            0..25,
        ),
        asked in prop::collection::vec(name(0..=5), 1..40),
    ) {
        // A wildcard over a public suffix is refused.
        let entries: Vec<_> =
            entries.into_iter().filter(|(_, scope, name)| *scope != Scope::Wildcard || name != "github.io").collect();
        let text: Vec<(Kind, String)> = entries
            .iter()
            .map(|(kind, scope, name)| {
                let sign = match scope {
                    Scope::Plain => "",
                    Scope::Wildcard => "*.",
                    Scope::Exact => "=",
                };
                (*kind, format!("{sign}{}", name.to_uppercase()))
            })
            .collect();
        let intel = build(&text);
        for name in asked.iter().chain(entries.iter().map(|(.., name)| name)) {
            let expected = expected(&entries, name);
            prop_assert_eq!(found(&intel, intel.domain(name)), expected.clone(), "{}", name);
            let shouted = format!("{}.", name.to_uppercase());
            prop_assert_eq!(found(&intel, intel.domain(&shouted)), expected, "{}", shouted);
        }
    }
}

#[test]
fn a_name_longer_than_any_list_can_hold_is_matched_by_its_end() {
    let intel = build(&[(Kind::FeedA, "evil.example".into()), (Kind::Custom, "*.evil.example".into())]);
    let long = format!("{}evil.example", r"\000\001.".repeat(100));
    assert_eq!(found(&intel, intel.domain(&long)).len(), 2);
    assert_eq!(intel.domain(&"x".repeat(10_000)), None);
    assert_eq!(intel.domain(&format!("{}evil.example", "x".repeat(10_000))), None);
    assert_eq!(intel.domain(&".".repeat(10_000)), None);
    assert_eq!(intel.domain(""), None);
    assert_eq!(intel.domain("."), None);
}

#[test]
fn appended_lists_keep_their_threats_names_and_order() {
    let mut all = Intel::builder();
    for (category, list, text) in [
        (Category::C2, "a", "ip\tport\tfamily\n203.0.113.9\t443\tzeus\nevil.example\t\tzeus\n"),
        (Category::Miner, "b", "ip\tport\tfamily\n203.0.113.9\t\tapple\nevil.example\t\tzeus\nb.example\t\tpear\n"),
    ] {
        let mut one = Intel::builder();
        one.feed(category, list, text.as_bytes());
        all.append(one);
    }
    let intel = all.build();
    let shown = |set: Option<picquet_intel::HitSet>| {
        let hits = set.into_iter().flat_map(|set| intel.hits(set));
        hits.map(|h| format!("{} {:?} {:?} {}", h.list, h.threat, h.port, h.indicator)).collect::<Vec<_>>()
    };
    let ip = shown(intel.ip("203.0.113.9".parse().unwrap()));
    assert_eq!(ip, ["a Some(\"zeus\") Some(443) 203.0.113.9", "b Some(\"apple\") None 203.0.113.9"]);
    let name = shown(intel.domain("evil.example"));
    assert_eq!(name, ["a Some(\"zeus\") None evil.example", "b Some(\"zeus\") None evil.example"]);
    assert_eq!(shown(intel.domain("b.example")), ["b Some(\"pear\") None b.example"]);
}
