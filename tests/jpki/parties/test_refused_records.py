"""Records, requests and places that a party cannot work with: refused when they are opened, nothing is changed."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cardlab.errors import HarnessError, IntegrityError, RefusedError, StorageError, UsageError
from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import encode
from cardlab.transport import Transport
from jpki.parties import jws, store
from jpki.parties.ca import ocsp_request
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.ocsp_request import MalformedRequestError
from jpki.parties.ca.records import Records
from jpki.parties.ca.status import CertStatus
from jpki.parties.http_server import HttpServer
from jpki.parties.phone.inside import read_se_id
from jpki.parties.seal import TABLE
from jpki.parties.verifier.ocsp_source import OcspSource
from jpki.parties.world_belongings import Belongings
from jpki.parties.world_folder import PHONES, WorldFolder
from jpki.parties.world_ledger import NAME, Ledger, Member
from tests.jpki.parties.people import Clock
from tests.jpki.parties.test_evidence import Responder


def test_records_without_a_ca(tmp_path: Path) -> None:
    """Whole, sealed and empty: nobody ever wrote a key there."""
    path = tmp_path / "ca.sqlite"
    Records.open(path).close()
    before = path.read_bytes()
    with pytest.raises(IntegrityError, match=r"ca.sqlite holds no key of the signing CA") as refused:
        CertificateAuthority.open(path)
    assert refused.value.hint == "put it back from a copy"
    assert path.read_bytes() == before


def test_records_that_the_disk_does_not_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are made beside their place, so nothing is left."""

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(store, "_sync", full)
    path = tmp_path / "ca.sqlite"
    with pytest.raises(StorageError, match=rf"^{path} cannot be written, it would hold .*: No space left") as refused:
        Records.open(path)
    assert refused.value.hint.startswith("make room")
    assert [one.name for one in tmp_path.iterdir() if not one.name.endswith(".lock")] == []


def test_records_that_lost_who_they_are_while_they_were_open(tmp_path: Path) -> None:
    path = tmp_path / "ca.sqlite"
    records = Records.open(path)
    assert records.identity.store_id
    with sqlite3.connect(path) as other:
        other.execute(f"DELETE FROM {TABLE}")  # noqa: S608 - a name of ours
    with pytest.raises(IntegrityError, match=r"ca.sqlite is damaged; it should hold "):
        _ = records.identity
    records.close()


# -- requests ----------------------------------------------------------------------------------------------------------

_SEQUENCE, _OID, _OCTETS, _INTEGER, _NULL = 0x30, 0x06, 0x04, 0x02, 0x05
_SHA1, _NONCE = bytes.fromhex("2B0E03021A"), bytes.fromhex("2B0601050507300102")


def _request(*parameters: bytes, extensions: bytes = b"") -> bytes:
    """An OCSPRequest about one certificate (RFC 6960, 4.1.1)."""
    algorithm = encode(_SEQUENCE, encode(_OID, _SHA1), *parameters)
    named = encode(
        _SEQUENCE, algorithm, encode(_OCTETS, bytes(20)), encode(_OCTETS, bytes(20)), encode(_INTEGER, b"\1")
    )
    asked = encode(_SEQUENCE, encode(_SEQUENCE, named))
    return encode(_SEQUENCE, encode(_SEQUENCE, asked, extensions))


def _extensions(*extensions: bytes) -> bytes:
    return encode(0xA2, encode(_SEQUENCE, *extensions))


def _extension(*more: bytes) -> bytes:
    return encode(_SEQUENCE, encode(_OID, _NONCE), *more, encode(_OCTETS, encode(_OCTETS, b"nonce")))


def test_a_request_that_is_read() -> None:
    found = ocsp_request.read(_request(encode(_NULL), extensions=_extensions(_extension())))
    assert (found.certificates[0].serial, found.nonce) == (1, encode(_OCTETS, b"nonce"))


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (_request(encode(_NULL), encode(_NULL)), "an algorithm has one parameter at most"),
        (
            _request(extensions=_extensions(_extension(), _extension())),
            "an extension is there twice, or has a field too many",
        ),
        (
            _request(extensions=_extensions(_extension(encode(0x01, b"\xff"), encode(0x01, b"\xff")))),
            "an extension is there twice, or has a field too many",
        ),
    ],
)
def test_requests_that_no_client_makes(request_: bytes, reason: str) -> None:
    with pytest.raises(MalformedRequestError, match=rf"^{reason}$"):
        ocsp_request.read(request_)


def test_a_response_by_an_algorithm_that_nobody_knows(ca: CertificateAuthority) -> None:
    """It is named beside what is signed; whatever it says proves nothing."""
    responder = Responder(ca)

    def odd(request: bytes) -> bytes:
        before, name, after = responder(request).rpartition(bytes.fromhex("06092A864886F70D01010B"))
        return before + name[:-1] + b"\x7f" + after

    found = OcspSource(odd, clock=Clock()).state(responder.certificate, responder.issuer, None)
    assert found.state is CertStatus.UNKNOWN
    assert found.note.startswith("the response cannot be read: ")


def test_a_statement_that_says_no_facts() -> None:
    """Signed by whom it should be."""
    key = ec.generate_private_key(ec.SECP256R1())
    assert jws.verified(jws.signed({"a": 1}, key), key.public_key(), "the statement") == {"a": 1}
    with pytest.raises(RefusedError, match=r"^the statement cannot be read$"):
        jws.verified(jws.signed([1], key), key.public_key(), "the statement")  # type: ignore[arg-type]


def test_an_address_that_is_not_this_machines() -> None:
    async def nothing(*_: object) -> None: ...

    with pytest.raises(StorageError, match=r"^port 0 cannot be used: "):
        HttpServer(nothing, host="192.0.2.1")  # of no machine (RFC 5737)


# -- cards and folders -------------------------------------------------------------------------------------------------


class Nameless(Transport):
    """A card that is selected, and has no data objects."""

    atr = b""

    def transmit(self, command: bytes) -> bytes:
        return (SW.OK if command[1] == 0xA4 else SW.REFERENCED_DATA_NOT_FOUND).to_bytes(2, "big")

    def reset(self) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing is open."""


def test_a_secure_element_without_a_name() -> None:
    with pytest.raises(HarnessError, match=r"^the secure element does not say who it is") as refused:
        read_se_id(Nameless())
    assert refused.value.hint == "this phone cannot be used"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """That of a world with one phone, to which no card was ever saved."""
    path = tmp_path / "world"
    WorldFolder(path).make()
    ledger = Ledger.read(path)
    ledger.members[f"{PHONES}/p1"] = Member("0102", 0)
    ledger.write()
    return path


def test_another_card_than_the_phone_has(folder: Path) -> None:
    mine = Belongings(folder)
    mine.require_card(PHONES, "p1", b"\1\2")
    mine.require_card(PHONES, "a guest", b"\1\3")
    with pytest.raises(IntegrityError, match="p1/card is another card than p1 has") as refused:
        mine.require_card(PHONES, "p1", b"\1\3")
    assert refused.value.hint == "put back the one that belongs here"


def test_a_ledger_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(UsageError, match=f"{NAME} cannot be read: Is a directory") as refused:
        Ledger.read(tmp_path)
    assert refused.value.hint == "name a file in a folder that is there"


def test_something_unfinished_that_cannot_be_removed(folder: Path) -> None:
    """What is above it is a file by now."""
    ledger = Ledger.read(folder)
    ledger.unfinished.append("file/store")
    ledger.write()
    (folder / "file").touch()
    with pytest.raises(UsageError, match="file/store cannot be removed: Not a directory"):
        Belongings(folder)


@pytest.mark.parametrize("use", [WorldFolder.make, WorldFolder.require])
def test_a_folder_that_cannot_be_one(use: Callable[[WorldFolder], None], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nn cannot hold a world: File name too long") as refused:
        use(WorldFolder(tmp_path / ("n" * 300)))
    assert refused.value.hint == "choose a shorter name"
