"""GET STATUS answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.globalplatform.constants import ISD_PRIVILEGES, Privilege, Scope
from cardlab.globalplatform.host.registry import Registry, RegistryEntry, parse_entries
from cardlab.iso7816 import tlv
from cardlab.iso7816.tlv import MalformedTlvError

AID = bytes.fromhex("A000000151000000")


def test_an_issuer_domain_of_a_real_card() -> None:
    """GlobalPlatformPro TestParseTags.testParsePartialISD."""
    (entry,) = parse_entries(
        Scope.ISSUER_DOMAIN,
        bytes.fromhex(
            "E3464F08A0000000030000009F700101C5039EFE80CF0140CF0141CF0142CF0143CF0180CF0181CF0182CF0183"
            "C40BD276000005AAFFCAFE0001CE020001CC08A000000003000000"
        ),
    )
    assert entry.aid == bytes.fromhex("A000000003000000")
    assert entry.privileges == ISD_PRIVILEGES
    assert entry.state == "OP_READY"
    assert entry.load_file == bytes.fromhex("D276000005AAFFCAFE0001")
    assert entry.implicit_selection == (0x40, 0x41, 0x42, 0x43, 0x80, 0x81, 0x82, 0x83)
    assert entry.version == (0, 1)
    assert entry.is_domain
    assert not entry.is_locked


def test_a_load_file_with_modules() -> None:
    body = (
        tlv.encode(0x4F, AID)
        + bytes.fromhex("9F700101CE020102")
        + tlv.encode(0x84, b"first")
        + tlv.encode(0x84, b"second")
    )
    (entry,) = parse_entries(Scope.LOAD_FILES_AND_MODULES, tlv.encode(0xE3, body))
    assert (entry.state, entry.version, entry.modules) == ("LOADED", (1, 2), (b"first", b"second"))


@pytest.mark.parametrize(
    ("scope", "life_cycle", "privileges", "state", "locked"),
    [
        (Scope.ISSUER_DOMAIN, 0x0F, Privilege.SECURITY_DOMAIN, "SECURED", False),
        (Scope.ISSUER_DOMAIN, 0x7F, Privilege.SECURITY_DOMAIN, "CARD_LOCKED", True),
        (Scope.APPLICATIONS, 0x07, Privilege.NONE, "SELECTABLE", False),
        (Scope.APPLICATIONS, 0x87, Privilege.NONE, "SELECTABLE, LOCKED", True),
        (Scope.APPLICATIONS, 0x0F, Privilege.NONE, "0F", False),
        (Scope.APPLICATIONS, 0x0F, Privilege.SECURITY_DOMAIN, "PERSONALIZED", False),
        (Scope.LOAD_FILES, 0x01, Privilege.NONE, "LOADED", False),
    ],
)
def test_states_in_words(scope: Scope, life_cycle: int, privileges: Privilege, state: str, locked: bool) -> None:
    """GPCS Tables 11-3 to 11-6."""
    entry = RegistryEntry(scope, AID, life_cycle, privileges)
    assert (entry.state, entry.is_locked) == (state, locked)


def test_a_registry() -> None:
    issuer = RegistryEntry(Scope.ISSUER_DOMAIN, AID, 1, ISD_PRIVILEGES)
    domain = RegistryEntry(Scope.APPLICATIONS, b"domain", 7, Privilege.SECURITY_DOMAIN)
    applet = RegistryEntry(Scope.APPLICATIONS, b"applet", 7)
    package = RegistryEntry(Scope.LOAD_FILES_AND_MODULES, b"package", 1)
    registry = Registry(issuer, (domain, applet), (package,))
    assert list(registry) == [issuer, domain, applet, package]
    assert registry.domains == (domain,)
    assert registry.find(b"applet") is applet
    assert registry.find(b"nothing") is None
    assert list(Registry(None, (), ())) == []


@pytest.mark.parametrize(
    "raw", ["E300", "E3074F05A000000151", "E3059F70010300", "E3044F00C501", "E3094F01419F700103C500"]
)
def test_damaged_entries(raw: str) -> None:
    with pytest.raises(MalformedTlvError):
        parse_entries(Scope.APPLICATIONS, bytes.fromhex(raw))


@given(st.sampled_from(Scope), st.binary(max_size=60), st.booleans())
def test_rubbish_raises_nothing_but_malformed_tlv(scope: Scope, raw: bytes, wrapped: bool) -> None:
    try:
        entries = parse_entries(scope, tlv.encode(0xE3, raw) if wrapped else raw)
    except MalformedTlvError:
        return
    assert all(entry.state for entry in entries)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bytes.fromhex("9F700107"), "lacks its AID or its life cycle"),
        (tlv.encode(0x4F, AID), "lacks its AID or its life cycle"),
        (tlv.encode(0x4F, AID) + bytes.fromhex("9F7000"), "lacks its AID or its life cycle"),
        (tlv.encode(0x4F, AID) + bytes.fromhex("9F700107C500"), "privileges of 0 bytes"),
        (tlv.encode(0x4F, AID) + bytes.fromhex("9F700107C5020000"), "privileges of 2 bytes"),
    ],
)
def test_an_entry_that_says_too_little(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedTlvError, match=reason):
        RegistryEntry.parse(Scope.APPLICATIONS, body)
