"""PUT KEY, DELETE [key] and what keys do afterwards (GPCS 11.8, 11.2, 11.11.4; Amendment D 7.2)."""

from __future__ import annotations

import pytest

from cardlab.card.config import DEFAULT_KEYS
from cardlab.errors import SecureChannelError
from cardlab.globalplatform.constants import INS_DELETE, INS_PUT_KEY, ISD_AID, DomainState
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys, encode_aes_key, encrypt_sensitive, key_check_value
from cardlab.iso7816 import tlv
from tests.cardlab.card.cards import (
    SSD,
    SSD_KEY_VERSION,
    SSD_KEYS,
    Session,
    client,
    make_card,
    make_personalised_domain,
    send,
)
from tests.cardlab.card.refusals import refused

NEW = StaticKeys(b"n" * 16, b"e" * 16, b"w" * 16)
DEK = DEFAULT_KEYS.dek


def field(version: int, *keys: bytes, dek: bytes = DEK) -> bytes:
    return bytes((version,)) + b"".join(encode_aes_key(dek, key) for key in keys)


def key_set(version: int, keys: StaticKeys = NEW, dek: bytes = DEK) -> bytes:
    return field(version, keys.enc, keys.mac, keys.dek, dek=dek)


def information(session: Session) -> list[bytes]:
    return [item.value for item in tlv.parse(tlv.parse(session.get_data(0x00E0).data)[0].value)]


def test_a_new_version_beside_the_old_one() -> None:
    card = make_card()
    session = Session.open(card)
    answer = session.send(INS_PUT_KEY, 0x00, 0x81, key_set(0x31))
    checks = b"".join(key_check_value(key) for key in (NEW.enc, NEW.mac, NEW.dek))
    assert (answer.sw, answer.data) == (0x9000, b"\x31" + checks)
    assert session.get_data(0x00E0).ok, "the session goes on with the keys it began with"
    assert Session.open(card, keys=NEW, key_version=0x31).channel.is_open
    assert Session.open(card, key_version=0x30).channel.is_open
    assert Session.open(card).channel.is_open, "version 00 means the oldest"
    with pytest.raises(SecureChannelError):
        Session.open(card, key_version=0x31)


@pytest.mark.parametrize("new_version", [0x30, 0x01, 0x7F])
def test_replacing_a_version(new_version: int) -> None:
    card = make_card()
    for _ in range(3):
        Session.open(card)
    session = Session.open(card)
    assert session.send(INS_PUT_KEY, 0x30, 0x81, key_set(new_version)).sw == 0x9000
    assert information(session) == [bytes((kid, new_version, 0x88, 16)) for kid in (1, 2, 3)]
    assert Session.open(card, keys=NEW).get_data(0x00C1).data == bytes.fromhex("C103000001"), (
        "a new key set counts anew"
    )


@pytest.mark.parametrize(
    ("p1", "p2", "data", "sw"),
    [
        (0x00, 0x81, b"", refused(0x6A80, "a field of 1 bytes, 0 are left")),
        (0x00, 0x81, b"\x31", refused(0x6A80, "0 keys, P2 is 81")),
        (0x00, 0x81, key_set(0x00), refused(0x6A80, "key version 00, versions are 01 to 7F")),
        (0x00, 0x81, key_set(0x80), refused(0x6A80, "key version 80, versions are 01 to 7F")),
        (0x00, 0x81, key_set(0x31)[:-1], refused(0x6A80, "a field of 3 bytes, 2 are left")),
        (0x00, 0x81, key_set(0x31) + b"\x88", refused(0x6A80, "a field of 1 bytes, 0 are left")),
        (0x00, 0x01, key_set(0x31), refused(0x6A80, "3 keys, P2 is 01")),  # several keys announced as one
        (0x00, 0xFE, key_set(0x31), refused(0x6A80, "3 keys, P2 is FE")),  # identifiers 7E, 7F, 80
        (0x00, 0x81, key_set(0x30), refused(0x6A80, "key version 30 has such a key: replace it (P1)")),  # there already
        (0x31, 0x81, key_set(0x31), refused(0x6A88, "key version 31 has no such key")),  # nothing to replace
        (0x30, 0x04, field(0x30, NEW.enc), refused(0x6A88, "key version 30 has no such key")),
        (
            0x30,
            0x01,
            field(0x31, NEW.enc),
            refused(0x6A80, "version 30 becomes 31 as a whole, and 31 must be free"),
        ),  # would tear the set apart
        (
            0x00,
            0x01,
            bytes.fromhex("31 A1 01 03 A0 01 03 00"),
            refused(0x6A80, "a field of 160 bytes, 3 are left"),
        ),  # RSA
        (
            0x00,
            0x01,
            bytes.fromhex("31 80 10") + bytes(16) + b"\x00",
            refused(0x6A80, "key type 80, this card has AES"),
        ),  # DES
        (0x00, 0x01, field(0x31, b"k" * 32), refused(0x6A80, "AES keys have 16 bytes here")),  # AES-256
        (
            0x00,
            0x01,
            bytes.fromhex("31 88 11 10") + bytes(16) + b"\x03abc",
            refused(0x6982, "the key check value is wrong"),
        ),
        (0x00, 0x01, bytes.fromhex("31 88 00 00"), refused(0x6A80, "AES keys have 16 bytes here")),
        (0x00, 0x01, bytes.fromhex("31 88 83 000001"), refused(0x6A80, "length field 83")),
    ],
)
def test_what_is_refused_changes_nothing(p1: int, p2: int, data: bytes, sw: int) -> None:
    card = make_card()
    session = Session.open(card)
    before = information(session)
    assert session.send(INS_PUT_KEY, p1, p2, data).sw == sw
    assert information(session) == before
    assert Session.open(card).channel.is_open


def test_single_keys_of_any_identifier() -> None:
    session = Session.open(make_card())
    assert session.send(INS_PUT_KEY, 0x00, 0x00, field(0x73, NEW.enc)).data == b"\x73" + key_check_value(NEW.enc)
    assert session.send(INS_PUT_KEY, 0x00, 0x7F, field(0x73, NEW.mac)).sw == 0x9000
    assert session.send(INS_PUT_KEY, 0x73, 0x7F, field(0x73, NEW.dek)).sw == 0x9000
    assert information(session)[3:] == [bytes((0x00, 0x73, 0x88, 16)), bytes((0x7F, 0x73, 0x88, 16))]


def test_a_key_without_inner_length_or_check_value() -> None:
    card = make_card()
    raw = b"".join(b"\x88\x10" + encrypt_sensitive(DEK, key) + b"\x00" for key in (NEW.enc, NEW.mac, NEW.dek))
    assert Session.open(card).send(INS_PUT_KEY, 0x00, 0x81, b"\x31" + raw).data == b"\x31"
    assert Session.open(card, keys=NEW, key_version=0x31).channel.is_open


def test_a_set_in_three_commands_opens_channels_when_it_is_whole() -> None:
    card = make_card()
    session = Session.open(card)
    for identifier, key in enumerate((NEW.enc, NEW.mac), start=1):
        assert session.send(INS_PUT_KEY, 0x00, identifier, field(0x31, key)).sw == 0x9000
    assert send(card, "80 50 31 00 08 0001020304050607 00").sw == refused(0x6A88, "no key set of version 31")
    assert Session.open(card).send(INS_PUT_KEY, 0x00, 0x03, field(0x31, NEW.dek)).sw == 0x9000
    assert Session.open(card, keys=NEW, key_version=0x31).channel.is_open


def test_a_domain_holds_so_many_keys() -> None:
    card = make_card(key_limit=6)
    session = Session.open(card)
    assert session.send(INS_PUT_KEY, 0x00, 0x81, key_set(0x31)).sw == 0x9000
    assert session.send(INS_PUT_KEY, 0x00, 0x01, field(0x32, NEW.enc)).sw == refused(
        0x6A84, "a security domain holds 6 keys"
    )
    assert session.send(INS_DELETE, 0, 0, bytes.fromhex("D20131")).sw == 0x9000
    assert session.send(INS_PUT_KEY, 0x00, 0x81, key_set(0x32)).sw == 0x9000


def test_deleting_keys() -> None:
    card = make_card()
    session = Session.open(card)
    session.send(INS_PUT_KEY, 0x00, 0x81, key_set(0x31))
    assert session.send(INS_DELETE, 0, 0, bytes.fromhex("D20130")).data == b"\x00"
    assert information(session) == [bytes((kid, 0x31, 0x88, 16)) for kid in (1, 2, 3)]
    session = Session.open(card, keys=NEW)
    for data, sw in (
        ("D20131", refused(0x6985, "the issuer security domain's last key set cannot be deleted")),  # the last set
        ("D00101D20131", refused(0x6985, "the issuer security domain's last key set cannot be deleted")),
        ("D20130", refused(0x6A88, "no such key")),
        ("D00104", refused(0x6A88, "no such key")),
        ("D2023131", refused(0x6A80, "key identifier and version are one byte each")),
        ("D200", refused(0x6A80, "key identifier and version are one byte each")),
        ("D20131D20131", refused(0x6A80, "tag D2 comes twice")),
        (
            "D201314F05F04A504B49",
            refused(0x6A80, "DELETE takes an AID (4F), or a key's identifier (D0) and version (D2)"),
        ),
        ("", refused(0x6A80, "DELETE takes an AID (4F), or a key's identifier (D0) and version (D2)")),
        ("C900", refused(0x6A80, "tag C9 is not known here")),
    ):
        assert session.send(INS_DELETE, 0, 0, bytes.fromhex(data)).sw == sw, data
    assert Session.open(card, keys=NEW).channel.is_open


def test_deleting_by_identifier_takes_it_from_all_versions() -> None:
    session = Session.open(make_card())
    session.send(INS_PUT_KEY, 0x00, 0x05, field(0x71, NEW.enc))
    session.send(INS_PUT_KEY, 0x00, 0x05, field(0x72, NEW.enc))
    assert session.send(INS_DELETE, 0, 0, bytes.fromhex("D00105")).sw == 0x9000
    assert len(information(session)) == 3


def test_a_domain_is_personalised_by_its_own_keys() -> None:
    card = make_card()
    assert Session.open(card).make_domain() == 0x9000
    assert client(card).registry().domains[0].life_cycle == DomainState.SELECTABLE
    session = Session.open(card, SSD)
    assert session.send(INS_PUT_KEY, 0x00, 0x81, key_set(0x31)).sw == 0x9000
    assert client(card).registry().domains[0].life_cycle == DomainState.PERSONALIZED
    assert information(Session.open(card, SSD, NEW)) == [bytes((kid, 0x31, 0x88, 16)) for kid in (1, 2, 3)]
    with pytest.raises(SecureChannelError):
        Session.open(card, SSD, DEFAULT_KEYS)
    assert Session.open(card, ISD_AID).channel.is_open, "the issuer's own keys are what they were"


def test_a_domain_is_personalised_by_a_whole_set_of_its_own_and_the_issuers_by_none() -> None:
    """GPCS 5.3.2: a life cycle of domains beside the card's."""
    card = make_card()
    assert Session.open(card).make_domain() == 0x9000
    states = []
    for identifier, key in enumerate((NEW.enc, NEW.mac, NEW.dek), start=1):
        session = Session.open(card, SSD)
        assert session.send(INS_PUT_KEY, 0x00, identifier, field(0x31, key)).sw == 0x9000
        states.append(client(card).registry().domains[0].life_cycle)
    assert states == [DomainState.SELECTABLE, DomainState.SELECTABLE, DomainState.PERSONALIZED]
    issuer = client(card).registry().issuer_domain
    assert Session.open(card).send(INS_PUT_KEY, 0x00, 0x81, key_set(0x31)).sw == 0x9000
    assert client(card).registry().issuer_domain == issuer


def test_keys_of_a_domain_are_sent_under_its_own_key() -> None:
    card = make_card()
    make_personalised_domain(card)
    session = Session.open(card, SSD, SSD_KEYS)
    assert session.send(INS_PUT_KEY, SSD_KEY_VERSION, 0x81, key_set(0x32)).sw == refused(
        0x6982, "the key check value is wrong"
    ), "under another key"
    assert session.send(INS_PUT_KEY, SSD_KEY_VERSION, 0x81, key_set(0x32, dek=SSD_KEYS.dek)).sw == 0x9000
    assert Session.open(card, SSD, NEW).channel.is_open


def test_a_domain_that_lost_its_keys_has_its_parents_again() -> None:
    card = make_card()
    make_personalised_domain(card)
    assert Session.open(card, SSD, SSD_KEYS).send(INS_DELETE, 0, 0, bytes.fromhex("D20131")).sw == 0x9000
    session = Session.open(card, SSD)
    assert tlv.parse(session.get_data(0x00E0).data) == [tlv.Tlv(0xE0, b"")]


def groups(version: int, keys: StaticKeys, dek: bytes = DEK, check: bytes | None = None) -> bytes:
    """DGI 00B9 with three descriptions, then three DGI 8113 (GPCS 11.11.4.1)."""
    descriptions, secrets = b"", b""
    for identifier, key in enumerate((keys.enc, keys.mac, keys.dek), start=1):
        kcv = key_check_value(key) if check is None else check
        items = {0x95: b"\x10", 0x80: b"\x88", 0x81: b"\x10", 0x82: bytes((identifier,)), 0x83: bytes((version,))}
        items[0x84] = kcv
        descriptions += tlv.encode(0xB9, *(tlv.encode(tag, value) for tag, value in items.items()))
        secrets += bytes.fromhex("811310") + encrypt_sensitive(dek, key)
    return b"\x00\xb9" + bytes((len(descriptions),)) + descriptions + secrets


def test_keys_by_store_data() -> None:
    card = make_card()
    assert Session.open(card).make_domain() == 0x9000
    session = Session.open(card, SSD)
    assert session.store(groups(0x31, NEW), 0xE8).sw == 0x9000
    assert client(card).registry().domains[0].life_cycle == DomainState.PERSONALIZED
    session = Session.open(card, SSD, NEW)
    assert session.store(groups(0x31, SSD_KEYS, NEW.dek), 0x88).sw == 0x9000, "the same version again: replaced"
    assert Session.open(card, SSD, SSD_KEYS).channel.is_open


@pytest.mark.parametrize(
    ("change", "sw"),
    [
        (lambda raw: raw.replace(b"\x84\x03", b"\x96\x03"), refused(0x6A80, "a key description lacks something")),
        (lambda raw: raw[:-1], refused(0x6A80, "a data grouping is cut short")),
        (
            lambda raw: raw.replace(b"\x80\x01\x88", b"\x80\x01\x82"),
            refused(0x6A80, "this card has AES keys of 16 bytes"),
        ),
        (
            lambda raw: raw.replace(b"\x81\x01\x10", b"\x81\x01\x20"),
            refused(0x6A80, "this card has AES keys of 16 bytes"),
        ),
        (
            lambda raw: raw.replace(b"\x83\x01\x31", b"\x83\x01\x00"),
            refused(0x6A80, "key version or identifier out of range"),
        ),
        (
            lambda raw: raw.replace(b"\x82\x01\x02", b"\x82\x01\x80"),
            refused(0x6A80, "key version or identifier out of range"),
        ),
        (lambda raw: raw.replace(b"\x95\x01\x10", b"\xc7\x01\x10"), refused(0x6A80, "tag C7 is not known here")),
        (
            lambda raw: raw[: raw.index(b"\x81\x13\x10")],
            refused(0x6A80, "each description (B9) is followed by its key (8113)"),
        ),
        (
            lambda raw: raw[raw.index(b"\x81\x13\x10") :],
            refused(0x6A80, "a key (8113) comes after its description (00B9)"),
        ),
        (
            lambda raw: raw + bytes.fromhex("81131000000000000000000000000000000000"),
            refused(0x6A80, "a key (8113) comes after its description (00B9)"),
        ),
        (
            lambda raw: raw.replace(b"\x81\x13\x10", b"\x81\x14\x10", 1),
            refused(0x6A88, "data groupings are 0070 (data objects), 00B9 and 8113 (keys)"),
        ),
        (
            lambda raw: raw.replace(b"\x81\x13\x10", b"\x00\xb9\x10", 1),
            refused(0x6A80, "each description (B9) is followed by its key (8113)"),
        ),
        (
            lambda raw: raw.replace(b"\xb9\x14", b"\xba\x14", 1),
            refused(0x6A80, "each description (B9) is followed by its key (8113)"),
        ),
        (
            lambda raw: groups(0x31, NEW, check=key_check_value(NEW.enc)[:2]),
            refused(0x6A80, "a key description lacks something"),
        ),
        (lambda raw: raw[:-1] + bytes((raw[-1] ^ 1,)), refused(0x6982, "the key check value is wrong")),
    ],
)
def test_damaged_key_groups_change_nothing(change: object, sw: int) -> None:
    card = make_card()
    session = Session.open(card)
    before = information(session)
    assert callable(change)
    assert session.store(change(groups(0x31, NEW)), 0x88).sw == sw
    assert information(session) == before


def test_put_key_at_every_level() -> None:
    for level in (SecurityLevel.NONE, SecurityLevel.C_MAC, SecurityLevel.C_ENC_R_MAC, SecurityLevel.FULL):
        card = make_card()
        assert Session.open(card, level=level).send(INS_PUT_KEY, 0x00, 0x81, key_set(0x31)).sw == 0x9000
        assert Session.open(card, keys=NEW, key_version=0x31).channel.is_open
