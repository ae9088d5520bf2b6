//! Where finding types stand in MITRE ATT&CK.

use picquet_api_model::{AttackPhaseName, ThreatReference};
use picquet_model::catalogue::TypeId;

/// Tactics by what GuardDuty calls them in types, and by their ids (MITRE ATT&CK, "Enterprise tactics"). Impairing
/// defenses is part of evading them in the service model.
const TACTICS: [(&str, AttackPhaseName, &str); 15] = [
    ("Reconnaissance", AttackPhaseName::Reconnaissance, "TA0043"),
    ("ResourceDevelopment", AttackPhaseName::ResourceDevelopment, "TA0042"),
    ("InitialAccess", AttackPhaseName::InitialAccess, "TA0001"),
    ("Execution", AttackPhaseName::Execution, "TA0002"),
    ("Persistence", AttackPhaseName::Persistence, "TA0003"),
    ("PrivilegeEscalation", AttackPhaseName::PrivilegeEscalation, "TA0004"),
    ("DefenseEvasion", AttackPhaseName::DefenseEvasion, "TA0005"),
    ("DefenseImpairment", AttackPhaseName::DefenseEvasion, "TA0005"),
    ("CredentialAccess", AttackPhaseName::CredentialAccess, "TA0006"),
    ("Discovery", AttackPhaseName::Discovery, "TA0007"),
    ("LateralMovement", AttackPhaseName::LateralMovement, "TA0008"),
    ("Collection", AttackPhaseName::Collection, "TA0009"),
    ("CommandAndControl", AttackPhaseName::CommandAndControl, "TA0011"),
    ("Exfiltration", AttackPhaseName::Exfiltration, "TA0010"),
    ("Impact", AttackPhaseName::Impact, "TA0040"),
];

/// Techniques of the catalogue by the tactic that they mostly serve (MITRE ATT&CK, "Enterprise techniques"), for types
/// whose purpose is no tactic, such as `Backdoor`.
const TECHNIQUES: [(&str, AttackPhaseName); 34] = [
    ("T1021", AttackPhaseName::LateralMovement),
    ("T1046", AttackPhaseName::Discovery),
    ("T1048", AttackPhaseName::Exfiltration),
    ("T1069", AttackPhaseName::Discovery),
    ("T1071", AttackPhaseName::CommandAndControl),
    ("T1078", AttackPhaseName::InitialAccess),
    ("T1087", AttackPhaseName::Discovery),
    ("T1090", AttackPhaseName::CommandAndControl),
    ("T1098", AttackPhaseName::Persistence),
    ("T1110", AttackPhaseName::CredentialAccess),
    ("T1136", AttackPhaseName::Persistence),
    ("T1189", AttackPhaseName::InitialAccess),
    ("T1485", AttackPhaseName::Impact),
    ("T1486", AttackPhaseName::Impact),
    ("T1496", AttackPhaseName::Impact),
    ("T1498", AttackPhaseName::Impact),
    ("T1526", AttackPhaseName::Discovery),
    ("T1530", AttackPhaseName::Collection),
    ("T1531", AttackPhaseName::Impact),
    ("T1537", AttackPhaseName::Exfiltration),
    ("T1552", AttackPhaseName::CredentialAccess),
    ("T1555", AttackPhaseName::CredentialAccess),
    ("T1556", AttackPhaseName::CredentialAccess),
    ("T1562", AttackPhaseName::DefenseEvasion),
    ("T1565", AttackPhaseName::Impact),
    ("T1566", AttackPhaseName::InitialAccess),
    ("T1568", AttackPhaseName::CommandAndControl),
    ("T1571", AttackPhaseName::CommandAndControl),
    ("T1572", AttackPhaseName::CommandAndControl),
    ("T1573", AttackPhaseName::CommandAndControl),
    ("T1578", AttackPhaseName::DefenseEvasion),
    ("T1580", AttackPhaseName::Discovery),
    ("T1595", AttackPhaseName::Reconnaissance),
    ("T1619", AttackPhaseName::Discovery),
];

/// The techniques of a type; none when the catalogue does not have it.
pub fn techniques(finding_type: &str) -> &'static [String] {
    TypeId::of(finding_type).map(|id| id.row().attack.as_slice()).unwrap_or_default()
}

/// The phase of an attack that a type belongs to.
pub fn phase(finding_type: &str) -> Option<AttackPhaseName> {
    let purpose = finding_type.split(':').next().unwrap_or_default();
    if let Some((_, phase, _)) = TACTICS.iter().find(|(name, ..)| *name == purpose) {
        return Some(*phase);
    }
    let technique = techniques(finding_type).first()?;
    let base = technique.split('.').next().unwrap_or(technique);
    TECHNIQUES.iter().find(|(id, _)| *id == base).map(|(_, phase)| *phase)
}

/// A phase as a tactic.
pub fn tactic(phase: AttackPhaseName) -> ThreatReference {
    let id = TACTICS.iter().find(|(_, p, _)| *p == phase).map(|(.., id)| (*id).to_owned());
    ThreatReference { name: Some(phase.as_str().to_owned()), uid: id }
}

/// A technique by its id; its name is left to MITRE.
pub fn technique(id: &str) -> ThreatReference {
    ThreatReference { name: None, uid: Some(id.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picquet_model::catalogue;

    #[test]
    fn every_type_with_a_technique_has_a_phase() {
        for row in catalogue::all().iter().filter(|row| !row.attack.is_empty()) {
            assert!(phase(&row.name).is_some(), "{}", row.name);
        }
        assert_eq!(phase("Backdoor:EC2/C&CActivity.B!DNS"), Some(AttackPhaseName::CommandAndControl));
        assert_eq!(phase("NoSuch:Type/AtAll"), None);
        assert_eq!(tactic(AttackPhaseName::Impact).uid.as_deref(), Some("TA0040"));
    }
}
