"""Validates OCSF events on standard input against the OCSF schema, in each version that Picquet writes.

    pip install ocsf-json-schema jsonschema
    cargo run -p picquet-report --example sample -- ocsf hostile | python3 tests/validate_ocsf.py

The schemas come with the package; nothing is fetched. The version is taken from the events.
"""

import json
import sys
from collections import Counter

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

events = json.load(sys.stdin)
problems, validators = Counter(), {}
for event in events:
    version = event["metadata"]["version"]
    if version not in validators:
        schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))
        profiles = event["metadata"]["profiles"]
        schema = schema.get_class_schema(class_name="detection_finding", profiles=profiles)
        validators[version] = Draft202012Validator(schema)
    for error in validators[version].iter_errors(event):
        path = ".".join("[]" if isinstance(part, int) else str(part) for part in error.absolute_path)
        problems[f"{path}: {error.message[:200]}"] += 1
for problem, count in problems.most_common(30):
    print(f"{count:4} {problem}")
print(f"{len(events)} events of OCSF {', '.join(validators)}: {len(problems)} problems")
sys.exit(bool(problems))
