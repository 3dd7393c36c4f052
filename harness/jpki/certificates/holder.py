"""Whom a signing certificate is about: the four basic attributes as it holds them (A6)."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass
from enum import IntEnum, unique

from cryptography import x509

from cardlab.iso7816.tlv import encode

JPKI_ARC = "1.2.392.200149.8.5"
ATTRIBUTE_ARC = f"{JPKI_ARC}.5"
"""The four basic attributes are object identifiers below this one."""
_UTF8_STRING = 0x0C
_BIRTHDAYS = 5
_MAX_ADDRESS = 200


@unique
class Sex(IntEnum):
    """The attribute's digit."""

    MALE = 1
    FEMALE = 2
    OTHER = 3


@unique
class Era(IntEnum):
    """First digit of a birth date: the Japanese era."""

    MEIJI = 1
    TAISHO = 2
    SHOWA = 3
    HEISEI = 4
    REIWA = 5


_ERA_BEGAN = {
    Era.REIWA: datetime.date(2019, 5, 1),
    Era.HEISEI: datetime.date(1989, 1, 8),
    Era.SHOWA: datetime.date(1926, 12, 25),
    Era.TAISHO: datetime.date(1912, 7, 30),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """The four basic attributes (A6) and the names in the subject; the address is at most 200 characters."""

    name: str
    address: str
    birth_date: datetime.date
    sex: Sex
    prefecture: str
    city: str

    def __post_init__(self) -> None:
        if not self.name or not self.address or len(self.address) > _MAX_ADDRESS:
            raise ValueError(f"a holder has a name, and an address of 1 to {_MAX_ADDRESS} characters")

    @property
    def birth_date_with_era(self) -> str:
        """EYYYYMMDD: the era's digit and the Gregorian date."""
        era = next((era for era, began in _ERA_BEGAN.items() if self.birth_date >= began), Era.MEIJI)
        return f"{era:d}{self.birth_date:%Y%m%d}"

    def last_valid_day(self, issued: datetime.date) -> datetime.date:
        """The fifth birthday after the day of issue; 28 February for 29 February in other years."""
        this_year = _birthday(self.birth_date, issued.year)
        return _birthday(self.birth_date, issued.year + _BIRTHDAYS - (this_year > issued))

    def other_names(self) -> list[x509.OtherName]:
        """The subjectAltName of the signing certificate, in the order it has on real ones."""
        values = {
            1: self.name,
            4: self.birth_date_with_era,
            3: str(int(self.sex)),
            5: self.address,
            2: "0" * len(self.name),  # one digit a character: 1 where a character was substituted
            6: "0" * len(self.address),
        }
        return [
            x509.OtherName(x509.ObjectIdentifier(f"{ATTRIBUTE_ARC}.{number}"), encode(_UTF8_STRING, text.encode()))
            for number, text in values.items()
        ]


def _birthday(birth_date: datetime.date, year: int) -> datetime.date:
    day = min(birth_date.day, calendar.monthrange(year, birth_date.month)[1])
    return datetime.date(year, birth_date.month, day)


SAMPLE_HOLDER = Holder(
    name="公的 花子",
    address="東京都千代田区霞が関二丁目1番2号",
    birth_date=datetime.date(1995, 4, 12),
    sex=Sex.FEMALE,
    prefecture="Tokyo-to",
    city="Chiyoda-ku",
)
"""Somebody who does not exist, for sample cards, the demo and recordings."""
