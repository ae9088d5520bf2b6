//! The labelled names, the families and their groups, and how they are split.

use crate::gz;
use anyhow::{Context, Result, ensure};
use picquet_detect::dga::label::{target, zone_hash};
use picquet_detect::hash::stable;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Parts that benign names and families are split into; each is left out of one model.
pub const FOLDS: usize = 5;

/// The families' groups, written down before any result.
const FAMILIES: &str = include_str!("../../data/dga-families.tsv");
/// English words and names with their class (tools/dga-words.py).
const WORDS: &[u8] = include_bytes!("../../data/words.tsv.gz");

/// What a family's names look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Letters or digits drawn without regard to words.
    Random,
    /// Put together of words.
    Words,
}

/// A family of generated names.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// Its group.
    pub nature: Nature,
    /// The model that it is left out of.
    pub fold: usize,
    /// Its names.
    pub names: Vec<Name>,
}

/// A name of the data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// What was registered.
    pub registrable: String,
    /// Its label.
    pub label: String,
    /// The suffix.
    pub suffix: String,
    /// Whether a model that ships may learn from it.
    pub ships: bool,
}

/// A benign registered domain.
#[derive(Clone, Debug)]
pub struct Benign {
    /// The name.
    pub name: Name,
    /// A whole name of the lists below it.
    pub full: String,
    /// The model that it is left out of.
    pub fold: usize,
    /// Whether it comes from a list of popular names.
    pub popular: bool,
}

/// All labelled names.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Families by name.
    pub families: Vec<Family>,
    /// Benign registered domains by name.
    pub benign: Vec<Benign>,
    /// English words and their class: 0 common, 1 usual, 2 rare.
    pub words: Vec<(String, u8)>,
    /// Dynamic-DNS zones.
    pub dynamic: Vec<u64>,
    /// Rows that are not scored, by why.
    pub skipped: BTreeMap<String, usize>,
}

impl Corpus {
    /// Reads the data folder and the lists of the repository.
    pub fn read(data: &Path) -> Result<Self> {
        let dynamic = dynamic(&data.join("intel/dynamic_dns_domains.tsv"))?;
        let path = data.join("dns/domains.tsv.gz");
        let text = gz::file(&path)?;
        let mut families = families()?;
        let mut benign: BTreeMap<String, Benign> = BTreeMap::new();
        let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [domain, label, family, source] = fields[..] else { continue };
            // Some rows of one source lack a top-level domain.
            let domain = if domain.contains('.') { domain.to_ascii_lowercase() } else { format!("{domain}.com") };
            let found = match target(&domain, |h| dynamic.binary_search(&h).is_ok()) {
                Ok(found) => found,
                Err(why) => {
                    *skipped.entry(format!("{label}: {why:?}")).or_default() += 1;
                    continue;
                }
            };
            let name = Name {
                registrable: found.registrable.to_owned(),
                label: found.label.to_owned(),
                suffix: found.suffix.to_owned(),
                // Output of programs only: lists that stand in a GPL repository and data for research do not ship.
                ships: source == "baderj-script" || source.starts_with("opendns") || source.starts_with("misp"),
            };
            if label == "dga" {
                let of = families.iter_mut().find(|(f, prefix)| of_family(f, prefix, family, source));
                of.with_context(|| format!("{family} of {source} is in no group"))?.0.names.push(name);
            } else {
                let fold = (stable(&[b"fold", name.registrable.as_bytes()]) % FOLDS as u64) as usize;
                let popular = source != "opendns-random";
                let full = domain.clone();
                let new = Benign { full, fold, popular, name };
                let held = benign.entry(new.name.registrable.clone()).or_insert_with(|| new.clone());
                held.popular |= popular;
                if domain.len() > held.full.len() {
                    held.full = domain;
                }
            }
        }
        let mut families: Vec<Family> = families.into_iter().map(|(f, _)| f).collect();
        for family in &mut families {
            let unique: BTreeMap<String, Name> =
                family.names.drain(..).rev().map(|n| (n.registrable.clone(), n)).collect();
            family.names = unique.into_values().collect();
        }
        families.retain(|f| !f.names.is_empty());
        Ok(Self { families, benign: benign.into_values().collect(), words: words()?, dynamic, skipped })
    }
}

fn of_family(family: &Family, prefix: &str, name: &str, source: &str) -> bool {
    let meant = if name == "nymaim" && source.starts_with("chrmor") { "nymaim2" } else { name };
    family.name == meant && (prefix == "-" || source.starts_with(prefix))
}

fn families() -> Result<Vec<(Family, String)>> {
    let mut all: Vec<(Family, String)> = Vec::new();
    for line in FAMILIES.lines().filter(|l| !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        ensure!(fields.len() == 4, "dga-families.tsv: {line}");
        let nature = if fields[2] == "words" { Nature::Words } else { Nature::Random };
        let fold = all.iter().filter(|(f, _)| f.nature == nature).count() % FOLDS;
        all.push((Family { name: fields[0].into(), nature, fold, names: Vec::new() }, fields[1].into()));
    }
    Ok(all)
}

fn words() -> Result<Vec<(String, u8)>> {
    let mut all = Vec::new();
    for line in gz::text(WORDS)?.lines() {
        let (class, word) = line.split_once('\t').context("words.tsv.gz: no tab")?;
        let class = class.parse::<u8>()?;
        all.push((word.to_owned(), class));
    }
    Ok(all)
}

fn dynamic(path: &Path) -> Result<Vec<u64>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let zones: BTreeSet<u64> = text.lines().skip(1).map(|l| zone_hash(l.trim())).collect();
    Ok(zones.into_iter().collect())
}
