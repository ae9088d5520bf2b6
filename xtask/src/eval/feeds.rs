//! The lists that come with the labelled logs, as feeds.

use crate::gz;
use crate::scanner::feed;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// Which feed each list is.
const LISTS: [(&str, &str); 10] = [
    ("malware_ips.tsv.gz", "c2"),
    ("c2_frameworks.tsv.gz", "c2"),
    ("malware_domains.tsv.gz", "c2"),
    ("mining_domains.txt", "miner"),
    ("mining_ips.txt", "miner"),
    ("tor_exit_nodes.txt", "tor-exit"),
    ("tor_relays_nonexit.txt", "tor-relay"),
    ("mass_scanners.txt.gz", "scanner"),
    ("ipsum_level3plus.tsv", "malicious-ip"),
    ("sinkholes.txt", "sinkhole"),
];

/// The lists, and what they hold.
pub struct Feeds {
    /// Options for a scan.
    pub options: Vec<OsString>,
    /// Addresses that may be the remote of a port probe.
    pub probers: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Feeds {
    /// Reads the folder of lists.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut feeds = Self { options: Vec::new(), probers: BTreeSet::new(), names: BTreeSet::new() };
        for (name, category) in LISTS {
            let path = folder.join(name);
            feeds.options.extend(feed(category, &path));
            let text = match name.ends_with(".gz") {
                true => gz::file(&path)?,
                false => fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?,
            };
            let probers = matches!(category, "scanner" | "malicious-ip");
            let into = if probers { &mut feeds.probers } else { &mut feeds.names };
            into.extend(text.lines().filter_map(|l| l.split('\t').next()).map(str::to_owned));
        }
        Ok(feeds)
    }

    /// Whether a list carries a name or one of its parents.
    pub fn lists(&self, name: &str) -> bool {
        let parents = name.match_indices('.').map(|(at, _)| &name[at + 1..]);
        std::iter::once(name).chain(parents).any(|n| self.names.contains(n))
    }
}
