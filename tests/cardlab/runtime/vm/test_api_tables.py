"""The token tables, walked: what a method does is the API's, or LOAD names it, or there is no such algorithm.

Each method of a class, each static field, of each version of each package, is named by the constant pool of a package
that is loaded for it alone. What is refused is listed here, with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import jpype
import pytest

from cardlab.cap import model as m
from cardlab.cap.constants import PoolTag
from cardlab.cap.container import Component
from cardlab.cap.exportfile import ExportFile
from cardlab.cap.platform import tables
from cardlab.cap.reader import CapFile, from_components
from cardlab.java_card import JAVA_CARD_VERSIONS
from cardlab.runtime import known
from cardlab.runtime.support import Absence, Member, support
from cardlab.runtime.vm.classes import NATIVES
from cardlab.runtime.vm.support import absences, api_packages, missing
from tests.cardlab.runtime.vm.handmade import Hand
from tests.cardlab.runtime.vm.machines import Card

PLATFORMS = [(version, "1.7") for version in JAVA_CARD_VERSIONS] + [("3.0.5", f"1.{minor}") for minor in range(7)]
REFUSED = {
    "javacard/framework/APDU.getLogicalChannelEncoding": "which encodings of channels a card takes",
    "javacard/framework/JCSystem.getAttributes": "array views",
    "javacard/framework/JCSystem.isArrayView": "array views",
    "javacard/framework/JCSystem.make": "array views (makeArrayView and those for each type)",
    "javacard/framework/Resources": "static resources are given out as array views",
    "javacard/framework/service/CardRemoteObject": "remote method invocation",
    "javacard/framework/service/RMIService": "remote method invocation",
    "javacardx/framework/event/": "this card has no sources of events",
    "javacardx/framework/nio/": "buffers are array views",
    "javacardx/framework/time/": "this card has no clock",
    "javacardx/framework/util/intx/JCint.makeIntArrayView": "array views",
    "javacardx/security/cert/": "certificates are not parsed",
    "javacardx/security/derivation/": "key derivation",
    "javacardx/security/util/": "monotonic counters",
    "org/globalplatform/GPSystem.getCardInfo": "card information of version 1.7",
}
NO_ALGORITHM = {
    "javacard/security/MessageDigest.ALG_NULL": "stands for no digest",
    "javacardx/crypto/Cipher.ALG_RSA_ISO": "deprecated; withdrawn, or never said how it pads",
    "javacard/security/KeyAgreement.ALG_SM2": "SM2",
    "javacard/security/Signature.SIG_CIPHER_SM2": "SM2",
    "javacardx/crypto/Cipher.CIPHER_SM2": "SM2",
    "javacardx/crypto/Cipher.PAD_ISO9796_MR_SCHEME_": "message recovery but by scheme 1",
    "javacardx/crypto/Cipher.PAD_PKCS1_OAEP_EXT_PARAMETERS": "parameters that are given at init()",
    "javacardx/crypto/Cipher.PAD_PKCS1_PSS_EXT_PARAMETERS": "parameters that are given at init()",
}
_ARRAY_VIEWS = re.compile(r"JCSystem\.make(Array|Boolean|Byte|Short)\w*View|JCSystem\.makeArrayView")


def _listed(one: str, reasons: dict[str, str]) -> bool:
    if ".make" in one and one.startswith("javacard/framework/JCSystem"):
        return _ARRAY_VIEWS.search(one) is not None
    return one.startswith(tuple(reasons))


@pytest.mark.parametrize(("java_card", "globalplatform"), PLATFORMS)
def test_what_is_lacking_is_listed(java_card: str, globalplatform: str) -> None:
    found = absences(java_card, globalplatform).members
    for absence, reasons in ((Absence.LOAD, REFUSED), (Absence.ALGORITHM, NO_ALGORITHM)):
        lacking = {one for one, how in found.items() if how is absence}
        assert {one for one in lacking if not _listed(one, reasons)} == set()
    assert set(found.values()) <= {Absence.LOAD, Absence.ALGORITHM}


@pytest.mark.parametrize("start", [*REFUSED, *NO_ALGORITHM])
def test_what_is_listed_is_lacking(start: str) -> None:
    assert any(one.startswith(start) for one in absences("3.2", "1.7").members)


@pytest.mark.parametrize(("java_card", "globalplatform"), PLATFORMS)
def test_objects_of_the_card_have_all_their_methods(java_card: str, globalplatform: str) -> None:
    """What an object of the card's own leaves open could be called, and LOAD would not know."""
    assert [str(one) for one in api_packages(java_card, globalplatform).unimplemented()] == []


def test_an_old_card_lacks_little() -> None:
    everything = support(known()["vm"], "3.0.5", "1.6")
    lacking = [one for one in everything if one.absence is not None]
    assert len(everything) > 550
    assert {one.package for one in lacking} == {"javacard.framework.service", "javacard.security", "javacardx.crypto"}


def test_methods_are_those_of_classes() -> None:
    """What implements an interface has them on the card; its constants are its own."""
    platform = ("3.0.5", "1.6")
    classes = [(table.name.replace("/", "."), one) for table in tables(*platform) for one in table.classes]
    interfaces = {(package, one.name.rpartition("/")[2]) for package, one in classes if one.is_interface}
    with_methods = {(one.package, one.owner) for one in support(known()["vm"], *platform) if "(" in one.name}
    assert ("javacard.framework", "PIN") in interfaces and ("javacard.framework", "OwnerPIN") in with_methods
    assert with_methods & interfaces == set()


def test_members_are_told_in_words() -> None:
    found = {(one.owner, one.name): one for one in support(known()["vm"], "3.1", "1.6")}
    assert found["KeyBuilder", "buildXECKey(NamedParameterSpec, short, boolean)"].absence is None
    view = found["JCSystem", "makeByteArrayView(byte[], short, short, short, Shareable)"]
    assert view == Member("javacard.framework", "JCSystem", view.name, Absence.LOAD)
    assert found["KeyAgreement", "ALG_SM2"].is_constant


# One package for each member


@cache
def _hand() -> CapFile:
    """An applet's package in format 2.1."""
    return from_components(Hand("sspush 1").components(), {}, "")


def _naming(table: ExportFile, tag: PoolTag, class_token: int, token: int) -> bytes:
    """A load file whose constant pool names a member of an API package beside what it needs."""
    hand = _hand()
    known_imports = {one.aid: number for number, one in enumerate(hand.imports)}
    package = known_imports.get(table.aid, len(hand.imports))
    added = () if table.aid in known_imports else (m.PackageInfo(table.aid, table.version),)
    item = m.PoolItem(tag, bytes((0x80 | package, class_token, token)))
    made = replace(hand, imports=(*hand.imports, *added), pool=(*hand.pool, item))
    parts = made.encode()
    return b"".join(parts[one] for one in parts if one is not Component.DESCRIPTOR)


def _members(table: ExportFile) -> Iterator[tuple[str, PoolTag, int, int]]:
    for one in table.classes:
        for method in one.methods if not one.is_interface else ():
            tag = PoolTag.VIRTUAL_METHOD if method.is_virtual else PoolTag.STATIC_METHOD
            yield f"{one.name}.{method.name}{method.descriptor}", tag, one.token, method.token
        for held in one.fields:
            if held.is_static and not held.is_inlined:
                yield f"{one.name}.{held.name}", PoolTag.STATIC_FIELD, one.token, held.token


@pytest.mark.parametrize(
    ("java_card", "globalplatform"), [("3.0.5", "1.0"), ("3.0.5", "1.7"), ("3.1", "1.6"), ("3.2", "1.7")]
)
def test_each_member_is_linked_or_refused_by_its_name(java_card: str, globalplatform: str) -> None:
    lacking = absences(java_card, globalplatform).members
    empty = Card.fresh(NATIVES, java_card, globalplatform)
    linked = refused = 0
    for table in tables(java_card, globalplatform):
        for name, tag, class_token, token in _members(table):
            try:
                empty.machine.fork(None).load(_naming(table, tag, class_token, token))
            except jpype.JException as error:
                owner, _, member = name.partition(".")
                assert name in lacking, f"{name}: {error}"
                assert owner in str(error)
                assert member.partition("(")[0] in str(error)
                refused += 1
            else:
                assert name not in lacking
                linked += 1
    assert refused == sum(how is Absence.LOAD for how in lacking.values())
    assert linked > 500
    assert missing(java_card, globalplatform) <= set(lacking)
