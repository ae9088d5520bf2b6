//! Findings of a scan into a store that `picquet serve` shows, and the lists of that store into the scan.

use crate::exit::{Code, Failure};
use crate::serve::data::{Data, failed, now};
use picquet_api::error::ApiError;
use picquet_api::intake::{self, Taken};
use picquet_api::resources::{ListKind, ListSet, ListStatus};
use picquet_model::Finding;
use picquet_store::documents::everywhere;
use picquet_store::{Location, lists};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Findings of one transaction.
const BATCH: usize = 200;

/// An active list of the store.
pub struct StoredList {
    /// The name.
    pub name: String,
    /// Whether it is of trusted addresses and domains.
    pub trusted: bool,
    /// The format's name in the API.
    pub format: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// The active lists of a store. A scan matches all accounts against the same lists, so that they must be one account's.
pub fn active_lists(folder: &Path, store: Option<&str>, quiet: bool) -> Result<Vec<StoredList>, Failure> {
    let data = Data::open(folder, store)?;
    let found = data.store.read(|sql| {
        let mut found = BTreeMap::new();
        let mut accounts = BTreeSet::new();
        for ((account, _, _, id), set) in everywhere::<ListSet>(sql)? {
            if set.status != ListStatus::Active {
                continue;
            }
            let Some(bytes) = lists::get(sql, &id)? else { continue };
            accounts.insert(account);
            let trusted = matches!(set.kind, ListKind::IpSet | ListKind::TrustedEntitySet);
            let list = StoredList { name: set.name, trusted, format: set.format, bytes };
            // The same list may be in every region.
            found.insert((list.trusted, list.name.clone(), list.bytes.len()), list);
        }
        Ok((found, accounts))
    });
    let (found, accounts) = found.map_err(failed)?;
    if accounts.len() > 1 {
        if !quiet {
            eprintln!(
                "warning: lists of {} accounts are in the store, and a scan can use those of one: none is used",
                accounts.len()
            );
        }
        return Ok(Vec::new());
    }
    Ok(found.into_values().collect())
}

/// Keeps findings, and says what became of them.
pub fn keep(folder: &Path, store: Option<&str>, findings: &[Finding], quiet: bool) -> Result<(), Failure> {
    let data = Data::open(folder, store)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut without = BTreeSet::new();
    for batch in findings.chunks(BATCH) {
        let taken = data.store.write(|sql| -> Result<Vec<Taken>, ApiError> {
            let each = batch.iter().map(|finding| {
                let value = serde_json::to_value(finding).map_err(|e| ApiError::Internal(e.to_string()))?;
                intake::take(sql, value, now())
            });
            each.collect()
        });
        let taken = taken.map_err(|e| match e {
            ApiError::Internal(why) => Failure::new(Code::Internal, why),
            e => Failure::new(Code::Internal, e),
        })?;
        for (finding, taken) in batch.iter().zip(taken) {
            let what = match taken {
                Taken::New => "new",
                Taken::Suppressed => "suppressed",
                Taken::Updated => "updated",
                Taken::Same => "known",
                Taken::NoDetector => {
                    without.insert(format!("{}/{}", finding.account_id, finding.region));
                    "without a detector"
                }
            };
            *counts.entry(what).or_default() += 1;
        }
    }
    if quiet {
        return Ok(());
    }
    let said: Vec<String> = counts.iter().map(|(what, n)| format!("{n} {what}")).collect();
    let said = if said.is_empty() { "no findings".into() } else { said.join(", ") };
    match data.store.location() {
        Location::File(_) => eprintln!("store {}: {said}", folder.display()),
        location => eprintln!("store {location}: {said}"),
    }
    if !without.is_empty() {
        let some: Vec<&str> = without.iter().take(5).map(String::as_str).collect();
        eprintln!(
            "note: no detector watches {}{}; CreateDetector makes one",
            some.join(", "),
            if without.len() > 5 { ", ..." } else { "" }
        );
    }
    Ok(())
}
