"""The service model, and what it says of a request as it is on the wire: allowed, forbidden, or not settled."""

import enum
import json
import math
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from botocore.model import ServiceModel

MODEL = Path(__file__).resolve().parents[2] / "crates/picquet-api-model/model/guardduty-2017-11-28.json"
RANGES = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
DEEPEST = 100


class Verdict(enum.IntEnum):
    """Worst last: what holds of a whole is the worst of its parts."""

    ALLOWED = 0
    UNCLEAR = 1
    FORBIDDEN = 2


ALLOWED, UNCLEAR, FORBIDDEN = Verdict


class NotSettled(Exception):
    """A request that the model says nothing of."""


def load() -> ServiceModel:
    return ServiceModel(json.loads(MODEL.read_text()))


def wire_name(name, shape) -> str:
    return shape.serialization.get("name", name)


def place(shape) -> str:
    """Where a member of an input travels: in the path, in the query, or in the body."""
    return shape.serialization.get("location", "body")


class Routes:
    """Which operation a method and a path are for."""

    def __init__(self, service):
        operations = [service.operation_model(name) for name in service.operation_names]
        self.rows = [(o.http["method"], o.http["requestUri"].split("/")[1:], o) for o in operations]

    def find(self, method, path):
        """The operation and its members in the path, percent-encoded."""
        parts = path.split("/")[1:]
        for row_method, template, operation in self.rows:
            if row_method != method:
                continue
            sent = parts
            if template[-1] == "{ResourceArn}" and len(parts) > len(template):
                sent = [*parts[: len(template) - 1], "/".join(parts[len(template) - 1 :])]
            if len(sent) == len(template) and all(
                p == t if t[0] != "{" else p for t, p in zip(template, sent, strict=True)
            ):
                found = {t[1:-1]: p for t, p in zip(template, sent, strict=True) if t[0] == "{"}
                return operation, found
        return None


def decoded(text: str) -> str:
    return unquote_to_bytes(text).decode()


def query_pairs(query: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(decoded(name), decoded(value)) for name, _, value in parts]


def _constant(text):
    raise ValueError(f"{text} is no JSON")


def _number(read):
    def checked(text):
        value = read(text)
        if not math.isfinite(float(value)):
            raise ValueError("out of range")
        return value

    return checked


def parse(body: bytes):
    """The JSON of a body. Raises ValueError for none, and NotSettled where parsers may differ."""
    if not body:
        return {}
    try:
        value = json.loads(body.decode(), parse_constant=_constant, parse_int=_number(int), parse_float=_number(float))
        json.dumps(value, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError) as e:
        raise NotSettled from e
    except (UnicodeDecodeError, OverflowError) as e:
        raise ValueError(str(e)) from e
    if depth(value) > DEEPEST:
        raise NotSettled
    return value


def depth(value) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [v for x in level if isinstance(x, dict | list) for v in (x.values() if isinstance(x, dict) else x)]
    return deepest


def judge(operation, in_path: dict, query: str, body: bytes) -> Verdict:
    """What the model says of a request."""
    try:
        members = parse(body)
        pairs = query_pairs(query)
        in_path = {name: decoded(value) for name, value in in_path.items()}
    except NotSettled:
        return UNCLEAR
    except ValueError:
        return FORBIDDEN
    if not isinstance(members, dict):
        return FORBIDDEN
    shape = operation.input_shape
    if shape is None:
        return ALLOWED
    verdict = ALLOWED
    for name, member in shape.members.items():
        wire = wire_name(name, member)
        if place(member) == "uri":
            found = in_path[wire]
        elif place(member) == "querystring":
            settled, found = in_query(member, [value for key, value in pairs if key == wire])
            verdict = max(verdict, settled)
        else:
            found = members.get(wire)
        verdict = max(verdict, of_member(shape, name, member, found))
    return verdict


def in_query(member, values):
    """A member of the query as JSON, and whether it is settled what it says."""
    if member.type_name == "list":
        return ALLOWED, values or None
    if not values:
        return ALLOWED, None
    value, settled = values[-1], UNCLEAR if len(values) > 1 else ALLOWED
    if member.type_name != "integer":
        return settled, value
    if re.fullmatch(r"0|-?[1-9][0-9]{0,30}", value):
        return settled, int(value)
    return (UNCLEAR, None) if re.fullmatch(r"[+-]?[0-9]{1,30}", value) else (settled, value)


def of_member(shape, name, member, value) -> Verdict:
    if value is None:
        return FORBIDDEN if name in shape.required_members else ALLOWED
    return of_value(member, value)


def of_value(shape, value) -> Verdict:
    """What the model says of a value in JSON."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            return FORBIDDEN
        return max(
            (of_member(shape, n, m, value.get(wire_name(n, m))) for n, m in shape.members.items()), default=ALLOWED
        )
    if kind == "list":
        return of_list(shape, value) if isinstance(value, list) else FORBIDDEN
    if kind == "map":
        if not isinstance(value, dict):
            return FORBIDDEN
        parts = [of_value(shape.key, k) for k in value] + [of_entry(shape.value, v) for v in value.values()]
        return max([bounded(shape, len(value)), *parts])
    if kind == "string":
        return of_text(shape, value) if isinstance(value, str) else FORBIDDEN
    if kind == "boolean":
        return ALLOWED if isinstance(value, bool) else FORBIDDEN
    return of_number(shape, value)


def of_entry(shape, value) -> Verdict:
    return UNCLEAR if value is None else of_value(shape, value)


def of_list(shape, value) -> Verdict:
    return max([bounded(shape, len(value)), *(of_entry(shape.member, v) for v in value)])


def of_text(shape, value) -> Verdict:
    pattern = shape.metadata.get("pattern")
    if shape.enum and value not in shape.enum:
        return FORBIDDEN
    if pattern and not re.fullmatch(pattern, value, re.ASCII):
        return FORBIDDEN
    return bounded(shape, len(value))


def of_number(shape, value) -> Verdict:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return FORBIDDEN
    if shape.type_name not in RANGES:
        return bounded(shape, value)
    if isinstance(value, float):
        return UNCLEAR if value.is_integer() else FORBIDDEN
    least, most = RANGES[shape.type_name]
    return bounded(shape, value) if least <= value <= most else FORBIDDEN


def bounded(shape, n) -> Verdict:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    inside = (least is None or n >= least) and (most is None or n <= most)
    return ALLOWED if inside else FORBIDDEN


def output_faults(shape, value, at="body") -> list[str]:
    """Everything in which an answer's JSON is not what the model says of it; bounds are not looked at."""
    kind = shape.type_name if shape else "structure"
    types = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool}
    fits = isinstance(value, types.get(kind, (int, float))) and (kind == "boolean" or not isinstance(value, bool))
    if kind in RANGES and fits:
        fits = isinstance(value, int) and RANGES[kind][0] <= value <= RANGES[kind][1]
    if not fits:
        return [f"{at}: {value!r} is no {kind}"]
    if kind == "structure":
        wire = {wire_name(n, m): (n, m) for n, m in shape.members.items()} if shape else {}
        required = {wire_name(n, shape.members[n]) for n in shape.required_members} if shape else set()
        faults = [f"{at}.{name}: not in the model" for name in value.keys() - wire.keys()]
        faults += [f"{at}.{name}: required and missing" for name in required - value.keys()]
        known = [(name, wire[name][1]) for name in value.keys() & wire.keys()]
        return faults + [f for name, m in known for f in output_faults(m, value[name], f"{at}.{name}")]
    if kind == "list":
        return [f for n, v in enumerate(value) for f in output_faults(shape.member, v, f"{at}[{n}]")]
    if kind == "map":
        return [f for k, v in value.items() for f in output_faults(shape.value, v, f"{at}.{k}")]
    return (
        [f"{at}: {value!r} is not in the enum"] if kind == "string" and shape.enum and value not in shape.enum else []
    )
