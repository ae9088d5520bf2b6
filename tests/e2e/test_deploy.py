"""What is under deploy/: it is read by what reads it, and grants what the code asks for, no more and no less."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from clients import mirror
from conftest import ROOT, binary

DEPLOY = ROOT / "deploy"
CRATES = ROOT / "crates"

#: The operations of AWS that the code calls, and the actions of IAM that each needs.
CALLS = {
    # picquet-source/src/aws/bucket.rs
    "list_objects_v2": {"s3:ListBucket"},
    "get_object": {"s3:GetObject", "kms:Decrypt"},
    "put_object": {"s3:PutObject", "kms:GenerateDataKey"},
    # picquet-source/src/aws/queue.rs; batches need the action of one message
    "receive_message": {"sqs:ReceiveMessage"},
    "delete_message_batch": {"sqs:DeleteMessage"},
    "change_message_visibility_batch": {"sqs:ChangeMessageVisibility"},
    "get_queue_attributes": {"sqs:GetQueueAttributes"},
    # picquet-source/src/aws/mod.rs
    "AssumeRoleProvider": {"sts:AssumeRole"},
    # picquet-publish/src/targets/eventbridge.rs
    "AWSEvents.PutEvents": {"events:PutEvents"},
    # picquet-publish/src/targets/securityhub.rs
    "/findings/import": {"securityhub:BatchImportFindings"},
}
ACTIONS = set().union(*CALLS.values())
#: What the log services and S3 are let do to the bucket and the queue (AWS's user guides; the templates say which).
DELIVERY = {"s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject", "sqs:SendMessage"}
#: The fields of flow logs by version (VPC user guide, "Flow log records").
FIELDS = {
    2: "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status",
    3: "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr",
    4: "region az-id sublocation-type sublocation-id",
    5: "pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path",
}
ALL_FIELDS = " ".join(FIELDS.values()).split()
SERVICES = r"s3|kms|sqs|sts|events|securityhub"


def read(path: str) -> str:
    return (DEPLOY / path).read_text()


class Template(yaml.SafeLoader):
    """YAML of CloudFormation: `!Ref x` is {"Ref": x}, `!Sub x` is {"Fn::Sub": x}, and so on."""

    def short(self, suffix, node):
        kinds = {yaml.ScalarNode: self.construct_scalar, yaml.SequenceNode: self.construct_sequence}
        construct = kinds.get(type(node), self.construct_mapping)
        value = construct(node) if isinstance(node, yaml.ScalarNode) else construct(node, deep=True)
        return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Template.add_multi_constructor("!", Template.short)


@pytest.fixture(scope="module")
def template() -> dict:
    # Its own loader is a safe one.
    return yaml.load(read("cloudformation/picquet.yaml"), Loader=Template)  # noqa: S506


def inside(value, wanted) -> list:
    """All values of a key, however deep."""
    if isinstance(value, list):
        return [found for each in value for found in inside(each, wanted)]
    if not isinstance(value, dict):
        return []
    here = [value[wanted]] if wanted in value else []
    return here + [found for each in value.values() for found in inside(each, wanted)]


def actions(value) -> set:
    """All actions of a policy's statements."""
    found = inside(value, "Action")
    return {each for some in found for each in ([some] if isinstance(some, str) else some)}


# --- The calls


def test_the_list_of_calls_is_what_the_code_calls():
    """A call that is added to the code must be added here, and then to the policies; one that went, must go."""
    texts = [path.read_text() for path in sorted(CRATES.glob("*/src/**/*.rs"))]
    clients = [text for text in texts if re.search(r"^use aws_sdk_\w+::Client;", text, re.M)]
    assert len(clients) == 2
    called = {name for text in clients for name in re.findall(r"client\s*\.(\w+)\(\)", text)}
    for text in texts:
        called.update(re.findall(r"Post \{ path: \"/\", target: Some\(\"([\w.]+)\"\)", text))
        called.update(re.findall(r"Post \{ path: \"(/[\w/]+)\"", text))
        called.update(re.findall(r"\b(AssumeRoleProvider)::builder", text))
    assert called == set(CALLS)
    # No other client of AWS has come.
    assert sum(len(re.findall(r"\bPost \{ path", text)) for text in texts) == 2
    manifests = " ".join(path.read_text() for path in CRATES.glob("*/Cargo.toml"))
    assert set(re.findall(r"aws-sdk-(\w+)", manifests)) == {"s3", "sqs"}


# --- The configuration


def keys_of(file: str, struct: str) -> set:
    """The keys of a struct in the code; `access` is flattened."""
    body = re.search(rf"pub struct {struct} \{{(.*?)\n\}}", (CRATES / file).read_text(), re.S)[1]
    keys = set(re.findall(r"^    pub (\w+):", body, re.M))
    if "access" in keys:
        keys = keys - {"access"} | keys_of("picquet-source/src/aws/mod.rs", "Access")
    return keys


def examples() -> str:
    """The configuration with every example taken in."""
    return re.sub(r"^#(?=[\[a-z])", "", read("picquet.toml"), flags=re.M)


def test_the_configuration_is_read_as_it_is_and_with_every_example(picquet, tmp_path):
    assert tomllib.loads(read("picquet.toml")) == {}
    done = picquet("config", "check", DEPLOY / "picquet.toml")
    assert (done.code, done.err) == (0, "")
    file = tmp_path / "picquet.toml"
    file.write_text(examples())
    done = picquet("config", "check", file)
    assert (done.code, done.err) == (0, "")
    file.write_text(examples().replace("memory_mib", "memory_mb"))
    assert picquet("config", "check", file).code == 3


def test_every_key_has_an_example():
    told = tomllib.loads(examples())
    given = lambda table: set().union(*(each.keys() for each in told[table]))  # noqa: E731
    assert given("source") == keys_of("picquet-watch/src/settings.rs", "Source")
    assert set(told["watch"]) == keys_of("picquet-watch/src/settings.rs", "Watch")
    assert set(told["destinations"]) == keys_of("picquet-source/src/aws/mod.rs", "Access")
    # A target at another address, as of a source, is not repeated.
    assert given("publish") | {"endpoint"} == keys_of("picquet-publish/src/settings.rs", "Publish")
    kinds = re.search(r"pub enum Kind \{(.*?)\n\}", (CRATES / "picquet-publish/src/settings.rs").read_text(), re.S)[1]
    kinds = {re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower() for name in re.findall(r"^    (\w+),", kinds, re.M)}
    assert {target["to"] for target in told["publish"]} == kinds


def test_the_patience_that_is_shown_is_the_default():
    text = (CRATES / "picquet-watch/src/settings.rs").read_text()
    body = re.search(r"impl Default for Watch \{(.*?)\n\}", text, re.S)[1]
    seconds = re.findall(r"(\w+): Duration::from_secs\(([\d_ *]+)\)", body)
    default = {key: eval(number.replace("_", "")) for key, number in seconds}  # noqa: S307
    default |= {key: int(number) for key, number in re.findall(r"(\w+): (\d+),", body)}
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    shown = tomllib.loads(examples())["watch"]
    shown = {key: int(v[:-1]) * units[v[-1]] if isinstance(v, str) else v for key, v in shown.items()}
    assert shown == default


# --- The service and the container


def options_of(words: list) -> set:
    return {word for word in words if word.startswith("--")}


def test_the_service_and_the_container_start_what_there_is(picquet):
    command = re.search(r"^ExecStart=(.*)$", read("picquet.service"), re.M)[1].split()
    entry = [json.loads(re.search(rf"^{name} (\[.*\])$", read("Containerfile"), re.M)[1]) for name in ("ENTRYPOINT", "CMD")]
    helped = picquet("serve", "--help").out.decode()
    for words in (command, entry[0] + entry[1]):
        assert Path(words[0]).name == "picquet" and words[1] == "serve"
        assert options_of(words) and all(re.search(rf"{option}\b", helped) for option in options_of(words))
    for name in re.findall(r"PICQUET_\w+", read("Containerfile") + read("picquet.service")):
        assert any(name in path.read_text() for path in (CRATES / "picquet" / "src").rglob("*.rs")), name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_understands_the_unit(tmp_path):
    unit = tmp_path / "picquet.service"
    # It looks whether the command is there.
    unit.write_text(read("picquet.service").replace("/usr/local/bin/picquet", str(binary())))

    def verify():
        words = ["systemd-analyze", "verify", str(unit)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return [line for line in done.stderr.splitlines() if "picquet.service" in line]

    assert verify() == []
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystem=somewhat"))
    assert verify() != []


# --- The policies


def test_the_plain_policy_grants_what_the_code_calls():
    policy = json.loads(read("aws/policy.json"))
    assert actions(policy) == ACTIONS
    assert all(statement["Resource"] != "*" for statement in policy["Statement"])


def test_the_readme_explains_what_is_granted():
    table = read("README.md").split("## What Picquet may do in AWS")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w:]+)` \| .+ \|$", table, re.M)
    assert sorted(rows) == sorted(ACTIONS)


def test_the_template_grants_what_the_code_calls(template):
    resources = template["Resources"]
    role = resources["Role"]["Properties"]
    assert actions(role["Policies"]) == ACTIONS
    assert "*" not in inside(role["Policies"], "Resource")
    assert actions(role["AssumeRolePolicyDocument"]) == {"sts:AssumeRole"}
    trusted = role["AssumeRolePolicyDocument"]["Statement"][0]["Fn::If"][1]
    assert trusted["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}


def test_the_template_lets_only_named_accounts_deliver(template):
    resources = template["Resources"]
    policies = [resources[name]["Properties"]["PolicyDocument"]["Statement"] for name in ("LogsPolicy", "NewsPolicy")]
    statements = [statement for policy in policies for statement in policy]
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert len(allowed) == 5 and actions(allowed) == DELIVERY
    for statement in allowed:
        assert "aws:SourceAccount" in statement["Condition"]["StringEquals"], statement["Sid"]
        assert "Service" in statement["Principal"]
        if statement["Action"] == "s3:PutObject":
            assert statement["Condition"]["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"
    assert [s["Action"] for s in statements if s["Effect"] == "Deny"] == ["s3:*"]


def test_the_modules_grant_what_the_code_calls():
    granted = lambda file: set(re.findall(rf'"((?:{SERVICES}):[\w*]+)"', read(file)))  # noqa: E731
    assert granted("terraform/role.tf") - {"sts:ExternalId"} == ACTIONS
    # "s3:*" is what is denied without TLS.
    assert granted("terraform/bucket.tf") | granted("terraform/queue.tf") == DELIVERY | {"s3:*"}
    assert '"*"' not in read("terraform/role.tf")
    # Both blocks of statements about the bucket, and the one about the queue.
    delivery = read("terraform/bucket.tf") + read("terraform/queue.tf")
    assert delivery.count('"aws:SourceAccount"') == 3
    assert '"sts:ExternalId"' in read("terraform/role.tf")


# --- Flow logs


def test_flow_logs_have_all_fields_of_version_5(template):
    fields = re.search(r"fields = \[(.*?)\]", read("terraform/vpc-logs/main.tf"), re.S)[1]
    assert re.findall(r'"([\w-]+)"', fields) == ALL_FIELDS
    vpcs = template["Resources"]["Fn::ForEach::Vpcs"][2]
    assert vpcs["FlowLog&{VpcId}"]["Properties"]["LogFormat"].split() == [f"${{{field}}}" for field in ALL_FIELDS]
    plan = (CRATES / "picquet-logs/src/flow/plan.rs").read_text()
    known = re.findall(r'\("([\w-]+)", \w+\)', re.search(r"const READ.*?\];", plan, re.S)[0])
    assert len(known) == 24 and set(known) <= set(ALL_FIELDS)


def test_the_notifications_are_those_of_new_objects(template):
    (plain,) = json.loads(read("aws/notification.json"))["QueueConfigurations"]
    (made,) = template["Resources"]["Logs"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    assert plain["Events"] == [made["Event"]] == ["s3:ObjectCreated:*"]
    assert 'events        = ["s3:ObjectCreated:*"]' in read("terraform/queue.tf")


# --- Tools of others


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
@pytest.mark.skipif(mirror() is None, reason="no local mirror of Terraform's aws provider")
def test_terraform_validates_the_modules(tmp_path):
    shutil.copytree(DEPLOY / "terraform", tmp_path / "module", ignore=shutil.ignore_patterns(".terraform*"))
    (tmp_path / "cli.tfrc").write_text(f'provider_installation {{ filesystem_mirror {{ path = "{mirror()}" }} }}')
    env = {**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "cli.tfrc"), "CHECKPOINT_DISABLE": "1"}

    def terraform(*words):
        words = ["terraform", *words, "-no-color"]
        done = subprocess.run(
            words, cwd=tmp_path / "module", env=env, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    terraform("fmt", "-check", "-recursive")
    terraform("init", "-backend=false")
    assert json.loads(terraform("validate", "-json"))["valid"]


def test_the_template_passes_the_linter():
    lint = pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")
    found = lint.lint_file(DEPLOY / "cloudformation" / "picquet.yaml")
    assert [f"{match.rule.id} line {match.linenumber}: {match.message}" for match in found] == []
