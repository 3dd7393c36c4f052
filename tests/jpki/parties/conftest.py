"""A CA in a file of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from jpki.client.constants import Slot, Suite
from jpki.parties.ca.authority import CertificateAuthority
from tests.jpki.parties.curves import CurveSigner
from tests.jpki.parties.people import Clock, ca_keys, key


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def made_keys() -> dict[Slot, RSAPrivateKey]:
    """The CA's keys; a holder's is made with them, so that a hunt of mutants makes both once."""
    key(0)
    return ca_keys()


@pytest.fixture
def ca(tmp_path: Path, clock: Clock, made_keys: dict[Slot, RSAPrivateKey]) -> Iterator[CertificateAuthority]:
    with CertificateAuthority.open(tmp_path / "ca.sqlite", clock=clock, keys=made_keys) as authority:
        yield authority


@pytest.fixture
def curved(tmp_path: Path, clock: Clock) -> Iterator[CertificateAuthority]:
    """Another one, of the suite on P-384."""
    with CertificateAuthority.open(tmp_path / "curved.sqlite", clock=clock, suite=Suite.P_384) as authority:
        yield authority


@pytest.fixture
def signer(curved: CertificateAuthority) -> CurveSigner:
    """Hanako, with a signing certificate from it."""
    return CurveSigner.of(curved)
