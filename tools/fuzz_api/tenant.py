"""Accounts in regions that requests are for, and what is known to be there."""

import json
import random

from .mutants import assemble
from .valid import Builder

KEPT = 12
# The member of an answer, and the members of requests that take it.
LEARNED = {
    "detectorId": "DetectorId",
    "detectorIds": "DetectorId",
    "filterNames": "FilterName",
    "ipSetId": "IpSetId",
    "ipSetIds": "IpSetId",
    "threatIntelSetId": "ThreatIntelSetId",
    "threatIntelSetIds": "ThreatIntelSetId",
    "threatEntitySetId": "ThreatEntitySetId",
    "threatEntitySetIds": "ThreatEntitySetId",
    "trustedEntitySetId": "TrustedEntitySetId",
    "trustedEntitySetIds": "TrustedEntitySetId",
    "destinationId": "DestinationId",
    "findingIds": "FindingIds",
    "invitationId": "InvitationId",
    "scanId": "ScanId",
    "malwareProtectionPlanId": "MalwareProtectionPlanId",
    "investigationId": "InvestigationId",
    "ruleId": "RuleId",
    "associationId": "AssociationId",
}
DELETED = {
    "DeleteDetector": "DetectorId",
    "DeleteFilter": "FilterName",
    "DeleteIPSet": "IpSetId",
    "DeleteThreatIntelSet": "ThreatIntelSetId",
    "DeleteThreatEntitySet": "ThreatEntitySetId",
    "DeleteTrustedEntitySet": "TrustedEntitySetId",
    "DeletePublishingDestination": "DestinationId",
    "DeleteMalwareProtectionPlan": "MalwareProtectionPlanId",
}


class Tenant:
    def __init__(self, signer, account, region, lists):
        self.signer, self.account, self.region, self.lists = signer, account, region, lists
        self.pool: dict[str, list[str]] = {}
        self.stale: list[str] = []

    def learn(self, operation, members, output):
        """Keeps the ids of an answer, and forgets those of what was deleted."""
        self.walk(output, operation)
        if operation in ("CreateFilter", "UpdateFilter") and "name" in output:
            self.keep("FilterName", output["name"])
        gone = members.get(DELETED.get(operation))
        kind = DELETED.get(operation)
        if gone in self.pool.get(kind, []):
            self.pool[kind].remove(gone)
            self.stale = [*self.stale, gone][-KEPT:]
        if operation == "DeleteDetector":
            self.pool = {
                k: v for k, v in self.pool.items() if k in ("RuleId", "InvitationId", "MalwareProtectionPlanId")
            }

    def walk(self, value, operation):
        if isinstance(value, list):
            for one in value:
                self.walk(one, operation)
        if not isinstance(value, dict):
            return
        for key, inner in value.items():
            kind = f"NextToken/{operation}" if key == "nextToken" else LEARNED.get(key)
            if kind == "DetectorId" and not operation.endswith(("CreateDetector", "ListDetectors")):
                continue
            for one in inner if isinstance(inner, list) else [inner]:
                if kind and isinstance(one, str) and one:
                    self.keep(kind, one)
            self.walk(inner, operation)

    def keep(self, kind, one):
        pool = self.pool.setdefault(kind, [])
        if one not in pool:
            pool.append(one)
            del pool[:-KEPT]

    def ready(self) -> bool:
        return bool(self.pool.get("DetectorId")) and bool(self.pool.get("FindingIds"))

    def furnish(self, service, send, others):
        """Makes a detector, findings, and what else requests would miss; what is there already may be refused."""
        self.pool.pop("FindingIds", None)
        steps = [
            ("ListDetectors", {}),
            ("CreateDetector", {"Enable": True}),
            ("ListDetectors", {}),
            ("CreateSampleFindings", {}),
        ]
        steps += [("ListFindings", {"MaxResults": 12}), ("ListCustomDetectionRules", {}), ("CreateFilter", {})]
        steps += (
            [("CreateMembers", {}), ("InviteMembers", {"AccountIds": others})] if others else [("ListInvitations", {})]
        )
        details = [{"accountId": other, "email": "member@example.com"} for other in others]
        for name, members in steps:
            operation = service.operation_model(name)
            builder = Builder(random.Random(name), self, operation)
            if name == "CreateMembers":
                members = {"AccountDetails": details}
            elif name == "CreateSampleFindings":
                members = {"FindingTypes": ["Recon:EC2/PortProbeUnprotectedPort", "Discovery:S3/MaliciousIPCaller"]}
            elif name == "CreateFilter":
                members = {"Name": "first", "FindingCriteria": {"criterion": {"severity": {"gte": 5}}}}
            if "DetectorId" in (operation.input_shape.required_members if operation.input_shape else ()):
                members = {"DetectorId": builder.known("DetectorId", "0" * 32), **members}
            status, _, body = send(self, *assemble(operation, members))
            if status == 200:
                self.learn(name, members, json.loads(body))
