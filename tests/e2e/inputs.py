"""Inputs of operations, made from the service model."""

import datetime
import re

#: A moment in the past, for members that are timestamps.
MOMENT = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
#: Members that the model does not require, but without which an operation has nothing to do.
NEEDED = {
    "CreateMalwareProtectionPlan": {"ProtectedResource.S3Bucket", "ProtectedResource.S3Bucket.BucketName"},
    "CreatePublishingDestination": {"DestinationProperties.DestinationArn", "DestinationProperties.KmsKeyArn"},
    "GetFindingsStatistics": {"GroupBy"},
    "GetUsageStatistics": {"UsageCriteria.Features"},
    "SendObjectMalwareScan": {"S3Object", "S3Object.Bucket", "S3Object.Key"},
    "UpdateOrganizationConfiguration": {"AutoEnableOrganizationMembers"},
}


class Maker:
    """Makes inputs: of the members that must be there, or of all.

    `given` says what a member is where the model does not know a good value: by its path or the end of it (one that
    begins with a dot is a whole path). None leaves it out.
    """

    def __init__(self, operation, full: bool, given: dict):
        self.operation, self.full, self.given = operation, full, given

    def make(self) -> dict:
        return self.value(self.operation.input_shape, "") if self.operation.input_shape else {}

    def value(self, shape, path):
        names = path.split(".")
        for key in (f".{path}", *(".".join(names[n:]) for n in range(len(names)))):
            if key in self.given:
                return self.given[key]
        return getattr(self, shape.type_name)(shape, path)

    def structure(self, shape, path):
        made = {}
        for name, member in shape.members.items():
            at = f"{path}.{name}".lstrip(".")
            if self.is_wanted(shape, name, at):
                value = self.value(member, at)
                if value is not None:
                    made[name] = value
        return made

    def is_wanted(self, shape, name, at):
        needed = name in shape.required_members or at in NEEDED.get(self.operation.name, ())
        return self.full or needed or (name == "NextToken" and bool(self.given.get(name)))

    def list(self, shape, path):
        return [self.value(shape.member, path)]

    def map(self, shape, path):
        return {self.string(shape.key, path): self.value(shape.value, path)}

    def string(self, shape, path):
        if shape.enum:
            return shape.enum[0]
        least = shape.metadata.get("min", 0)
        pattern = shape.metadata.get("pattern", ".*")
        for text in ("e2e", "1" * 12, "e2e".ljust(least, "x")):
            if len(text) >= least and len(text) <= shape.metadata.get("max", 99) and re.fullmatch(pattern, text):
                return text
        raise AssertionError(f"{self.operation.name}.{path}: say what it is, by {shape.metadata}")

    def boolean(self, shape, path):
        return True

    def integer(self, shape, path):
        return max(1, shape.metadata.get("min", 1))

    long = integer

    def timestamp(self, shape, path):
        return MOMENT


def members(shape, path="") -> set[str]:
    """The paths of all members below a shape."""
    if shape is None:
        return set()
    if shape.type_name == "structure":
        below = [(f"{path}.{name}".lstrip("."), member) for name, member in shape.members.items()]
        return {at for at, _ in below}.union(*(members(member, at) for at, member in below))
    if shape.type_name == "list":
        return members(shape.member, path)
    return members(shape.value, path) if shape.type_name == "map" else set()


def sent(shape, value, path="") -> set[str]:
    """The paths of the members that a value has."""
    if shape is None:
        return set()
    if shape.type_name == "structure":
        below = [(f"{path}.{name}".lstrip("."), shape.members[name], value[name]) for name in value]
        return {at for at, *_ in below}.union(*(sent(member, inner, at) for at, member, inner in below))
    if shape.type_name == "list":
        return set().union(*(sent(shape.member, item, path) for item in value))
    if shape.type_name == "map":
        return set().union(*(sent(shape.value, item, path) for item in value.values()))
    return set()


def choices(shape, value, path=""):
    """Copies of a value that have each other value of each enumeration in it, with the path of what was changed."""
    if shape.type_name == "structure":
        for name, inner in value.items():
            for at, copy in choices(shape.members[name], inner, f"{path}.{name}".lstrip(".")):
                yield at, {**value, name: copy}
    elif shape.type_name == "list":
        for inner in value[:1]:
            for at, copy in choices(shape.member, inner, path):
                yield at, [copy]
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from ((at, {other: inner}) for at, other in choices(shape.key, key, path))
            yield from ((at, {key: copy}) for at, copy in choices(shape.value, inner, path))
    elif shape.type_name == "string":
        yield from ((path, other) for other in shape.enum if other != value)
