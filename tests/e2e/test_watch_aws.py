"""`picquet serve` with protocol servers of S3, SQS and EventBridge: objects put, notified, detected, published."""

import gzip
import json
import re
import signal
import statistics
import subprocess
import sys
import time

import boto3
import pytest
from botocore.config import Config
from server import ACCOUNT, REGION, poll
from watching import Watching, objects, places, scanned
from world.corpus import Layout
from world.places import LISTS

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
moto = pytest.importorskip("moto.server", reason="moto's server is not installed")


class Cloud:
    """S3, SQS and EventBridge of moto, and a bucket whose news a queue tells."""

    def __init__(self, folder):
        log = folder / "moto.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], stdout=log.open("w"), stderr=subprocess.STDOUT
        )
        found = poll(lambda: re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text()))
        self.url = found[0]
        self.s3, self.sqs, self.events = (self.client(name) for name in ("s3", "sqs", "events"))
        self.s3.create_bucket(Bucket="logs")
        self.queue = self.sqs.create_queue(QueueName="news", Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
        arn = self.arn(self.queue)
        self.s3.put_bucket_notification_configuration(
            Bucket="logs",
            NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]},
        )
        self.seen = self.sqs.create_queue(QueueName="seen")["QueueUrl"]
        self.bus()

    def bus(self):
        """A bus whose events come to a queue of their own."""
        self.events.create_event_bus(Name="security")
        pattern = json.dumps({"detail-type": ["GuardDuty Finding"]})
        self.events.put_rule(Name="all", EventBusName="security", EventPattern=pattern)
        self.events.put_targets(Rule="all", EventBusName="security", Targets=[{"Id": "1", "Arn": self.arn(self.seen)}])

    def client(self, name):
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(name, region_name=REGION, endpoint_url=self.url, config=Config(proxies={}), **keys)

    def arn(self, queue):
        return self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def put(self, file, logs):
        self.s3.put_object(Bucket="logs", Key=str(file.relative_to(logs.parent)), Body=file.read_bytes())

    def published(self) -> list:
        """Events that came to the separate queue, with when they were taken from it."""
        got = []
        while messages := self.sqs.receive_message(QueueUrl=self.seen, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                got.append((time.monotonic(), json.loads(message["Body"])))
                self.sqs.delete_message(QueueUrl=self.seen, ReceiptHandle=message["ReceiptHandle"])
        return got

    def config(self) -> str:
        reach = f'endpoint = "{self.url}"\nregion = "{REGION}"\n'
        return (
            f'[[source]]\nname = "trail"\nbucket = "logs"\nqueue = "{self.queue}"\nsince = "all"\npoll = "1h"\n{reach}'
            f'[[publish]]\nname = "bus"\nto = "eventbridge"\nbus = "security"\n{reach}'
            f"[destinations]\n{reach}"
        )


@pytest.fixture
def cloud(tmp_path):
    made = Cloud(tmp_path)
    yield made
    made.process.kill()


@pytest.fixture(scope="module")
def many(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cloud")
    logs = world.write(folder, Layout(parts=8, seed=7))
    options = world.write_lists(folder / "lists")
    return logs, options, scanned(folder, options, logs)


def begin(folder, cloud, many) -> Watching:
    return Watching(folder, cloud.config(), places(many[2]), many[1], **CREDENTIALS)


def test_what_is_put_is_detected_and_published(tmp_path, cloud, many):
    logs, _, wanted = many
    files = objects(logs)
    for file in files[: len(files) // 2]:
        cloud.put(file, logs)
    watch = begin(tmp_path, cloud, many)
    try:
        bucket = {"DestinationArn": "arn:aws:s3:::export/here", "KmsKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"}
        cloud.s3.create_bucket(Bucket="export")
        detector = watch.detectors[ACCOUNT, REGION]
        destination = {"DestinationType": "S3", "DestinationProperties": bucket}
        watch.api(ACCOUNT, REGION).create_publishing_destination(DetectorId=detector, **destination)
        time.sleep(3)
        for file in files[len(files) // 2 :]:
            cloud.put(file, logs)
        watch.settles(wanted)
        events = []

        def all_there():
            events.extend(cloud.published())
            return {event["detail"]["id"] for _, event in events} >= wanted.keys()

        poll(all_there)
        ids = {(event["detail"]["id"], event["detail"]["service"]["additionalInfo"]["eventId"]) for _, event in events}
        assert {event["source"] for _, event in events} == {"picquet.guardduty"}
        # New findings were published once; none was suppressed, and repeats wait for hours.
        assert sorted(id for id, _ in ids if id in wanted) == sorted(wanted)
        # Where the halves are far apart, the hours of the first one are judged before the second one says otherwise.
        extra = {event["detail"]["id"]: event["detail"]["type"] for _, event in events if event["detail"]["id"] not in wanted}
        assert not extra.keys() & watch.found().keys(), extra
        # All messages are dealt with.
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        left = cloud.sqs.get_queue_attributes(QueueUrl=cloud.queue, AttributeNames=counts)["Attributes"]
        poll(lambda: set(left.values()) == {"0"} or left.update(
            cloud.sqs.get_queue_attributes(QueueUrl=cloud.queue, AttributeNames=counts)["Attributes"]
        ))
        mine = {json.loads(f)["id"] for f in wanted.values() if (json.loads(f)["accountId"], json.loads(f)["region"]) == (ACCOUNT, REGION)}

        def exported():
            keys = [o["Key"] for o in cloud.s3.list_objects_v2(Bucket="export").get("Contents", [])]
            assert all(re.fullmatch(rf"here/AWSLogs/{ACCOUNT}/GuardDuty/{REGION}/\d{{4}}/\d\d/\d\d/[0-9a-f-]{{36}}\.jsonl\.gz", k) for k in keys)
            bodies = [gzip.decompress(cloud.s3.get_object(Bucket="export", Key=k)["Body"].read()) for k in keys]
            return {json.loads(line)["id"] for body in bodies for line in body.splitlines()}

        # Those that were found before the destination was made are not exported, as with GuardDuty.
        poll(lambda: exported() and exported() <= mine)
    finally:
        watch.server.stop()


def test_from_an_object_to_an_event_takes_seconds(tmp_path, cloud, many):
    """The median of several findings; a bound for the test, the figure is in the benchmarks."""
    watch = begin(tmp_path, cloud, many)
    try:
        took = []
        for n in range(7):
            # Each time another user calls from a listed address, so that it is another finding.
            user = {"type": "IAMUser", "principalId": f"AIDAUSER{n:012}", "accountId": ACCOUNT, "userName": f"late{n}"}
            user |= {"arn": f"arn:aws:iam::{ACCOUNT}:user/late{n}", "accessKeyId": f"AKIALATELATELATE{n:04}"}
            event = {"eventVersion": "1.08", "eventID": f"00000000-0000-4000-8000-{n:012}", "eventName": "ListUsers"}
            event |= {"eventSource": "iam.amazonaws.com", "awsRegion": REGION, "sourceIPAddress": LISTS["malicious-ip"][0]}
            event |= {"eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "eventType": "AwsApiCall"}
            event |= {"userAgent": "x", "recipientAccountId": ACCOUNT, "userIdentity": user}
            body = gzip.compress(json.dumps({"Records": [event]}).encode())
            key = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/01/01/{ACCOUNT}_CloudTrail_{REGION}_20260101T0000Z_{n}.json.gz"
            began = time.monotonic()
            cloud.s3.put_object(Bucket="logs", Key=key, Body=body)
            got = poll(cloud.published, 30)
            took.append(got[0][0] - began)
        print("seconds from object to event:", [round(t, 2) for t in took])
        assert statistics.median(took) < 5
    finally:
        watch.server.stop()


def test_a_service_that_is_away_loses_nothing(tmp_path, cloud, many):
    """The bus refuses for a while: everything comes when it is back, once."""
    logs, _, wanted = many
    watch = begin(tmp_path, cloud, many)
    try:
        # Without a bus all entries fail.
        cloud.events.remove_targets(Rule="all", EventBusName="security", Ids=["1"])
        cloud.events.delete_rule(Name="all", EventBusName="security")
        cloud.events.delete_event_bus(Name="security")
        for file in objects(logs):
            cloud.put(file, logs)
        watch.settles(wanted)
        # A bus that is there takes entries, and drops them as long as no rule sends them on: nothing is tried meanwhile,
        # and what is on its way arrives before the bus.
        watch.server.process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        cloud.bus()
        watch.server.process.send_signal(signal.SIGCONT)
        events = []

        def all_there():
            events.extend(cloud.published())
            return {event["detail"]["id"] for _, event in events} >= wanted.keys()

        # Pauses between tries double, up to ten minutes.
        poll(all_there, 600)
    finally:
        watch.server.stop()
