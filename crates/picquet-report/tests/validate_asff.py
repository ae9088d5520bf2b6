"""Validates ASFF on standard input against Security Hub's own API model, as botocore has it.

    cargo run -p picquet-report --example sample -- asff hostile | python3 tests/validate_asff.py

Needs boto3 only; nothing is sent.
"""

import json
import re
import sys

import boto3
from botocore.validate import ParamValidator

client = boto3.client("securityhub", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
model = client.meta.service_model.operation_model("BatchImportFindings")
findings = json.load(sys.stdin)
known = model.input_shape.members["Findings"].member


def unknown(shape, value, path):
    """Members that the model does not have: botocore drops some of them silently."""
    if shape.type_name == "structure":
        for key, inner in value.items():
            if key in shape.members:
                yield from unknown(shape.members[key], inner, f"{path}.{key}")
            else:
                yield f"{path}.{key} is not in the model"
    elif shape.type_name == "list":
        for i, inner in enumerate(value):
            yield from unknown(shape.member, inner, f"{path}[{i}]")
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from unknown(shape.value, inner, f"{path}[{key!r}]")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is not one of {shape.enum}"
        # The service's pattern for all its strings: something that is no white space.
        if not re.search(r"\S", value):
            yield f"{path} is blank"


problems = []
for start in range(0, len(findings), 100):
    report = ParamValidator().validate({"Findings": findings[start : start + 100]}, model.input_shape)
    if report.has_errors():
        problems.append(report.generate_report())
for i, finding in enumerate(findings):
    problems += unknown(known, finding, f"[{i}]")
    if len(finding["Title"]) > 256 or len(finding["Description"]) > 1024 or len(finding["ProductFields"]) > 50:
        problems.append(f"[{i}] is over a limit of the format")
    if len(json.dumps(finding)) > 240_000:
        problems.append(f"[{i}] is larger than 240 kB")
print("\n".join(problems[:20]) if problems else f"{len(findings)} findings are valid")
sys.exit(bool(problems))
