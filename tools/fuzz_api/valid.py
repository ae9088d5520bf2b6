"""Requests that fit the model and, as often as can be, what is in the store."""

import re
from re import _constants as rx
from re import _parser

from .model import place, wire_name

ACCOUNTS = ("111122223333", "444455556666", "777788889999")
OPTIONAL = 0.35
# What the model leaves open and the documentation asks for.
NEEDED = {
    "S3Object",
    "S3Bucket",
    "BucketName",
    "Bucket",
    "Key",
    "CriterionKey",
    "FilterCondition",
    "DestinationArn",
    "KmsKeyArn",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
ATTRIBUTES = (
    "severity",
    "type",
    "region",
    "accountId",
    "id",
    "service.archived",
    "updatedAt",
    "service.count",
    "resource.resourceType",
    "resource.instanceDetails.instanceId",
    "service.action.actionType",
)
TYPES = (
    "Recon:EC2/PortProbeUnprotectedPort",
    "UnauthorizedAccess:EC2/SSHBruteForce",
    "Discovery:S3/MaliciousIPCaller",
    "Backdoor:EC2/C&CActivity.B!DNS",
    "Policy:IAMUser/RootCredentialUsage",
    "CryptoCurrency:EC2/BitcoinTool.B!DNS",
)
LOCATIONS = ("s3://lists/one.txt", "https://127.0.0.1:9/two.txt", "file:///nowhere/three.txt")
SORTS = ("severity", "updatedAt", "scanStartTime", "ACCOUNT_ID", "id")


class Example:
    """A text that a pattern of the model matches."""

    def __init__(self, rng):
        self.rng = rng

    def of(self, pattern: str) -> str:
        return "".join(self.part(*part) for part in _parser.parse(pattern, re.ASCII))

    def all(self, parts) -> str:
        return "".join(self.part(*part) for part in parts)

    def part(self, what, value) -> str:
        if what is rx.LITERAL:
            return chr(value)
        if what is rx.IN:
            kind, of = self.rng.choice([v for v in value if v[0] is not rx.NEGATE])
            return self.one_of(kind, of, value[0][0] is rx.NEGATE)
        if what is rx.MAX_REPEAT:
            least, most, inner = value
            most = min(int(most), least + 3)
            return "".join(self.all(inner) for _ in range(self.rng.randint(least, most)))
        if what is rx.SUBPATTERN:
            return self.all(value[3])
        if what is rx.BRANCH:
            return self.all(self.rng.choice(value[1]))
        return "" if what is rx.ASSERT_NOT else "x"

    def one_of(self, kind, of, negated) -> str:
        if negated:
            return "x"
        if kind is rx.RANGE:
            return chr(self.rng.randint(*of))
        return chr(of) if kind is rx.LITERAL else self.rng.choice("0123456789")


class Builder:
    """Makes requests of one tenant from a seeded source of chance."""

    def __init__(self, rng, tenant, operation):
        self.rng, self.tenant, self.operation = rng, tenant, operation

    def known(self, kind: str, otherwise: str) -> str:
        """An id that was seen; now and then one that is no more, or never was."""
        pool, chance = self.tenant.pool.get(kind, []), self.rng.random()
        which = self.rng.random()
        if chance > 0.97 and self.tenant.stale:
            pool = self.tenant.stale
        return pool[int(which * len(pool))] if pool and chance > 0.03 else otherwise

    def request(self, want=()) -> dict:
        """Members of a valid request by their names in the model; those on the path `want` are in it."""
        shape = self.operation.input_shape
        return self.structure(shape, want, names=True) if shape else {}

    def structure(self, shape, want=(), names=False, level=0):
        made = {}
        for name, member in shape.members.items():
            wanted = want[:1] == (name,)
            if not wanted and not self.taken(shape, name, level):
                continue
            made[name if names else wire_name(name, member)] = self.value(
                member, name, want[1:] if wanted else (), level
            )
        return made

    def taken(self, shape, name, level) -> bool:
        """Whether a member is to be there that nobody wants."""
        chance = self.rng.random()
        if name in shape.required_members:
            return True
        if name == "NextToken":
            return chance < (0.5 if self.tenant.pool.get(f"NextToken/{self.operation.name}") else 0.03)
        if name == "Name" or name in NEEDED:
            return chance < 0.95
        return chance < OPTIONAL / (level + 1) ** 0.5

    def value(self, shape, name, want=(), level=0):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, want, level=level + 1)
        if kind == "list":
            least, most = max(shape.metadata.get("min", 0), 1), shape.metadata.get("max", 3)
            count = self.rng.randint(least, max(least, min(most, 3)))
            return [self.value(shape.member, name, want[1:] if n == 0 else (), level) for n in range(count)]
        if kind == "map":
            keys = [self.key(shape.key, name) for _ in range(self.rng.randint(1, 2))]
            return {key: self.value(shape.value, name, want[1:] if n == 0 else (), level) for n, key in enumerate(keys)}
        if kind == "boolean":
            return self.rng.random() < 0.6
        if kind == "string":
            return self.text(shape, name)
        return self.number(shape)

    def key(self, shape, name):
        if name == "Criterion" and not shape.enum:
            return self.rng.choice(ATTRIBUTES)
        return self.text(shape, name)

    def number(self, shape):
        least = shape.metadata.get("min", 0)
        most = shape.metadata.get("max", 2_000_000_000)
        if shape.type_name == "timestamp":
            return self.rng.randint(1_600_000_000, 1_800_000_000)
        if shape.type_name in ("double", "float"):
            return round(self.rng.uniform(least, most), 2)
        return self.rng.randint(int(least), int(most))

    def text(self, shape, name) -> str:
        hint = self.hint(name, shape)
        if hint is not None and (not shape.enum or hint in shape.enum):
            return hint
        if shape.enum:
            return self.rng.choice(shape.enum)
        least, most = max(shape.metadata.get("min", 1), 1), shape.metadata.get("max", 20)
        if pattern := shape.metadata.get("pattern"):
            for _ in range(20):
                made = Example(self.rng).of(pattern)
                if least <= len(made) <= shape.metadata.get("max", 9999) and re.fullmatch(pattern, made, re.ASCII):
                    return made
            return "1" * least
        return "".join(self.rng.choices(LETTERS, k=self.rng.randint(least, max(least, min(most, 20)))))

    def hint(self, name, shape):
        """Something that makes sense for the member, by its name."""
        rng, tenant = self.rng, self.tenant
        hexed = f"{rng.getrandbits(128):032x}"
        region, account = tenant.region, tenant.account
        arn = f"arn:aws:guardduty:{region}:{account}:detector/{self.known('DetectorId', hexed)}"
        texts = {
            "Name": f"name-{rng.randint(0, 60)}",
            "Location": rng.choice((*LOCATIONS, *tenant.lists)),
            "Email": "member@example.com",
            "FindingTypes": rng.choice(TYPES),
            "DestinationArn": f"arn:aws:s3:::bucket-{rng.randint(0, 9)}",
            "KmsKeyArn": f"arn:aws:kms:{region}:{account}:key/1",
            "Role": f"arn:aws:iam::{account}:role/scanner",
            "BucketName": f"bucket-{rng.randint(0, 9)}",
            "Bucket": f"bucket-{rng.randint(0, 9)}",
            "OnlyAssociated": rng.choice(("true", "false")),
            "Unit": "USD",
            "AttributeName": rng.choice(SORTS),
            "ExpectedBucketOwner": account,
            "TriggerPrompt": f"What about {self.known('FindingIds', hexed)} in {account}?",
            "ClientToken": f"token-{rng.randint(0, rng.choice((30, 10**6, 10**6, 10**6)))}",
        }
        accounts = ("AccountId", "AccountIds", "AdminAccountId", "MasterId", "AdministratorId")
        if name in ("MasterId", "AdministratorId", "AdminAccountId") and rng.random() < 0.8:
            return ACCOUNTS[0]
        if name in accounts or name.endswith("AccountIds"):
            return rng.choice((*ACCOUNTS, *ACCOUNTS, "000000000001", f"{rng.randint(1, 10**12 - 1):012}"))
        if name == "ResourceArn" and shape.name == "GuardDutyArn":
            tail = rng.choice(
                ("", f"/filter/{self.known('FilterName', 'none')}", f"/ipset/{self.known('IpSetId', hexed)}")
            )
            return arn + tail
        if name == "ResourceArn":
            return f"arn:aws:ec2:{region}:{account}:instance/i-{rng.getrandbits(32):08x}"
        if name == "NextToken":
            return self.known(f"NextToken/{self.operation.name}", "bm8gdG9rZW4")
        if name in tenant.pool or (name.endswith("Id") and place(shape) == "uri") or name == "FilterName":
            return self.known(name, hexed)
        return texts.get(name)
