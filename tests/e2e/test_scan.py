"""The real binary on real and made logs: findings through boto3's own parser, and byte-identical output whatever
the order, the cut or the number of threads."""
import gzip
import io
import json
import os
import pathlib
import random
import shutil
import subprocess

import botocore.session
from botocore import parsers
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get('PICQUET_BIN', str(ROOT / 'target' / 'debug' / 'picquet'))
LOGS = ROOT / 'demo' / 'logs'


def picquet(*args, **kw):
    return subprocess.run([BIN, *map(str, args)], capture_output=True, timeout=300, **kw)


def scan(*args):
    done = picquet('scan', *args, '--format', 'ndjson', '--quiet')
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope='module')
def findings():
    return [json.loads(line) for line in scan(LOGS, '--threat-list', own_list()).splitlines()]


def own_list():
    path = ROOT / 'target' / 'e2e-own-list.txt'
    path.parent.mkdir(exist_ok=True)
    path.write_text('198.51.100.77\nrebind.example.net\n81.128.9.9\n')
    return path


def test_every_kind_of_finding_is_there(findings):
    types = {f['type'] for f in findings}
    assert {
        'Backdoor:EC2/C&CActivity.B', 'Backdoor:EC2/C&CActivity.B!DNS', 'CryptoCurrency:EC2/BitcoinTool.B!DNS',
        'UnauthorizedAccess:EC2/TorClient', 'UnauthorizedAccess:EC2/SSHBruteForce', 'Recon:EC2/PortProbeUnprotectedPort',
        'UnauthorizedAccess:EC2/MetadataDNSRebind', 'UnauthorizedAccess:EC2/MaliciousIPCaller.Custom',
        'Impact:EC2/MaliciousDomainRequest.Custom', 'Recon:IAMUser/TorIPCaller', 'UnauthorizedAccess:IAMUser/TorIPCaller',
        'Recon:IAMUser/MaliciousIPCaller.Custom', 'PenTest:IAMUser/KaliLinux', 'Policy:IAMUser/RootCredentialUsage',
        'Policy:S3/BucketAnonymousAccessGranted', 'Policy:S3/BucketBlockPublicAccessDisabled',
        'Stealth:IAMUser/CloudTrailLoggingDisabled',
    } <= types, sorted(types)


def test_boto3_parses_every_member(findings):
    """No unknown member, none lost, every type and enum as in the service model that boto3 ships."""
    model = botocore.session.get_session().get_service_model('guardduty')
    shape = model.operation_model('GetFindings').output_shape
    body = json.dumps({'findings': findings}).encode()
    parsed = parsers.create_parser('rest-json').parse({'status_code': 200, 'headers': {}, 'body': body}, shape)
    assert len(parsed['Findings']) == len(findings)
    finding = shape.members['Findings'].member
    for sent, got in zip(findings, parsed['Findings']):
        same(finding, sent, got, sent['type'])


def same(shape, sent, got, path):
    if shape.type_name == 'structure':
        names = {m.serialization.get('name', name): (name, m) for name, m in shape.members.items()}
        for name, value in sent.items():
            assert name in names, f'{path}.{name} is not in the model'
            member, inner = names[name]
            assert member in got, f'{path}.{name} was lost'
            same(inner, value, got[member], f'{path}.{name}')
        for required in shape.required_members:
            assert required in got, f'{path}: {required} is required'
    elif shape.type_name == 'list':
        assert len(sent) == len(got), path
        for i, (s, g) in enumerate(zip(sent, got)):
            same(shape.member, s, g, f'{path}[{i}]')
    elif shape.type_name == 'map':
        assert sent == got, path
    else:
        kinds = {'string': str, 'integer': int, 'long': int, 'double': (int, float), 'boolean': bool}
        assert isinstance(sent, kinds[shape.type_name]) and sent == got, f'{path}: {sent!r}'
        assert not shape.enum if hasattr(shape, 'enum') and not shape.enum else True
        if getattr(shape, 'enum', None):
            assert sent in shape.enum, f'{path}: {sent!r}'


def gz(data):
    buf = io.BytesIO()
    with gzip.GzipFile(fileobj=buf, mode='wb', mtime=0) as f:
        f.write(data)
    return buf.getvalue()


def recut(folder, seed):
    """The same records in other files: cut, joined as gzip members, shuffled, each file twice."""
    random_ = random.Random(seed)
    for n, path in enumerate(sorted(p for p in LOGS.rglob('*.gz'))):
        place = folder / f'{random_.random():.8f}' / path.parent.relative_to(LOGS)
        place.mkdir(parents=True)
        data = gzip.decompress(path.read_bytes())
        pieces = []
        if data.lstrip().startswith(b'{"Records"'):
            records = json.loads(data)['Records']
            random_.shuffle(records)
            cut = random_.randrange(len(records) + 1)
            pieces = [json.dumps({'Records': part}, separators=(',', ':'), ensure_ascii=False).encode() for part in (records[:cut], records[cut:])]
        elif data.startswith(b'version '):
            head, *lines = data.splitlines(keepends=True)
            random_.shuffle(lines)
            cut = random_.randrange(len(lines) + 1)
            pieces = [head + b''.join(lines[:cut]), head + b''.join(lines[cut:])]
        elif data.startswith(b'{"version"'):
            lines = data.splitlines(keepends=True)
            random_.shuffle(lines)
            cut = random_.randrange(len(lines) + 1)
            pieces = [b''.join(lines[:cut]), b''.join(lines[cut:])]
        else:
            pieces = [data]
        packed = [gz(p) for p in pieces if p]
        if random_.random() < .5:
            packed = [b''.join(packed)]
        for i, p in enumerate(packed):
            for copy in 'ab':
                (place / f'{copy}{i}-{path.name}').write_bytes(p)


@pytest.mark.parametrize('threads', [1, 2, 4])
def test_order_cut_copies_and_threads_do_not_show(tmp_path, threads):
    expected = scan(LOGS)
    recut(tmp_path, threads)
    assert scan(tmp_path, '--threads', threads) == expected
    assert scan(LOGS, '--threads', threads) == expected


def test_memory_that_is_short_does_not_show(tmp_path):
    assert scan(LOGS, '--max-memory', '64M') == scan(LOGS)


def test_formats_by_file_name(tmp_path):
    names = ['r.html', 'r.json', 'r.ndjson', 'r.csv', 'r.txt', 'r.asff.json', 'r.ocsf.json']
    outputs = [a for n in names for a in ('--output', tmp_path / n)]
    scan(LOGS, *outputs)
    n = len(json.loads((tmp_path / 'r.json').read_text()))
    assert n == len((tmp_path / 'r.ndjson').read_text().splitlines()) == len(json.loads((tmp_path / 'r.ocsf.json').read_text()))
    assert b'Content-Security-Policy' in (tmp_path / 'r.html').read_bytes()
    again = picquet('scan', LOGS, '--output', tmp_path / 'r.json')
    assert again.returncode == 3 and b'--force' in again.stderr


def test_standard_input_and_zstd(tmp_path):
    path = next((LOGS / 'recorded').glob('*cloudtrail-stop*'))
    plain = gzip.decompress(path.read_bytes())
    for data in (path.read_bytes(), plain):
        done = picquet('scan', '-', '--quiet', input=data)
        assert b'CloudTrailLoggingDisabled' in done.stdout, done.stderr
    if shutil.which('zstd'):
        (tmp_path / 'x.zst').write_bytes(subprocess.run(['zstd', '-c'], input=plain, capture_output=True).stdout)
        assert b'CloudTrailLoggingDisabled' in scan(tmp_path)


def test_damage_costs_only_what_is_damaged(tmp_path):
    path = next((LOGS / 'recorded').glob('*get-password-data*'))
    shutil.copy(path, tmp_path / 'good.json.gz')
    flow = next(LOGS.rglob('*vpcflowlogs*T0800Z*.gz')).read_bytes()
    (tmp_path / 'cut.log.gz').write_bytes(flow[: len(flow) // 2])
    (tmp_path / 'noise.bin').write_bytes(b'\x7fELF' + bytes(5000))
    (tmp_path / 'bomb.gz').write_bytes(gz(b' ' * (80 << 20)))
    (tmp_path / '.hidden').write_text('x')
    (tmp_path / 'deep.json').write_text('{"Records":[' + '[' * 200_000 + ']' * 200_000 + ']}')
    done = picquet('scan', tmp_path, '--format', 'ndjson')
    text = done.stderr.decode()
    assert done.returncode == 0, text
    assert 'hidden file' in text and 'not a log' in text and 'ends early' in text
    assert picquet('scan', tmp_path, '--quiet', '--strict').returncode == 5


def test_a_line_of_a_gigabyte_is_passed_over():
    """Streamed: neither the line nor what is behind it may fill memory or be lost."""
    head = b'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n'
    line = b'2 111122223333 eni-0a 10.0.0.1 198.51.100.77 40000 443 6 5 500 1718179200 1718179260 ACCEPT OK\n'
    with subprocess.Popen([BIN, 'scan', '-', '--threat-list', str(own_list()), '--format', 'ndjson'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
        p.stdin.write(head + line)
        for _ in range(1024):
            p.stdin.write(b'x' * (1 << 20))
        p.stdin.write(b'\n' + line)
        p.stdin.close()
        out, err = p.stdout.read(), p.stderr.read()
    assert b'MaliciousIPCaller.Custom' in out and b'"count":2' in out, err.decode()
    assert b'longer than allowed' in err


def test_exit_codes(tmp_path):
    assert picquet('scan', LOGS, '--quiet', '--fail-on', 'high').returncode == 10
    assert picquet('scan', LOGS, '--quiet', '--fail-on', 'critical').returncode == 0
    assert picquet('scan', '--no-such-flag').returncode == 2
    assert picquet('scan', tmp_path / 'nowhere').returncode == 4
    (tmp_path / 'bad.toml').write_text('[ssh_brute_forse]\n')
    bad = picquet('scan', LOGS, '--config', tmp_path / 'bad.toml')
    assert bad.returncode == 3 and b'ssh_brute_force' in bad.stderr
    assert picquet('scan', LOGS, '--only', 'Recon:Nothing/*').returncode == 3


def test_filters(findings):
    some = [json.loads(l) for l in scan(LOGS, '--min-severity', 'high').splitlines()]
    assert some and all(f['severity'] >= 7 for f in some)
    some = [json.loads(l) for l in scan(LOGS, '--only', 'Stealth:*', '--account', '111122223333').splitlines()]
    assert {(f['type'], f['accountId']) for f in some} == {('Stealth:IAMUser/CloudTrailLoggingDisabled', '111122223333')}
    assert not scan(LOGS, '--since', '2030-01-01')
    before = [json.loads(l) for l in scan(LOGS, '--until', '2024-06-12T09:00:00Z').splitlines()]
    assert before and all(f['service']['eventFirstSeen'] <= '2024-06-12T09:00:00.000Z' for f in before)


def test_a_pipe_that_closes_is_no_failure():
    p = subprocess.run(f'{BIN} scan {LOGS} --quiet | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}', shell=True, executable='/bin/bash', capture_output=True)
    assert p.stdout.strip() == b'0', p.stderr


def test_a_baseline_is_saved_and_used(tmp_path):
    base = tmp_path / 'b'
    first = scan(LOGS, '--baseline', base)
    assert scan(LOGS, '--baseline', base) == first
    flows_only = next((LOGS / 'synthetic').rglob('vpcflowlogs'))
    instance = b'"instanceId":"i-0demo0000000wrk1"'
    assert instance in scan(flows_only, '--baseline', base)
    assert instance not in scan(flows_only)


def test_other_commands(findings, tmp_path):
    assert b'What to do' in picquet('explain', 'Stealth:IAMUser/CloudTrailLoggingDisabled').stdout
    file = tmp_path / 'f.ndjson'
    file.write_text('\n'.join(map(json.dumps, findings)))
    assert b'Why' in picquet('explain', findings[0]['id'], '--findings', file).stdout
    why = picquet('explain', '--why-not', 'UnauthorizedAccess:EC2/SSHBruteForce', '--entity', 'i-0demo0000000web1', LOGS)
    assert why.returncode == 0 and b'Not raised' in why.stdout, why.stderr
    why = picquet('explain', '--why-not', 'UnauthorizedAccess:EC2/SSHBruteForce', '--entity', 'i-0demo0000000bas1', LOGS)
    assert b'Raised' in why.stdout
    assert b'3 entries' in picquet('lists', 'check', own_list()).stdout
    assert b'| c2 |' in picquet('lists', 'table').stdout.lower().replace(b'`', b'')
    assert picquet('config', 'show').returncode == 0
    assert b'complete' in picquet('completions', 'bash').stdout
    assert picquet('man', 'scan').stdout.startswith((b'.ie', b'.TH'))
