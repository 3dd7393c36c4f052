"""The four basic attributes, read from a signing certificate (A6)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cryptography import x509
from pyasn1.type import char

from cardlab.errors import VerificationError
from jpki.certificates.der import decode
from jpki.certificates.holder import ATTRIBUTE_ARC, Era, Sex

_NAME, _SEX, _BIRTH_DATE, _ADDRESS = 1, 3, 4, 5


@dataclass(frozen=True, slots=True)
class BasicAttributes:
    """Name, address, birth date and sex, as the certificate has them."""

    name: str
    address: str
    birth_date: datetime.date
    sex: Sex


def read_basic_attributes(certificate: x509.Certificate) -> BasicAttributes | None:
    """The attributes, or None when there are none, as in authentication certificates.

    Raises VerificationError when they are there but not as they should be.
    """
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    except ValueError as error:
        raise VerificationError(f"the certificate's extensions cannot be read: {error}") from error
    texts = {
        name.type_id.dotted_string: str(decode(name.value, char.UTF8String(), "an attribute of the holder"))
        for name in names.get_values_for_type(x509.OtherName)
    }
    try:
        name, sex, birth, address = (texts[f"{ATTRIBUTE_ARC}.{n}"] for n in (_NAME, _SEX, _BIRTH_DATE, _ADDRESS))
        Era(int(birth[0]))
        birth_date = datetime.datetime.strptime(birth[1:], "%Y%m%d").date()
        return BasicAttributes(name, address, birth_date, Sex(int(sex)))
    except (KeyError, ValueError, IndexError) as error:
        raise VerificationError(
            f"the certificate's attributes of the holder are incomplete or wrong: {error}"
        ) from error
