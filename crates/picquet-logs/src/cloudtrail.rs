//! CloudTrail events (AWS, "CloudTrail record contents").

use crate::json::{Cursor, Problem, Raw, Stop};
use crate::report::RecordKind;
use picquet_model::EventTime;
use std::borrow::Cow;

/// Who called.
#[derive(Clone, Debug, Default)]
pub struct Identity<'a> {
    /// `Root`, `IAMUser`, `AssumedRole`, `FederatedUser`, `AWSAccount`, `AWSService`, `IdentityCenterUser`,
    /// `SAMLUser`, `WebIdentityUser`, `Directory`, `Unknown`, ...
    pub kind: Cow<'a, str>,
    /// The unique id, with the session's name behind a colon.
    pub principal_id: Cow<'a, str>,
    /// The principal's ARN.
    pub arn: Cow<'a, str>,
    /// The account that the principal belongs to.
    pub account_id: Cow<'a, str>,
    /// The key that signed the call.
    pub access_key_id: Cow<'a, str>,
    /// The friendly name.
    pub user_name: Cow<'a, str>,
    /// The user of IAM Identity Center for whom the call was made: such an identity has no other id (CloudTrail user
    /// guide, "CloudTrail userIdentity element", `onBehalfOf`).
    pub on_behalf_of: Cow<'a, str>,
    /// The AWS service that called on behalf of the principal.
    pub invoked_by: Cow<'a, str>,
    /// The identity provider of a federated user.
    pub identity_provider: Cow<'a, str>,
    /// Who issued the session.
    pub issuer: Issuer<'a>,
    /// Whether the session was opened with a second factor.
    pub mfa: Option<bool>,
    /// `1.0` or `2.0`: the metadata service's version that delivered the role's credentials.
    pub ec2_role_delivery: Cow<'a, str>,
    /// The VPC in which instance credentials were issued.
    pub ec2_issued_in_vpc: Cow<'a, str>,
    /// Set by whoever assumed the role.
    pub source_identity: Cow<'a, str>,
    /// Whether the session is one of `sts:AssumeRoot`.
    pub assumed_root: bool,
    /// The function or task that the credentials were issued to (CloudTrail user guide, "CloudTrail userIdentity
    /// element", `inScopeOf.credentialsIssuedTo`).
    pub issued_to: Cow<'a, str>,
}

/// The principal behind a session.
#[derive(Clone, Debug, Default)]
pub struct Issuer<'a> {
    /// `Role`, `IAMUser`, `Root`.
    pub kind: Cow<'a, str>,
    /// The principal's ARN.
    pub arn: Cow<'a, str>,
    /// Its unique id.
    pub principal_id: Cow<'a, str>,
    /// Its friendly name.
    pub user_name: Cow<'a, str>,
    /// Its account.
    pub account_id: Cow<'a, str>,
}

/// One event. A member that is absent or `null` is empty or `None`.
#[derive(Clone, Debug, Default)]
pub struct CloudTrailRecord<'a> {
    /// When the request was completed.
    pub time: EventTime,
    /// A UUID that is the same in every trail that delivers the event.
    pub event_id: Cow<'a, str>,
    /// `ec2.amazonaws.com`.
    pub event_source: Cow<'a, str>,
    /// The API's name.
    pub event_name: Cow<'a, str>,
    /// `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleAction`, `AwsConsoleSignIn`, ...
    pub event_type: Cow<'a, str>,
    /// The region the request was made to; global services write `us-east-1`.
    pub region: Cow<'a, str>,
    /// An address, or an AWS service's domain name.
    pub source_ip: Cow<'a, str>,
    /// As the caller sent it.
    pub user_agent: Cow<'a, str>,
    /// Set when the call failed.
    pub error_code: Cow<'a, str>,
    /// The account that the event was delivered to.
    pub recipient_account: Cow<'a, str>,
    /// Management, data or network activity.
    pub category: Category,
    /// Whether the call only read.
    pub read_only: Option<bool>,
    /// Who called.
    pub identity: Identity<'a>,
    /// The request, unread.
    pub request: Option<Raw<'a>>,
    /// The response, unread.
    pub response: Option<Raw<'a>>,
    /// What the service adds, unread.
    pub additional: Option<Raw<'a>>,
    /// ARNs and accounts of what was touched, unread.
    pub resources: Option<Raw<'a>>,
    /// `vpce-...`.
    pub vpc_endpoint_id: Cow<'a, str>,
    /// The account that owns the endpoint.
    pub vpc_endpoint_account: Cow<'a, str>,
    /// Shared by the copies of one action in several accounts.
    pub shared_event_id: Cow<'a, str>,
    /// The credentials came from a console session.
    pub from_console: bool,
    /// `tlsDetails`, unread.
    pub tls: Option<Raw<'a>>,
    /// Why the event was delivered late or was changed, unread.
    pub addendum: Option<Raw<'a>>,
    /// The device of an edge request, unread.
    pub edge_device: Option<Raw<'a>>,
    /// `serviceEventDetails`, unread.
    pub service_event: Option<Raw<'a>>,
}

/// The category of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Category {
    /// Control plane.
    #[default]
    Management,
    /// Data plane.
    Data,
    /// VPC endpoints.
    NetworkActivity,
    /// Not an API call but CloudTrail's own statistics.
    Insight,
}

impl Category {
    /// The kind that the record counts as; `None` for insight events.
    pub fn kind(self) -> Option<RecordKind> {
        match self {
            Self::Management => Some(RecordKind::CloudTrailManagement),
            Self::Data => Some(RecordKind::CloudTrailData),
            Self::NetworkActivity => Some(RecordKind::CloudTrailNetwork),
            Self::Insight => None,
        }
    }
}

/// S3's object-level calls, by which data events are told from management events in logs that are older than
/// `managementEvent` and `eventCategory` (AWS, "Amazon S3 CloudTrail events", object-level actions).
const OBJECT_CALLS: [&str; 22] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "GetObject",
    "GetObjectAcl",
    "GetObjectTagging",
    "GetObjectTorrent",
    "HeadObject",
    "ListObjects",
    "ListObjectVersions",
    "ListParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectTagging",
    "RestoreObject",
    "SelectObjectContent",
    "UploadPart",
    "UploadPartCopy",
];

/// Reads the event at the cursor into an empty record, so that it is made where it is read from. `Problem::Member`
/// leaves the cursor behind the object, so that reading goes on with the next one.
pub fn parse<'a>(cursor: &mut Cursor<'a>, r: &mut CloudTrailRecord<'a>) -> Result<(), Problem> {
    let mut more = More::default();
    cursor.enter_object()?;
    in_order(cursor, r, &mut more)?;
    while let Some(key) = cursor.next_key()? {
        match key {
            b"userIdentity" => identity(cursor, &mut r.identity)?,
            b"eventTime" => cursor.text(&mut more.time)?,
            b"eventID" => cursor.text(&mut r.event_id)?,
            b"eventSource" => cursor.text(&mut r.event_source)?,
            b"eventName" => cursor.text(&mut r.event_name)?,
            b"eventType" => cursor.text(&mut r.event_type)?,
            b"awsRegion" => cursor.text(&mut r.region)?,
            b"sourceIPAddress" => cursor.text(&mut r.source_ip)?,
            b"userAgent" => cursor.text(&mut r.user_agent)?,
            b"errorCode" => cursor.text(&mut r.error_code)?,
            b"recipientAccountId" => cursor.text(&mut r.recipient_account)?,
            b"eventCategory" => cursor.text(&mut more.category)?,
            b"managementEvent" => more.management = cursor.boolean_or_skip()?,
            b"readOnly" => r.read_only = cursor.boolean_or_skip()?,
            b"requestParameters" => r.request = cursor.raw_or_null()?,
            b"responseElements" => r.response = cursor.raw_or_null()?,
            b"additionalEventData" => r.additional = cursor.raw_or_null()?,
            b"resources" => r.resources = cursor.raw_or_null()?,
            b"vpcEndpointId" => cursor.text(&mut r.vpc_endpoint_id)?,
            b"vpcEndpointAccountId" => cursor.text(&mut r.vpc_endpoint_account)?,
            b"sharedEventID" => cursor.text(&mut r.shared_event_id)?,
            b"sessionCredentialFromConsole" => r.from_console = cursor.boolean_or_skip()?.unwrap_or(false),
            b"tlsDetails" => r.tls = cursor.raw_or_null()?,
            b"addendum" => r.addendum = cursor.raw_or_null()?,
            b"edgeDeviceDetails" => r.edge_device = cursor.raw_or_null()?,
            b"serviceEventDetails" => r.service_event = cursor.raw_or_null()?,
            _ => cursor.skip_value()?,
        }
    }
    r.time = EventTime::parse_rfc3339(&more.time).ok_or(Problem::Member("eventTime is missing or no time"))?;
    if r.event_name.is_empty() {
        return Err(Problem::Member("eventName is missing"));
    }
    if r.event_source.is_empty() {
        return Err(Problem::Member("eventSource is missing"));
    }
    r.category = match more.category.as_ref() {
        "Management" => Category::Management,
        "Data" => Category::Data,
        "NetworkActivity" => Category::NetworkActivity,
        "Insight" => Category::Insight,
        _ if r.event_type == "AwsCloudTrailInsight" => Category::Insight,
        _ => match more.management {
            Some(true) => Category::Management,
            Some(false) => Category::Data,
            None if r.event_source == "s3.amazonaws.com" && OBJECT_CALLS.contains(&r.event_name.as_ref()) => {
                Category::Data
            }
            None => Category::Management,
        },
    };
    Ok(())
}

/// What the record's time and category are made of.
#[derive(Default)]
struct More<'a> {
    time: Cow<'a, str>,
    category: Cow<'a, str>,
    management: Option<bool>,
}

/// CloudTrail writes the members in one order and without white space. As many as stand so are taken without looking
/// at their names byte by byte; whatever comes next is for the general loop.
#[inline]
fn in_order<'a>(cursor: &mut Cursor<'a>, r: &mut CloudTrailRecord<'a>, more: &mut More<'a>) -> Result<(), Stop> {
    if cursor.plain(b"\"eventVersion\":\"").is_none() || !cursor.literal(b",\"userIdentity\":") {
        return Ok(());
    }
    identity(cursor, &mut r.identity)?;
    if call(cursor, r, more).is_none() || !cursor.literal(b",\"requestParameters\":") {
        return Ok(());
    }
    r.request = cursor.raw_or_null()?;
    if !cursor.literal(b",\"responseElements\":") {
        return Ok(());
    }
    r.response = cursor.raw_or_null()?;
    if cursor.literal(b",\"additionalEventData\":") {
        r.additional = cursor.raw_or_null()?;
    }
    if cursor.plain(b",\"requestID\":\"").is_none() {
        return Ok(());
    }
    let Some(id) = cursor.plain(b",\"eventID\":\"") else { return Ok(()) };
    r.event_id = id;
    if !cursor.literal(b",\"readOnly\":") {
        return Ok(());
    }
    r.read_only = cursor.boolean_or_skip()?;
    if cursor.literal(b",\"resources\":") {
        r.resources = cursor.raw_or_null()?;
    }
    let Some(kind) = cursor.plain(b",\"eventType\":\"") else { return Ok(()) };
    r.event_type = kind;
    if !cursor.literal(b",\"managementEvent\":") {
        return Ok(());
    }
    more.management = cursor.boolean_or_skip()?;
    if let Some(account) = cursor.plain(b",\"recipientAccountId\":\"") {
        r.recipient_account = account;
        if let Some(category) = cursor.plain(b",\"eventCategory\":\"") {
            more.category = category;
            if cursor.literal(b",\"tlsDetails\":") {
                r.tls = cursor.raw_or_null()?;
            }
        }
    }
    Ok(())
}

/// The members between the identity and the request.
#[inline(always)]
fn call<'a>(cursor: &mut Cursor<'a>, r: &mut CloudTrailRecord<'a>, more: &mut More<'a>) -> Option<()> {
    more.time = cursor.plain(b",\"eventTime\":\"")?;
    r.event_source = cursor.plain(b",\"eventSource\":\"")?;
    r.event_name = cursor.plain(b",\"eventName\":\"")?;
    r.region = cursor.plain(b",\"awsRegion\":\"")?;
    r.source_ip = cursor.plain(b",\"sourceIPAddress\":\"")?;
    r.user_agent = cursor.plain(b",\"userAgent\":\"")?;
    if let Some(code) = cursor.plain(b",\"errorCode\":\"") {
        r.error_code = code;
        cursor.plain(b",\"errorMessage\":\"");
    }
    Some(())
}

/// Enters a value that should be an object; anything else is stepped over.
#[inline]
fn enter(cursor: &mut Cursor<'_>) -> Result<bool, Stop> {
    if cursor.peek()? == b'{' {
        cursor.enter_object()?;
        return Ok(true);
    }
    cursor.skip_value()?;
    Ok(false)
}

fn identity<'a>(cursor: &mut Cursor<'a>, id: &mut Identity<'a>) -> Result<(), Stop> {
    if !enter(cursor)? {
        return Ok(());
    }
    caller(cursor, id);
    while let Some(key) = cursor.next_key()? {
        match key {
            b"type" => cursor.text(&mut id.kind)?,
            b"principalId" => cursor.text(&mut id.principal_id)?,
            b"arn" => cursor.text(&mut id.arn)?,
            b"accountId" => cursor.text(&mut id.account_id)?,
            b"accessKeyId" => cursor.text(&mut id.access_key_id)?,
            b"userName" => cursor.text(&mut id.user_name)?,
            b"invokedBy" => cursor.text(&mut id.invoked_by)?,
            b"identityProvider" => cursor.text(&mut id.identity_provider)?,
            b"sessionContext" => session(cursor, id)?,
            b"onBehalfOf" => on_behalf_of(cursor, id)?,
            b"inScopeOf" => in_scope_of(cursor, id)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

/// The first members of an identity.
#[inline(always)]
fn caller<'a>(cursor: &mut Cursor<'a>, id: &mut Identity<'a>) -> Option<()> {
    id.kind = cursor.plain(b"\"type\":\"")?;
    id.principal_id = cursor.plain(b",\"principalId\":\"")?;
    id.arn = cursor.plain(b",\"arn\":\"")?;
    id.account_id = cursor.plain(b",\"accountId\":\"")?;
    id.access_key_id = cursor.plain(b",\"accessKeyId\":\"")?;
    Some(())
}

fn session<'a>(cursor: &mut Cursor<'a>, id: &mut Identity<'a>) -> Result<(), Stop> {
    if !enter(cursor)? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key {
            b"sessionIssuer" => issuer(cursor, &mut id.issuer)?,
            b"attributes" => {
                if enter(cursor)? {
                    while let Some(key) = cursor.next_key()? {
                        match key {
                            b"mfaAuthenticated" => id.mfa = cursor.boolean_or_skip()?,
                            _ => cursor.skip_value()?,
                        }
                    }
                }
            }
            b"ec2RoleDelivery" => cursor.text(&mut id.ec2_role_delivery)?,
            b"ec2IssuedInVpc" => cursor.text(&mut id.ec2_issued_in_vpc)?,
            b"sourceIdentity" => cursor.text(&mut id.source_identity)?,
            b"assumedRoot" => id.assumed_root = cursor.boolean_or_skip()?.unwrap_or(false),
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

fn on_behalf_of<'a>(cursor: &mut Cursor<'a>, id: &mut Identity<'a>) -> Result<(), Stop> {
    if !enter(cursor)? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key {
            b"userId" => cursor.text(&mut id.on_behalf_of)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

fn in_scope_of<'a>(cursor: &mut Cursor<'a>, id: &mut Identity<'a>) -> Result<(), Stop> {
    if !enter(cursor)? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key {
            b"credentialsIssuedTo" => cursor.text(&mut id.issued_to)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

fn issuer<'a>(cursor: &mut Cursor<'a>, issuer: &mut Issuer<'a>) -> Result<(), Stop> {
    if !enter(cursor)? {
        return Ok(());
    }
    role(cursor, issuer);
    while let Some(key) = cursor.next_key()? {
        match key {
            b"type" => cursor.text(&mut issuer.kind)?,
            b"arn" => cursor.text(&mut issuer.arn)?,
            b"principalId" => cursor.text(&mut issuer.principal_id)?,
            b"userName" => cursor.text(&mut issuer.user_name)?,
            b"accountId" => cursor.text(&mut issuer.account_id)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

/// The members of a role that issued a session.
#[inline(always)]
fn role<'a>(cursor: &mut Cursor<'a>, issuer: &mut Issuer<'a>) -> Option<()> {
    issuer.kind = cursor.plain(b"\"type\":\"")?;
    issuer.principal_id = cursor.plain(b",\"principalId\":\"")?;
    issuer.arn = cursor.plain(b",\"arn\":\"")?;
    issuer.account_id = cursor.plain(b",\"accountId\":\"")?;
    issuer.user_name = cursor.plain(b",\"userName\":\"")?;
    Some(())
}
