//! The lists that come with the labelled logs, as feeds.

use crate::scanner::feed;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::Path;

/// Which feed each list is.
const LISTS: [(&str, &str); 9] = [
    ("malware_ips.tsv.gz", "c2"),
    ("c2_frameworks.tsv.gz", "c2"),
    ("malware_domains.tsv.gz", "c2"),
    ("mining_domains.txt", "miner"),
    ("mining_ips.txt", "miner"),
    ("tor_exit_nodes.txt", "tor-exit"),
    ("tor_relays_nonexit.txt", "tor-relay"),
    ("mass_scanners.txt.gz", "scanner"),
    ("ipsum_level3plus.tsv", "malicious-ip"),
];

/// The sinkholes, the tenth list.
const SINKHOLES: (&str, &str) = ("sinkholes.txt", "sinkhole");

/// The lists, and what of them is needed to judge a port probe.
pub struct Feeds {
    /// Options for a scan.
    pub options: Vec<OsString>,
    /// Addresses that may be the remote of a port probe.
    pub probers: BTreeSet<String>,
}

impl Feeds {
    /// Reads the folder of lists.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut probers = BTreeSet::new();
        let mut options = Vec::new();
        for (name, category) in LISTS.iter().chain([&SINKHOLES]) {
            let path = folder.join(name);
            options.extend(feed(category, &path));
            if matches!(*category, "scanner" | "malicious-ip") {
                let bytes = fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
                let mut text = String::new();
                if name.ends_with(".gz") {
                    flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
                } else {
                    text = String::from_utf8(bytes)?;
                }
                probers.extend(text.lines().filter_map(|l| l.split('\t').next()).map(str::to_owned));
            }
        }
        Ok(Self { options, probers })
    }
}
