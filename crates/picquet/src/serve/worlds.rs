//! What logs are held against while `serve` runs: the operator's lists, and those of each detector, which come and go
//! with the API's calls.

use super::data::failed;
use crate::cli::WorldArgs;
use crate::exit::Failure;
use crate::scan::intel;
use crate::scan::keep::StoredList;
use picquet_api::above::{self, Member};
use picquet_api::resources::{ListKind, ListSet, ListStatus};
use picquet_detect::Env;
use picquet_store::documents::everywhere;
use picquet_store::{Store, lists};
use picquet_watch::Known;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which lists are active, and in which state: the account, the region, the list and when it changed.
pub type Active = BTreeSet<(String, String, String, i64)>;

/// The lists that are active now, and the members for whom they count too.
pub fn active(store: &Store) -> Result<Active, Failure> {
    let all = store.read(everywhere::<ListSet>).map_err(failed)?;
    let active = all.into_iter().filter(|(_, set)| set.status == ListStatus::Active);
    let mut active: Active =
        active.map(|((account, region, _, id), set)| (account, region, id, set.updated_at)).collect();
    let with_lists: BTreeSet<String> = active.iter().map(|(account, ..)| account.clone()).collect();
    let members = members(store)?.into_iter().filter(|member| with_lists.contains(&member.administrator));
    active.extend(members.map(|of| (of.administrator, of.region, of.account, 0)));
    Ok(active)
}

/// All members, whose logs are held against their administrators' lists.
fn members(store: &Store) -> Result<Vec<Member>, Failure> {
    store.read(above::members).map_err(failed)
}

/// Compiles the lists of every account and region that has some, with those that count for all.
pub fn known(world: &WorldArgs, common: &Env, store: &Store) -> Result<Known, Failure> {
    let all = store.read(everywhere::<ListSet>).map_err(failed)?;
    let mut scopes: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut sets = BTreeMap::new();
    for ((account, region, _, id), set) in all {
        if set.status != ListStatus::Active {
            continue;
        }
        // An object may not say its region: then all lists of the account count.
        scopes.entry((account.clone(), String::new())).or_default().insert(id.clone());
        scopes.entry((account, region)).or_default().insert(id.clone());
        sets.insert(id, set);
    }
    for Member { administrator, region, account } in members(store)? {
        let Some(lists) = scopes.get(&(administrator, region.clone())).cloned() else { continue };
        for place in [region, String::new()] {
            scopes.entry((account.clone(), place)).or_default().extend(lists.iter().cloned());
        }
    }
    let mut compiled: BTreeMap<BTreeSet<String>, Env> = BTreeMap::new();
    let mut own = BTreeMap::new();
    for (scope, ids) in scopes {
        let env = match compiled.get(&ids) {
            Some(env) => env.clone(),
            None => {
                let lists = ids.iter().filter_map(|id| sets.get(id).map(|set| (id, set)));
                let lists = lists.map(|(id, set)| stored(store, id, set)).collect::<Result<Vec<_>, _>>()?;
                let lists = lists.into_iter().flatten().collect();
                let intel = Arc::new(intel::load(world, lists, common.seed, true)?);
                let env = Env { intel, ..common.clone() };
                compiled.insert(ids, env.clone());
                env
            }
        };
        own.insert(scope, env);
    }
    Ok(Known { common: common.clone(), own })
}

fn stored(store: &Store, id: &str, set: &ListSet) -> Result<Option<StoredList>, Failure> {
    let bytes = store.read(|sql| lists::get(sql, id)).map_err(failed)?;
    let trusted = matches!(set.kind, ListKind::IpSet | ListKind::TrustedEntitySet);
    Ok(bytes.map(|bytes| StoredList { name: set.name.clone(), trusted, format: set.format.clone(), bytes }))
}
