"""Applicants, a clock to travel with, and keys for tests of the parties."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from jpki.certificates.holder import SAMPLE_HOLDER, Holder, Sex
from jpki.client.constants import Slot
from jpki.parties.applicant import Applicant

START = datetime.datetime(2026, 4, 1, 3, 0, tzinfo=datetime.UTC)
HANAKO = Applicant(
    "u-1",
    replace(SAMPLE_HOLDER, birth_date=datetime.date(1990, 6, 1)),
)
TARO = Applicant(
    "u-2",
    Holder(
        "公的 太郎", "大阪府大阪市中央区大手前2-1-22", datetime.date(1962, 2, 28), Sex.MALE, "Osaka-fu", "Osaka-shi"
    ),
)


@dataclass(slots=True)
class Clock:
    """Stands still until it is told to go on."""

    now: datetime.datetime = START

    def __call__(self) -> datetime.datetime:
        return self.now

    def advance(self, seconds: float) -> datetime.datetime:
        self.now += datetime.timedelta(seconds=seconds)
        return self.now


@cache
def key(number: int) -> rsa.RSAPrivateKey:
    """One of as many RSA-2048 keys as a test wants."""
    return rsa.generate_private_key(65537, 2048)


@cache
def ca_keys() -> dict[Slot, rsa.RSAPrivateKey]:
    """Keys for a CA, so that not every test has to generate some."""
    return {slot: rsa.generate_private_key(65537, 2048) for slot in Slot}
