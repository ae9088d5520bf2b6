//! Families of user agents.
//!
//! Versions, platforms and the call itself are in a user agent, so the text changes all the time. The family is what
//! GuardDuty shows as the user agent of an anomaly: `aws-cli`, `Botocore`, `browser`.

use crate::Str;

/// Tokens that tell a family, in the order of precedence: a tool names the SDK that it is built on as well.
const FAMILIES: [(&str, &str); 34] = [
    ("terraform", "Terraform"),
    ("pulumi", "Pulumi"),
    ("ansible", "Ansible"),
    ("serverless", "Serverless Framework"),
    ("aws-cdk", "aws-cdk"),
    ("stratus-red-team", "stratus-red-team"),
    ("pacu", "pacu"),
    ("rclone", "rclone"),
    ("s3browser", "S3 Browser"),
    ("cyberduck", "Cyberduck"),
    ("aws-internal/3", "aws-internal/3"),
    ("aws-internal", "AWS Internal"),
    ("aws internal", "AWS Internal"),
    ("signin.amazonaws.com", "AwsSignin"),
    ("console.amazonaws.com", "AWS Internal"),
    ("amazon-ssm-agent", "amazon-ssm-agent"),
    ("amazon ecs agent", "Amazon ECS Agent"),
    ("cloudwatchlogs", "aws-sdk-cloudwatchlogs"),
    ("cloudshell", "CloudShell"),
    ("aws-cli", "aws-cli"),
    ("awspowershell", "AWSPowerShell"),
    ("aws-sdk-go", "aws-sdk-go"),
    ("aws-sdk-java", "aws-sdk-java"),
    ("aws-sdk-nodejs", "aws-sdk-nodejs"),
    ("aws-sdk-js", "aws-sdk-nodejs"),
    ("aws-sdk-ruby", "aws-sdk-ruby"),
    ("aws-sdk-php", "aws-sdk-php"),
    ("aws-sdk-dotnet", "aws-sdk-dotnet"),
    ("aws-sdk-rust", "aws-sdk-rust"),
    ("aws-sdk-cpp", "aws-sdk-cpp"),
    ("botocore", "Botocore"),
    ("boto3", "Botocore"),
    ("mozilla", "browser"),
    ("s3console", "aws-internal/3"),
];

/// Operating systems that user agents name, in the order of precedence.
const SYSTEMS: [(&str, &str); 12] = [
    ("kali", "Kali Linux"),
    ("parrot", "Parrot Linux"),
    ("pentoo", "Pentoo Linux"),
    ("iphone", "iOS"),
    ("android", "Android"),
    ("darwin", "macOS"),
    ("macos", "macOS"),
    ("macintosh", "macOS"),
    ("windows", "Windows"),
    ("amzn", "Amazon Linux"),
    ("linux", "Linux"),
    ("x11", "Linux"),
];

/// How much of a user agent is looked at: tools name themselves in front, and CloudTrail cuts at 1 KB.
const LOOKED_AT: usize = 1024;

/// The family and the operating system of a user agent; empty where it does not say.
pub fn family(user_agent: &str) -> (Str, &'static str) {
    let mut lower = [0_u8; LOOKED_AT];
    let len = user_agent.len().min(LOOKED_AT);
    let lower = &mut lower[..len];
    lower.copy_from_slice(&user_agent.as_bytes()[..len]);
    lower.make_ascii_lowercase();
    let has = |token: &str| memchr::memmem::find(lower, token.as_bytes()).is_some();
    let system = SYSTEMS.iter().find(|(token, _)| has(token)).map_or("", |(_, name)| name);
    if let Some((_, name)) = FAMILIES.iter().find(|(token, _)| has(token)) {
        return (Str::const_new(name), system);
    }
    if lower.ends_with(b".amazonaws.com") {
        return (Str::const_new("AWS Service"), system);
    }
    // Any other tool by its own name, without the version.
    let name = user_agent.trim_start_matches('[').split(['/', ' ', '(', ',']).next().unwrap_or_default();
    (name.chars().take(48).collect(), system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        for (text, name, system) in [
            ("aws-cli/2.15.30 Python/3.11.8 Darwin/23.4.0 exe/x86_64 prompt/off command/s3.ls", "aws-cli", "macOS"),
            ("Boto3/1.34.51 md/Botocore#1.34.51 os/linux#5.10.amzn2", "Botocore", "Amazon Linux"),
            ("APN/1.0 HashiCorp/1.0 Terraform/1.7.5 aws-sdk-go-v2/1.26.1 os/linux", "Terraform", "Linux"),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "browser", "Windows"),
            ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 Linux/5.10]", "aws-internal/3", "Linux"),
            ("cloudformation.amazonaws.com", "AWS Service", ""),
            ("stratus-red-team_8f29-4d1a", "stratus-red-team", ""),
            ("MyTool/1.2 (x)", "MyTool", ""),
            ("", "", ""),
        ] {
            assert_eq!(family(text), (name.into(), system), "{text}");
        }
    }
}
