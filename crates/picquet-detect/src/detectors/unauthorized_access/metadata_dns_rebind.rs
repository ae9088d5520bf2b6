//! A public name that resolves to the instance metadata address.

use crate::Env;
use crate::detectors::threat_list::dns::{detail, name, query_hash, source_key};
use crate::detectors::{Meta, default_severity, raised};
use crate::facts::signal::{Detail, Role};
use crate::reduce::{FactMap, RawSignal};
use memchr::memmem::Finder;
use picquet_logs::DnsRecord;
use picquet_model::{Explanation, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::LazyLock;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "metadata-dns-rebind",
    types: &["UnauthorizedAccess:EC2/MetadataDNSRebind"],
    source: Source::Dns,
    detects: "An answer for a public name that holds the instance metadata service's address.",
    decides: "An A or AAAA answer is 169.254.169.254 or fd00:ec2::254, and the name is a public one.",
    benign: "None is known: AWS's own name for the address, instance-data.ec2.internal, is not public.",
};

/// The addresses of the instance metadata service (EC2 user guide, "Access instance metadata").
const METADATA: [&str; 2] = ["169.254.169.254", "fd00:ec2::254"];

/// What every spelling of the addresses contains.
static NEEDLES: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [Finder::new("169.254.169.254"), Finder::new("fd00:"), Finder::new("FD00:")]);

/// Top-level names that are never public: RFC 6762, RFC 6761, RFC 8375 and ICANN's `internal`.
const PRIVATE_SUFFIXES: [&str; 8] = ["internal", "local", "localhost", "localdomain", "lan", "home", "corp", "arpa"];

/// Looks at a response.
pub(crate) fn inspect(account: &str, region: &str, record: &DnsRecord<'_>, env: &Env, out: &mut FactMap) {
    // Hardly any response has one of the addresses anywhere: look at the bytes before taking answers apart.
    let bytes = record.answers.map_or(&[][..], |a| a.bytes());
    if !NEEDLES.iter().any(|n| n.find(bytes).is_some()) {
        return;
    }
    let Some(answer) = record.answers().find(|a| is_metadata(&a.kind, &a.data)) else { return };
    let asked = name(record);
    let public = asked.contains('.') && !PRIVATE_SUFFIXES.contains(&asked.rsplit('.').next().unwrap_or_default());
    if !public || env.intel.is_trusted_domain(&asked) {
        return;
    }
    let Some(finding_type) = raised(env, META.types[0]) else { return };
    let who = source_key(record);
    let raw = RawSignal {
        account,
        region,
        finding_type,
        detector: META.name,
        role: Role::Actor,
        severity_tenths: default_severity(finding_type),
        global: false,
        key: &[&who, &asked],
        time: record.time,
        hash: query_hash(record),
        api: None,
        lists: BTreeSet::new(),
    };
    out.signal(raw, || {
        let why =
            Explanation::new(format!("{} resolved to the instance metadata address.", crate::facts::bounded(&asked)))
                .observe("answer", format!("{} {}", answer.kind, answer.data));
        (Detail::Dns(detail(record)), why, BTreeMap::new())
    });
}

fn is_metadata(kind: &str, data: &str) -> bool {
    if !matches!(kind, "A" | "AAAA") {
        return false;
    }
    // Rarely anything but a comparison of bytes: an address is parsed only when its text could be another
    // spelling of the IPv6 one.
    METADATA.contains(&data)
        || (kind == "AAAA"
            && data.len() > 8
            && data.get(..4).is_some_and(|h| h.eq_ignore_ascii_case("fd00"))
            && data.parse::<IpAddr>().ok() == METADATA[1].parse().ok())
}
