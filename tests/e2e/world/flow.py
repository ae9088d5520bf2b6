"""VPC flow records: planted ones in version 2 and 5, and a benign background."""

from .places import DAY, HOME, REGION, SUBNET, VPC, Host

V2 = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
V5 = V2 + " vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region flow-direction"
#: A public resolver that serves DNS over HTTPS.
DOH = "9.9.9.9"
EMR = Host(18, groups=("ElasticMapReduce-master",))
HOSTS = [Host(n) for n in range(1, 18)] + [EMR]


class Flows:
    """Collects lines."""

    def __init__(self, version):
        self.version = version
        self.lines = []

    def line(self, host, at, ends, size, action="ACCEPT", flags=0, direction="egress"):
        source, source_port, target, target_port, protocol = ends
        packets, octets = size
        text = (f"{self.version} {HOME} {host.interface} {source} {target} {source_port} {target_port} {protocol} "
                f"{packets} {octets} {at} {at + 30} {action} OK")
        if self.version == 5:
            text += f" {VPC} {SUBNET} {host.instance} {flags} IPv4 {source} {target} {REGION} {direction}"
        self.lines.append(text)

    def out(self, host, at, remote, port, protocol=6, client=40_000, sent=(12, 1400), received=(10, 5200)):
        """A connection that the host opens, and its answer."""
        self.line(host, at, (host.address, client, remote, port, protocol), sent, flags=3)
        if received:
            self.line(host, at, (remote, port, host.address, client, protocol), received, flags=19, direction="ingress")

    def inward(self, host, at, remote, port, client=50_000, sent=(12, 1400), received=(10, 5200), action="ACCEPT"):
        """A connection from outside, and the host's answer unless it is refused."""
        ends = (remote, client, host.address, port, 6)
        self.line(host, at, ends, sent, action, flags=3 if action == "ACCEPT" else 2, direction="ingress")
        if action == "ACCEPT":
            self.line(host, at, (host.address, port, remote, client, 6), received, flags=19)


def plant(flows, t):
    """One host for each kind of finding."""
    hosts = iter(HOSTS)
    outward = [("45.95.1.10", 8443), ("45.95.1.12", 3502), ("45.95.2.10", 3333), ("45.95.8.10", 80),
               ("45.95.7.10", 21), ("45.95.9.10", 443), ("45.95.4.10", 9001)]
    for n, (remote, port) in enumerate(outward):
        host = next(hosts)
        for i in range(4):
            flows.out(host, t + n * 100 + i * 400, remote, port, client=41_000 + i)
    visited = next(hosts)
    flows.inward(visited, t + 50, "45.95.3.10", 8080)
    relay = next(hosts)
    for n in range(4):
        flows.inward(relay, t + n * 30, f"45.95.4.{10 + n}", 9001, client=51_000 + n)
        flows.out(relay, t + 15 + n * 30, f"45.95.4.{10 + n}", 9001, client=42_000 + n)
    probed = next(hosts)
    for n in range(6):
        flows.inward(probed, t + n * 60, "45.95.5.10", 6379, client=52_000 + n, sent=(3, 180), received=(3, 200))
    flows.inward(EMR, t, "45.95.5.11", 8088, sent=(3, 180), received=(3, 200))
    guessed, guesser = next(hosts), next(hosts)
    for n in range(120):
        size, answer = (12, 1700 + n), (14, 2300 + n)
        flows.inward(guessed, t + n * 20, "91.92.240.7", 22, client=20_000 + n * 7, sent=size, received=answer)
    for n in range(400):
        flows.out(guesser, t + n * 8, "91.92.241.9", 22, client=43_000 + n, sent=(12, 1700), received=(14, 2300))
    # Benign twins: a refused scanner, a scanner at a web port, one long session, a listed caller nobody answered.
    quiet = next(hosts)
    for n in range(40):
        flows.inward(quiet, t + n * 30, "45.95.5.10", 6379, client=53_000 + n, sent=(1, 40), action="REJECT")
    flows.inward(quiet, t, "45.95.5.11", 443, sent=(3, 180), received=(3, 200))
    flows.inward(quiet, t, "91.92.242.3", 22, sent=(4000, 900_000), received=(5000, 2_000_000))
    flows.inward(quiet, t + 5, "45.95.1.10", 3389, sent=(1, 40), action="REJECT")
    flows.out(quiet, t + 9, "45.95.10.10", 443)
    attacks(flows, t, next(hosts), next(hosts), next(hosts))
    unusual(flows, t, next(hosts))


def attacks(flows, t, scanner, flooder, guessed):
    """What counting finds: scans, floods, spam, guessing. The hosts of attackers and victims are on no list."""
    for n in range(40):
        for remote, port in (("91.92.243.1", 1000 + n), (f"91.92.244.{n + 1}", 445)):
            flows.line(scanner, t + n, (scanner.address, 40_000 + n, remote, port, 6), (1, 44), flags=2)
    for n, (port, protocol) in enumerate([(53, 17), (22, 6), (80, 17), (22, 17), (0, 99)]):
        client = 45_000 if port else 0
        for minute in range(4):
            ends = (flooder.address, client, f"91.92.245.{n + 1}", port, protocol)
            flows.line(flooder, t + minute * 60, ends, (100_000, 4_000_000), flags=2)
    for n in range(20):
        flows.out(flooder, t + 300 + n, f"91.92.246.{n + 1}", 25, client=46_000 + n, sent=(18, 4200))
    for n in range(20):
        for port in (3389, 5985):
            size, answer = (18, 2900), (15, 3100)
            flows.inward(guessed, t + n * 30, "91.92.247.7", port, client=21_000 + n, sent=size, received=answer)


def unusual(flows, t, host):
    """What a host never did in the day before: a port, a volume, resolvers, a beacon."""
    for n in range(4):
        flows.out(host, t + n * 120, "91.92.248.1", 389, client=47_000 + n)
    flows.out(host, t, "91.92.248.2", 443, sent=(2_000_000, 3_000_000_000), received=(1_000_000, 40_000_000))
    for n in range(12):
        flows.out(host, t + n * 9, "91.92.248.3", 53, 17, client=48_000 + n, sent=(1, 70), received=(1, 150))
    flows.out(host, t + 5, "91.92.248.4", 853, sent=(30, 6000), received=(30, 9000))
    flows.out(host, t + 6, DOH, 443, sent=(30, 6000), received=(30, 9000))
    for n in range(72):
        size = (9, 1100 + n % 3)
        flows.out(host, t + n * 600, "91.92.248.5", 443, client=49_000 + n, sent=size, received=(8, 2210))


def background(flows, count):
    """Web traffic of the hosts over two days."""
    for n in range(count):
        host = HOSTS[n * 13 % len(HOSTS)]
        remote = f"{20 + n * 17 % 30}.{n * 7 % 250}.{n * 3 % 250}.{n * 11 % 250 + 1}"
        port = (443, 443, 80, 5432, 8080)[n % 5]
        at = DAY + n * 172_800 // max(count, 1)
        size = (n * 37 % 900 + 4, n * 7919 % 900_000 + 300)
        flows.out(host, at, remote, port, client=32_768 + n * 61 % 28_000, sent=size, received=size)
        if n % 50 == 0 and flows.version == 2:
            flows.lines.append(f"2 {HOME} {host.interface} - - - - - - - {at} {at + 30} - NODATA")


def lines(count, version):
    """The header and all lines."""
    flows = Flows(version)
    background(flows, count)
    plant(flows, DAY + 90_000)
    return (V2 if version == 2 else V5), flows.lines
