"""GET DATA answers, most of them from real cards as GlobalPlatformPro's tests have them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import CardError
from cardlab.globalplatform.constants import Privilege
from cardlab.globalplatform.host.card_data import (
    KeyComponent,
    KeyInfo,
    Protocol,
    Selected,
    parse_capabilities,
    parse_cplc,
    parse_keys,
    parse_recognition,
)
from cardlab.globalplatform.host.identity import CardIdentity
from cardlab.iso7816 import tlv
from cardlab.iso7816.tlv import MalformedTlvError
from tests.cardlab.transport.fakes import ScriptedCard

PARSERS = (parse_recognition, parse_capabilities, parse_keys, parse_cplc, Selected.parse)


def test_recognition_data() -> None:
    """GlobalPlatformPro TestParseTags.testOther, first card."""
    data = parse_recognition(
        bytes.fromhex(
            "664C734A06072A864886FC6B01600C060A2A864886FC6B02020101630906072A864886FC6B03640B06092A864886FC6B040215"
            "650B06092B8510864864020103660C060A2B060104012A026E0102"
        )
    )
    assert data.version == (2, 1, 1)
    assert data.protocols == (Protocol(2, 0x15),)
    assert data.identification == bytes.fromhex("2A864886FC6B03")
    assert data.chip is not None


def test_recognition_data_with_several_protocols() -> None:
    """GlobalPlatformPro TestParseTags.testOther, second card."""
    data = parse_recognition(
        bytes.fromhex(
            "6657735506072A864886FC6B01600B06092A864886FC6B020202630906072A864886FC6B03640B06092A864886FC6B040370"
            "640B06092A864886FC6B048000650A06082A864886FC6B0504660C060A2B060104012A026E0103"
        )
    )
    assert data.version == (2, 2)
    assert data.protocols[0] == Protocol(3, 0x70)


def test_protocols_in_one_template() -> None:
    """GPCS Table H-2: one tag 64 with several object identifiers; those of others are left out."""
    gp = bytes.fromhex("2A864886FC6B")
    oids = [gp + b"\4\2\x55", gp + b"\4\3\x70", bytes.fromhex("2B0601")]
    body = tlv.encode(0x64, *(tlv.encode(6, oid) for oid in oids))
    data = parse_recognition(tlv.encode(0x66, tlv.encode(0x73, body)))
    assert data.protocols == (Protocol(2, 0x55), Protocol(3, 0x70))
    assert data.version == ()


def test_capabilities() -> None:
    """GlobalPlatformPro TestParseTags.testPrintCardCapabilities."""
    data = parse_capabilities(
        bytes.fromhex(
            "6735A00E8001038106001020306070820107A007800102810215558103FF9E0082031E160083010284018F8502FF028602FF028702FF02"
        )
    )
    assert [(item.scp, item.options.hex(), item.key_lengths) for item in data.protocols] == [
        (3, "001020306070", (16, 24, 32)),
        (2, "1555", ()),
    ]
    assert data.domain_privileges is not None
    assert Privilege.SECURITY_DOMAIN in data.domain_privileges
    assert data.application_privileges == Privilege.parse(bytes.fromhex("1E1600"))
    assert data.hash_algorithms == b"\x02"


def test_key_information() -> None:
    """GlobalPlatformPro TestGPKeyInfo.testExtendedRSAKeyTemplate: three DES keys and, in extended form, an RSA key."""
    keys = parse_keys(bytes.fromhex("E021C00401018010C00402018010C00403018010C00D0173FFA10080A0000301840100"))
    assert keys[:3] == tuple(KeyInfo(number, 1, (KeyComponent(0x80, 16),)) for number in (1, 2, 3))
    assert (keys[3].identifier, keys[3].version, keys[3].components[0]) == (1, 0x73, KeyComponent(0xA1, 128))


def test_production_data() -> None:
    raw = bytes(range(42))
    cplc = parse_cplc(tlv.encode(0x9F7F, raw))
    assert cplc.ic_fabricator == raw[:2]
    assert cplc.ic_serial_number == raw[12:16]
    assert cplc.prepersonalization_equipment == raw[30:34]
    assert cplc.personalization_equipment == raw[38:]


@pytest.mark.parametrize(
    ("raw", "aid", "max_data"),
    [
        ("6F108408A000000151000000A5049F6501FF", "A000000151000000", 255),
        ("6F0C8408A000000151000000A500", "A000000151000000", None),
        ("", None, None),
    ],
)
def test_selected(raw: str, aid: str | None, max_data: int | None) -> None:
    selected = Selected.parse(bytes.fromhex(raw))
    assert (selected.aid, selected.max_data) == (None if aid is None else bytes.fromhex(aid), max_data)


@pytest.mark.parametrize(
    ("parse", "raw", "message"),
    [
        (parse_recognition, "6600", "tag 73"),
        (parse_recognition, "7300", "tag 66 is missing"),
        (parse_keys, "E003C00101", "2 bytes left|says|left|at least 4"),
        (parse_keys, "E007C0050101881088", "in pairs"),
        (parse_cplc, "9F7F020000", "has 42"),
        (parse_capabilities, "67048102FFFF", "1 or 3"),
    ],
)
def test_damaged_answers(parse: Callable[[bytes], object], raw: str, message: str) -> None:
    with pytest.raises(MalformedTlvError, match=message):
        parse(bytes.fromhex(raw))


@given(st.sampled_from(PARSERS), st.binary(max_size=60), st.sampled_from((0, 0x66, 0x67, 0xE0, 0x6F, 0x9F7F)))
def test_rubbish_raises_nothing_but_malformed_tlv(parse: Callable[[bytes], object], raw: bytes, tag: int) -> None:
    try:
        parse(tlv.encode(tag, raw) if tag else raw)
    except MalformedTlvError:
        return


def test_a_card_without_production_data_cannot_be_told_from_others() -> None:
    with pytest.raises(CardError, match="no production data"):
        CardIdentity.read(ScriptedCard([b"\x6f\x00\x90\x00", b"\x6a\x88"]))
