"""``jpki sign`` with a card in a reader (C4, C5, D5)."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cardlab.reader.daemon import PrivateDaemon
from jpki.cards import Content, class_library, new_card
from jpki.certificates.indicator import AccessSource, Method
from jpki.cli import run
from jpki.client.constants import Slot
from jpki.client.sample import SAMPLE_PINS
from jpki.client.user import JpkiClient
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.verifier import Verifier
from tests.jpki.parties.openssl import openssl
from tests.jpki.pcsc.conftest import Insert


def test_document_signed_with_a_card_in_a_reader(pcscd: PrivateDaemon, insert: Insert, tmp_path: Path) -> None:
    """A My Number Card: the same command, and the indicator says that the card was in a reader."""
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    with new_card(Content.CARD, class_library([]), seed=1, now=now) as card:
        client = JpkiClient(card)
        client.select()
        issuers = {slot: x509.load_der_x509_certificate(client.ca_certificate(slot)) for slot in Slot}
        insert(card)
        (tmp_path / "text").write_bytes(b"a document")
        for slot, method in ((Slot.SIGNING, Method.PASSWORD), (Slot.AUTHENTICATION, Method.PIN)):
            (tmp_path / "pin").write_bytes(SAMPLE_PINS[slot])
            options = ["--card", f"pcsc:{pcscd.readers[0]}", "--pin-file", str(tmp_path / "pin"), "--force"]
            assert run(["sign", str(tmp_path / "text"), "--key", slot.name.lower(), *options]) == 0
            report = Verifier([issuers[slot]]).verify((tmp_path / "text.p7m").read_bytes())
            assert {finding.outcome for finding in report.findings} == {Outcome.REVOCATION_UNKNOWN}
            assert report.indicator is not None
            assert (report.indicator.method, report.indicator.source) == (method, AccessSource.CONTACT)
            (tmp_path / "ca.pem").write_bytes(issuers[slot].public_bytes(Encoding.PEM))
            command = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "text.p7m", "-CAfile", "ca.pem"]
            result = openssl(tmp_path, *command, "-purpose", "any", "-out", "out")
            assert result.returncode == 0, result.stderr
            assert (tmp_path / "out").read_bytes() == b"a document"
