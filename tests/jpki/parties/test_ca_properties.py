"""Whatever is asked of the CA in whatever order, and whenever it is killed, its records stay sound (A2, E6)."""

from __future__ import annotations

import datetime
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cardlab.errors import RefusedError
from jpki.client.constants import Profile, Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.status import CertStatus, Status
from tests.jpki.parties.people import HANAKO, TARO, Clock, ca_keys, key

KEYS = 6
_BAD = (CertStatus.SUSPENDED, CertStatus.REVOKED)


class CaMachine(RuleBasedStateMachine):
    """Issues and changes at will; remembers what the CA said, and holds it to that."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.open()
        self.issued: dict[tuple[int, Slot], bytes] = {}
        self.said: list[tuple[int, datetime.datetime, Status]] = []

    def open(self) -> None:
        self.ca = CertificateAuthority.open(self.folder / "ca", clock=self.clock, keys=ca_keys())

    def teardown(self) -> None:
        self.audit()
        self.ca.close()
        shutil.rmtree(self.folder)

    @rule(
        number=st.integers(0, KEYS - 1),
        slot=st.sampled_from(Slot),
        applicant=st.sampled_from((HANAKO, TARO)),
        medium=st.sampled_from(Profile),
        request=st.integers(0, 3),
    )
    def issue(self, number: int, slot: Slot, applicant: object, medium: Profile, request: int) -> None:
        chosen = HANAKO if applicant is HANAKO else TARO
        before = len(self.ca.certificates())
        try:
            der = self.ca.issue(slot, key(number).public_key(), chosen, f"{request}", medium=medium)
        except RefusedError:
            assert len(self.ca.certificates()) == before
            return
        known = self.issued.setdefault((number, slot), der)
        assert der == known, "one certificate for one key"
        assert self.ca.status(x509.load_der_x509_certificate(der).serial_number).state in (
            CertStatus.GOOD,
            CertStatus.SUSPENDED,
        )

    @rule(data=st.data(), act=st.sampled_from(("revoke", "suspend", "release")))
    def change(self, data: st.DataObject, act: str) -> None:
        if not self.issued:
            return
        one = data.draw(st.sampled_from(self.ca.certificates()))
        before = self.ca.status(one.serial).state
        try:
            after = getattr(self.ca, act)(one.serial).state
        except RefusedError:
            assert before is CertStatus.REVOKED or one.slot is Slot.SIGNING
            return
        assert act == "revoke" or one.slot is Slot.AUTHENTICATION
        assert (
            after
            is {
                "revoke": CertStatus.REVOKED,
                "suspend": CertStatus.SUSPENDED,
                "release": CertStatus.GOOD,
            }[act]
        )

    @rule(seconds=st.integers(-100, 100_000))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule()
    def restart(self) -> None:
        self.ca.close()
        self.open()

    @rule()
    def remember(self) -> None:
        """What is said about a moment that has passed stays true."""
        moment = self.clock.now - datetime.timedelta(seconds=1)
        for one in self.ca.certificates():
            self.said.append((one.serial, moment, self.ca.status(one.serial, at=moment)))

    @rule()
    def audit(self) -> None:
        """Signing lists and answers takes long, so not after every step."""
        self.what_is_not_good_is_on_the_list_and_known_to_ocsp()
        self.the_past_does_not_change()

    @invariant()
    def one_certificate_of_each_kind(self) -> None:
        certificates = self.ca.certificates()
        valid = Counter(
            (one.applicant.user, one.slot, one.medium)
            for one in certificates
            if self.ca.status(one.serial).state is not CertStatus.REVOKED
        )
        assert set(valid.values()) <= {1}
        assert len({one.key_hash for one in certificates}) == len(certificates)

    def what_is_not_good_is_on_the_list_and_known_to_ocsp(self) -> None:
        for slot in Slot:
            mine = [one for one in self.ca.certificates() if one.slot is slot]
            bad = {one.serial for one in mine if self.ca.status(one.serial).state in _BAD}
            assert {entry.serial_number for entry in x509.load_der_x509_crl(self.ca.crl(slot))} == bad
            for one in mine[-2:]:
                assert (self._ocsp(one.der, slot) is ocsp.OCSPCertStatus.REVOKED) == (one.serial in bad)

    def _ocsp(self, der: bytes, slot: Slot) -> ocsp.OCSPCertStatus:
        issuer = x509.load_der_x509_certificate(self.ca.ca_certificate(slot))
        certificate = x509.load_der_x509_certificate(der)
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1()).build()  # noqa: S303
        return ocsp.load_der_ocsp_response(self.ca.ocsp(request.public_bytes(Encoding.DER))).certificate_status

    def the_past_does_not_change(self) -> None:
        for serial, moment, status in self.said:
            assert self.ca.status(serial, at=moment) == status


def test_any_order() -> None:
    fewer = settings(max_examples=max(settings().max_examples // 5, 3), stateful_step_count=20)
    run_state_machine_as_test(CaMachine, settings=fewer)


# -- killed ------------------------------------------------------------------------------------------------------------

_BUSY = """
import sys
from pathlib import Path
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from tests.jpki.parties.people import HANAKO, key

folder = Path(sys.argv[1])
with CertificateAuthority.open(folder / "ca") as ca:
    keys = [load_pem_private_key(file.read_bytes(), None).public_key() for file in sorted(folder.glob("*.pem"))]
    for number in range(1000):
        public, last = keys[number % len(keys)], ca.certificate_of_key(keys[number % len(keys)])
        if last is None:
            ca.issue(Slot.AUTHENTICATION, public, HANAKO, f"request {number}")
        elif ca.status(last.serial).good:
            ca.suspend(last.serial)
        else:
            held = ca.status(last.serial).reason.name == "certificate_hold"
            ca.release(last.serial) if held else ca.crl(Slot.AUTHENTICATION)
        print(number, flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_records_are_sound(tmp_path: Path) -> None:
    for number in range(4):
        pem = key(number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / f"{number}.pem").write_bytes(pem)
    chance = random.Random(7)
    root = Path(__file__).parents[3]
    for _ in range(3):
        command = [sys.executable, "-c", _BUSY, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as busy:
            assert busy.stdout is not None
            for _ in range(chance.randrange(1, 20)):
                assert busy.stdout.readline()
            busy.kill()
        with CertificateAuthority.open(tmp_path / "ca", create=False) as ca:
            states = [ca.status(one.serial).state for one in ca.certificates()]
            assert len(states) >= 1
            assert CertStatus.UNKNOWN not in states, "no certificate without its first event"
            assert sum(state is not CertStatus.REVOKED for state in states) <= 1
            listed = {entry.serial_number for entry in x509.load_der_x509_crl(ca.crl(Slot.AUTHENTICATION))}
            bad = {one.serial for one in ca.certificates() if ca.status(one.serial).state in _BAD}
            assert listed == bad
