//! Unusual management calls.

use crate::api::Tactic;
use crate::detectors::Meta;
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "api-anomaly",
    types: &[
        "CredentialAccess:IAMUser/AnomalousBehavior",
        "DefenseEvasion:IAMUser/AnomalousBehavior",
        "Discovery:IAMUser/AnomalousBehavior",
        "Exfiltration:IAMUser/AnomalousBehavior",
        "Impact:IAMUser/AnomalousBehavior",
        "InitialAccess:IAMUser/AnomalousBehavior",
        "Persistence:IAMUser/AnomalousBehavior",
        "PrivilegeEscalation:IAMUser/AnomalousBehavior",
    ],
    source: Source::Cloudtrail,
    detects: "An identity calls APIs, from places or with tools, that do not fit its own history, its peers' or the \
              account's.",
    decides: "What a principal does in an hour from one network with one key is scored in bits: each API, network, \
              country, user agent, region, error and time is worth what it is less likely than this principal's are at \
              the mean, by its own history, then its peers', then the account's (interpolated Kneser-Ney back-off), APIs \
              by how much they matter. A finding needs a new API beside another new thing, an API that matters and is \
              new, or three new things, and a score that the account's own past makes a matter of 20 in a million \
              hours; a principal of less than three days only what nobody in the account ever called. Nothing is \
              reported in an account's first seven days. Calls by AWS services do not count.",
    benign: "A person who changes roles, travels with a new machine, or sets up something new for the first time.",
};

/// The type of a tactic.
pub fn finding_type(tactic: Tactic) -> &'static str {
    match tactic {
        Tactic::Discovery => "Discovery:IAMUser/AnomalousBehavior",
        Tactic::InitialAccess => "InitialAccess:IAMUser/AnomalousBehavior",
        Tactic::CredentialAccess => "CredentialAccess:IAMUser/AnomalousBehavior",
        Tactic::Persistence => "Persistence:IAMUser/AnomalousBehavior",
        Tactic::PrivilegeEscalation => "PrivilegeEscalation:IAMUser/AnomalousBehavior",
        Tactic::DefenseEvasion => "DefenseEvasion:IAMUser/AnomalousBehavior",
        Tactic::Exfiltration => "Exfiltration:IAMUser/AnomalousBehavior",
        Tactic::Impact => "Impact:IAMUser/AnomalousBehavior",
    }
}
