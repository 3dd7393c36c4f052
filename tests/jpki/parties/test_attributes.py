"""The four attributes in a signing certificate (A6)."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import VerificationError
from jpki.certificates.attributes import BasicAttributes, read_basic_attributes
from jpki.certificates.holder import Holder, Sex
from jpki.certificates.profile import CertificateProfile, TestAuthority
from tests.jpki.parties.people import START, key

TEXT = st.text(min_size=1, max_size=40)


def certificate(names: list[x509.OtherName] | None) -> x509.Certificate:
    """Self-signed, with these names."""
    name = CertificateProfile.SIGNING.issuer
    builder = x509.CertificateBuilder(name, name, key(0).public_key(), 1, START, START + datetime.timedelta(days=1))
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key(0), SHA256())


@given(
    name=TEXT,
    address=TEXT,
    birth_date=st.dates(datetime.date(1868, 1, 25), datetime.date(2026, 1, 1)),
    sex=st.sampled_from(Sex),
)
def test_what_is_written_is_read(name: str, address: str, birth_date: datetime.date, sex: Sex) -> None:
    holder = Holder(name, address, birth_date, sex, "Tokyo-to", "Chiyoda-ku")
    found = read_basic_attributes(certificate(holder.other_names()))
    assert found == BasicAttributes(name, address, birth_date, sex)


def test_authentication_certificates_have_none() -> None:
    authority = TestAuthority.create(CertificateProfile.AUTHENTICATION, now=START, key=key(1))
    holder = Holder("a", "b", datetime.date(2000, 1, 1), Sex.OTHER, "c", "d")
    der = authority.issue(key(0).public_key(), holder, serial=2, common_name="x", now=START)
    assert read_basic_attributes(x509.load_der_x509_certificate(der)) is None


@pytest.mark.parametrize("change", ["missing", "wrong sex", "wrong date", "no text"])
def test_attributes_that_are_not_as_they_should_be(change: str) -> None:
    names = Holder("a", "b", datetime.date(2000, 1, 1), Sex.OTHER, "c", "d").other_names()
    values = {"wrong sex": (2, b"\x0c\x01\x37"), "wrong date": (1, b"\x0c\x0539999"), "no text": (0, b"\x04\x01a")}
    if change == "missing":
        del names[0]
    else:
        place, value = values[change]
        names[place] = x509.OtherName(names[place].type_id, value)
    with pytest.raises(VerificationError):
        read_basic_attributes(certificate(names))
