//! No bytes make a parser panic, in any format; what it reports is bounded.

// Helpers of tests may unwrap, which the lint knows only of the test functions themselves.
#![allow(clippy::unwrap_used)]

use picquet_intel::{
    AwsRanges, Category, Cause, Intel, IntelBuilder, ListFormat, ListReport, MAX_REJECTED, MAX_REJECTED_TEXT,
};
use proptest::prelude::*;

/// Reads the bytes as each kind of list, builds, and looks something up.
fn survives(format: ListFormat, bytes: &[u8]) {
    let check = |report: ListReport, mut builder: IntelBuilder| {
        assert_eq!(report.entries, report.ips + report.cidrs + report.domains + report.keys);
        assert!(report.rejected.len() <= MAX_REJECTED.min(report.rejected_total));
        for rejected in &report.rejected {
            assert!(rejected.text.chars().count() <= MAX_REJECTED_TEXT);
            assert!(rejected.text.chars().all(|c| c == '…' || (' '..='~').contains(&c)), "{rejected:?}");
        }
        builder.feed(Category::C2, "other", b"203.0.113.0/24\nevil.example\n");
        let intel = builder.build();
        for ip in ["203.0.113.1", "255.255.255.255", "0.0.0.0", "2001:db8::1"] {
            let set = intel.ip(ip.parse().unwrap());
            assert!(set.is_none_or(|set| intel.hits(set).count() > 0));
        }
        let set = intel.domain("a.evil.example");
        assert!(set.is_none_or(|set| intel.hits(set).count() > 0));
    };
    for category in [Category::C2, Category::CompromisedKey, Category::Custom] {
        let mut builder = Intel::builder();
        check(builder.feed_as(category, "list", bytes, format), builder);
    }
    let mut builder = Intel::builder();
    check(builder.trusted_list_as("list", bytes, format), builder);
    let mut builder = Intel::builder();
    check(builder.threat_list("list", bytes), builder);
}

/// Pieces that lead a parser deep into its format.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "203.0.113.7",
        "203.0.113.0/24",
        "1.2.3.4:99999",
        "[2600::1]:80",
        "2600::/16",
        "10.0.0.1",
        "*.com",
        "*.",
        "=",
        "/",
        "#",
        "*.evil.example",
        "=evil.example",
        "evil.example",
        "AKIAIOSFODNN7EXAMPLE",
        "\t",
        "\n",
        "\r\n",
        ",",
        "\"",
        "\"\"",
        "|",
        "##comma##",
        "Indicator type, Indicator, Description\n",
        "IPv4,",
        "CIDR,",
        "hostname,",
        "ip,category,score\n",
        "ip,cidr,domain,sha256\n",
        "ip\tport\tthreat\n",
        "1#2#3#4#5",
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]>",
        "&b;",
        "&#0;",
        "&amp;",
        "<P xsi:type='A:AddressObjectType'>",
        "<P type='x:DomainNameObjectType'>",
        "<P xsi:type=\"FileObjectType\">",
        "</P>",
        "<A:Address_Value condition='InclusiveBetween'>",
        "<A:Address_Value>",
        "</A:Address_Value>",
        "<Value>",
        "</Value>",
        "0.0.0.0##comma##255.255.255.255",
        "::##comma##ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "\u{feff}",
        "é",
        "\0",
    ]);
    prop_oneof![
        6 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), format in prop::sample::select(ListFormat::ALL.to_vec())) {
        survives(format, &bytes);
    }

    #[test]
    fn nearly_a_list(bytes in document(), format in prop::sample::select(ListFormat::ALL.to_vec())) {
        survives(format, &bytes);
    }

    #[test]
    fn any_name_can_be_asked(name in ".{0,300}") {
        let mut builder = Intel::builder();
        builder.feed(Category::C2, "list", b"evil.example\n");
        builder.trusted_list("good", b"*.good.example\n");
        let intel = builder.build();
        let _ = intel.domain(&name);
        let _ = intel.domain(&format!("{name}.evil.example"));
        let _ = intel.access_key(&name);
        let _ = intel.is_trusted_domain(&name);
        let _ = picquet_intel::registrable_domain(&name);
        let _ = picquet_intel::is_public_suffix(&name);
    }

    #[test]
    fn any_ranges_document(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = AwsRanges::from_ip_ranges_json(&bytes);
    }
}

#[test]
fn each_refusal_has_its_cause_and_line() {
    let mut builder = Intel::builder();
    let list = "203.0.113.1\n\n# note\n10.0.0.1\n172.16.0.0/12\n0.0.0.0/0\n2000::/3\nfoo\nhttp://a.example/\n*.co.uk\n*.com\n\
                203.0.113.1:0\n203.0.113.1:70000\nAKIAIOSFODNN7EXAMPLE\n300.1.1.1\n1.2.3.4/33\nfe80::1\n";
    let report = builder.threat_list("mine", list.as_bytes());
    assert_eq!((report.format, report.entries, report.ips), (ListFormat::Txt, 1, 1));
    let causes: Vec<_> = report.rejected.iter().map(|rejected| (rejected.line, rejected.cause)).collect();
    assert_eq!(
        causes,
        [
            (4, Cause::NotRoutable),
            (5, Cause::NotRoutable),
            (6, Cause::TooBroad),
            (7, Cause::TooBroad),
            (8, Cause::NotAnIndicator),
            (9, Cause::NotAnIndicator),
            (10, Cause::PublicSuffix),
            (11, Cause::PublicSuffix),
            (12, Cause::BadPort),
            (13, Cause::BadPort),
            (14, Cause::WrongKind),
            (15, Cause::NotAnIndicator),
            (16, Cause::NotAnIndicator),
            (17, Cause::NotRoutable),
        ]
    );
    let intel = builder.build();
    let info = &intel.lists()[0];
    assert_eq!((info.name.as_str(), info.entries, info.rejected), ("mine", 1, 14));
}

#[test]
fn keys_count_only_in_a_list_of_compromised_keys() {
    let mut builder = Intel::builder();
    let report =
        builder.feed(Category::CompromisedKey, "leaked", b"AKIAIOSFODNN7EXAMPLE\tleak on a forge\n203.0.113.1\n");
    assert_eq!((report.keys, report.rejected_total), (1, 1));
    let intel = builder.build();
    let hits: Vec<_> = intel.hits(intel.access_key("AKIAIOSFODNN7EXAMPLE").unwrap()).collect();
    assert_eq!((hits[0].category, &*hits[0].indicator), (Category::CompromisedKey, "AKIAIOSFODNN7EXAMPLE"));
    assert_eq!(intel.access_key("ASIAIOSFODNN7EXAMPLE"), None);
    assert!(intel.has_keys() && !intel.has_ips() && !intel.has_domains());
}

#[test]
fn ports_and_threat_names_travel_with_a_hit() {
    let mut builder = Intel::builder();
    builder.feed(
        Category::C2,
        "c2",
        b"ip\tport\tframework\n203.0.113.9\t443\tsliver\n203.0.113.9\t8443\tsliver\n203.0.113.10\t-\thavoc\n",
    );
    builder.feed(Category::Miner, "pools", b"203.0.113.9:3333\n[2001:db8::9]:3333\n");
    let intel = builder.build();
    let of = |ip: &str| {
        let set = intel.ip(ip.parse().unwrap()).unwrap();
        intel.hits(set).map(|hit| (hit.list, hit.port, hit.threat)).collect::<Vec<_>>()
    };
    assert_eq!(
        of("203.0.113.9"),
        [("c2", Some(443), Some("sliver")), ("c2", Some(8443), Some("sliver")), ("pools", Some(3333), None)]
    );
    assert_eq!(of("203.0.113.10"), [("c2", None, Some("havoc"))]);
    assert_eq!(of("2001:db8::9"), [("pools", Some(3333), None)]);
}

#[test]
fn a_handle_of_another_matcher_is_harmless() {
    let mut builder = Intel::builder();
    builder.feed(Category::C2, "c2", b"203.0.113.9\nevil.example\n");
    let intel = builder.build();
    for set in [intel.ip("203.0.113.9".parse().unwrap()), intel.domain("evil.example")] {
        assert_eq!(Intel::empty().hits(set.unwrap()).count(), 0);
    }
}
