//! Where findings are published to, as the operator configures it.

use picquet_source::aws::Access;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

/// A target of findings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Its name, for people and in the outbox.
    pub name: String,
    /// The kind of target.
    pub to: Kind,
    /// An event bus, by name or ARN.
    pub bus: Option<String>,
    /// The source of events. A customer's bus refuses `aws.guardduty`; other servers take it.
    pub source: Option<String>,
    /// The URL of a webhook or of a Slack-style incoming webhook.
    pub url: Option<String>,
    /// A file that holds the secret that webhooks are signed with.
    pub secret_file: Option<PathBuf>,
    /// What a webhook or syslog carries.
    #[serde(default)]
    pub format: Body,
    /// `tcp://host:port`, `tls://host:port` or `udp://host:port`.
    pub address: Option<String>,
    /// A bucket for OCSF.
    pub bucket: Option<String>,
    /// What keys in the bucket begin with.
    #[serde(default)]
    pub prefix: String,
    /// A key of KMS that objects are encrypted with.
    pub kms_key: Option<String>,
    /// How AWS's services are reached.
    #[serde(flatten)]
    pub access: Access,
}

/// The kinds of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// EventBridge, by `PutEvents`.
    Eventbridge,
    /// HTTP, signed.
    Webhook,
    /// A message for people, in the shape of Slack's incoming webhooks.
    Slack,
    /// RFC 5424.
    Syslog,
    /// AWS Security Hub, in ASFF.
    SecurityHub,
    /// A bucket, in OCSF.
    OcsfBucket,
}

/// What is sent of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// The event that GuardDuty sends to EventBridge.
    #[default]
    Event,
    /// The finding alone.
    Finding,
    /// ASFF.
    Asff,
    /// OCSF.
    Ocsf,
}

/// Checks what serde cannot see.
///
/// # Errors
/// What is wrong, in one line.
pub fn check(targets: &[Publish]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for target in targets {
        let name = &target.name;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
            return Err(format!("the target's name `{name}` is not made of 1 to 64 letters, digits, `-`, `_` and `.`"));
        }
        if !names.insert(name) {
            return Err(format!("there are two targets of the name {name}"));
        }
        let needs = |what: &str, value: &Option<String>| match value {
            Some(value) if !value.is_empty() => Ok(()),
            _ => Err(format!("target {name}: it needs {what}")),
        };
        match target.to {
            Kind::Eventbridge => needs("a bus", &target.bus)?,
            Kind::Webhook | Kind::Slack => needs("a url", &target.url)?,
            Kind::Syslog => needs("an address", &target.address)?,
            Kind::OcsfBucket => needs("a bucket", &target.bucket)?,
            Kind::SecurityHub => {}
        }
        if let Some(url) = &target.url
            && !is_safe(url)
        {
            return Err(format!("target {name}: a url must begin with https:// (or be of this machine)"));
        }
        if target.to == Kind::Syslog {
            crate::targets::syslog::Address::parse(target.address.as_deref().unwrap_or_default())
                .map_err(|e| format!("target {name}: {e}"))?;
        }
    }
    Ok(())
}

/// Whether what is sent there is encrypted, or does not leave the machine.
fn is_safe(url: &str) -> bool {
    let Ok(url) = url.parse::<ureq::http::Uri>() else { return false };
    match (url.scheme_str(), url.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Result<(), String> {
        let target: Publish = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        check(&[target])
    }

    #[test]
    fn targets_need_what_they_are_reached_by() {
        assert_eq!(target("name = 'a'\nto = 'eventbridge'\nbus = 'default'\nregion = 'us-east-1'"), Ok(()));
        assert_eq!(target("name = 'a'\nto = 'syslog'\naddress = 'tls://logs:6514'\nformat = 'ocsf'"), Ok(()));
        let wrong = |text: &str| target(text).unwrap_err();
        assert!(wrong("name = 'a'\nto = 'eventbridge'").contains("needs a bus"));
        assert!(wrong("name = 'a'\nto = 'webhook'\nurl = 'http://example.com'").contains("https"));
        for url in
            ["http://localhost.example.com/", "http://127.0.0.1.example.com", "http://localhost@example.com/", "https:"]
        {
            assert!(wrong(&format!("name = 'a'\nto = 'webhook'\nurl = '{url}'")).contains("https"), "{url}");
        }
        for url in ["http://127.0.0.1:8080/a", "http://[::1]:80/", "http://localhost/", "https://example.com/a"] {
            assert_eq!(target(&format!("name = 'a'\nto = 'webhook'\nurl = '{url}'")), Ok(()), "{url}");
        }
        assert!(wrong("name = 'a'\nto = 'syslog'\naddress = 'logs:1'").contains("tcp://"));
        assert!(wrong("name = 'a/b'\nto = 'security-hub'").contains("letters"));
        assert!(wrong("name = 'a'\nto = 'pigeon'").contains("pigeon"));
        assert!(wrong("name = 'a'\nto = 'security-hub'\nbuss = 'x'").contains("buss"));
    }
}
