//! Which finding type a match becomes: one table that is code, test and documentation at once.
//!
//! The rows follow the triggers that the GuardDuty user guide gives for each type. A category that a surface has
//! no row for raises nothing there: a scanner that calls an API is no finding by its list alone.

use crate::category::Category;
use picquet_model::TypeId;
use std::fmt::Write;

/// Where a listed thing was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// The remote address of a VPC flow.
    Flow,
    /// A name asked of the VPC resolver.
    Dns,
    /// The caller of an API that reads.
    ApiRead,
    /// The caller of an API that changes something.
    ApiWrite,
    /// The caller of an S3 API that lists.
    S3Discovery,
    /// The caller of an S3 API that reads objects.
    S3Read,
    /// The caller of an S3 API that changes data or configuration.
    S3Write,
}

impl Surface {
    /// Every surface, in the order of the enum.
    pub const ALL: [Self; 7] =
        [Self::Flow, Self::Dns, Self::ApiRead, Self::ApiWrite, Self::S3Discovery, Self::S3Read, Self::S3Write];

    /// The name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Dns => "dns",
            Self::ApiRead => "api read",
            Self::ApiWrite => "api write",
            Self::S3Discovery => "s3 discovery",
            Self::S3Read => "s3 read",
            Self::S3Write => "s3 write",
        }
    }
}

type Row = (Category, &'static [(Surface, &'static str)]);

const MALICIOUS_CALLER: [(Surface, &str); 5] = [
    (Surface::ApiRead, "Recon:IAMUser/MaliciousIPCaller"),
    (Surface::ApiWrite, "UnauthorizedAccess:IAMUser/MaliciousIPCaller"),
    (Surface::S3Discovery, "Discovery:S3/MaliciousIPCaller"),
    (Surface::S3Read, "Exfiltration:S3/MaliciousIPCaller"),
    (Surface::S3Write, "Impact:S3/MaliciousIPCaller"),
];

/// A flow and a DNS cell in front of those of a malicious caller.
const fn network_and_caller(flow: &'static str, dns: &'static str) -> [(Surface, &'static str); 7] {
    let [a, b, c, d, e] = MALICIOUS_CALLER;
    [(Surface::Flow, flow), (Surface::Dns, dns), a, b, c, d, e]
}

const C2: [(Surface, &str); 7] = network_and_caller("Backdoor:EC2/C&CActivity.B", "Backdoor:EC2/C&CActivity.B!DNS");
const DROP_POINT: [(Surface, &str); 7] = network_and_caller("Trojan:EC2/DropPoint", "Trojan:EC2/DropPoint!DNS");

const TABLE: [Row; 17] = [
    (Category::C2, &C2),
    (
        Category::Miner,
        &[(Surface::Flow, "CryptoCurrency:EC2/BitcoinTool.B"), (Surface::Dns, "CryptoCurrency:EC2/BitcoinTool.B!DNS")],
    ),
    (Category::MinerReputation, &[(Surface::Dns, "Impact:EC2/BitcoinDomainRequest.Reputation")]),
    (
        Category::TorExit,
        &[
            (Surface::ApiRead, "Recon:IAMUser/TorIPCaller"),
            (Surface::ApiWrite, "UnauthorizedAccess:IAMUser/TorIPCaller"),
            (Surface::S3Discovery, "Discovery:S3/TorIPCaller"),
            (Surface::S3Read, "UnauthorizedAccess:S3/TorIPCaller"),
            (Surface::S3Write, "UnauthorizedAccess:S3/TorIPCaller"),
        ],
    ),
    // What turns a client into a relay is the pattern of its flows, which a detector of its own judges.
    (Category::TorRelay, &[(Surface::Flow, "UnauthorizedAccess:EC2/TorClient")]),
    (Category::Scanner, &[(Surface::Flow, "Recon:EC2/PortProbeUnprotectedPort")]),
    (Category::MaliciousIp, &MALICIOUS_CALLER),
    (Category::MaliciousDomain, &[(Surface::Dns, "Impact:EC2/MaliciousDomainRequest.Reputation")]),
    (Category::Phishing, &[(Surface::Dns, "Trojan:EC2/PhishingDomainRequest!DNS")]),
    (Category::DriveBy, &[(Surface::Dns, "Trojan:EC2/DriveBySourceTraffic!DNS")]),
    (Category::DropPoint, &DROP_POINT),
    (
        Category::Sinkhole,
        &[(Surface::Flow, "Trojan:EC2/BlackholeTraffic"), (Surface::Dns, "Trojan:EC2/BlackholeTraffic!DNS")],
    ),
    (Category::Dga, &[(Surface::Dns, "Trojan:EC2/DGADomainRequest.C!DNS")]),
    (Category::Abused, &[(Surface::Dns, "Impact:EC2/AbusedDomainRequest.Reputation")]),
    (Category::Suspicious, &[(Surface::Dns, "Impact:EC2/SuspiciousDomainRequest.Reputation")]),
    (
        Category::CompromisedKey,
        &[
            (Surface::ApiRead, "CredentialAccess:IAMUser/CompromisedCredentials"),
            (Surface::ApiWrite, "CredentialAccess:IAMUser/CompromisedCredentials"),
            (Surface::S3Discovery, "CredentialAccess:IAMUser/CompromisedCredentials"),
            (Surface::S3Read, "CredentialAccess:IAMUser/CompromisedCredentials"),
            (Surface::S3Write, "CredentialAccess:IAMUser/CompromisedCredentials"),
        ],
    ),
    (
        Category::Custom,
        &[
            (Surface::Flow, "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"),
            (Surface::Dns, "Impact:EC2/MaliciousDomainRequest.Custom"),
            (Surface::ApiRead, "Recon:IAMUser/MaliciousIPCaller.Custom"),
            (Surface::ApiWrite, "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom"),
            (Surface::S3Discovery, "Discovery:S3/MaliciousIPCaller.Custom"),
            (Surface::S3Read, "UnauthorizedAccess:S3/MaliciousIPCaller.Custom"),
            (Surface::S3Write, "UnauthorizedAccess:S3/MaliciousIPCaller.Custom"),
        ],
    ),
];

/// The finding type that a match of this category becomes on this surface, if any.
pub fn finding_type(category: Category, surface: Surface) -> Option<TypeId> {
    let (_, cells) = TABLE.iter().find(|(row, _)| *row == category)?;
    let (_, name) = cells.iter().find(|(column, _)| *column == surface)?;
    TypeId::of(name)
}

/// The table in Markdown, a row for each category and surface that has a type.
pub fn table_markdown() -> String {
    let mut text = String::from("| category | met in | finding type |\n| --- | --- | --- |\n");
    for (category, cells) in TABLE {
        for (surface, name) in cells {
            // Writing to a string does not fail.
            let _ = writeln!(text, "| {category} | {} | `{name}` |", surface.name());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_the_catalogue_and_every_category_has_a_row() {
        for (category, cells) in TABLE {
            assert!(!cells.is_empty());
            for (surface, name) in cells {
                let id = finding_type(category, *surface).unwrap_or_else(|| panic!("{name} is not in the catalogue"));
                assert_eq!(id.name(), *name);
            }
        }
        for category in Category::ALL {
            assert_eq!(TABLE.iter().filter(|(row, _)| *row == category).count(), 1, "{category}");
        }
    }

    #[test]
    fn the_surface_agrees_with_the_catalogue() {
        for (category, cells) in TABLE {
            for (surface, name) in cells {
                let action = finding_type(category, *surface).unwrap().row().action.as_str();
                let expected = match surface {
                    Surface::Flow if category == Category::Scanner => "PORT_PROBE",
                    Surface::Flow => "NETWORK_CONNECTION",
                    Surface::Dns => "DNS_REQUEST",
                    _ => "AWS_API_CALL",
                };
                assert_eq!(action, expected, "{name}");
            }
        }
    }

    #[test]
    fn an_empty_cell_raises_nothing() {
        assert_eq!(finding_type(Category::Scanner, Surface::ApiRead), None);
        assert_eq!(finding_type(Category::TorExit, Surface::Flow), None);
        assert_eq!(finding_type(Category::MaliciousIp, Surface::Flow), None);
    }

    #[test]
    fn the_documentation_has_every_cell() {
        let cells: usize = TABLE.iter().map(|(_, cells)| cells.len()).sum();
        let text = table_markdown();
        assert_eq!(text.lines().count(), cells + 2);
        assert!(text.contains("| c2 | dns | `Backdoor:EC2/C&CActivity.B!DNS` |"));
    }
}
