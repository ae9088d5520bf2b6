//! What the principals of an account use: how many of them use a value, and how many of each kind.
//!
//! Principals are counted and not calls, so that one busy robot does not make its habits the account's (the
//! continuation counts of Kneser and Ney, "Improved backing-off for m-gram language modeling", 1995).

use super::profile::{ApiProfile, Dim};
use crate::{Map, Str, map};
use std::collections::{BTreeMap, BTreeSet};

/// Values that are known of a kind.
const VALUES: usize = 1 << 17;
/// Kinds of principals that are told apart.
const GROUPS: usize = 4096;

/// Principals that use a value.
#[derive(Debug, Default)]
struct Users {
    all: u32,
    /// By group; few use the same value.
    groups: Vec<(u16, u32)>,
}

/// Uses of a kind by one group of principals, or by all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    /// Pairs of a principal and a value.
    pub uses: u32,
    /// Values.
    pub values: u32,
}

/// How many use a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Principals of the group.
    pub group: u32,
    /// Principals of the account.
    pub account: u32,
}

/// Hours with calls by something that principals have: their type, their name.
#[derive(Debug)]
pub struct Tally {
    hours: Map<Str, u32>,
    all: u32,
}

/// Names of principals that are tallied.
const TALLIED: usize = 4096;

impl Tally {
    fn new() -> Self {
        Self { hours: map(0), all: 0 }
    }

    fn add(&mut self, name: &Str, hours: u32) {
        self.all = self.all.saturating_add(hours);
        if let Some(n) = self.hours.get_mut(name) {
            *n = n.saturating_add(hours);
        } else if self.hours.len() < TALLIED {
            self.hours.insert(name.clone(), hours);
        }
    }

    /// Those whose hours, of all, are as asked; the most used first.
    pub fn so_often(&self, most: usize, is: impl Fn(u32, u32) -> bool) -> Vec<String> {
        let mut all: Vec<(&Str, u32)> =
            self.hours.iter().filter(|(_, hours)| is(**hours, self.all)).map(|(name, hours)| (name, *hours)).collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all.into_iter().take(most).map(|(name, _)| name.to_string()).collect()
    }
}

/// What the principals of an account use.
#[derive(Debug)]
pub struct Account {
    users: [Map<Str, Users>; 10],
    /// Whether there were more values of a kind than are known: "nobody" cannot be said then.
    full: [bool; 10],
    groups: Map<Str, u16>,
    sums: Map<(Dim, u16), Sum>,
    all: [Sum; 10],
    /// Principals, by group.
    principals: Vec<u32>,
    kinds: Tally,
    names: Tally,
    /// The first hour with calls.
    pub first_hour: u32,
}

impl Account {
    /// Nobody.
    pub fn new() -> Self {
        Self {
            users: std::array::from_fn(|_| map(0)),
            full: [false; 10],
            groups: map(0),
            sums: map(0),
            all: [Sum::default(); 10],
            principals: Vec::new(),
            kinds: Tally::new(),
            names: Tally::new(),
            first_hour: u32::MAX,
        }
    }

    /// The number of a group of principals.
    pub fn group(&mut self, name: &Str) -> u16 {
        if let Some(known) = self.groups.get(name) {
            return *known;
        }
        // At most `GROUPS`; what is beyond shares the first.
        let number = if self.groups.len() < GROUPS { self.groups.len() as u16 } else { 0 };
        if self.groups.len() < GROUPS {
            self.groups.insert(name.clone(), number);
            self.principals.resize(self.groups.len(), 0);
        }
        number
    }

    /// So many principals of a group are there.
    pub fn join(&mut self, group: u16, many: u32) {
        if let Some(n) = self.principals.get_mut(usize::from(group)) {
            *n += many;
        }
    }

    /// How many principals there are: of the group, and all.
    pub fn principals(&self, group: u16) -> Shared {
        let of = self.principals.get(usize::from(group)).copied().unwrap_or(0);
        Shared { group: of, account: self.principals.iter().sum() }
    }

    /// There are more values of a kind than could be counted.
    pub fn lost(&mut self, dim: Dim) {
        self.full[dim as usize] = true;
    }

    /// So many principals began to use a value.
    pub fn begin(&mut self, dim: Dim, name: &Str, group: u16, many: u32) {
        let d = dim as usize;
        let known = self.users[d].len();
        let users = match self.users[d].get_mut(name) {
            Some(users) => users,
            None if known >= VALUES => {
                self.full[d] = true;
                return;
            }
            None => self.users[d].entry(name.clone()).or_default(),
        };
        let sum = self.sums.entry((dim, group)).or_default();
        self.all[d].uses += many;
        self.all[d].values += u32::from(users.all == 0);
        users.all += many;
        sum.uses += many;
        match users.groups.iter_mut().find(|(g, _)| *g == group) {
            Some((_, n)) => *n += many,
            None => {
                users.groups.push((group, many));
                sum.values += 1;
            }
        }
    }

    /// So many principals ceased to use a value.
    pub fn cease(&mut self, dim: Dim, name: &Str, group: u16, many: u32) {
        let d = dim as usize;
        let Some(users) = self.users[d].get_mut(name) else { return };
        let Some(at) = users.groups.iter().position(|(g, _)| *g == group) else { return };
        // No more than began.
        let many = many.min(users.groups[at].1);
        let sum = self.sums.entry((dim, group)).or_default();
        sum.uses = sum.uses.saturating_sub(many);
        self.all[d].uses = self.all[d].uses.saturating_sub(many);
        users.all = users.all.saturating_sub(many);
        users.groups[at].1 -= many;
        if users.groups[at].1 == 0 {
            users.groups.swap_remove(at);
            sum.values = sum.values.saturating_sub(1);
        }
        if users.all == 0 {
            self.users[d].remove(name);
            self.all[d].values = self.all[d].values.saturating_sub(1);
        }
    }

    /// A principal of a type and name called in so many hours.
    pub fn called(&mut self, kind: &Str, name: &Str, hours: u32) {
        self.kinds.add(kind, hours);
        self.names.add(name, hours);
    }

    /// Hours by `userIdentity.type`.
    pub fn kinds(&self) -> &Tally {
        &self.kinds
    }

    /// Hours by the principal's name.
    pub fn names(&self) -> &Tally {
        &self.names
    }

    /// The values of a kind whose principals, of all, are as many as asked; the most shared first.
    pub fn by_users(&self, dim: Dim, most: usize, is: impl Fn(u32, u32) -> bool) -> Vec<String> {
        let of: u32 = self.principals.iter().sum();
        let mut all: Vec<(&Str, u32)> = self.users[dim as usize]
            .iter()
            .filter(|(_, users)| is(users.all, of))
            .map(|(name, users)| (name, users.all))
            .collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all.into_iter().take(most).map(|(name, _)| name.to_string()).collect()
    }

    /// A principal that an earlier scan learned.
    pub fn recall(&mut self, profile: &ApiProfile) {
        let group = self.group(&profile.peers);
        self.join(group, 1);
        self.called(&profile.kind, &profile.user_name, profile.hours);
        self.first_hour = self.first_hour.min(profile.first_hour);
        for dim in Dim::ALL {
            for u in &profile.habit(dim).uses {
                self.begin(dim, &u.name, group, 1);
            }
        }
    }

    /// How many use a value, without the principal itself if it does.
    pub fn others(&self, dim: Dim, name: &str, group: u16, itself: bool) -> Shared {
        let Some(users) = self.users[dim as usize].get(name) else { return Shared::default() };
        let of = users.groups.iter().find(|(g, _)| *g == group).map_or(0, |(_, n)| *n);
        let own = u32::from(itself);
        Shared { group: of.saturating_sub(own), account: users.all.saturating_sub(own) }
    }

    /// The sums of a kind: of the group, and of all.
    pub fn sums(&self, dim: Dim, group: u16) -> (Sum, Sum) {
        (self.sums.get(&(dim, group)).copied().unwrap_or_default(), self.all[dim as usize])
    }

    /// Whether all values of a kind are known.
    pub fn knows_all(&self, dim: Dim) -> bool {
        !self.full[dim as usize]
    }
}

/// Values that may wait. An hour of a large account has as many as its principals have, which are far fewer than they.
const WAITING: usize = 1 << 17;

/// What an hour brought, summed up, until it is over.
#[derive(Debug, Default)]
pub struct Pending {
    /// How many principals of a group began, and how many ceased, to use a value.
    changes: BTreeMap<(Dim, Str, u16), (u32, u32)>,
    /// New principals, by group.
    joined: BTreeMap<u16, u32>,
    lost: BTreeSet<Dim>,
}

impl Pending {
    /// A principal began (or ceased) to use a value.
    pub fn note(&mut self, dim: Dim, name: Str, group: u16, began: bool) {
        let at = (dim, name, group);
        if self.changes.len() >= WAITING && !self.changes.contains_key(&at) {
            self.lost.insert(dim);
            return;
        }
        let (begun, ceased) = self.changes.entry(at).or_default();
        *(if began { begun } else { ceased }) += 1;
    }

    /// A principal of a group is there.
    pub fn join(&mut self, group: u16) {
        *self.joined.entry(group).or_default() += 1;
    }

    /// Tells the account, and is empty again.
    pub fn tell(&mut self, account: &mut Account) {
        let Self { changes, joined, lost } = std::mem::take(self);
        joined.into_iter().for_each(|(group, many)| account.join(group, many));
        for ((dim, name, group), (begun, ceased)) in changes {
            if begun > 0 {
                account.begin(dim, &name, group, begun);
            }
            if ceased > 0 {
                account.cease(dim, &name, group, ceased);
            }
        }
        lost.into_iter().for_each(|dim| account.lost(dim));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_come_and_go() {
        let mut account = Account::new();
        let (users, roles) = (account.group(&"IAM users".into()), account.group(&"roles".into()));
        account.join(users, 2);
        let api = Str::from("ec2:RunInstances");
        account.begin(Dim::Api, &api, users, 2);
        account.begin(Dim::Api, &api, roles, 1);
        assert_eq!(account.others(Dim::Api, &api, users, false), Shared { group: 2, account: 3 });
        assert_eq!(account.others(Dim::Api, &api, users, true), Shared { group: 1, account: 2 });
        assert_eq!(account.sums(Dim::Api, users).0.values, 1);
        for _ in 0..2 {
            account.cease(Dim::Api, &api, users, 1);
        }
        assert_eq!(account.others(Dim::Api, &api, users, false), Shared { group: 0, account: 1 });
        account.cease(Dim::Api, &api, roles, 1);
        assert_eq!(account.sums(Dim::Api, roles).1.values, 0);
        assert_eq!(account.principals(users), Shared { group: 2, account: 2 });
    }
}
