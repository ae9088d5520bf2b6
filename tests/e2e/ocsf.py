"""Events against the OCSF schema, as the ocsf-json-schema package holds it for each version (schema.ocsf.io's export)."""

import json
import re
from functools import cache
from importlib.resources import files

VERSIONS = [f"1.{minor}.0" for minor in range(1, 9)]
#: What values of basic types are in JSON; a `json_t` is anything.
BASIC = {
    "string_t": str, "integer_t": int, "long_t": int, "float_t": (int, float), "boolean_t": bool, "json_t": object,
}  # fmt: skip
#: An event and class name their captions in their own way; all others are `x_id` and `x`.
NAMES = {"activity_id": "activity_name", "type_uid": "type_name", "class_uid": "class_name", "category_uid": "category_name"}


@cache
def schema(version: str) -> dict:
    return json.loads((files("ocsf_json_schema") / "ocsf" / f"{version}.json").read_text())


class Checked:
    """An event, and everything in which it is not what the schema of its version says."""

    def __init__(self, event: dict, name: str = "detection_finding"):
        self.event, self.faults = event, []
        self.schema = schema(event["metadata"]["version"])
        self.profiles = event["metadata"].get("profiles", [])
        #: The value and the kinds of observables of every path, without the numbers of lists.
        self.seen: dict[str, list] = {}
        of = self.schema["classes"][name]
        self.uid = of["uid"]
        self.members(of, event, "")
        self.whole()

    def fault(self, at: str, what: str):
        self.faults.append(f"{at}: {what}")

    def members(self, of: dict, value: dict, at: str):
        # Up to 1.7 an attribute names one profile, since then it lists them.
        profiles = lambda a: a.get("profiles") or [p for p in [a.get("profile")] if p]  # noqa: E731
        known = {k: a for k, a in of["attributes"].items() if not profiles(a) or set(profiles(a)) & set(self.profiles)}
        path = lambda key: f"{at}.{key}" if at else key  # noqa: E731
        for key in value.keys() - known.keys():
            self.fault(path(key), "not in the schema")
        for key, attribute in known.items():
            if key in value:
                self.value(attribute, value[key], path(key))
                self.caption(attribute, key, value, path(key))
            elif attribute.get("requirement") == "required":
                self.fault(path(key), "required and missing")
        rules = of.get("constraints") or {}
        for rule, keys in rules.items():
            there = sum(key in value for key in keys)
            if there == 0 or (rule == "just_one" and there > 1):
                self.fault(at, f"{rule} of {keys}, and {there} are there")

    def value(self, attribute: dict, value, at: str):
        if attribute.get("is_array"):
            if not isinstance(value, list) or not value:
                return self.fault(at, f"{value!r} is no list, or an empty one")
            for one in value:
                self.value({**attribute, "is_array": False}, one, f"{at}[]")
            return None
        kind = attribute["type"]
        if kind == "object_t":
            if not isinstance(value, dict) or not value:
                return self.fault(at, f"{value!r} is no object, or an empty one")
            if attribute["object_type"] != "object":
                of = self.schema["objects"][attribute["object_type"]]
                self.see(at, None, attribute, of)
                self.members(of, value, at)
            return None
        # Since 1.8 they are a part of the dictionary.
        types = self.schema.get("types") or self.schema["dictionary"]["types"]["attributes"]
        chain = [types.get(kind, {})]
        basic = kind if kind in BASIC else chain[0]["type"]
        if basic != kind:
            chain.append(types.get(basic, {}))
        fits = isinstance(value, BASIC[basic]) and (basic in ("boolean_t", "json_t") or not isinstance(value, bool))
        if not fits:
            return self.fault(at, f"{value!r} is no {kind}")
        self.see(at, value, attribute, *chain)
        for rule in chain:
            if (pattern := rule.get("regex")) and not re.search(pattern, value):
                self.fault(at, f"{value!r} is no {kind}")
            if (longest := rule.get("max_len")) and len(value) > longest:
                self.fault(at, f"longer than {longest}")
            if (span := rule.get("range")) and not span[0] <= value <= span[1]:
                self.fault(at, f"{value} is not in {span}")
        if attribute.get("enum") and str(value) not in attribute["enum"]:
            self.fault(at, f"{value!r} is not in the enum")
        return None

    def see(self, at: str, value, *rules: dict):
        kinds = {rule["observable"] for rule in rules if rule.get("observable")}
        values, known = self.seen.setdefault(at, [[], set()])
        values.append(value)
        known |= kinds

    def caption(self, attribute: dict, key: str, value: dict, at: str):
        """What stands beside a number is its name; 99 is named by whoever writes it."""
        beside = NAMES.get(key) or (key.removesuffix("_id") if key.endswith("_id") else None)
        entry = (attribute.get("enum") or {}).get(str(value[key]))
        if beside in value and entry and value[key] != 99 and value[beside] != entry["caption"]:
            self.fault(at, f"{value[key]} is {entry['caption']!r}, and {beside} says {value[beside]!r}")

    def whole(self):
        """What holds between members."""
        event = self.event
        if event["class_uid"] != self.uid or event["type_uid"] != self.uid * 100 + event["activity_id"]:
            self.fault("type_uid", f"{event['type_uid']} is not of class {self.uid} and activity {event['activity_id']}")
        for observable in event.get("observables", []):
            values, kinds = self.seen.get(observable["name"], [[], set()])
            if observable.get("value") not in values:
                self.fault("observables", f"{observable} points to none of {values[:3]}")
            # Before 1.5 members of resources had no types of observables.
            if observable["type_id"] not in kinds and (kinds or event["metadata"]["version"] >= "1.5"):
                self.fault("observables", f"{observable} is of none of the types {sorted(kinds)}")
        times = [event["finding_info"].get(key) for key in ("first_seen_time", "last_seen_time")]
        if None not in times and times[0] > times[1]:
            self.fault("finding_info", "it was seen last before it was seen first")
