"""Class files as they are loaded, whether they come of a load file or not (docs/reference/runtime.md)."""

from __future__ import annotations

import pytest

from cardlab.errors import HarnessError
from cardlab.iso7816.status import SW
from cardlab.runtime.backend import RuntimeOrder
from cardlab.runtime.interface import RuntimeRefusal
from cardlab.runtime.jcardsim.adapter import JCardSimRuntime
from cardlab.toolchain.executable import Module, Package
from tests.cardlab.runtime.jcardsim.cards import load, strange
from tests.conformance.cards import PACKAGE_AID, FakeServices, classes, install_data, module_aid, package
from tests.conformance.conftest import MakeCard


def test_a_package_needs_what_it_imports(make_card: MakeCard) -> None:
    card = make_card()
    with pytest.raises(RuntimeRefusal, match=r"runtimelib\.Counter") as refused:
        load(card, package("Client"))
    assert refused.value.sw == SW.WRONG_DATA


def test_damaged_packages_are_refused(make_card: MakeCard) -> None:
    good = package("Selection")
    name = "runtimetest.Selection"
    for bad in (
        Package(good.aid, good.version, good.modules, {name: good.classes[name][:-20]}),
        Package(good.aid, good.version, good.modules, {}),
        Package(good.aid, good.version, (Module(good.modules[0].aid, "runtimelib.Counter"),), classes()),
        Package(good.aid, good.version, good.modules, {**good.classes, "javacard.framework.Util": b""}),
    ):
        card = make_card()
        with pytest.raises(RuntimeRefusal) as refused:
            load(card, bad)
        assert refused.value.sw == SW.WRONG_DATA
        load(card, good)
        card.start("Selection")


def test_applets_do_not_see_the_simulator(make_card: MakeCard) -> None:
    with pytest.raises(RuntimeRefusal, match=r"cardlab\.jcardsim|ApduPort") as refused:
        load(make_card(), strange("Snooping"))
    assert refused.value.sw == SW.WRONG_DATA


def test_a_card_with_what_no_card_has_is_not_saved(make_card: MakeCard) -> None:
    """Saved without it, another card would come back."""
    card = make_card()
    load(card, strange("Holding"))
    assert card.runtime.save()
    card.start("Holding")
    with pytest.raises(
        HarnessError, match=r"^the card cannot be saved: an applet holds a java.util.ArrayList, which is"
    ):
        card.runtime.save()


def test_platform_classes_cannot_be_replaced(make_card: MakeCard) -> None:
    good = package("Statics")
    forged = Package(good.aid, good.version, good.modules, {**good.classes, "org.globalplatform.GPSystem": b"x"})
    card = make_card()
    with pytest.raises(RuntimeRefusal) as refused:
        load(card, forged)
    assert refused.value.sw == SW.WRONG_DATA
    load(card, good)
    aid = module_aid("Statics")
    card.runtime.install(PACKAGE_AID, aid, aid, install_data(aid))


def test_a_short_seed_is_refused(make_card: MakeCard) -> None:
    with pytest.raises(HarnessError, match="31 bytes"):
        JCardSimRuntime(RuntimeOrder(FakeServices(), bytes(31)))
