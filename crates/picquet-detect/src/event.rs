//! A CloudTrail event as detectors see it: whose account, which region, what kind of caller and call.

use crate::facts::api::event_hash;
use crate::facts::bounded;
use crate::facts::signal::ApiDetail;
use crate::{Str, hash};
use picquet_logs::cloudtrail::Category;
use picquet_logs::{CloudTrailRecord, ObjectName};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::net::IpAddr;

/// Who is behind `sourceIPAddress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// An address.
    Ip(IpAddr),
    /// An AWS service, or a name.
    Name,
}

/// An event with what follows from its fields.
pub struct ApiEvent<'a> {
    /// The record.
    pub record: &'a CloudTrailRecord<'a>,
    /// The account that the event counts for.
    pub account: &'a str,
    /// The region that the event counts for.
    pub region: &'a str,
    /// The caller.
    pub caller: Caller,
    /// Whether the event is a global service's and counts in every region.
    pub global: bool,
    /// See [`Self::identity`]; several ask for it.
    identity: OnceCell<([u64; 2], u64)>,
}

/// To what AWS hands the credentials of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IssuedKind {
    /// An EC2 instance, through its metadata service.
    Instance,
    /// A Lambda function.
    Function,
    /// An ECS task.
    Task,
    /// An IAM user or root: a long-term access key.
    User,
}

/// The instance that a session is of: its role's credentials are handed out under the instance's id (EC2 user guide,
/// "IAM roles for Amazon EC2"). Ids have 8 or 17 hexadecimal digits.
pub fn instance_session(principal_id: &str) -> Option<&str> {
    let (_, session) = principal_id.split_once(':')?;
    let digits = session.strip_prefix("i-")?;
    (matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(session)
}

/// Services whose events belong to no region (CloudTrail user guide, "Global service events").
const GLOBAL: [&str; 4] =
    ["iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com", "route53.amazonaws.com"];
/// The regions in which partitions record their global services' events.
const GLOBAL_REGIONS: [&str; 3] = ["us-east-1", "us-gov-west-1", "cn-north-1"];

impl<'a> ApiEvent<'a> {
    /// `None` where the record names no account and neither does the object's key.
    pub fn new(record: &'a CloudTrailRecord<'a>, name: &'a ObjectName, default_region: &'a str) -> Option<Self> {
        let account = [
            record.recipient_account.as_ref(),
            record.identity.account_id.as_ref(),
            name.account.as_deref().unwrap_or_default(),
        ]
        .into_iter()
        .find(|a| !a.is_empty() && a.len() <= 64)?;
        let region = [record.region.as_ref(), name.region.as_deref().unwrap_or_default(), default_region]
            .into_iter()
            .find(|r| !r.is_empty() && r.len() <= 64)
            .unwrap_or(default_region);
        let caller = record.source_ip.parse().map_or(Caller::Name, Caller::Ip);
        let global = GLOBAL.contains(&record.event_source.as_ref()) && GLOBAL_REGIONS.contains(&region);
        Some(Self { record, account, region, caller, global, identity: OnceCell::new() })
    }

    /// Whether the call did what it asked for.
    pub fn succeeded(&self) -> bool {
        self.record.error_code.is_empty()
    }

    /// Whether an AWS service made the call, for itself or for the principal.
    pub fn by_service(&self) -> bool {
        let id = &self.record.identity;
        id.kind == "AWSService"
            || !id.invoked_by.is_empty()
            || self.record.event_type == "AwsServiceEvent"
            || (self.caller == Caller::Name
                && (self.record.source_ip.ends_with(".amazonaws.com") || self.record.source_ip == "AWS Internal"))
    }

    /// Whether it is a data event of S3.
    pub fn is_s3_data(&self) -> bool {
        self.record.category == Category::Data && self.record.event_source == "s3.amazonaws.com"
    }

    /// The principal's stable id: a role's without the session's name, so that all sessions of one role are
    /// one principal.
    pub fn principal(&self) -> &str {
        let id = &self.record.identity;
        let own = match id.kind.as_ref() {
            "AssumedRole" if !id.issuer.principal_id.is_empty() => id.issuer.principal_id.as_ref(),
            "AssumedRole" => id.principal_id.split(':').next().unwrap_or_default(),
            _ => id.principal_id.as_ref(),
        };
        [
            own,
            id.on_behalf_of.as_ref(),
            id.arn.as_ref(),
            id.user_name.as_ref(),
            id.access_key_id.as_ref(),
            id.kind.as_ref(),
        ]
        .into_iter()
        .find(|p| !p.is_empty())
        .unwrap_or("unknown")
    }

    /// Whose credentials signed the call, if those of an instance, a function or a task.
    pub fn issued_to(&self) -> Option<(IssuedKind, &str)> {
        let id = &self.record.identity;
        if id.kind != "AssumedRole" {
            return None;
        }
        if let Some(instance) = instance_session(&id.principal_id) {
            return Some((IssuedKind::Instance, instance));
        }
        // arn:aws:lambda:... and arn:aws:ecs:...
        let service = id.issued_to.split(':').nth(2)?;
        match service {
            "lambda" => Some((IssuedKind::Function, &id.issued_to)),
            "ecs" => Some((IssuedKind::Task, &id.issued_to)),
            _ => None,
        }
    }

    /// The friendly name of the principal: a role's own, not its session's.
    pub fn user_name(&self) -> &str {
        let id = &self.record.identity;
        match id.kind.as_ref() {
            "Root" => "Root",
            "AssumedRole" | "FederatedUser" if !id.issuer.user_name.is_empty() => &id.issuer.user_name,
            _ if !id.user_name.is_empty() => &id.user_name,
            _ => id.arn.rsplit(['/', ':']).next().unwrap_or_default(),
        }
    }

    /// A hash of the event, the same in every copy of it.
    pub fn hash(&self) -> u64 {
        self.identity().1
    }

    /// The event's id where it is a UUID, else zero; and the hash.
    pub fn identity(&self) -> ([u64; 2], u64) {
        *self.identity.get_or_init(|| {
            let id = uuid(self.record.event_id.as_bytes()).unwrap_or_default();
            (id, event_hash(id).unwrap_or_else(|| self.other_hash()))
        })
    }

    /// The hash of an event that has no UUID.
    fn other_hash(&self) -> u64 {
        let r = self.record;
        if !r.event_id.is_empty() {
            return hash::stable(&[r.event_id.as_bytes()]);
        }
        hash::stable(&[
            &r.time.as_millis().to_le_bytes(),
            r.event_source.as_bytes(),
            r.event_name.as_bytes(),
            r.identity.arn.as_bytes(),
            r.source_ip.as_bytes(),
            r.error_code.as_bytes(),
            r.region.as_bytes(),
            r.user_agent.as_bytes(),
            r.identity.access_key_id.as_bytes(),
            r.request.map_or(&[][..], |r| r.bytes()),
        ])
    }

    /// A string of the request's parameters, by its name.
    pub fn parameter(&self, name: &str) -> Option<std::borrow::Cow<'a, str>> {
        self.record.request?.member_text(name)
    }

    /// What a finding needs of the call.
    pub fn detail(&self) -> ApiDetail {
        let r = self.record;
        let id = &r.identity;
        ApiDetail {
            event_id: bounded(&r.event_id),
            api: bounded(&r.event_name),
            service: bounded(&r.event_source),
            source: bounded(&r.source_ip),
            user_agent: bounded(&r.user_agent),
            error_code: bounded(&r.error_code),
            access_key_id: bounded(&id.access_key_id),
            principal_id: bounded(if id.principal_id.is_empty() { &id.on_behalf_of } else { &id.principal_id }),
            principal_arn: bounded(&id.arn),
            principal: bounded(self.principal()),
            user_name: bounded(self.user_name()),
            user_type: bounded(&id.kind),
            buckets: Vec::new(),
            affected: Default::default(),
            remote_account: self.remote_account(),
            anomaly: None,
        }
    }

    /// The calling account, when it is not the account that the event counts for.
    fn remote_account(&self) -> Option<crate::facts::signal::RemoteAccount> {
        let own = self.record.identity.account_id.as_ref();
        // Which accounts belong to the same organization is not known to a scan: none is called affiliated.
        (!own.is_empty() && own != self.account)
            .then(|| crate::facts::signal::RemoteAccount { account_id: bounded(own), affiliated: false })
    }

    /// The bucket that the request names.
    pub fn bucket(&self) -> Option<Str> {
        self.parameter("bucketName").filter(|b| !b.is_empty()).map(|b| bounded(&b))
    }
}

/// What a call does to data, by its name. AWS names calls by their verb; management calls that are not in the
/// list or describe class are taken for writes when a caller is on a list: the tester of AWS expects
/// `GetUser` to be `UnauthorizedAccess`, not `Recon`.
pub fn is_recon(api: &str) -> bool {
    api.starts_with("List") || api.starts_with("Describe")
}

/// The 128 bits of a UUID as CloudTrail writes them: lower case, with dashes (RFC 9562, section 4).
fn uuid(text: &[u8]) -> Option<[u64; 2]> {
    /// The value of a digit, 16 where it is none.
    const DIGITS: [u8; 256] = {
        let mut digits = [16; 256];
        let mut n = 0;
        while n < 16 {
            digits[b"0123456789abcdef"[n] as usize] = n as u8;
            n += 1;
        }
        digits
    };
    let text: &[u8; 36] = text.try_into().ok()?;
    let dashes = [8, 13, 18, 23].iter().all(|&at| text[at] == b'-');
    let mut bad = 0;
    let mut part = |range: std::ops::Range<usize>| {
        text[range].iter().fold(0_u64, |bits, &byte| {
            let digit = DIGITS[usize::from(byte)];
            bad |= digit;
            bits << 4 | u64::from(digit & 15)
        })
    };
    let high = part(0..8) << 32 | part(9..13) << 16 | part(14..18);
    let low = part(19..23) << 48 | part(24..36);
    (dashes && bad < 16).then_some([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids() {
        let id = uuid(b"0123abcd-4567-89ab-cdef-0123456789ab").unwrap();
        assert_eq!(id, [0x0123_abcd_4567_89ab, 0xcdef_0123_4567_89ab]);
        assert_eq!(uuid(b"0123abcd-4567-89ab-cdef-0123456789aG"), None);
        assert_eq!(uuid(b"0123abcd-4567-89ab-cdef_0123456789ab"), None);
        assert_eq!(uuid(b"x"), None);
    }
}
