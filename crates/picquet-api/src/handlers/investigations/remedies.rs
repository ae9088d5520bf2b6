//! What to do, from the catalogue and from what a finding names.

use super::facts::{Fact, shortened};
use super::tally;
use super::{Evidence, attack};
use picquet_api_model::{
    ActionPriority, AffectedResource, Countermeasure, CountermeasureAction, DefenseTactic, DetectorFeature,
    InvestigationResourceType, Recommendation, RecommendationCategory,
};
use picquet_model::catalogue::TypeId;
use picquet_model::severity::Severity;

/// Recommendations, at most (service model, `Recommendations`).
const MOST: usize = 25;
/// All settings that close a bucket (AWS CLI reference, `put-public-access-block`).
const BLOCK_PUBLIC_ACCESS: &str = "--public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,\
                                   BlockPublicPolicy=true,RestrictPublicBuckets=true";
/// Ids of techniques, at most (service model, `MitreTechniqueIds`).
const MOST_TECHNIQUES: usize = 20;

fn priority(severity: f64) -> ActionPriority {
    match Severity::of(severity) {
        Severity::Critical | Severity::High => ActionPriority::Immediate,
        Severity::Medium => ActionPriority::ShortTerm,
        Severity::Low => ActionPriority::Strategic,
    }
}

/// Protection plans that are off.
pub fn off(evidence: &Evidence) -> impl Iterator<Item = DetectorFeature> {
    // Its successor covers it, and only one of the two can be on.
    let covered = |name| {
        name == DetectorFeature::EksRuntimeMonitoring
            && evidence.features.iter().any(|(n, on, _)| *n == DetectorFeature::RuntimeMonitoring && *on)
    };
    evidence.features.iter().filter(move |(name, on, _)| !on && !covered(*name)).map(|(name, ..)| *name)
}

/// What the catalogue advises for each type that was found, the most severe first, and which plans to switch on.
pub fn recommendations(evidence: &Evidence) -> Vec<Recommendation> {
    let mut types = tally::by(evidence.facts(), |fact| Some(fact.finding_type.as_str()));
    let worst = |facts: &[&Fact]| facts.iter().map(|fact| fact.severity).fold(0.0, f64::max);
    types.sort_by(|(_, a), (_, b)| worst(b).total_cmp(&worst(a)));
    let mut all: Vec<Recommendation> = types
        .iter()
        .filter_map(|(name, facts)| {
            let row = TypeId::of(name)?.row();
            Some(Recommendation {
                category: Some(RecommendationCategory::FurtherInvestigation),
                cli_commands: None,
                priority: Some(priority(worst(facts))),
                rationale: Some(row.remediation.clone()),
                title: Some(format!("Respond to {name}")),
            })
        })
        .collect();
    all.extend(off(evidence).map(|feature| Recommendation {
        category: Some(RecommendationCategory::EnableProtection),
        cli_commands: None,
        priority: Some(ActionPriority::Strategic),
        rationale: Some("The feature is off, so nothing was looked for in its data source.".into()),
        title: Some(format!("Enable {}", feature.as_str())),
    }));
    all.truncate(MOST);
    all
}

/// Whether a text can stand in a command as it is: it comes from logs, and commands are copied into shells.
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@' | b'=' | b',' | b'+');
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(plain)
}

/// What stops what a finding tells of.
pub fn countermeasures(fact: &Fact) -> Vec<Countermeasure> {
    let Some(kind) = fact.resource_kind else { return Vec::new() };
    let id = &fact.resource;
    let (tactic, title, description, command) = match kind {
        InvestigationResourceType::Ec2Instance => (
            DefenseTactic::Isolate,
            "Isolate the instance",
            "Give the instance a security group without rules, and keep it running for an examination.",
            None,
        ),
        InvestigationResourceType::IamUser | InvestigationResourceType::IamAccessKey => (
            DefenseTactic::Evict,
            "Deactivate the access key",
            "Deactivate the access key, and revoke the sessions that were opened with it.",
            deactivate(fact),
        ),
        InvestigationResourceType::IamRole => (
            DefenseTactic::Evict,
            "Revoke the sessions of the role",
            "Attach a policy to the role that denies everything to sessions that were opened before now.",
            None,
        ),
        InvestigationResourceType::S3Bucket => (
            DefenseTactic::Isolate,
            "Close the bucket",
            "Block public access to the bucket, and review its policy.",
            is_plain(id).then(|| format!("aws s3api put-public-access-block --bucket {id} {BLOCK_PUBLIC_ACCESS}")),
        ),
        _ => return Vec::new(),
    };
    let mut mitigates = attack::techniques(&fact.finding_type).to_vec();
    mitigates.truncate(MOST_TECHNIQUES);
    let affected = AffectedResource { arn: None, identifier: Some(shortened(id, 1024)), kind: Some(kind) };
    let action = CountermeasureAction {
        affected_resources: Some(vec![affected]),
        cli_commands: command.map(|command| vec![command]),
        description: Some(description.to_owned()),
        mitigates: Some(mitigates),
        priority: Some(priority(fact.severity)),
        title: Some(title.to_owned()),
        ..Default::default()
    };
    vec![Countermeasure { actions: Some(vec![action]), defense_tactic: Some(tactic), description: None }]
}

/// Keys of users begin with `AKIA` (IAM user guide, "IAM identifiers"); those of sessions cannot be deactivated.
fn deactivate(fact: &Fact) -> Option<String> {
    let key = fact.value("resource.accessKeyDetails.accessKeyId").filter(|key| key.starts_with("AKIA"))?;
    let user = fact.value("resource.accessKeyDetails.userName")?;
    (is_plain(key) && is_plain(user))
        .then(|| format!("aws iam update-access-key --user-name {user} --access-key-id {key} --status Inactive"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_shell_would_read_stands_in_no_command() {
        let fact = |user: &str| {
            let key = json!({ "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": user, "userType": "IAMUser" });
            let resource = json!({ "resourceType": "AccessKey", "accessKeyDetails": key });
            Fact::of(&json!({ "severity": 8, "type": "T", "resource": resource }))
        };
        let command = |user: &str| {
            countermeasures(&fact(user))[0].actions.as_ref().unwrap()[0].cli_commands.as_ref().map(|c| c[0].clone())
        };
        assert!(command("alice").unwrap().contains("--user-name alice --access-key-id AKIAIOSFODNN7EXAMPLE"));
        for user in ["a;rm -rf /", "$(x)", "-x", "a b", "a`b`"] {
            assert_eq!(command(user), None, "{user}");
        }
    }
}
