#!/usr/bin/env python3
"""Writes demo/logs/synthetic: two hours of one made-up account, in the layout that AWS delivers.

There are no openly licensed flow and DNS logs of AWS to bundle, so these are made here: a web server, a worker
and a bastion at work, and what happens to them. Addresses and names that are attacked from or called come from
the bundled feeds; everything else is invented. The same run gives the same bytes.
"""
import gzip, io, json, os, random

R = random.Random(20240612)
ACCOUNT, REGION, VPC = '111122223333', 'eu-west-1', 'vpc-0demo00000000001'
START = 1718179200  # 2024-06-12T08:00:00Z
HOSTS = {
    'web': dict(eni='eni-0demo0000000web1', ip='10.20.1.10', id='i-0demo0000000web1', pub='34.240.10.20', type='m6i.large'),
    'worker': dict(eni='eni-0demo0000000wrk1', ip='10.20.2.20', id='i-0demo0000000wrk1', pub=None, type='c6i.xlarge'),
    'bastion': dict(eni='eni-0demo0000000bas1', ip='10.20.1.30', id='i-0demo0000000bas1', pub='34.240.10.30', type='t3.small'),
}
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'demo', 'logs', 'synthetic', 'AWSLogs', ACCOUNT)
FEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'crates', 'picquet-intel', 'data', 'feeds')


def feed(name, where=lambda row: True):
    with gzip.open(os.path.join(FEEDS, name + '.tsv.gz'), 'rt') as f:
        rows = [l.rstrip('\n').split('\t') for l in f]
    return [r for r in rows if where(r)]


def is_ip(text):
    return text.replace('.', '').isdigit()


def iso(t):
    s = t % 86400
    return f'2024-06-12T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}Z'


def write(path, text):
    path = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    buf = io.BytesIO()
    with gzip.GzipFile(filename='', mode='wb', fileobj=buf, compresslevel=9, mtime=0) as g:
        g.write(text.encode())
    with open(path, 'wb') as f:
        f.write(buf.getvalue())


def flows():
    lines = []

    def pair(host, out, ip, local, remote, t, packets, size, back=None, back_size=0, action='ACCEPT', secs=5):
        h = HOSTS[host]
        src, dst, sp, dp = (h['ip'], ip, local, remote) if out else (ip, h['ip'], remote, local)
        lines.append((t, f"2 {ACCOUNT} {h['eni']} {src} {dst} {sp} {dp} 6 {packets} {size} {t} {t + secs} {action} OK"))
        if back:
            lines.append((t, f"2 {ACCOUNT} {h['eni']} {dst} {src} {dp} {sp} 6 {back} {back_size} {t} {t + secs} ACCEPT OK"))

    for t in range(START, START + 7200, 6):  # ordinary traffic
        pair('web', False, f'86.{R.randrange(128, 160)}.{R.randrange(256)}.{R.randrange(1, 255)}', 443, R.randrange(32768, 61000), t, 12, 2400, 14, R.randrange(4000, 90000))
        if t % 30 == 0:
            pair('worker', True, f'52.218.{R.randrange(64)}.{R.randrange(1, 255)}', R.randrange(32768, 61000), 443, t, 40, 9000, 60, 70000)
        if t % 600 == 0:
            pair('bastion', False, '81.128.4.7', 22, R.randrange(32768, 61000), t, 400, 61000, 520, 140000, secs=300)
    scanners = [r[0] for r in R.sample(feed('mass-scanners'), 2)]
    for i in range(8):  # known scanners find an open Redis
        pair('web', False, scanners[i % 2], 6379, 40000 + i, START + 1500 + i * 40, 3, 180, 3, 160, secs=1)
    for i in range(240):  # password guessing
        pair('bastion', False, '198.51.100.77', 22, R.randrange(20000, 64000), START + 2400 + i * 9, 12, R.randrange(1700, 2000), 14, R.randrange(2200, 2600))
    c2 = R.choice(feed('malware-ips', lambda r: len(r) > 1 and r[1].isdigit() and int(r[1]) > 1024))
    for i in range(20):  # malware calls home
        pair('worker', True, c2[0], R.randrange(32768, 61000), int(c2[1]), START + 3600 + i * 120, 9, 1180, 8, 2210, secs=2)
    relays = [r[0] for r in R.sample(feed('tor-relays'), 3)]
    for i in range(9):
        pair('worker', True, relays[i % 3], 45000 + i, 9001, START + 4000 + i * 200, 60, 21000, 70, 60000)
    lines.sort()
    head = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n'
    for part in range(2):
        here = [l for t, l in lines if START + part * 3600 <= t < START + (part + 1) * 3600]
        write(f'vpcflowlogs/{REGION}/2024/06/12/{ACCOUNT}_vpcflowlogs_{REGION}_fl-0demo000000000001_20240612T{8 + part:02}00Z_demo{part}.log.gz', head + '\n'.join(here) + '\n')


def queries():
    rows = []

    def ask(host, name, t, answer='34.117.59.81', rcode='NOERROR'):
        h = HOSTS[host]
        rows.append((t, json.dumps({'version': '1.100000', 'account_id': ACCOUNT, 'region': REGION, 'vpc_id': VPC, 'query_timestamp': iso(t), 'query_name': name + '.', 'query_type': 'A', 'query_class': 'IN', 'rcode': rcode,
                                    'answers': [{'Rdata': answer, 'Type': 'A', 'Class': 'IN'}] if answer else [], 'srcaddr': h['ip'], 'srcport': str(R.randrange(32768, 61000)), 'transport': 'UDP', 'srcids': {'instance': h['id']}}, separators=(',', ':'))))

    for t in range(START, START + 7200, 20):
        ask(R.choice(list(HOSTS)), R.choice(['s3.eu-west-1.amazonaws.com', 'sqs.eu-west-1.amazonaws.com', 'deb.debian.org', 'pypi.org', 'api.example.com']), t)
    pool = R.choice(feed('mining-domains', lambda r: not is_ip(r[0]) and ':' not in r[0]))[0]
    for i in range(15):
        ask('worker', pool, START + 3800 + i * 60)
    bad = R.choice(feed('malware-domains', lambda r: len(r) > 1 and r[0].count('.') == 1 and r[0] != 'domain'))[0]
    for i in range(4):
        ask('worker', bad, START + 3590 + i * 5)
    ask('web', 'rebind.example.net', START + 5000, '169.254.169.254')
    rows.sort()
    write(f'vpcdnsquerylogs/{VPC}/2024/06/12/{VPC}_vpcdnsquerylogs_{ACCOUNT}_20240612T0800Z_demo.log.gz', '\n'.join(r for _, r in rows) + '\n')


def events():
    out, n = [], 0

    def call(t, user, source, api, ip, read, ua='aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9', request=None, response=None, kind='IAMUser', error=None):
        nonlocal n
        n += 1
        who = {'type': 'IAMUser', 'principalId': 'AIDADEMO' + user.upper(), 'arn': f'arn:aws:iam::{ACCOUNT}:user/{user}', 'accountId': ACCOUNT, 'accessKeyId': 'AKIADEMO' + user.upper(), 'userName': user}
        if kind == 'Root':
            who = {'type': 'Root', 'principalId': ACCOUNT, 'arn': f'arn:aws:iam::{ACCOUNT}:root', 'accountId': ACCOUNT}
        region = 'us-east-1' if source == 'iam' else REGION
        e = {'eventVersion': '1.09', 'userIdentity': who, 'eventTime': iso(t), 'eventSource': source + '.amazonaws.com', 'eventName': api, 'awsRegion': region, 'sourceIPAddress': ip, 'userAgent': ua}
        if error:
            e['errorCode'] = error
        e.update({'requestParameters': request, 'responseElements': response, 'requestID': f'{n:08x}-demo', 'eventID': f'{n:08x}-0000-4000-8000-000000000000', 'readOnly': read, 'eventType': 'AwsApiCall', 'managementEvent': True, 'recipientAccountId': ACCOUNT, 'eventCategory': 'Management'})
        out.append(e)

    for name, h in HOSTS.items():
        item = {'instanceId': h['id'], 'imageId': 'ami-0demo', 'instanceType': h['type'], 'launchTime': (START - 600) * 1000, 'placement': {'availabilityZone': REGION + 'a'}, 'subnetId': 'subnet-0demo', 'vpcId': VPC, 'privateIpAddress': h['ip'], 'instanceState': {'code': 0, 'name': 'pending'},
                'tagSet': {'items': [{'key': 'Name', 'value': name}]}, 'iamInstanceProfile': {'arn': f'arn:aws:iam::{ACCOUNT}:instance-profile/{name}', 'id': 'AIPADEMO'},
                'networkInterfaceSet': {'items': [{'networkInterfaceId': h['eni'], 'subnetId': 'subnet-0demo', 'vpcId': VPC, 'privateIpAddress': h['ip'], 'groupSet': {'items': [{'groupId': 'sg-0demo', 'groupName': name}]}, **({'association': {'publicIp': h['pub']}} if h['pub'] else {}), 'privateIpAddressesSet': {'item': [{'privateIpAddress': h['ip'], 'primary': True}]}}]}}
        call(START - 600, 'deploy', 'ec2', 'RunInstances', '81.128.4.7', False, request={}, response={'instancesSet': {'items': [item]}})
    for i in range(40):
        call(START + i * 170, 'deploy', 'ec2', 'DescribeInstances', '81.128.4.7', True)
    tor = R.choice(feed('tor-exit-nodes'))[0]
    for i, (source, api, read) in enumerate([('sts', 'GetCallerIdentity', True), ('s3', 'ListBuckets', True), ('iam', 'ListUsers', True), ('iam', 'CreateAccessKey', False)]):
        call(START + 5400 + i * 20, 'analyst', source, api, tor, read)
    call(START + 5600, 'analyst', 'cloudtrail', 'StopLogging', tor, False, request={'name': 'main'})
    call(START + 5700, 'analyst', 's3', 'PutBucketPolicy', tor, False, request={'bucketName': 'demo-reports', 'bucketPolicy': {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': '*', 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::demo-reports/*'}]}})
    call(START + 5800, 'analyst', 's3', 'DeleteBucketPublicAccessBlock', tor, False, request={'bucketName': 'demo-reports'})
    call(START + 6100, 'root', 'iam', 'ListUsers', '81.128.4.7', True, kind='Root')
    call(START + 6400, 'pentester', 'ec2', 'DescribeInstances', '81.128.9.9', True, ua='aws-cli/2.23.6 md/awscrt#0.23.8 ua/2.0 os/linux#6.12.13-cloud-amd64 md/distrib#kali.2025')
    write(f'CloudTrail/{REGION}/2024/06/12/{ACCOUNT}_CloudTrail_{REGION}_20240612T1000Z_demo.json.gz', json.dumps({'Records': out}, separators=(',', ':')))


flows()
queries()
events()
