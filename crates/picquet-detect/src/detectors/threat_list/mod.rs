//! Threat lists against API calls, flows and DNS queries.
//!
//! Which list category gives which finding type on which surface is one table: [`picquet_intel::finding_type`].

pub mod api;
pub mod dns;
pub mod flow;

use crate::facts::bounded;
use crate::facts::signal::ListMatch;
use picquet_intel::Hit;
use picquet_model::TypeId;
use std::collections::{BTreeMap, BTreeSet};

/// The lists that matched, by finding type.
pub(crate) type ByType = BTreeMap<TypeId, BTreeSet<ListMatch>>;

pub(crate) fn list_match(hit: &Hit<'_>) -> ListMatch {
    ListMatch { list: bounded(hit.list), threat: bounded(hit.threat.unwrap_or_default()) }
}

/// "'list' (threat)" of the first match, for a reason's sentence.
pub(crate) fn named(lists: &BTreeSet<ListMatch>) -> String {
    match lists.first() {
        Some(m) if m.threat.is_empty() => format!("'{}'", m.list),
        Some(m) => format!("'{}' ({})", m.list, m.threat),
        None => "a threat list".into(),
    }
}
