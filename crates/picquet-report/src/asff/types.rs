//! Finding types in ASFF's taxonomy: `namespace/category/classifier`.
//!
//! These are the names under which GuardDuty's own findings reach Security Hub (GuardDuty user guide,
//! "Integrating with AWS Security Hub CSPM", table of types), its irregular ones included: rules that match
//! on them go on working.

/// The ASFF type of a finding type.
pub(super) fn asff_type(name: &str) -> String {
    let Some((purpose, rest)) = name.split_once(':') else { return format!("TTPs/{name}") };
    let Some((resource, family)) = rest.split_once('/') else { return format!("TTPs/{name}") };
    // The usual classifier; the slash of the type would be one of the taxonomy.
    let classifier = format!("{purpose}:{resource}-{family}");
    let category = match (purpose, resource, family) {
        ("DefenseEvasion", "EC2", _) => return format!("TTPs/DefenseEvasion/EC2:{}", dashed(family)),
        ("PenTest", "IAMUser", _) => return format!("TTPs/{name}"),
        (_, "IAMUser", "AnomalousBehavior") => return format!("TTPs/{}/IAMUser-{family}", spaced(purpose)),
        ("Stealth", ..) => "TTPs/Defense Evasion",
        ("Policy", "S3", "BucketBlockPublicAccessDisabled") => "Effects/Data Exposure",
        ("Backdoor" | "CryptoCurrency", ..) => "TTPs/Command and Control",
        ("Trojan", _, family) if family.starts_with("DropPoint") => "Effects/Data Exfiltration",
        ("Trojan", _, family) if family.starts_with("DriveBy") => "TTPs/Initial Access",
        ("Trojan", ..) => "TTPs/Command and Control",
        ("Behavior", "EC2", _) => "Unusual Behaviors/VM",
        ("Behavior" | "ResourceConsumption", ..) => "Unusual Behaviors/User",
        ("Recon", ..) => "TTPs/Discovery",
        ("Persistence" | "PrivilegeEscalation" | "CredentialAccess" | "DefenseEvasion" | "InitialAccess", ..) => {
            return format!("TTPs/{}/{classifier}", spaced(purpose));
        }
        ("Impact", "EC2", "PortSweep" | "WinRMBruteForce") => "TTPs/Impact",
        ("UnauthorizedAccess", _, family) if family.contains("CredentialExfiltration") => "Effects/Data Exfiltration",
        ("UnauthorizedAccess", "EC2", "SSHBruteForce" | "RDPBruteForce") => "TTPs/Initial Access",
        ("UnauthorizedAccess", "EC2", "TorClient" | "TorRelay") => "Effects/Resource Consumption",
        ("UnauthorizedAccess", "EC2", "MaliciousIPCaller.Custom" | "TorIPCaller")
        | ("UnauthorizedAccess", "IAMUser", "TorIPCaller") => "TTPs/Command and Control",
        ("UnauthorizedAccess", "IAMUser", "ConsoleLogin") => "Unusual Behaviors/User",
        _ => "TTPs",
    };
    format!("{category}/{classifier}")
}

/// `PrivilegeEscalation` as `Privilege Escalation`.
fn spaced(purpose: &str) -> String {
    let mut words = String::new();
    for c in purpose.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c);
    }
    words
}

/// `UnusualDoHActivity` as `Unusual-DoH-Activity`.
fn dashed(family: &str) -> String {
    let name = family.strip_prefix("Unusual").unwrap_or(family);
    let (kind, activity) = name.strip_suffix("Activity").map_or((name, ""), |kind| (kind, "-Activity"));
    match kind {
        "DNSResolver" => "Unusual-DNS-Resolver".into(),
        _ => format!("Unusual-{kind}{activity}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_guarddutys() {
        for (name, want) in [
            ("Backdoor:EC2/C&CActivity.B!DNS", "TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS"),
            ("Behavior:EC2/NetworkPortUnusual", "Unusual Behaviors/VM/Behavior:EC2-NetworkPortUnusual"),
            ("DefenseEvasion:EC2/UnusualDNSResolver", "TTPs/DefenseEvasion/EC2:Unusual-DNS-Resolver"),
            ("DefenseEvasion:EC2/UnusualDoHActivity", "TTPs/DefenseEvasion/EC2:Unusual-DoH-Activity"),
            ("DefenseEvasion:IAMUser/AnomalousBehavior", "TTPs/Defense Evasion/IAMUser-AnomalousBehavior"),
            (
                "DefenseEvasion:IAMUser/BedrockLoggingDisabled",
                "TTPs/Defense Evasion/DefenseEvasion:IAMUser-BedrockLoggingDisabled",
            ),
            ("Discovery:S3/TorIPCaller", "TTPs/Discovery:S3-TorIPCaller"),
            ("Impact:EC2/PortSweep", "TTPs/Impact/Impact:EC2-PortSweep"),
            ("Impact:EC2/AbusedDomainRequest.Reputation", "TTPs/Impact:EC2-AbusedDomainRequest.Reputation"),
            ("Impact:IAMUser/AnomalousBehavior", "TTPs/Impact/IAMUser-AnomalousBehavior"),
            ("PenTest:IAMUser/KaliLinux", "TTPs/PenTest:IAMUser/KaliLinux"),
            ("PenTest:S3/KaliLinux", "TTPs/PenTest:S3-KaliLinux"),
            ("Policy:IAMUser/RootCredentialUsage", "TTPs/Policy:IAMUser-RootCredentialUsage"),
            ("Recon:EC2/Portscan", "TTPs/Discovery/Recon:EC2-Portscan"),
            ("Stealth:S3/ServerAccessLoggingDisabled", "TTPs/Defense Evasion/Stealth:S3-ServerAccessLoggingDisabled"),
            ("Trojan:EC2/DropPoint!DNS", "Effects/Data Exfiltration/Trojan:EC2-DropPoint!DNS"),
            ("UnauthorizedAccess:EC2/SSHBruteForce", "TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce"),
            (
                "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                "Effects/Data Exfiltration/UnauthorizedAccess:IAMUser-InstanceCredentialExfiltration.OutsideAWS",
            ),
            ("UnauthorizedAccess:S3/TorIPCaller", "TTPs/UnauthorizedAccess:S3-TorIPCaller"),
            ("odd", "TTPs/odd"),
        ] {
            assert_eq!(asff_type(name), want);
        }
    }
}
