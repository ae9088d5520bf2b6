"""Values that lie on a bound, beyond it, or are nothing that was asked for."""

import json
from dataclasses import dataclass
from urllib.parse import quote

from .model import place, wire_name
from .valid import Example


@dataclass
class Raw:
    """Bytes that go on the wire as they are."""

    bytes: bytes


ABSENT = object()
TEXTS = {
    "empty": "",
    "space": " ",
    "line": "a\nb",
    "null byte": "a\0b",
    "controls": "\x01\x07\x1b[31m\x7f",
    "bidi": "a\u202eb\u2066",
    "astral": "\U0001f600",
    "combining": "e\u0301" * 9,
    "byte order mark": "\ufeffx",
    "digits of others": "\u0661" * 12,
    "up": "../../../etc/passwd",
    "up, encoded": "%2e%2e%2f",
    "twice encoded": "%252e%252e%252f",
    "dots": "..",
    "dot": ".",
    "windows": "..\\..\\x",
    "quote": "' OR 1=1 --",
    "double quote": '"}{"',
    "percent": "%",
    "half a percent": "%4",
    "format": "{0}%s${x}",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "word": "undefined",
    "number": "1",
    "true": "true",
    "long": "x" * 4000,
    "of another": "0" * 32,
    "star": "*",
    "question": "a?b=c#d",
    "semicolon": "a;b&c=d",
    "plus": "a+b",
}
JSONS = {
    "null": b"null",
    "yes": b"true",
    "zero": b"0",
    "minus one": b"-1",
    "one": b"1",
    "fraction": b"1.5",
    "whole fraction": b"5.0",
    "exponent": b"1e3",
    "huge": b"1" + b"0" * 30,
    "too huge": b"1e999",
    "tiny": b"1e-400",
    "minus zero": b"-0",
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "leading zero": b"01",
    "2^31": b"2147483648",
    "-2^31-1": b"-2147483649",
    "2^63-1": b"9223372036854775807",
    "2^63": b"9223372036854775808",
    "-2^63": b"-9223372036854775808",
    "2^64": b"18446744073709551616",
    "empty list": b"[]",
    "empty object": b"{}",
    "list in list": b"[[]]",
    "list of null": b"[null]",
    "list of text": b'["x","y"]',
    "object": b'{"a":1}',
    "no UTF-8": b'"\xff\xfe"',
    "overlong": b'"\xc0\xaf"',
    "half a pair": b'"\\ud800"',
    "bare control": b'"\x01"',
    "deep": b"[" * 90 + b"]" * 90,
    "very deep": b"[" * 9000 + b"]" * 9000,
    "deep objects": b'{"a":' * 9000 + b"1" + b"}" * 9000,
    "very long": b'"' + b"x" * 100_000 + b'"',
    "same key twice": b'{"a":1,"a":2}',
    "single quotes": b"'x'",
    "unquoted": b"x",
    "largest double": b"1.7976931348623157e308",
    "largest whole": b"253402300800",
    "nothing": b"",
}
ENCODED = {
    "up": b"..%2f..%2f",
    "encoded dots": b"%2e%2e",
    "encoded null": b"%00",
    "no UTF-8": b"%ff%fe",
    "overlong": b"%c0%ae",
    "twice": b"%252f",
    "half": b"%4",
    "no hexadecimal": b"%zz",
    "slash": b"a/b",
    "dots": b"..",
    "dot": b".",
    "empty": b"",
    "query": b"?x=y",
    "bidi": b"%e2%80%ae",
    "line": b"%0d%0aX-A:%20b",
    "matrix": b"a;b=c",
    "plus": b"a+b",
    "lower": b"%3a%2f",
    "star": b"*",
    "equals": b"a=b",
    "many": b"a" * 6000,
    "number of spaces": b"%20%20",
    "signed": b"%2B5",
    "space and number": b"%205",
    "leading zero": b"05",
    "hexadecimal": b"0x10",
    "2^31": b"2147483648",
    "2^64": b"18446744073709551616",
    "fraction": b"1.0",
    "zero": b"0",
    "minus": b"-1",
}


def paths(shape, at=()):
    """The paths of all members of an input. Entries of lists are `[]`, values of maps `{}`, their keys `{k}`."""
    for name, member in shape.members.items():
        yield from below(member, (*at, name), member)


def below(shape, at, top):
    yield at, shape
    if shape.type_name == "structure":
        yield from paths(shape, at)
    elif shape.type_name == "list":
        yield from below(shape.member, (*at, "[]"), top)
    elif shape.type_name == "map":
        yield (*at, "{k}"), shape.key
        yield from below(shape.value, (*at, "{}"), top)


def labels(shape, where) -> list[str]:
    """What can be done with a member, by name."""
    kind, meta = shape.type_name, shape.metadata
    all_of = ["absent"] if where == "body" else ["absent"] * (where == "querystring")
    if where == "body":
        all_of += [f"json {k}" for k in JSONS]
    else:
        all_of += [f"encoded {k}" for k in ENCODED]
    if where == "querystring":
        all_of += ["twice"]
    if kind == "string":
        all_of += [f"text {k}" for k in TEXTS]
        all_of += ["enum changed", "enum spaced", "enum unknown", "enum as object", "every enum"] * bool(shape.enum)
        all_of += ["pattern", "pattern and a line", "pattern and a digit of others"] * ("pattern" in meta)
    bounds = [b for b in ("min", "max") if b in meta]
    all_of += [f"{b} {by:+}" for b in bounds for by in (-1, 0, 1)]
    all_of += ["astral max"] * (kind == "string" and "max" in meta)
    all_of += ["unknown member", "as a list"] * (kind == "structure")
    all_of += ["same twice", "many"] * (kind == "list" and where == "body") + ["many"] * (kind == "map")
    return all_of


def mutant(label, shape, valid, builder, name):
    """The value of a label."""
    what, _, of = label.partition(" ")
    tables = {"json": JSONS, "encoded": ENCODED}
    if label == "absent":
        return ABSENT
    if what in tables:
        return Raw(tables[what][of])
    if what == "text":
        return TEXTS[of]
    if what in ("min", "max"):
        return sized(shape, shape.metadata[what] + int(of), builder, name)
    return other(label, shape, valid, builder, name)


def other(label, shape, valid, builder, name):
    rng = builder.rng
    if label.startswith("enum"):
        one = rng.choice(shape.enum)
        return {"changed": one.swapcase(), "spaced": one + " ", "unknown": "NO_SUCH", "as object": {one: None}}[
            label[5:]
        ]
    if label == "every enum":
        return rng.choice(shape.enum)
    if label.startswith("pattern"):
        made = Example(rng).of(shape.metadata["pattern"])
        return made + {"pattern": "", "pattern and a line": "\n", "pattern and a digit of others": "\u0661"}[label]
    if label == "astral max":
        return "\U0001f600" * min(shape.metadata["max"], 5000)
    if label == "unknown member":
        return {**valid, "noSuchMember": rng.choice((None, 1, "x", [{}], {"a": {"b": []}}))}
    if label == "as a list":
        return list(valid.values())
    if label == "twice":
        return [valid, valid]
    if label == "same twice":
        return [*valid, *valid] if isinstance(valid, list) else valid
    return sized(shape, 300, builder, name)


def sized(shape, n, builder, name):
    """A value of a length, size or amount."""
    kind, n_things = shape.type_name, max(0, min(int(n), 6000))
    if kind == "string":
        made = Example(builder.rng).of(shape.metadata["pattern"]) if "pattern" in shape.metadata else "abc"
        return (made * (n_things + 1))[:n_things]
    if kind == "list":
        return [builder.value(shape.member, name) for _ in range(min(n_things, 600))]
    if kind == "map":
        return {
            f"{builder.key(shape.key, name)[:90]}{i}": builder.value(shape.value, name)
            for i in range(min(n_things, 300))
        }
    return n


def put(holder, path, change, shape):
    """Changes what is at a path below a member; `change` makes the new value from the old one."""
    step, rest = path[0], path[1:]
    if step == "{k}":
        key = next(iter(holder))
        new = change(key)
        new = new if isinstance(new, str | Raw) else str(new)
        holder[Key(new.bytes) if isinstance(new, Raw) else new] = holder.pop(key)
        return
    step = 0 if step == "[]" else next(iter(holder)) if step == "{}" else wire_name(step, shape.members[step])
    if rest:
        inner = shape.member if path[0] == "[]" else shape.value if path[0] == "{}" else shape.members[path[0]]
        put(holder[step], rest, change, inner)
        return
    new = change(holder[step])
    if new is not ABSENT:
        holder[step] = new
    elif isinstance(holder, dict):
        del holder[step]
    else:
        holder.pop(step)


class Key(Raw):
    """A key of an object that goes on the wire as it is."""

    def __hash__(self):
        return hash(self.bytes)


def encode(value) -> bytes:
    """JSON, with raw bytes where they were asked for."""
    if isinstance(value, Raw):
        return value.bytes
    if isinstance(value, dict):
        return b"{" + b",".join(encode(k) + b":" + encode(v) for k, v in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(encode, value)) + b"]"
    return json.dumps(value, ensure_ascii=False).encode()


def escaped(value) -> str:
    if isinstance(value, Raw):
        return value.bytes.decode("ascii")
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return quote(text, safe="")


def assemble(operation, members: dict):
    """Method, path, query and body of a request's members."""
    shape = operation.input_shape
    path, query, body = operation.http["requestUri"], [], {}
    for name, value in members.items():
        member = shape.members[name]
        wire = wire_name(name, member)
        if place(member) == "uri":
            path = path.replace("{" + wire + "}", escaped(value))
        elif place(member) == "querystring":
            query += [f"{wire}={escaped(one)}" for one in (value if isinstance(value, list) else [value])]
        else:
            body[wire] = value
    method = operation.http["method"]
    has_body = body or (shape and method in ("POST", "PUT", "PATCH"))
    path, _, more = path.partition("?")
    return method, path, "&".join([more] * bool(more) + query), encode(body) if has_body else b""
