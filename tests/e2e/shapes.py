"""Values against a service model: what was sent, what a client read of it, and what the model's texts say of lengths."""

import datetime
import re


def same(shape, sent, got, at):
    """Everything in which a sent value and what the client made of it differ, by the model's shape."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(sent, dict):
            return [f"{at}: {sent!r} is no structure"]
        wire = {m.serialization.get("name", name): (name, m) for name, m in shape.members.items()}
        faults = [f"{at}.{key}: not in the model" for key in sent.keys() - wire.keys()]
        required = {shape.members[n].serialization.get("name", n) for n in shape.required_members}
        faults += [f"{at}.{key}: required and missing" for key in required - sent.keys()]
        known = {wire[key][0] for key in sent.keys() & wire.keys()}
        faults += [f"{at}.{name}: made up by the client" for name in got.keys() - known]
        faults += [f"{at}.{name}: lost by the client" for name in known - got.keys()]
        for key in sent.keys() & wire.keys():
            name, member = wire[key]
            if name in got:
                faults += same(member, sent[key], got[name], f"{at}.{key}")
        return faults
    if kind == "list":
        if not isinstance(sent, list) or len(sent) != len(got):
            return [f"{at}: {sent!r} is not the list {got!r}"]
        return [f for n, (a, b) in enumerate(zip(sent, got, strict=True)) for f in same(shape.member, a, b, f"{at}[{n}]")]
    if kind == "map":
        if not isinstance(sent, dict) or sent.keys() != got.keys():
            return [f"{at}: {sent!r} is not the map {got!r}"]
        faults = [f for key in sent for f in same(shape.key, key, key, f"{at}.{key}")]
        return faults + [f for key in sent for f in same(shape.value, sent[key], got[key], f"{at}.{key}")]
    if kind == "timestamp":
        fits = isinstance(sent, int | float) and isinstance(got, datetime.datetime) and got.timestamp() == sent
        return [] if fits else [f"{at}: {sent!r} is no moment in seconds"]
    types = {"string": str, "integer": int, "long": int, "boolean": bool, "double": (int, float), "float": (int, float)}
    fits = isinstance(sent, types[kind]) and (kind == "boolean" or not isinstance(sent, bool)) and sent == got
    allowed = getattr(shape, "enum", None)
    if fits and allowed and sent not in allowed:
        return [f"{at}: {sent!r} is not in the enum"]
    return [] if fits else [f"{at}: {sent!r} is no {kind}, read as {got!r}"]


#: Lengths and numbers of items, as the texts of members say them: "Maximum length of 512.", "Maximum number of 5 items".
LONGEST = re.compile(r"Length Constraints?:(?:(?!Array).)*?(?:Maximum (?:length )?of )?(\d+)(?: length)?\.(?!\s*Maximum)")
MOST = re.compile(r"(?:Maximum number of (\d+) items|up to (\d+) key-value pairs)")


def strict(shape, value, at="", free=(), text=""):
    """Everything in which a value is not what the model says: names, types, required members, enums, lengths. Below a
    path of `free` there may be members that the model does not know; `text` is what it says of this one."""
    kind = shape.type_name
    text = re.sub(r"<[^>]+>", " ", text)
    size = len(value) if isinstance(value, str | list | dict) else None
    faults = []
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is no structure"]
        wire = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        required = {shape.members[name].serialization.get("name", name) for name in shape.required_members}
        faults += [f"{at}.{key}: required and missing" for key in required - value.keys()]
        if at not in free:
            faults += [f"{at}.{key}: not in the model" for key in value.keys() - wire.keys()]
        for key in value.keys() & wire.keys():
            faults += strict(wire[key], value[key], f"{at}.{key}", free, wire[key].documentation)
        return faults
    if kind in ("list", "map") and (most := MOST.search(text)) and size and size > int(most[1] or most[2]):
        faults.append(f"{at}: {size} items, and {most[0]}")
    if kind == "list":
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return faults + [fault for one in value for fault in strict(shape.member, one, f"{at}[]", free)]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is no map"]
        return faults + [fault for key, one in value.items() for fault in strict(shape.value, one, f"{at}[{key}]", free)]
    types = {"string": str, "integer": int, "long": int, "boolean": bool, "double": (int, float), "float": (int, float)}
    types["timestamp"] = (int, float)
    if not isinstance(value, types[kind]) or (kind != "boolean" and isinstance(value, bool)):
        return [f"{at}: {value!r} is no {kind}"]
    if kind == "integer" and not -(2**31) <= value < 2**31:
        faults.append(f"{at}: {value} has more than 32 bits")
    if kind != "string":
        return faults
    limits = shape.metadata
    if getattr(shape, "enum", None) and value not in shape.enum:
        faults.append(f"{at}: {value!r} is not in the enum")
    if (pattern := limits.get("pattern")) and not re.search(rf"^(?:{pattern})$", value, re.DOTALL):
        faults.append(f"{at}: {value!r} is not {pattern}")
    longest = [int(found[1])] if (found := LONGEST.search(text)) else []
    longest += [limits["max"]] if "max" in limits else []
    if longest and size > min(longest) or size < limits.get("min", 0):
        faults.append(f"{at}: {size} characters, and at most {longest}")
    return faults
