"""OpenSC as it is, with the sample card in the reader: objects, certificates, signatures, PIN counters (D2, B7)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon
from jpki.client.constants import Slot
from jpki.client.sample import SAMPLE_PINS
from tests.jpki.pcsc.opensc import OpenSc
from tests.jpki.pcsc.samples import SampleCard

NUMBER = {Slot.AUTHENTICATION: "01", Slot.SIGNING: "02"}
NAME = {Slot.AUTHENTICATION: "User Authentication", Slot.SIGNING: "Digital Signature"}
TEXT = "電子署名".encode()
slots = pytest.mark.parametrize("slot", Slot, ids=lambda slot: slot.name.lower())


@pytest.fixture
def opensc(pcscd: PrivateDaemon, insert: Callable[..., VirtualReader], sample: SampleCard, tmp_path: Path) -> OpenSc:
    """OpenSC, and the sample card in the first slot."""
    insert(sample.card, 0)
    return OpenSc.create(tmp_path, pcscd.readers[0], pcscd.environment)


def token(slot: Slot) -> tuple[str, ...]:
    """How pkcs11-tool chooses the token that is behind one of the PINs, and logs in."""
    return "--token-label", f"JPKI ({NAME[slot]} PIN)", "--login", "--pin", SAMPLE_PINS[slot].decode()


def tries(opensc: OpenSc) -> dict[Slot, int]:
    """What OpenSC shows of the PINs' counters."""
    found = re.findall(r"PIN \[([^]]+) PIN\].*?Tries left +: (\d+)", opensc.pkcs15("--list-pins"), re.DOTALL)
    left = {name: int(number) for name, number in found}
    return {slot: left[NAME[slot]] for slot in Slot}


def test_openscs_programs_are_there() -> None:
    assert all(map(shutil.which, ("opensc-tool", "pkcs15-tool", "pkcs15-crypt", "pkcs11-tool", "openssl")))


def test_the_card_is_known_and_its_objects_are_listed(opensc: OpenSc) -> None:
    assert opensc.run("opensc-tool", "--reader", opensc.reader, "--name").strip() == "jpki"
    kinds = r"PIN|Private RSA Key|Public RSA Key|X\.509 Certificate"
    objects = re.findall(rf"^({kinds}) \[(.*)\]", opensc.pkcs15("--dump"), re.MULTILINE)
    for name in NAME.values():
        assert {
            ("PIN", f"{name} PIN"),
            ("Private RSA Key", f"{name} Key"),
            ("Public RSA Key", f"{name} Public Key"),
            ("X.509 Certificate", f"{name} Certificate"),
            ("X.509 Certificate", f"{name} Certificate CA"),
        } <= set(objects)
    assert len(objects) == 10


@slots
def test_certificates_are_read(opensc: OpenSc, sample: SampleCard, slot: Slot) -> None:
    """The signing certificate after its password (A6); OpenSC shows what is public in the first token."""
    pin = ("--verify-pin", "--auth-id", NUMBER[slot], "--pin", SAMPLE_PINS[slot].decode())
    ca_number = {Slot.AUTHENTICATION: "03", Slot.SIGNING: "04"}[slot]
    for number, at, wanted in (
        (NUMBER[slot], token(slot), sample.certificates[slot]),
        (ca_number, token(Slot.AUTHENTICATION), sample.ca_certificates[slot]),
    ):
        opensc.pkcs15("--read-certificate", number, *pin, "--output", "15.pem")
        read = load_pem_x509_certificate(opensc.file("15.pem").read_bytes())
        assert read.public_bytes(Encoding.DER) == wanted
        opensc.pkcs11(*at, "--read-object", "--type", "cert", "--id", number, "--output-file", "11.der")
        assert opensc.file("11.der").read_bytes() == wanted


def test_the_signing_certificate_is_not_read_without_its_password(opensc: OpenSc) -> None:
    assert "BEGIN CERTIFICATE" not in opensc.run("pkcs15-tool", "--read-certificate", NUMBER[Slot.SIGNING], code=None)
    assert "BEGIN CERTIFICATE" in opensc.pkcs15("--read-certificate", NUMBER[Slot.AUTHENTICATION])


@slots
def test_signatures_verify_with_openssl(opensc: OpenSc, sample: SampleCard, slot: Slot) -> None:
    opensc.file("text", TEXT)
    opensc.file("hash", sha256(TEXT).digest())
    opensc.file("certificate.der", sample.certificates[slot])
    opensc.run("openssl", "x509", "-inform", "DER", "-in", "certificate.der", "-pubkey", "-noout", "-out", "key.pem")
    pin = SAMPLE_PINS[slot].decode()
    options = ("--reader", opensc.reader, "--key", NUMBER[slot], "--pin", pin, "--sha-256", "--pkcs1")
    opensc.run("pkcs15-crypt", "--sign", *options, "--input", "hash", "--output", "15.signature")
    mechanism = ("--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", NUMBER[slot])
    opensc.pkcs11(*token(slot), *mechanism, "--input-file", "text", "--output-file", "11.signature")
    for signature in ("15.signature", "11.signature"):
        said = opensc.run("openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", signature, "text")
        assert said == "Verified OK\n"
    opensc.file("text", TEXT + b"!")
    said = opensc.run("openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "11.signature", "text", code=1)
    assert said.startswith("Verification failure")


@slots
def test_the_chain_of_what_openssl_read(opensc: OpenSc, sample: SampleCard, slot: Slot) -> None:
    for name, der in (("user.pem", sample.certificates[slot]), ("ca.pem", sample.ca_certificates[slot])):
        opensc.file(name, load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    assert opensc.run("openssl", "verify", "-no_check_time", "-CAfile", "ca.pem", "user.pem") == "user.pem: OK\n"


@slots
def test_wrong_pins_count_down_until_blocked(opensc: OpenSc, slot: Slot) -> None:
    """B7: and another program is told the same by PKCS #11."""
    full = {one: one.tries for one in Slot}
    assert tries(opensc) == full
    verify = ("--verify-pin", "--auth-id", NUMBER[slot], "--pin")
    wrong, right = ("9" * len(SAMPLE_PINS[slot])), SAMPLE_PINS[slot].decode()
    for left in range(slot.tries - 1, -1, -1):
        assert "PIN code or key incorrect" in opensc.pkcs15(*verify, wrong, code=255)
        assert tries(opensc) == {**full, slot: left}
        if left == 1:
            opensc.pkcs15(*verify, right)
            assert tries(opensc) == full
            for _ in range(slot.tries - 1):
                opensc.pkcs15(*verify, wrong, code=255)
    assert "Reference data not usable" in opensc.pkcs15(*verify, right, code=255)
    tokens = opensc.pkcs11("--list-slots")
    flags = dict(re.findall(r"token label +: JPKI \(([^)]+) PIN\).*?token flags +: (.*?)\n", tokens, re.DOTALL))
    assert {one for one in Slot if "user PIN locked" in flags[NAME[one]]} == {slot}


@pytest.mark.parametrize("count", [8, 10, 16, 20, 32, 100, 255])
def test_random_bytes(opensc: OpenSc, count: int) -> None:
    """C_GenerateRandom, which `pkcs11-tool --test` calls: as many bytes as asked for, other ones each time (F2)."""
    found = set()
    for _ in range(2):
        opensc.pkcs11("--generate-random", str(count), "--output-file", "random")
        found.add(opensc.file("random").read_bytes())
    assert {len(one) for one in found} == {count}
    assert len(found) == 2


def test_the_self_test_of_pkcs11_tool(opensc: OpenSc) -> None:
    """Its random number test asks for 10, 100 and more bytes in a row."""
    said = opensc.pkcs11(*token(Slot.AUTHENTICATION), "--test")
    assert "C_SeedRandom() and C_GenerateRandom():" in said
    assert "seems to be OK" in said
