"""What holds of every answer."""

import json
import re

from .model import ALLOWED, FORBIDDEN, output_faults

# What a refusal by the model's bounds is called; a rule of a handler says something else.
VALIDATION = re.compile(
    r"has an invalid value\. \S+ (is required|cannot be read|must have at (least|most) \d+ (characters|entries)|"
    r"must be at (least|most)|must match )"
)
# Rules of the documentation that are stricter than the model and are said in the same words.
SEMANTIC = re.compile(
    r"parameter (protectedResource\.s3Bucket(\.bucketName)?|s3Object(\.\w+)?|"
    r"scanConfiguration(\.\w+)*|features(\.\w+)*) "
    r"has an invalid value\. \S+ is required|parameter tags has an invalid value\. tags must have at most 50 entries"
)
# Accounts without an administrator are answered `{}`, against the model and as its documentation says.
NOT_THERE = {
    "GetAdministratorAccount": "body.administrator: required and missing",
    "GetMasterAccount": "body.master: required and missing",
}
LONGEST_ERROR = 8192
UNSIGNED = ("IncompleteSignatureException",)


def faults(operation, verdict, query_is_text: bool, status, headers, body) -> list[str]:
    """Everything that is wrong with an answer. There is no operation where no route fits."""
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers.get("x-amzn-requestid", "")):
        return ["no x-amzn-requestid"]
    if status >= 500:
        return [f"status {status}"]
    if status >= 400:
        return refusal(operation, verdict, query_is_text, status, headers, body)
    if operation is None:
        return ["an answer to what is no operation"]
    return success(operation, verdict, status, headers, body)


def refusal(operation, verdict, query_is_text, status, headers, body):
    name = headers.get("x-amzn-errortype", "")
    try:
        said = json.loads(body)
        kind, message = said["__type"], said["message"]
    except (ValueError, KeyError, TypeError):
        return ["the body of the error is not in AWS's shape"]
    wrong = [] if isinstance(message, str) and message.strip() else ["no message"]
    if len(body) > LONGEST_ERROR:
        wrong.append(f"an error of {len(body)} bytes")
    if headers.get("content-type") != "application/json":
        wrong.append("the error is no JSON by its content type")
    if kind != ("InvalidInputException" if name == "BadRequestException" else name):
        wrong.append(f"__type is {kind} under {name}")
    declared = (
        {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in operation.error_shapes} if operation else {}
    )
    declared |= {"UnknownOperationException": 404} if operation is None else {"RequestEntityTooLargeException": 413}
    declared |= {} if query_is_text else dict.fromkeys(UNSIGNED, 403)
    if declared.get(name) != status:
        wrong.append(f"{name} with {status} is not declared")
    if verdict == ALLOWED and operation and VALIDATION.search(message) and not SEMANTIC.search(message):
        wrong.append("allowed by the model, and refused")
    return wrong


def success(operation, verdict, status, headers, body):
    wrong = ["forbidden by the model, and taken"] if verdict == FORBIDDEN else []
    expected = operation.http.get("responseCode", 200)
    if status != expected:
        wrong.append(f"status {status}, not {expected}")
    if expected == 204:
        return wrong + ["a body with 204"] * bool(body)
    if headers.get("content-type") != "application/json":
        wrong.append("no JSON by its content type")
    try:
        return (
            wrong
            + [
                f for f in output_faults(operation.output_shape, json.loads(body)) if NOT_THERE.get(operation.name) != f
            ][:5]
        )
    except ValueError:
        return [*wrong, "the body is no JSON"]
