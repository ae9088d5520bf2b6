//! MITRE ATT&CK in OCSF: the catalogue's technique ids with their names.

use crate::view::View;
use serde_json::{Value, json};

/// Technique names (MITRE ATT&CK, Enterprise, Cloud and Network matrices) of those that the catalogue
/// uses or is likely to. An id that is not here stands for itself.
const NAMES: [(&str, &str); 49] = [
    ("T1005", "Data from Local System"),
    ("T1008", "Fallback Channels"),
    ("T1016", "System Network Configuration Discovery"),
    ("T1018", "Remote System Discovery"),
    ("T1020", "Automated Exfiltration"),
    ("T1021", "Remote Services"),
    ("T1021.001", "Remote Desktop Protocol"),
    ("T1021.004", "SSH"),
    ("T1021.006", "Windows Remote Management"),
    ("T1041", "Exfiltration Over C2 Channel"),
    ("T1046", "Network Service Discovery"),
    ("T1048", "Exfiltration Over Alternative Protocol"),
    ("T1069", "Permission Groups Discovery"),
    ("T1071", "Application Layer Protocol"),
    ("T1071.001", "Web Protocols"),
    ("T1071.004", "DNS"),
    ("T1078", "Valid Accounts"),
    ("T1078.004", "Cloud Accounts"),
    ("T1087", "Account Discovery"),
    ("T1090", "Proxy"),
    ("T1090.003", "Multi-hop Proxy"),
    ("T1095", "Non-Application Layer Protocol"),
    ("T1098", "Account Manipulation"),
    ("T1105", "Ingress Tool Transfer"),
    ("T1110", "Brute Force"),
    ("T1189", "Drive-by Compromise"),
    ("T1190", "Exploit Public-Facing Application"),
    ("T1485", "Data Destruction"),
    ("T1486", "Data Encrypted for Impact"),
    ("T1496", "Resource Hijacking"),
    ("T1498", "Network Denial of Service"),
    ("T1526", "Cloud Service Discovery"),
    ("T1530", "Data from Cloud Storage"),
    ("T1537", "Transfer Data to Cloud Account"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.005", "Cloud Instance Metadata API"),
    ("T1556", "Modify Authentication Process"),
    ("T1562", "Impair Defenses"),
    ("T1562.008", "Disable or Modify Cloud Logs"),
    ("T1566", "Phishing"),
    ("T1567", "Exfiltration Over Web Service"),
    ("T1568", "Dynamic Resolution"),
    ("T1568.002", "Domain Generation Algorithms"),
    ("T1571", "Non-Standard Port"),
    ("T1572", "Protocol Tunneling"),
    ("T1578", "Modify Cloud Compute Infrastructure"),
    ("T1580", "Cloud Infrastructure Discovery"),
    ("T1595", "Active Scanning"),
    ("T1619", "Cloud Storage Object Discovery"),
];

/// One entry a technique of the catalogue's row; a sub-technique stands under its technique.
pub(super) fn attacks(v: View<'_>) -> Value {
    let ids = v.row().map(|row| row.attack.as_slice()).unwrap_or_default();
    ids.iter()
        .map(|id| match id.split_once('.') {
            None => json!({"technique": technique(id)}),
            Some((parent, _)) => json!({"technique": technique(parent), "sub_technique": technique(id)}),
        })
        .collect()
}

fn technique(id: &str) -> Value {
    json!({"uid": id, "name": technique_name(id).unwrap_or(id)})
}

/// The name of a technique, where it is known.
pub(crate) fn technique_name(id: &str) -> Option<&'static str> {
    NAMES.binary_search_by(|(known, _)| known.cmp(&id)).ok().map(|i| NAMES[i].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(NAMES.is_sorted());
        assert_eq!(technique_name("T1110"), Some("Brute Force"));
        assert_eq!(technique_name("T9999"), None);
    }
}
