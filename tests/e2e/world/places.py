"""Who and what there is: accounts, hosts and the addresses on the lists."""

HOME, OTHER = "111122223333", "444455556666"
REGION, SECOND_REGION = "us-east-1", "eu-west-1"
VPC, SUBNET = "vpc-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa1"
DAY = 1_777_593_600  # 2026-05-01T00:00:00Z

#: Category of a feed: its entries. Addresses of one category share a third octet.
LISTS = {
    "c2": ["45.95.1.10", "45.95.1.11", "evil-c2.example-bad.net"],
    "miner": ["45.95.2.10", "pool.example-miner.net"],
    "miner-reputation": ["coins.example-talk.net"],
    "tor-exit": ["45.95.3.10", "45.95.3.11"],
    "tor-relay": ["45.95.4.10", "45.95.4.11", "45.95.4.12", "45.95.4.13"],
    "scanner": ["45.95.5.10", "45.95.5.11"],
    "malicious-ip": ["45.95.6.10"],
    "malicious-domain": ["bad.example-repute.net"],
    "phishing": ["login.example-phish.net"],
    "drive-by": ["kit.example-exploit.net"],
    "drop-point": ["45.95.7.10", "drop.example-loot.net"],
    "sinkhole": ["45.95.8.10", "sink.example-hole.net"],
    "dga": ["qwkzjxvbnm.example-dga.net"],
    "abused": ["paste.example-abused.net"],
    "suspicious": ["new.example-odd.net"],
    "compromised-key": ["AKIAQQQQQQQQQQQQQQQQ"],
}
#: A feed with a column for the malware's name.
FAMILIES = {"c2": [("45.95.1.12", "-", "xorddos")]}
THREATS = ["45.95.9.10", "own-list.example-custom.net"]
TRUSTED = ["45.95.10.10"]


class Host:
    """An instance with one interface."""

    def __init__(self, number, groups=("app",)):
        self.number = number
        self.instance = f"i-0bbbbbbbbbbbb{number:04d}"
        self.interface = f"eni-0cccccccccccc{number:04d}"
        self.address = f"10.0.{number // 200}.{number % 200 + 10}"
        self.groups = groups

    def describe(self):
        """As `aws ec2 describe-instances` shows it."""
        groups = [{"GroupName": name, "GroupId": f"sg-0ddddddddddd{i:05d}"} for i, name in enumerate(self.groups)]
        interface = {
            "NetworkInterfaceId": self.interface,
            "PrivateIpAddress": self.address,
            "PrivateIpAddresses": [{"PrivateIpAddress": self.address, "Primary": True}],
            "SubnetId": SUBNET,
            "VpcId": VPC,
            "OwnerId": HOME,
            "Groups": groups,
            "Ipv6Addresses": [],
            "Attachment": {"DeviceIndex": 0, "Status": "attached"},
        }
        return {
            "InstanceId": self.instance,
            "ImageId": "ami-0eeeeeeeeeeeeeee1",
            "InstanceType": "t3.micro",
            "LaunchTime": "2026-04-30T00:00:00+00:00",
            "Placement": {"AvailabilityZone": f"{REGION}a"},
            "PrivateIpAddress": self.address,
            "State": {"Code": 16, "Name": "running"},
            "SubnetId": SUBNET,
            "VpcId": VPC,
            "NetworkInterfaces": [interface],
            "SecurityGroups": groups,
            "Tags": [{"Key": "Name", "Value": f"host-{self.number}"}],
        }
