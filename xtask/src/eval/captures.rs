//! Recorded networks: flow records of captures, and the DNS queries of hosts.
//!
//! Each is scanned three times: with only the addresses listed that its label names, with the lists that come with
//! the logs, and with the bundled lists. The last two say what lists alone do on real traffic.

use super::{feeds::Feeds, score::Score, table};
use crate::scanner::{Finding, Scanner, feed};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

/// The flow captures.
pub fn flow(scanner: &Scanner, data: &Path, feeds: &Feeds, work: &Path, score: &mut Score) -> Result<()> {
    for row in table::read(&data.join("flow/scenarios.tsv"))? {
        let (scenario, label) = (row.get("scenario"), row.get("expected_finding"));
        let file = data.join(format!("flow/{scenario}.log.gz"));
        if label.contains(" when ") {
            let expected = label.split(' ').next().unwrap_or_default();
            let addresses = listed(label);
            let list = work.join(format!("{scenario}.c2.txt"));
            fs::write(&list, addresses.iter().map(|a| format!("{a}\n")).collect::<String>())?;
            let mut options: Vec<OsString> = vec!["--no-default-feeds".into()];
            options.extend(feed("c2", &list));
            let findings = scanner.scan(&file, &options)?;
            let run = format!("flow {scenario}, labelled addresses");
            score.validate(&run, &findings);
            let found = |f: &&Finding| f.name() == expected && !f.remotes().is_disjoint(&addresses);
            score.positive(expected, findings.iter().any(|f| found(&f)), || format!("{run} {addresses:?}"));
            if let Some(f) = findings.iter().find(found).filter(|f| is_elsewhere(f, row.get("entity"))) {
                score.note(&run, &format!("the label names {}, the records say {:?}", row.get("entity"), interface(f)));
            }
            findings.iter().filter(|f| f.name() != expected).for_each(|f| score.extra(&run, f));
        }
        for (lists, options) in [("shared lists", &feeds.options[..]), ("bundled lists", &[])] {
            let run = format!("flow {scenario}, {lists}");
            let findings = scanner.scan(&file, options)?;
            score.validate(&run, &findings);
            let ssh = "UnauthorizedAccess:EC2/SSHBruteForce";
            for (name, role) in [(ssh, "TARGET"), ("Recon:EC2/Portscan", "ACTOR")] {
                if label.starts_with(name) {
                    let found = |f: &Finding| f.name() == name && f.text("/service/resourceRole") == role;
                    score.positive(name, findings.iter().any(found), || run.clone());
                }
            }
            // A named finding and an undetermined file do not say what else there is.
            let quiet = label.starts_with("none") || label.starts_with(ssh);
            for f in &findings {
                let probe = f.name().starts_with("Recon:EC2/PortProbe");
                let unlisted = probe && lists == "shared lists" && !f.remotes().is_subset(&feeds.probers);
                if (quiet && f.severity() >= 4.0) || unlisted {
                    score.extra(&run, f);
                }
            }
            score.note_counts(&run, findings.iter());
            if quiet {
                findings.iter().for_each(|f| score.note(&run, &f.line()));
            }
        }
    }
    Ok(())
}

/// The DNS captures.
///
/// What benign clients ask for is from a list of popular names, and some of those are on lists of malware: that is
/// what lists do, and noted. Without lists nothing may be raised but what a label names.
pub fn dns(scanner: &Scanner, data: &Path, feeds: &Feeds, score: &mut Score) -> Result<()> {
    let none: [OsString; 1] = ["--no-default-feeds".into()];
    for row in table::read(&data.join("dns/resolver_index.tsv"))? {
        let file = data.join(row.get("file"));
        for (lists, options) in [("no lists", &none[..]), ("shared lists", &feeds.options), ("bundled lists", &[])] {
            let run = format!("dns {} ({}), {lists}", row.get("name"), row.get("label"));
            let findings = scanner.scan(&file, options)?;
            score.validate(&run, &findings);
            score.note_counts(&run, findings.iter());
            let expected = row.get("expected_finding");
            if expected != "none" && lists == "no lists" {
                score.positive(expected, findings.iter().any(|f| f.name() == expected), || run.clone());
            }
            for finding in findings.iter().filter(|_| row.get("label") == "benign") {
                let listed = finding.remotes().iter().any(|name| feeds.lists(name));
                match lists {
                    "no lists" => score.extra(&run, finding),
                    "shared lists" if !listed => score.extra(&run, finding),
                    _ => score.note(&run, &finding.line()),
                }
            }
        }
    }
    Ok(())
}

/// The interface that a finding is about, by its names.
fn interface(finding: &Finding) -> BTreeSet<String> {
    finding.entities(&BTreeMap::new())
}

/// Whether a label names the monitored address and the finding is about another one.
fn is_elsewhere(finding: &Finding, entity: &str) -> bool {
    entity.parse::<IpAddr>().is_ok() && !interface(finding).contains(entity)
}

/// The addresses of a label; `1.2.3.4/.5` is two.
fn listed(label: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for word in label.split([' ', ',', '(', ')']) {
        let mut parts = word.split('/');
        let Some(first) = parts.next().filter(|p| p.parse::<Ipv4Addr>().is_ok()) else { continue };
        all.insert(first.to_owned());
        let net = first.rsplit_once('.').map_or(first, |(net, _)| net);
        all.extend(parts.filter_map(|p| p.strip_prefix('.')).map(|host| format!("{net}.{host}")));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_addresses() {
        let both = listed("X when 141.193.213.20/.21 are listed (beaconing over 443)");
        assert_eq!(both, BTreeSet::from(["141.193.213.20".into(), "141.193.213.21".into()]));
        assert_eq!(listed("X when 1.2.3.4 or 5.6.7.8 are listed, 1177/tcp").len(), 2);
    }
}
