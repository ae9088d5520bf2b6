"""CloudTrail events: the planted ones, and a benign background."""

import json
import uuid
from datetime import UTC, datetime

from .places import DAY, HOME, OTHER, REGION, SECOND_REGION

CLI = "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0 exe/x86_64"
OFFICE = "88.130.4.20"


def iso(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Trail:
    """Collects events with ids that follow from their order."""

    def __init__(self):
        self.events = {}
        self.count = 0

    def user(self, name, account=HOME, key=None):
        return {
            "type": "IAMUser",
            "principalId": "AIDA" + name.upper().ljust(16, "X"),
            "arn": f"arn:aws:iam::{account}:user/{name}",
            "accountId": account,
            "accessKeyId": key or "AKIA" + name.upper().ljust(16, "K"),
            "userName": name,
        }

    def root(self, account=HOME, assumed=False):
        identity = {"type": "Root", "principalId": account, "arn": f"arn:aws:iam::{account}:root", "accountId": account}
        if assumed:
            session = {"sessionIssuer": {}, "attributes": {"mfaAuthenticated": "false"}, "assumedRoot": "true"}
            identity |= {"accessKeyId": "ASIA" + "R" * 16, "sessionContext": session}
        return identity

    def session(self, role, name, issued_to=None):
        """A session of a role; `issued_to` is the ARN of the function or task that got the credentials."""
        principal = "AROA" + role.upper().ljust(16, "R")
        issuer = {"type": "Role", "principalId": principal, "arn": f"arn:aws:iam::{HOME}:role/{role}",
                  "accountId": HOME, "userName": role}
        return {
            "type": "AssumedRole",
            "principalId": f"{principal}:{name}",
            "arn": f"arn:aws:sts::{HOME}:assumed-role/{role}/{name}",
            "accountId": HOME,
            "accessKeyId": "ASIA" + role.upper().ljust(16, "S"),
            "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
        } | ({"inScopeOf": {"credentialsIssuedTo": issued_to}} if issued_to else {})

    def call(self, at, who, service, name, ip=OFFICE, agent=CLI, request=None, region=REGION, **more):
        """Adds one event. `more` are members that stand instead of the usual ones."""
        self.count += 1
        account = who["accountId"]
        data = more.pop("data", False)
        event = {
            "eventVersion": "1.09",
            "userIdentity": who,
            "eventTime": iso(at),
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": ip,
            "userAgent": agent,
            "requestParameters": request,
            "responseElements": None,
            "requestID": str(uuid.UUID(int=self.count << 64)),
            "eventID": str(uuid.UUID(int=self.count)),
            "readOnly": name.startswith(("Get", "List", "Describe", "Head")),
            "eventType": "AwsApiCall",
            "managementEvent": not data,
            "recipientAccountId": account,
            "eventCategory": "Data" if data else "Management",
        } | more
        self.events.setdefault((account, region), []).append(event)

    def s3(self, at, who, name, **options):
        """An S3 data event."""
        bucket = "reports-of-the-house"
        resources = [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/a.csv"},
            {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}", "accountId": HOME},
        ]
        request = {"bucketName": bucket, "key": "a.csv", "Host": f"{bucket}.s3.amazonaws.com"}
        self.call(at, who, "s3", name, request=request, resources=resources, data=True, **options)


def callers(trail, t):
    """Calls from listed addresses and with a listed key."""
    for n, (name, ip) in enumerate([("mal", "45.95.6.10"), ("tor", "45.95.3.10"), ("own", "45.95.9.10")]):
        who, at = trail.user(name), t + n * 600
        trail.call(at, who, "iam", "ListUsers", ip=ip, request=None)
        trail.call(at + 5, who, "iam", "CreateUser", ip=ip, request={"userName": "x"})
        for i, api in enumerate(("ListObjects", "GetObject", "PutObject")):
            trail.s3(at + 10 + i, who, api, ip=ip)
    trail.call(t + 2400, trail.user("lost", key="AKIA" + "Q" * 16), "sts", "GetCallerIdentity")
    # A listed address that is trusted as well, and a caller that is an AWS service.
    trail.call(t + 2500, trail.user("friend"), "iam", "ListUsers", ip="45.95.10.10")
    trail.call(t + 2600, trail.user("friend"), "iam", "ListUsers", ip="cloudformation.amazonaws.com")
    for n, system in enumerate(("kali", "parrot", "pentoo")):
        agent = f"aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-{system}1-amd64"
        trail.call(t + 3000 + n, trail.user(f"pen{n}"), "ec2", "DescribeInstances", agent=agent)
        trail.s3(t + 3010 + n, trail.user(f"pen{n}"), "GetObject", agent=agent)


def changes(trail, t):
    """Calls that are findings by what they do, each by a user of its own, and a denied twin of one."""
    logging, bucket = {"name": "main-trail"}, {"bucketName": "open-house"}
    off = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False, "BlockPublicPolicy": True,
                                              "IgnorePublicAcls": True, "RestrictPublicBuckets": True}}
    everybody = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open-house/*"}]}
    group = {"Grantee": {"xsi:type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},
             "Permission": "READ"}
    acl = {"AccessControlPolicy": {"Owner": {"ID": "o"}, "AccessControlList": {"Grant": [group]}}}
    unlogged = {"BucketLoggingStatus": {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"}}
    weak = {"minimumPasswordLength": 6, "requireSymbols": False, "requireNumbers": False,
            "requireUppercaseCharacters": False, "requireLowercaseCharacters": False}
    administrator = {"userName": "ch7", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    calls = [
        ("cloudtrail", "StopLogging", logging),
        ("s3", "PutBucketPublicAccessBlock", bucket | off),
        ("s3", "PutAccountPublicAccessBlock", {"accountId": HOME} | off),
        ("s3", "PutBucketPolicy", bucket | {"bucketPolicy": everybody}),
        ("s3", "PutBucketAcl", bucket | acl),
        ("s3", "PutBucketLogging", bucket | unlogged),
        ("iam", "UpdateAccountPasswordPolicy", weak),
        ("iam", "AttachUserPolicy", administrator),
        ("bedrock", "DeleteModelInvocationLoggingConfiguration", None),
    ]
    for n, (service, api, request) in enumerate(calls):
        trail.call(t + n * 60, trail.user(f"ch{n}"), service, api, request=request)
    denied = {"errorCode": "AccessDenied", "errorMessage": "not authorized"}
    trail.call(t + 900, trail.user("denied"), "cloudtrail", "StopLogging", request=logging, **denied)
    trail.call(t + 960, trail.root(), "iam", "ListUsers")
    trail.call(t + 1020, trail.root(OTHER, assumed=True), "s3", "DeleteBucketPolicy", request=bucket)


#: A gateway's address, and another account's: both are EC2's.
GATEWAY, ELSEWHERE = "54.80.1.1", "18.208.7.7"
#: Addresses of a thief, in a country of its own, and of an office.
THIEF, BRITISH = "202.196.224.10", "81.2.69.142"
STOLEN = "i-0bbbbbbbbbbbb0900"


def credentials(trail, t):
    """Stolen credentials of an instance, a function and a task; sign-ins from two countries; a key that slept."""
    task = f"arn:aws:ecs:{REGION}:{HOME}:task/shop/" + "0f" * 16
    function = f"arn:aws:lambda:{REGION}:{HOME}:function:resize"
    robots = [trail.session("app", STOLEN), trail.session("shop", "0f" * 16, task)]
    opened = {"credentials": {"accessKeyId": robots[0]["accessKeyId"]}, "assumedRoleUser": {"arn": robots[0]["arn"]}}
    trail.call(t - 60, trail.user("opener"), "sts", "AssumeRole", responseElements=opened)
    for n in range(12):
        for who in robots:
            trail.call(t + n * 600, who, "ec2", "DescribeInstances", ip=GATEWAY)
    for who in robots:
        trail.call(t + 1000, who, "s3", "ListBuckets", ip=THIEF)
        trail.call(t + 2400, who, "s3", "ListBuckets", ip=ELSEWHERE)
        trail.call(t + 3500, who, "s3", "ListBuckets", ip=ELSEWHERE)
    resize = trail.session("resize-role", "resize", function)
    for n, ip in enumerate((GATEWAY, ELSEWHERE, THIEF)):
        trail.call(t + n * 90, resize, "s3", "ListBuckets", ip=ip)
    for n, ip in enumerate((BRITISH, THIEF)):
        trail.call(t + n * 600, trail.user("traveller"), "signin", "ConsoleLogin", ip=ip, eventType="AwsConsoleSignIn",
                   responseElements={"ConsoleLogin": "Success"})
    # In an account of its own: in the others nothing is learned yet.
    for at in (t - 100 * 86_400, t):
        trail.call(at, trail.user("sleeper", "777788889999"), "ec2", "DescribeInstances")


def background(trail, count):
    """Benign calls of a dozen users in two accounts and regions over two days."""
    apis = [("ec2", "DescribeInstances"), ("s3", "ListBuckets"), ("iam", "GetUser"), ("kms", "Decrypt"),
            ("logs", "CreateLogStream"), ("sts", "GetCallerIdentity"), ("ssm", "GetParameter")]
    for n in range(count):
        account = OTHER if n % 5 == 0 else HOME
        region = SECOND_REGION if n % 3 == 0 else REGION
        service, api = apis[n * 7 % 13 % len(apis)]
        request = {"name": f"item-{n * 7919 % 1009}", "note": 'quoted "text" and \\ and \u00e9'}
        ip = f"88.130.{n % 12}.{n * 31 % 200 + 1}"
        at = DAY + n * 172_800 // max(count, 1)
        trail.call(at, trail.user(f"user{n % 12}", account), service, api, ip=ip, request=request, region=region)


def events(count):
    """All events by account and region."""
    trail = Trail()
    background(trail, count)
    callers(trail, DAY + 90_000)
    changes(trail, DAY + 100_000)
    credentials(trail, DAY + 110_000)
    return trail.events


def text(records):
    """One delivered object."""
    return json.dumps({"Records": records}, separators=(",", ":")).encode()
