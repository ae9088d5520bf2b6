"""A store on PostgreSQL is spoken to under TLS: with whom the certificate says, or not at all."""

import datetime
import ipaddress
import os
import re
import socket
import ssl
import subprocess
import threading
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import binary
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from server import Server

#: Asks whether the server speaks TLS (PostgreSQL, "Message Formats", SSLRequest).
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


def certificate(folder, address: str):
    """A key and a certificate for an address that signs itself; its file is what is to be trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "database of a test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / f"{address}.pem", folder / f"{address}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, serialization.NoEncryption()))
    return cert, secret


class Gate:
    """Stands before a server without TLS, and speaks it; or says that it does not."""

    def __init__(self, socket_file: str, cert=None, key=None):
        self.to, self.encrypted, self.plain = socket_file, 0, 0
        self.context = None
        if cert:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(cert, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        if client.recv(8, socket.MSG_WAITALL) != SSL_REQUEST:
            self.plain += 1
            client.close()
            return
        client.sendall(b"S" if self.context else b"N")
        if not self.context:
            # What follows would be in the clear.
            self.plain += bool(client.recv(1))
            client.close()
            return
        try:
            inside = self.context.wrap_socket(client, server_side=True)
        except (ssl.SSLError, OSError):
            return
        self.encrypted += 1
        database = socket.socket(socket.AF_UNIX)
        database.connect(self.to)
        for of, to in ((inside, database), (database, inside)):
            threading.Thread(target=self._relay, args=(of, to), daemon=True).start()

    @staticmethod
    def _relay(of, to):
        try:
            while data := of.recv(1 << 16):
                to.sendall(data)
        except OSError:
            pass
        for end in (of, to):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


@pytest.fixture
def database():
    """The socket of the server that `cargo xtask postgres` runs, and who may use it."""
    if not (url := os.environ.get("PICQUET_TEST_STORE")):
        pytest.skip("no PostgreSQL: run it as `cargo xtask postgres pytest ...`")
    given = parse_qs(urlsplit(url).query)
    return f"{given['host'][0]}/.s.PGSQL.5432", given["user"][0]


def url(gate: Gate, user: str, more: str) -> str:
    return f"postgres://{user}@127.0.0.1:{gate.port}/postgres?schema=e{uuid.uuid4().hex}{more}"


def refused(folder, store: str) -> str:
    words = [binary(), "user", "add", "ann", "--account", "111122223333", "--data-dir", folder / "data", "--store", store]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    # One line says why.
    assert len(re.findall("^error: ", done.stderr, re.M)) == 1, done.stderr
    return done.stderr


def test_a_certificate_that_is_trusted_is_spoken_to(tmp_path, database):
    at, user = database
    cert, key = certificate(tmp_path, "127.0.0.1")
    gate = Gate(at, cert, key)
    server = Server(binary(), tmp_path, store=url(gate, user, f"&sslrootcert={cert}"))
    try:
        api = server.client()
        detector = api.create_detector(Enable=True)["DetectorId"]
        assert api.list_detectors()["DetectorIds"] == [detector]
        assert gate.encrypted > 0 and gate.plain == 0
    finally:
        server.stop()


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, database):
    at, user = database
    gate = Gate(at, *certificate(tmp_path, "127.0.0.1"))
    assert "certificate" in refused(tmp_path, url(gate, user, "&sslmode=require"))
    assert (gate.encrypted, gate.plain) == (0, 0)


def test_a_certificate_of_another_host_is_refused(tmp_path, database):
    at, user = database
    cert, key = certificate(tmp_path, "127.0.0.2")
    gate = Gate(at, cert, key)
    assert "certificate" in refused(tmp_path, url(gate, user, f"&sslrootcert={cert}"))
    assert (gate.encrypted, gate.plain) == (0, 0)


def test_a_server_without_tls_is_told_nothing(tmp_path, database):
    at, user = database
    cert, _ = certificate(tmp_path, "127.0.0.1")
    gate = Gate(at)
    assert "TLS" in refused(tmp_path, url(gate, user, f"&sslrootcert={cert}"))
    assert gate.plain == 0
