#!/usr/bin/env python3
"""Makes crates/picquet-intel/data from openly licensed lists.

    tools/intel-data.py DATA [--date YYYY-MM-DD]

DATA holds intel/ and geo/ as published by the projects that NOTICE names. The output is the same for the same
input. What is left out, and why, is printed and stands in feeds.toml: what data/exclusions.txt names, popular names,
and addresses of clouds without a port, which have another owner tomorrow.
"""
import argparse, gzip, io, ipaddress, os, struct

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '..', 'crates', 'picquet-intel', 'data')

# category, file, source file, name, origin, licence, header
FEEDS = [
    ('c2', 'malware-domains', 'malware_domains.tsv.gz', 'maltrail malware domains', 'stamparm/maltrail 8adace1', 'MIT', 'domain\tthreat'),
    ('c2', 'malware-ips', 'malware_ips.tsv.gz', 'maltrail malware addresses', 'stamparm/maltrail 8adace1', 'MIT', 'ip\tport\tthreat'),
    ('c2', 'c2-frameworks', 'c2_frameworks.tsv.gz', 'maltrail C2 frameworks', 'stamparm/maltrail 8adace1', 'MIT', 'indicator\tport\tthreat'),
    ('miner', 'mining-domains', 'mining_domains.txt', 'maltrail mining domains', 'stamparm/maltrail 8adace1', 'MIT', None),
    ('miner', 'mining-ips', 'mining_ips.txt', 'maltrail mining addresses', 'stamparm/maltrail 8adace1', 'MIT', None),
    ('tor-exit', 'tor-exit-nodes', 'tor_exit_nodes.txt', 'Tor exit nodes', 'SecOps-Institute/Tor-IP-Addresses 8a1ac76', 'MIT', None),
    ('tor-relay', 'tor-relays', 'tor_relays_nonexit.txt', 'Tor relays', 'SecOps-Institute/Tor-IP-Addresses 8a1ac76', 'MIT', None),
    ('scanner', 'mass-scanners', 'mass_scanners.txt.gz', 'maltrail mass scanners', 'stamparm/maltrail 8adace1', 'MIT', None),
    ('malicious-ip', 'ipsum', 'ipsum_level3plus.tsv', 'ipsum, on three lists or more', 'stamparm/ipsum 5a7c15f', 'Unlicense', 'ip\tlists'),
    ('sinkhole', 'sinkholes', 'sinkholes.txt', 'MISP sinkholes', 'MISP/misp-warninglists 84f0610', 'CC0-1.0', None),
]
# Feeds whose data is older than the day that they were fetched.
DATES = {'tor-exit-nodes': '2024-02', 'tor-relays': '2024-02'}
# Feeds where an address without a port is trusted only while its owner is likely to be the same.
AGING = {'malware-ips', 'c2-frameworks', 'tor-exit-nodes', 'tor-relays'}


def lines(path):
    with (gzip.open if path.endswith('.gz') else open)(path, 'rt', encoding='utf-8') as f:
        return f.read().splitlines()


def pack(path, data):
    """gzip without a time stamp or name"""
    buf = io.BytesIO()
    with gzip.GzipFile(filename='', mode='wb', fileobj=buf, compresslevel=9, mtime=0) as g:
        g.write(data)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(buf.getvalue())
    return len(buf.getvalue())


def exclusions():
    """blocks, names and parents of names of exclusions.txt, each with the reason"""
    blocks, names, below, why = {}, {}, {}, ''
    for line in lines(os.path.join(OUT, 'exclusions.txt')):
        if line.startswith('##'):
            why = line[2:].strip().split(',')[0].split(';')[0]
        elif line.startswith('*.'):
            below[line[2:]] = why
        elif line and not line.startswith('#'):
            try:
                net = ipaddress.ip_network(line)
                blocks.setdefault((net.version, net.prefixlen), {})[int(net.network_address)] = why
            except ValueError:
                names[line] = why
    return blocks, names, below


def find_block(blocks, net):
    """the reason of the block that holds a network"""
    for (version, length), starts in blocks.items():
        if version == net.version and length <= net.prefixlen:
            size = net.max_prefixlen - length
            why = starts.get(int(net.network_address) >> size << size)
            if why:
                return why
    return None


def clouds(data):
    """the blocks of cloud providers"""
    blocks = {}
    for line in lines(os.path.join(data, 'intel', 'cloud_ranges.tsv'))[1:]:
        net = ipaddress.ip_network(line.split('\t')[0])
        blocks.setdefault((net.version, net.prefixlen), {})[int(net.network_address)] = 'a cloud address without a port'
    return blocks


def split(indicator):
    """an entry's host or network, and whether it has a port of its own"""
    if indicator.count(':') == 1:
        return indicator.split(':')[0], True
    return indicator, False


def popular(data):
    """the names of public top lists"""
    rows = [l.split('\t') for l in lines(os.path.join(data, 'dns', 'domains.tsv.gz'))[1:]]
    # An entry covers what is below it, so that the parents of a popular name count as well.
    parts = [r[0].lower().split('.') for r in rows if r[1] == 'benign']
    return {'.'.join(p[i:]) for p in parts for i in range(len(p) - 1)}


def feeds(data, date):
    (blocks, names, below), cloud, top, toml, report = exclusions(), clouds(data), popular(data), [], []

    def excluded(category, file, fields):
        host, port = split(fields[0].lower())
        port = port or (len(fields) > 1 and fields[1].isdigit())
        try:
            net = ipaddress.ip_network(host)
        except ValueError:
            parts = host.split('.')
            parents = ['.'.join(parts[i:]) for i in range(1, len(parts))]
            why = names.get(host) or next((below[p] for p in parents if p in below), None)
            # A mining pool's own site is popular and a pool all the same.
            return why or ('a popular name' if category == 'c2' and host in top else None)
        why = find_block(blocks, net)
        if why or port or file not in AGING:
            return why
        return find_block(cloud, net)

    for category, file, source, name, origin, licence, header in FEEDS:
        rows, left_out = [], {}
        for line in lines(os.path.join(data, 'intel', source))[1 if header else 0:]:
            line = line.strip()
            if not line or line.startswith('#'):
                continue
            why = excluded(category, file, line.split('\t'))
            if why:
                left_out[why] = left_out.get(why, 0) + 1
            else:
                rows.append(line)
        rows.sort()
        text = ''.join(l + '\n' for l in ([header] if header else []) + rows)
        size = pack(os.path.join(OUT, 'feeds', file + '.tsv.gz'), text.encode())
        why = '; '.join(f'{n} as {w}' for w, n in sorted(left_out.items()))
        toml.append(f'[[feed]]\ncategory = "{category}"\nfile = "{file}.tsv.gz"\nname = "{name}"\norigin = "{origin}"\nlicence = "{licence}"\ndate = "{DATES.get(file, date)}"\nentries = {len(rows)}\nleft_out = "{why}"\n')
        report.append(f'{category:14}{len(rows):8} entries {size:8} bytes  {name}  left out: {why or "nothing"}')
    with open(os.path.join(OUT, 'feeds.toml'), 'w') as f:
        f.write('# The bundled feeds. Made by tools/intel-data.py; do not edit.\n\n' + '\n'.join(toml))
    return report


def countries(data):
    """(first address, country) where the country changes; two NUL bytes where there is none"""
    spans = []
    for l in lines(os.path.join(data, 'geo', 'country_ipv4.tsv.gz'))[1:]:
        cidr, country = l.split('\t')
        n = ipaddress.ip_network(cidr)
        spans.append((int(n.network_address), int(n.broadcast_address), country))
    spans.sort()
    out, at = [], 0
    for first, last, country in spans:
        if first < at:
            continue
        if first > at and (not out or out[-1][1] != ''):
            out.append((at, ''))
        if not out or out[-1][1] != country:
            out.append((first, country))
        at = last + 1
    if at <= 0xFFFFFFFF:
        out.append((at, ''))
    # Columns compress better than rows.
    starts = b''.join(struct.pack('<I', s) for s, _ in out)
    codes = b''.join((c.encode() if len(c) == 2 else b'\0\0') for _, c in out)
    size = pack(os.path.join(OUT, 'country_v4.bin.gz'), struct.pack('<I', len(out)) + starts + codes)
    return f'countries: {len(out)} ranges, {size} bytes'


def aws(data):
    rows = sorted({l.split('\t')[0] for l in lines(os.path.join(data, 'intel', 'cloud_ranges.tsv'))[1:] if l.endswith('\taws')})
    size = pack(os.path.join(OUT, 'aws_ranges.txt.gz'), ''.join(r + '\n' for r in rows).encode())
    return f'AWS: {len(rows)} prefixes, {size} bytes'


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data'); p.add_argument('--date', default='2026-11-24')
    a = p.parse_args()
    for line in feeds(a.data, a.date) + [countries(a.data), aws(a.data)]:
        print(line)


if __name__ == '__main__':
    main()
