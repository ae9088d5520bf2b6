//! CloudTrail events (AWS, "CloudTrail record contents").

use crate::json::{Cursor, Problem, Raw, Stop, Text};
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

/// Reads the event at the cursor. `Problem::Member` leaves the cursor behind the object, so that reading goes
/// on with the next one.
pub fn parse<'a>(cursor: &mut Cursor<'a>) -> Result<CloudTrailRecord<'a>, Problem> {
    let mut r = CloudTrailRecord::default();
    let mut time: Option<Text<'a>> = None;
    let mut management: Option<bool> = None;
    let mut category: Cow<'a, str> = Cow::Borrowed("");
    cursor.enter_object()?;
    in_order(cursor, &mut r, &mut time)?;
    while let Some(key) = cursor.next_key()? {
        match key.raw() {
            b"userIdentity" => identity(cursor, &mut r.identity)?,
            b"eventTime" => time = cursor.string_or_skip()?,
            b"eventID" => r.event_id = text(cursor)?,
            b"eventSource" => r.event_source = text(cursor)?,
            b"eventName" => r.event_name = text(cursor)?,
            b"eventType" => r.event_type = text(cursor)?,
            b"awsRegion" => r.region = text(cursor)?,
            b"sourceIPAddress" => r.source_ip = text(cursor)?,
            b"userAgent" => r.user_agent = text(cursor)?,
            b"errorCode" => r.error_code = text(cursor)?,
            b"recipientAccountId" => r.recipient_account = text(cursor)?,
            b"eventCategory" => category = text(cursor)?,
            b"managementEvent" => management = cursor.boolean_or_skip()?,
            b"readOnly" => r.read_only = cursor.boolean_or_skip()?,
            b"requestParameters" => r.request = cursor.raw_or_null()?,
            b"responseElements" => r.response = cursor.raw_or_null()?,
            b"additionalEventData" => r.additional = cursor.raw_or_null()?,
            b"resources" => r.resources = cursor.raw_or_null()?,
            b"vpcEndpointId" => r.vpc_endpoint_id = text(cursor)?,
            b"vpcEndpointAccountId" => r.vpc_endpoint_account = text(cursor)?,
            b"sharedEventID" => r.shared_event_id = text(cursor)?,
            b"sessionCredentialFromConsole" => r.from_console = cursor.boolean_or_skip()?.unwrap_or(false),
            b"tlsDetails" => r.tls = cursor.raw_or_null()?,
            b"addendum" => r.addendum = cursor.raw_or_null()?,
            b"edgeDeviceDetails" => r.edge_device = cursor.raw_or_null()?,
            b"serviceEventDetails" => r.service_event = cursor.raw_or_null()?,
            _ => cursor.skip_value()?,
        }
    }
    r.time = time
        .and_then(|t| EventTime::parse_rfc3339(&t.decode()))
        .ok_or(Problem::Member("eventTime is missing or no time"))?;
    if r.event_name.is_empty() {
        return Err(Problem::Member("eventName is missing"));
    }
    if r.event_source.is_empty() {
        return Err(Problem::Member("eventSource is missing"));
    }
    r.category = match category.as_ref() {
        "Management" => Category::Management,
        "Data" => Category::Data,
        "NetworkActivity" => Category::NetworkActivity,
        "Insight" => Category::Insight,
        _ if r.event_type == "AwsCloudTrailInsight" => Category::Insight,
        _ => match management {
            Some(true) => Category::Management,
            Some(false) => Category::Data,
            None if r.event_source == "s3.amazonaws.com" && OBJECT_CALLS.contains(&r.event_name.as_ref()) => {
                Category::Data
            }
            None => Category::Management,
        },
    };
    Ok(r)
}

/// CloudTrail writes the members in one order and without white space. As many of the first ones as stand so are
/// taken without looking at their names byte by byte; whatever comes next is for the general loop.
fn in_order<'a>(
    cursor: &mut Cursor<'a>,
    r: &mut CloudTrailRecord<'a>,
    time: &mut Option<Text<'a>>,
) -> Result<(), Stop> {
    if !cursor.literal(b"\"eventVersion\":\"") {
        return Ok(());
    }
    cursor.string_rest()?;
    if !cursor.literal(b",\"userIdentity\":") {
        return Ok(());
    }
    identity(cursor, &mut r.identity)?;
    if !cursor.literal(b",\"eventTime\":\"") {
        return Ok(());
    }
    *time = Some(cursor.string_rest()?);
    let fields: [(&[u8], &mut Cow<'a, str>); 5] = [
        (b",\"eventSource\":\"", &mut r.event_source),
        (b",\"eventName\":\"", &mut r.event_name),
        (b",\"awsRegion\":\"", &mut r.region),
        (b",\"sourceIPAddress\":\"", &mut r.source_ip),
        (b",\"userAgent\":\"", &mut r.user_agent),
    ];
    take_in_order(cursor, fields)
}

#[inline]
fn take_in_order<'a, const N: usize>(
    cursor: &mut Cursor<'a>,
    fields: [(&[u8], &mut Cow<'a, str>); N],
) -> Result<(), Stop> {
    for (name, field) in fields {
        if !cursor.literal(name) {
            return Ok(());
        }
        *field = cursor.string_rest()?.decode();
    }
    Ok(())
}

#[inline]
fn text<'a>(cursor: &mut Cursor<'a>) -> Result<Cow<'a, str>, Stop> {
    Ok(cursor.string_or_skip()?.map_or(Cow::Borrowed(""), Text::decode))
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
    let fields: [(&[u8], &mut Cow<'a, str>); 5] = [
        (b"\"type\":\"", &mut id.kind),
        (b",\"principalId\":\"", &mut id.principal_id),
        (b",\"arn\":\"", &mut id.arn),
        (b",\"accountId\":\"", &mut id.account_id),
        (b",\"accessKeyId\":\"", &mut id.access_key_id),
    ];
    take_in_order(cursor, fields)?;
    while let Some(key) = cursor.next_key()? {
        match key.raw() {
            b"type" => id.kind = text(cursor)?,
            b"principalId" => id.principal_id = text(cursor)?,
            b"arn" => id.arn = text(cursor)?,
            b"accountId" => id.account_id = text(cursor)?,
            b"accessKeyId" => id.access_key_id = text(cursor)?,
            b"userName" => id.user_name = text(cursor)?,
            b"invokedBy" => id.invoked_by = text(cursor)?,
            b"identityProvider" => id.identity_provider = text(cursor)?,
            b"sessionContext" => session(cursor, id)?,
            b"onBehalfOf" => on_behalf_of(cursor, id)?,
            b"inScopeOf" => in_scope_of(cursor, id)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

fn session<'a>(cursor: &mut Cursor<'a>, id: &mut Identity<'a>) -> Result<(), Stop> {
    if !enter(cursor)? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key.raw() {
            b"sessionIssuer" => issuer(cursor, &mut id.issuer)?,
            b"attributes" => {
                if enter(cursor)? {
                    while let Some(key) = cursor.next_key()? {
                        match key.raw() {
                            b"mfaAuthenticated" => id.mfa = cursor.boolean_or_skip()?,
                            _ => cursor.skip_value()?,
                        }
                    }
                }
            }
            b"ec2RoleDelivery" => id.ec2_role_delivery = text(cursor)?,
            b"ec2IssuedInVpc" => id.ec2_issued_in_vpc = text(cursor)?,
            b"sourceIdentity" => id.source_identity = text(cursor)?,
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
        match key.raw() {
            b"userId" => id.on_behalf_of = text(cursor)?,
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
        match key.raw() {
            b"credentialsIssuedTo" => id.issued_to = text(cursor)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}

fn issuer<'a>(cursor: &mut Cursor<'a>, issuer: &mut Issuer<'a>) -> Result<(), Stop> {
    if !enter(cursor)? {
        return Ok(());
    }
    while let Some(key) = cursor.next_key()? {
        match key.raw() {
            b"type" => issuer.kind = text(cursor)?,
            b"arn" => issuer.arn = text(cursor)?,
            b"principalId" => issuer.principal_id = text(cursor)?,
            b"userName" => issuer.user_name = text(cursor)?,
            b"accountId" => issuer.account_id = text(cursor)?,
            _ => cursor.skip_value()?,
        }
    }
    Ok(())
}
