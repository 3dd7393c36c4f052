"""The demonstration looks at what it shows: a card or a program that does otherwise ends the story."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cardlab.errors import VerificationError
from cardlab.iso7816.status import SW, UnexpectedStatusError
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.client.constants import Slot, Suite
from jpki.demo import story as module
from jpki.demo.step import SkippedError, StepRunner
from jpki.demo.story import Story
from tests.jpki.parties.people import START

WEAK = rsa.RSAPublicNumbers(65537, 3 * ((1 << 2046) + 1)).public_key()


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One whose TSM and phone speak with a card that does nothing, and has certificates of somebody else."""
    parties: Any = SimpleNamespace(keys=lambda: None)
    made: Any = Story(StepRunner(lambda step: None), lambda card: card, seed=1, parties=parties)
    tsm = SimpleNamespace(store_certificate=lambda *_: None, generate_key_pair=lambda slot: WEAK)
    phone = SimpleNamespace(verify=lambda *_: None, certificate=lambda slot: b"another")
    monkeypatch.setattr(made, "_open_applet", lambda: tsm)
    monkeypatch.setattr(made, "_select_jpki", lambda: phone)
    monkeypatch.setattr(module, "rsa_key", lambda key: key)
    return made


@pytest.fixture(scope="module")
def authority() -> TestAuthority:
    return TestAuthority.create(CertificateProfile.SIGNING, now=START, suite=Suite.P_384)


def test_a_weak_key(story: Any) -> None:
    with pytest.raises(VerificationError, match=r"^the signing key is weak: "):
        story._generate(Slot.SIGNING)


def test_another_certificate_than_was_stored(story: Any, authority: TestAuthority) -> None:
    story._certificates = dict.fromkeys(Slot, b"this one")
    story._authorities = dict.fromkeys(Slot, authority)
    with pytest.raises(VerificationError, match=r"certificate read back is not the one stored$"):
        story._store()


def test_a_machine_without_openssl(story: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is left out, and says so."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SkippedError, match=r"^there is no openssl on PATH$"):
        story._verify_with_openssl()


def test_an_openssl_that_does_not_accept(authority: TestAuthority, tmp_path: Path) -> None:
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\necho 'CMS Verification failure' >&2\nexit 4\n", encoding="ascii")
    program.chmod(0o700)
    with pytest.raises(VerificationError, match=r"^openssl does not accept the CMS: CMS Verification failure$"):
        module._openssl_verify(str(program), tmp_path / "0.p7m", authority)


def test_a_card_that_does_what_it_should_refuse() -> None:
    """Or refuses it for another reason."""

    def other() -> None:
        raise UnexpectedStatusError("SIGN", SW.FILE_NOT_FOUND)

    with pytest.raises(VerificationError, match=r"^the card did what it should have refused with 6982$"):
        module._refused(lambda: None, SW.SECURITY_STATUS_NOT_SATISFIED)
    with pytest.raises(UnexpectedStatusError):
        module._refused(other, SW.SECURITY_STATUS_NOT_SATISFIED)
    module._refused(other, SW.FILE_NOT_FOUND)
