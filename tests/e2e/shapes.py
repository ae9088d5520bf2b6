"""Values against the service model: what was sent, and what a client read of it."""

import datetime


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
