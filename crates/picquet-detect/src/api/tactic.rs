//! What an API is for, seen from an intruder's side.

use crate::{Map, map};
use std::sync::LazyLock;

/// A tactic of MITRE ATT&CK that GuardDuty has an `AnomalousBehavior` type for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Tactic {
    /// Looking around.
    Discovery,
    /// Getting in.
    InitialAccess,
    /// Reading passwords and keys.
    CredentialAccess,
    /// Staying in.
    Persistence,
    /// Getting more rights.
    PrivilegeEscalation,
    /// Blinding the defender.
    DefenseEvasion,
    /// Taking data out.
    Exfiltration,
    /// Destroying, locking, spending.
    Impact,
}

impl Tactic {
    const ALL: [Self; 8] = [
        Self::Discovery,
        Self::InitialAccess,
        Self::CredentialAccess,
        Self::Persistence,
        Self::PrivilegeEscalation,
        Self::DefenseEvasion,
        Self::Exfiltration,
        Self::Impact,
    ];

    /// As finding types spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "Discovery",
            Self::InitialAccess => "InitialAccess",
            Self::CredentialAccess => "CredentialAccess",
            Self::Persistence => "Persistence",
            Self::PrivilegeEscalation => "PrivilegeEscalation",
            Self::DefenseEvasion => "DefenseEvasion",
            Self::Exfiltration => "Exfiltration",
            Self::Impact => "Impact",
        }
    }
}

/// What an API is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Purpose {
    /// The tactic.
    pub tactic: Tactic,
    /// How much a call matters for security, from 0 to 1.5.
    pub relevance: f64,
}

/// By API as [`crate::facts::api::Call::api`] writes it; the second part of each has those that begin so.
type Table = (Map<&'static str, Purpose>, Vec<(&'static str, Purpose)>);

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table: Table = (map(0), Vec::new());
    for (api, purpose) in rows() {
        match api.strip_suffix('*') {
            Some(beginning) => table.1.push((beginning, purpose)),
            None => {
                table.0.insert(api, purpose);
            }
        }
    }
    table
});

/// The rows of the table: `service:API` and purpose.
fn rows() -> impl Iterator<Item = (&'static str, Purpose)> {
    include_str!("../../data/api-purposes.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('\t');
        let (service, api) = (fields.next()?, fields.next()?);
        let tactic = fields.next()?;
        let tactic = Tactic::ALL.into_iter().find(|t| t.name() == tactic)?;
        let relevance = fields.next()?.parse::<u8>().ok()?;
        // One text for the life of the process: the table is made once.
        let api: &'static str = Box::leak(format!("{service}:{api}").into_boxed_str());
        Some((api, Purpose { tactic, relevance: f64::from(relevance) / 10.0 }))
    })
}

/// What an API is for, by the table, else by its verb.
pub fn purpose(api: &str) -> Purpose {
    if let Some(known) = TABLE.0.get(api) {
        return *known;
    }
    if let Some((_, known)) = TABLE.1.iter().find(|(beginning, _)| api.starts_with(beginning)) {
        return *known;
    }
    let verb = api.split_once(':').map_or(api, |(_, name)| name);
    let begins = |verbs: &[&str]| verbs.iter().any(|v| verb.starts_with(v));
    let (tactic, relevance) = if is_read(verb) {
        (Tactic::Discovery, 0.2)
    } else if begins(&["Delete", "Terminate", "Stop", "Disable", "Deregister", "Remove", "Purge", "Detach"]) {
        (Tactic::Impact, 0.7)
    } else if begins(&["Create", "Put", "Attach", "Associate", "Register", "Import", "Enable", "Add", "Grant"]) {
        (Tactic::Persistence, 0.5)
    } else {
        (Tactic::Impact, 0.3)
    };
    Purpose { tactic, relevance }
}

/// Whether an API only reads, by its verb (AWS service authorization reference, access levels List and Read).
pub fn is_read(name: &str) -> bool {
    const VERBS: [&str; 14] = [
        "Describe", "List", "Get", "Head", "BatchGet", "Lookup", "Search", "Query", "Scan", "View", "Check",
        "Validate", "Simulate", "Select",
    ];
    VERBS.iter().any(|verb| name.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_none_is_there_twice() {
        let lines = include_str!("../../data/api-purposes.tsv").lines().filter(|l| !l.starts_with('#')).count();
        let mut names: Vec<_> = rows().map(|(api, _)| api).collect();
        assert_eq!(names.len(), lines);
        names.sort_unstable();
        names.windows(2).for_each(|two| assert_ne!(two[0], two[1]));
        assert!(rows().all(|(_, p)| (0.0..=1.5).contains(&p.relevance)));
    }

    #[test]
    fn by_name_by_beginning_and_by_verb() {
        assert_eq!(purpose("iam:CreateAccessKey").tactic, Tactic::Persistence);
        assert_eq!(purpose("lambda:UpdateFunctionCode20150331v2").relevance, 1.0);
        assert_eq!(purpose("ec2:DescribeVolumes"), Purpose { tactic: Tactic::Discovery, relevance: 0.2 });
        assert_eq!(purpose("newservice:DeleteEverything").tactic, Tactic::Impact);
    }
}
