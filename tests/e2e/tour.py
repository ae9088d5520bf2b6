"""A tour of all operations, in an order in which each finds what it needs. It is made twice: with inputs of the
members that must be there, and in another region with inputs of all."""

import datetime
import json
import uuid
from dataclasses import dataclass, field

from inputs import MOMENT, Maker, choices
from server import ACCOUNT, poll
from shapes import same

FRIEND, THIRD, NEWCOMER = "444455556666", "777788889999", "222233334444"
USERS = {"friend": FRIEND, "third": THIRD}
SETS = [("IPSet", "IPSets"), ("ThreatIntelSet", "ThreatIntelSets"), ("ThreatEntitySet", "ThreatEntitySets")]
SETS += [("TrustedEntitySet", "TrustedEntitySets")]
RULES = ("console-login-without-mfa", "dns-query-logs-deleted")
CRITERIA = {
    "severity": {"Gt": 0, "Gte": 1, "Lt": 11, "Lte": 10, "GreaterThan": 0, "GreaterThanOrEqual": 1}
    | {"LessThan": 11, "LessThanOrEqual": 10},
    "resource.resourceType": {"Eq": ["Instance"], "Equals": ["Instance"], "Neq": ["AccessKey"]}
    | {"NotEquals": ["AccessKey"], "Matches": ["Inst*"], "NotMatches": ["Acc*"]},
}
#: What belongs to features.
ADDITIONAL = {
    "EKS_RUNTIME_MONITORING": ["EKS_ADDON_MANAGEMENT"],
    "RUNTIME_MONITORING": ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"],
    "RDS_LOGIN_EVENTS": ["RDS_DATA_RISK"],
}
#: A condition that scans can be asked for with, whatever the key.
ANY_KEY = "{'EqualsValue': '1'}"
#: What shows one thing of a kind, where the value names the thing.
NAMES_ONE = {"GetCustomDetectionRuleOrgConfiguration"}
LATER = MOMENT + datetime.timedelta(hours=1)
#: Values of members that must fit a rule, by name.
VALUES = {
    "Criterion": CRITERIA,
    "Email": "owner@example.com",
    "ExpectedBucketOwner": ACCOUNT,
    "Features.Name": "RUNTIME_MONITORING",
    "Features.AdditionalConfiguration.Name": "EC2_AGENT_MANAGEMENT",
    "FindingTypes": ["Backdoor:EC2/DenialOfService.Tcp", "Recon:IAMUser/TorIPCaller"],
    "DestinationArn": "arn:aws:s3:::findings/here",
    "KmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0",
    "Role": f"arn:aws:iam::{ACCOUNT}:role/scanner",
    "BucketName": "uploads",
    "Bucket": "uploads",
    "RuleId": RULES[0],
    "TagKeys": ["team"],
    "Tags": {"team": "red"},
    "UsageCriteria.AccountIds": [ACCOUNT],
    "Unit": "USD",
    "OnlyAssociated": "false",
    "SortCriteria.AttributeName": "severity",
    "NextToken": None,
}


@dataclass
class Answer:
    """What was sent in one call, and what came back."""

    operation: str
    full: bool
    sent: dict
    status: int = 0
    headers: dict = field(default_factory=dict)
    raw: bytes = b""
    read: dict = field(default_factory=dict)

    def faults(self, model) -> list[str]:
        """Everything in which the answer is not what the model says."""
        operation = model.operation_model(self.operation)
        wanted = operation.http.get("responseCode", 200)
        faults = [] if self.status == wanted else [f"status {self.status}, and not {wanted}"]
        request = self.headers.get("x-amzn-requestid", "")
        if len(request) != 36 or request != self.read["ResponseMetadata"]["RequestId"]:
            faults.append(f"x-amzn-requestid is {request!r}")
        if wanted == 204:
            return faults if not self.raw else [*faults, f"a body: {self.raw!r}"]
        if self.headers.get("content-type") != "application/json":
            faults.append(f"content-type is {self.headers.get('content-type')!r}")
        body, read = json.loads(self.raw), {k: v for k, v in self.read.items() if k != "ResponseMetadata"}
        if operation.output_shape is None:
            return faults if body == {} == read else [*faults, f"members of no output: {body}"]
        return faults + same(operation.output_shape, body, read, self.operation)


class Tour:
    """Calls operations in one region, and remembers the answers."""

    def __init__(self, server, region: str, full: bool, lists):
        self.server, self.region, self.full, self.lists = server, region, full, lists
        self.answers: list[Answer] = []
        self.clients = {}
        self.paged: set[str] = set()
        self.detector = None

    def client(self, user):
        if user not in self.clients:
            client = self.server.client(user=user, region=self.region)
            client.meta.events.register("after-call.guardduty", self.remember)
            self.clients[user] = client
        return self.clients[user]

    def remember(self, http_response, parsed, model, **_):
        answer = self.answers[-1]
        assert answer.operation == model.name, (answer.operation, model.name)
        answer.status, answer.raw, answer.read = http_response.status_code, http_response.content, parsed
        answer.headers = {k.lower(): v for k, v in http_response.headers.items()}

    def call(self, operation, user="admin", full=None, **given) -> dict:
        """An operation with an input of the tour's kind."""
        client = self.client(user)
        model = client.meta.service_model.operation_model(operation)
        values = {**VALUES, "DetectorId": self.detector, "ClientToken": str(uuid.uuid4()), **given}
        made = Maker(model, self.full if full is None else full, values).make()
        return self.send(client, operation, made)

    def send(self, client, operation, made) -> dict:
        # A copy: boto3 adds a token of its own to what it is given.
        self.answers.append(Answer(operation, self.full, dict(made)))
        answer = client._make_api_call(operation, made)
        assert not answer.get("UnprocessedAccounts"), (operation, answer)
        return answer

    def list(self, operation, user="admin", **given) -> dict:
        """The first page of a list. A full input has the token of the next one, which is empty where there is none."""
        if not self.full:
            return self.call(operation, user, **given)
        first = self.call(operation, user, **given)
        if first.get("NextToken"):
            self.paged.add(operation)
        self.call(operation, user, **{**given, "NextToken": first.get("NextToken", "")})
        return first

    def make(self):
        """The tour."""
        self.detectors()
        self.filters()
        for kind, plural in SETS:
            self.sets(kind, plural)
        self.findings()
        self.destinations()
        self.tags()
        self.malware()
        self.rules()
        self.investigations()
        self.usage()
        if self.full:
            self.questions()
        self.invitations()
        self.organization()
        self.call("DeleteDetector")
        for user in ("friend", "third"):
            self.call("DeleteDetector", user, DetectorId=self.others[user])

    def features(self):
        """Each feature with all that belongs to it; those that exclude each other one after the other."""
        model = self.client("admin").meta.service_model
        names = model.shape_for("DetectorFeature").enum
        on = lambda name: {"Name": name, "Status": "ENABLED"}  # noqa: E731
        last = "EKS_RUNTIME_MONITORING"
        for some in ([name for name in names if name != last], [last]):
            wanted = {n: on(n) | {"AdditionalConfiguration": [on(a) for a in ADDITIONAL.get(n, ())]} for n in some}
            made = {"DetectorId": self.detector, "Features": [*wanted.values()]}
            self.send(self.client("admin"), "UpdateDetector", made)
            shown = {feature["Name"]: feature for feature in self.call("GetDetector")["Features"]}
            for name in some:
                more = {a["Name"]: a["Status"] for a in shown[name].get("AdditionalConfiguration", ())}
                assert shown[name]["Status"] == "ENABLED" and more == dict.fromkeys(ADDITIONAL.get(name, ()), "ENABLED")
        everything = set().union(*map(set, ADDITIONAL.values()))
        assert everything == set(model.shape_for("FeatureAdditionalConfiguration").enum)

    def detectors(self):
        self.detector = self.call("CreateDetector")["DetectorId"]
        self.call("GetDetector")
        assert self.list("ListDetectors")["DetectorIds"] == [self.detector]
        self.call("UpdateDetector", FindingPublishingFrequency="ONE_HOUR")
        if self.full:
            self.features()
        self.others = {u: self.call("CreateDetector", u, full=False)["DetectorId"] for u in ("friend", "third")}

    def filters(self):
        for name in ("first", "second"):
            self.call("CreateFilter", Name=name)
        self.list("ListFilters")
        self.call("GetFilter", FilterName="first")
        self.call("UpdateFilter", FilterName="first", Action="NOOP")
        self.call("DeleteFilter", FilterName="second")

    def sets(self, kind, plural):
        key = f"{kind.replace('IPSet', 'IpSet')}Id"
        location = f"file://{self.lists / 'list.txt'}"
        made = self.call(f"Create{kind}", Name="first", Location=location, ExpectedBucketOwner=ACCOUNT)[key]
        self.becomes("ACTIVE", kind, key, made)
        self.call(f"Update{kind}", **{key: made}, Name="renamed", Location=location)
        self.becomes("ACTIVE", kind, key, made)
        if kind.startswith("Threat"):
            # Threat lists can be several; one that cannot be read says why, if the model has a place for it.
            wrong = self.call(f"Create{kind}", Name="second", Location=f"file://{self.lists / 'none.txt'}")[key]
            self.becomes("ERROR", kind, key, wrong)
        self.list(f"List{plural}")
        self.call(f"Delete{kind}", **{key: made})
        self.becomes("DELETED", kind, key, made)

    def becomes(self, status, kind, key, made):
        poll(lambda: self.call(f"Get{kind}", **{key: made})["Status"] == status)

    def findings(self):
        self.call("CreateSampleFindings")
        self.call("CreateSampleFindings", full=False)
        if self.full:
            assert self.list("ListFindings")["FindingIds"]
        first = self.call("ListFindings", full=False)
        ids = first["FindingIds"]
        assert len(ids) == 50
        self.call("GetFindings", FindingIds=ids)
        while first.get("NextToken"):
            first = self.call("ListFindings", full=False, NextToken=first["NextToken"])
            self.call("GetFindings", full=False, FindingIds=first["FindingIds"])
        self.finding = ids[0]
        for operation in ("ArchiveFindings", "UnarchiveFindings", "UpdateFindingsFeedback"):
            self.call(operation, FindingIds=ids[:2])
        for group in ("ACCOUNT", "DATE", "FINDING_TYPE", "RESOURCE", "SEVERITY"):
            self.call("GetFindingsStatistics", GroupBy=group, FindingStatisticTypes=None)
        if self.full:
            # Either this or groups, not both.
            self.call("GetFindingsStatistics", GroupBy=None, OrderBy=None, MaxResults=None)

    def destinations(self):
        made = self.call("CreatePublishingDestination")["DestinationId"]
        self.call("DescribePublishingDestination", DestinationId=made)
        self.list("ListPublishingDestinations")
        self.call("UpdatePublishingDestination", DestinationId=made)
        self.call("DeletePublishingDestination", DestinationId=made)

    def tags(self):
        arn = f"arn:aws:guardduty:{self.region}:{ACCOUNT}:detector/{self.detector}"
        self.call("TagResource", ResourceArn=arn)
        assert self.call("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": "red"}
        self.call("UntagResource", ResourceArn=arn)
        assert self.call("ListTagsForResource", ResourceArn=arn)["Tags"] == {}

    def malware(self):
        made = self.call("CreateMalwareProtectionPlan", ObjectPrefixes=["in/"])["MalwareProtectionPlanId"]
        self.call("GetMalwareProtectionPlan", MalwareProtectionPlanId=made)
        self.list("ListMalwareProtectionPlans")
        self.call("UpdateMalwareProtectionPlan", MalwareProtectionPlanId=made)
        self.call("SendObjectMalwareScan", Key="in/file")
        arn = f"arn:aws:ec2:{self.region}:{ACCOUNT}:"
        if self.full:
            self.backups(arn)
        scan = self.call("StartMalwareScan", full=False, ResourceArn=f"{arn}instance/i-0aaaaaaaaaaaaaaa1")["ScanId"]
        self.call("GetMalwareScan", ScanId=scan)
        keys = {"ListMalwareScans": "ListMalwareScansCriterionKey", "DescribeMalwareScans": "CriterionKey"}
        for operation, key in keys.items():
            sort = {"SortCriteria.AttributeName": "scanStartTime", key: "SCAN_START_TIME"}
            self.list(operation, **sort, GreaterThan=0, LessThan=1 << 53, EqualsValue=None)
            if self.full:
                self.call(operation, **{**sort, key: "SCAN_ID"}, GreaterThan=None, LessThan=None, EqualsValue=scan)
                # A number fits each of the keys: see ANY_KEY.
                self.call(operation, **{**sort, key: "SCAN_ID"}, GreaterThan=None, LessThan=None, EqualsValue="1")
        self.call("UpdateMalwareScanSettings", Key="team")
        self.call("GetMalwareScanSettings")
        self.call("DeleteMalwareProtectionPlan", MalwareProtectionPlanId=made)

    def backups(self, arn):
        """What can be said of scans of backups: one after another, or of a time."""
        backup = arn.replace(":ec2:", ":backup:")
        snapshots = {"BaselineResourceArn": f"{arn}snapshot/snap-1", "ResourceArn": f"{arn}snapshot/snap-2"}
        scan = self.call("StartMalwareScan", ContinuousScanDetails=None, **snapshots)
        self.call("GetMalwareScan", ScanId=scan["ScanId"])
        times = {"EndTime": LATER, "IncrementalScanDetails": None}
        scan = self.call("StartMalwareScan", ResourceArn=f"{backup}recovery-point:1", **times)
        self.call("GetMalwareScan", ScanId=scan["ScanId"])

    def rules(self):
        self.list("ListCustomDetectionRules", Filters=[{"Name": "service", "Values": ["i"], "Condition": "CONTAINS"}])
        self.call("GetCustomDetectionRule")
        many = [self.call("CreateCustomDetectionRuleAssociation", RuleId=rule, Mode="DRY_RUN") for rule in RULES]
        made = many[0]["RuleAssociation"]["AssociationId"]
        self.call("GetCustomDetectionRuleAssociation", AssociationId=made)
        self.list("ListCustomDetectionRuleAssociations", Mode="DRY_RUN")
        self.list("ListCustomDetectionRuleAssociations", Mode="DRY_RUN", RuleId=None)
        self.call("UpdateCustomDetectionRuleAssociation", AssociationId=made, Mode="LIVE")
        self.call("DeleteCustomDetectionRuleAssociation", AssociationId=made)
        # Accounts are named in one list or the other.
        for rule in RULES:
            self.call("CreateCustomDetectionRuleOrgConfiguration", RuleId=rule, IncludeAccountIds=[])
        self.call("GetCustomDetectionRuleOrgConfiguration")
        self.list("ListCustomDetectionRuleOrgConfigurations", Status="PROCESSING")
        self.call("UpdateCustomDetectionRuleOrgConfiguration", Mode="LIVE", ExcludeAccountIds=[])
        self.call("GetCustomDetectionRuleOrgConfiguration")
        self.call("DeleteCustomDetectionRuleOrgConfiguration")

    def investigations(self):
        for prompt in ("What happened in my organization?", "Check this account", f"Look at {self.finding}"):
            made = self.call("CreateInvestigation", TriggerPrompt=prompt)["InvestigationId"]
            self.call("GetInvestigation", InvestigationId=made)
            self.call("GetInvestigation", InvestigationId=made, SummaryFormat="STRUCTURED")
            self.call("ListInvestigationRecords", full=False, InvestigationId=made)
        status = {"STATUS": {"Equals": ["COMPLETED"], "NotEquals": ["FAILED"]}}
        sort = {"SortCriteria.AttributeName": "START_TIME"}
        self.list("ListInvestigations", Criterion=status, **sort)
        self.list("ListInvestigationRecords", InvestigationId=made)
        for kind in ("OBSERVATION", "ANALYSIS", "UPDATE", "FETCH", "METADATA"):
            self.call("ListInvestigationRecords", InvestigationId=made, RecordTypes=[kind], MaxResults=50)

    def questions(self):
        """Questions that were asked once more, with every other value of each enumeration in them."""
        asked = {}
        model = self.client("admin").meta.service_model
        for answer in list(self.answers):
            reads = answer.operation.startswith(("Get", "List", "Describe")) and answer.operation not in NAMES_ONE
            if not reads or not answer.sent:
                continue
            # A token is for one question.
            said = {name: value for name, value in answer.sent.items() if name != "NextToken"}
            for at, other in choices(model.operation_model(answer.operation).input_shape, said):
                if at.endswith("CriterionKey") and "MalwareScans" in answer.operation and ANY_KEY not in repr(other):
                    continue
                asked[json.dumps([answer.operation, at, other])] = (answer.operation, other)
        for operation, said in asked.values():
            self.send(self.client("admin"), operation, said)

    def usage(self):
        # A list that is empty has no second page.
        self.list("ListCoverage", **{"SortCriteria.AttributeName": "ACCOUNT_ID"})
        self.call("GetCoverageStatistics", StatisticsType=["COUNT_BY_RESOURCE_TYPE", "COUNT_BY_COVERAGE_STATUS"])
        for kind in ("SUM_BY_ACCOUNT", "SUM_BY_DATA_SOURCE", "SUM_BY_RESOURCE", "TOP_RESOURCES", "SUM_BY_FEATURES"):
            self.list("GetUsageStatistics", UsageStatisticType=kind)
        self.list("GetUsageStatistics", UsageStatisticType="TOP_ACCOUNTS_BY_FEATURE")
        self.call("GetRemainingFreeTrialDays", AccountIds=[ACCOUNT])

    def invite(self, user, accept=None) -> str:
        """Invites an account, which may accept; the invitation's id."""
        self.call("InviteMembers", AccountIds=[USERS[user]])
        found = self.list("ListInvitations", user)["Invitations"][0]
        if accept:
            given = {"InvitationId": found["InvitationId"], "MasterId": ACCOUNT, "AdministratorId": ACCOUNT}
            self.call(accept, user, DetectorId=self.others[user], **given)
        return found["InvitationId"]

    def invitations(self):
        for account in (FRIEND, THIRD):
            self.call("CreateMembers", AccountId=account)
        self.call("GetMembers", AccountIds=[FRIEND, THIRD])
        self.invite("friend", "AcceptAdministratorInvitation")
        self.invite("third", "AcceptInvitation")
        assert len(self.call("ListMembers", full=False)["Members"]) == 2
        self.list("ListMembers")
        mine = {"user": "friend", "DetectorId": self.others["friend"]}
        for operation, member in (("GetAdministratorAccount", "Administrator"), ("GetMasterAccount", "Master")):
            assert self.call(operation, **mine)[member]["AccountId"] == ACCOUNT
        both = {"AccountIds": [FRIEND, THIRD]}
        self.call("UpdateMemberDetectors", **both)
        self.call("GetMemberDetectors", **both)
        self.call("StopMonitoringMembers", **both)
        self.call("StartMonitoringMembers", **both)
        self.call("DisassociateFromAdministratorAccount", **mine)
        self.call("DisassociateFromMasterAccount", "third", DetectorId=self.others["third"])
        self.invite("friend")
        assert self.call("GetInvitationsCount", "friend")["InvitationsCount"] == 1
        self.call("DeclineInvitations", "friend", AccountIds=[ACCOUNT])
        self.call("DeleteInvitations", "friend", AccountIds=[ACCOUNT])
        self.invite("third", "AcceptInvitation")
        self.call("DisassociateMembers", AccountIds=[THIRD])
        self.call("DeleteMembers", **both)

    def organization(self):
        """The third account manages the organization, and the first administers GuardDuty in it."""
        self.call("EnableOrganizationAdminAccount", "third", AdminAccountId=ACCOUNT)
        accounts = self.list("ListOrganizationAdminAccounts", "third")["AdminAccounts"]
        assert [a["AdminAccountId"] for a in accounts] == [ACCOUNT]
        # What is enabled for members, in the older way and the newer one.
        if self.full:
            self.call("UpdateOrganizationConfiguration", AutoEnableOrganizationMembers=None)
        self.call("UpdateOrganizationConfiguration", **{".AutoEnable": None}, AutoEnableOrganizationMembers="NEW")
        self.list("DescribeOrganizationConfiguration")
        self.call("CreateMembers", full=False, AccountId=NEWCOMER)
        self.call("GetOrganizationStatistics")
        self.call("GetMembers", AccountIds=[NEWCOMER])
        self.call("DisableOrganizationAdminAccount", "third", AdminAccountId=ACCOUNT)
