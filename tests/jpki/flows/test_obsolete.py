"""Phones whose certificates were replaced or ordered away: what they may ask for, and whose keys go (E2, E4, E5)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cardlab.errors import RefusedError
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.ca.status import CertStatus
from jpki.parties.messages import Begin, Device, Finished, Function, PeerError, Script
from jpki.parties.network import Cutter, LinkLostError
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.records import AppRecords
from jpki.parties.phone.status import Phase
from jpki.parties.recorder import Party
from jpki.parties.sp_tsm.records import Removal
from jpki.parties.world import World
from tests.jpki.flows.truth import card_state, check_slot_in_use, check_world
from tests.jpki.flows.worlds import OTHER_PINS, PINS, Images, Person


def serial_of(world: World, user: str, slot: Slot) -> int:
    (one,) = (found for found in world.provider_records.certificates_of(user) if found.slot is slot)
    return one.serial


def test_the_old_phone_after_a_device_change(issued: World) -> None:
    """E4: it can neither renew nor reset what was replaced, and what it asks for does not touch the new phone."""
    card, old, new = issued.my_number_card("hanako"), issued.app("p1", Person()), issued.app("p2", Person())
    new.issue(card)
    for ask in (old.renew, old.reset_pin, old.revoke):
        with pytest.raises(PeerError, match="given up or replaced"):
            ask(card, BOTH)
        assert old.pending is None
    for slot in BOTH:
        check_slot_in_use(issued, "p2", "hanako", slot, PINS[slot])
    assert old.collect() == 1
    assert old.phase() is Phase.APP_READY
    for slot in BOTH:
        check_slot_in_use(issued, "p2", "hanako", slot, PINS[slot])


def test_issuing_on_the_old_phone_takes_them_back(issued: World) -> None:
    """The order for the old phone does not outlive what it was about."""
    card, old, new = issued.my_number_card("hanako"), issued.app("p1", Person()), issued.app("p2", Person())
    new.issue(card)
    old.issue(card)
    old.collect()
    assert new.collect() == 1
    for slot in BOTH:
        check_slot_in_use(issued, "p1", "hanako", slot, PINS[slot])
    assert new.phase() is Phase.APP_READY


def removals(world: World, phone: str) -> list[Removal]:
    return world.provider_records.removals(world.cards.simulated(world.phone_card(phone)).se_id)


@pytest.mark.parametrize("collecting", [(), ("p2",), ("p1", "p2")])
def test_an_order_that_was_overtaken(empty: World, collecting: tuple[str, ...]) -> None:
    """E5: issued on phone 2, on phone 1, and on phone 2 again: the order for phone 2 is settled with the last.

    It never hits the new keys, nor what was registered with them, and nothing of it stays, whoever collects when.
    """
    card, apps = empty.my_number_card("hanako"), {name: empty.app(name, Person()) for name in ("p1", "p2")}
    for phone in ("p2", "p1"):
        apps[phone].issue(card)
    assert removals(empty, "p2") and not removals(empty, "p1")
    apps["p2"].issue(card)
    assert removals(empty, "p1") and not removals(empty, "p2")
    apps["p2"].register_device_auth(DeviceMethod.BIOMETRIC)
    for phone in collecting:
        apps[phone].collect()
    for slot in BOTH:
        check_slot_in_use(empty, "p2", "hanako", slot, PINS[slot])
    empty.app("p2", Person(pins={})).authenticate(b"text")
    assert bool(removals(empty, "p1")) is ("p1" not in collecting)
    assert apps["p2"].collect() == ("p2" not in collecting), "the push service is told of it when it is collected"
    assert apps["p2"].collect() == 0
    check_world(empty)


def test_an_order_that_was_overtaken_by_half(issued: World) -> None:
    """What was not issued again is removed, and nothing else."""
    card, old, new = issued.my_number_card("hanako"), issued.app("p1", Person()), issued.app("p2", Person())
    new.issue(card)
    old.issue(card, (Slot.SIGNING,))
    assert [one.slots for one in removals(issued, "p1")] == [(Slot.AUTHENTICATION,)]
    old.collect()
    check_slot_in_use(issued, "p1", "hanako", Slot.SIGNING, PINS[Slot.SIGNING])
    check_slot_in_use(issued, "p2", "hanako", Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
    assert not removals(issued, "p1") and old.registered == ()


def test_an_order_for_an_app_that_was_installed_anew(issued: World) -> None:
    """E2: its push token is gone, so nobody collects it; the next issuance settles it."""
    issued.app("p2", Person()).issue(issued.my_number_card("hanako"))
    issued.uninstall_app("p1")
    app = issued.app("p1", Person())
    assert app.collect() == 0 and removals(issued, "p1")
    app.issue(issued.my_number_card("hanako"))
    assert not removals(issued, "p1")
    for slot in BOTH:
        check_slot_in_use(issued, "p1", "hanako", slot, PINS[slot])


class LosesOrders(Cutter):
    """Nothing that the SP-TSM tells the push service arrives, for as long as it ``loses``."""

    loses = True

    def cross(self, what: str) -> None:
        super().cross(what)
        if self.loses and what.startswith("Notify"):
            raise LinkLostError(what)


def test_an_order_that_was_lost_on_its_way(images: Images, tmp_path: Path) -> None:
    """E5, E6: the phone that changed is never seen again; the old one hears of its order when it asks."""
    shutil.copytree(images.folder / "issued", tmp_path / "world")
    cutter = LosesOrders()
    with images.open(tmp_path / "world", seed="lost order", cutter=cutter) as world:
        old, new = world.app("p1", Person()), world.app("p2", Person())
        with pytest.raises(LinkLostError):
            new.issue(world.my_number_card("hanako"))
        assert removals(world, "p1")
        cutter.loses = False
        assert old.collect() == 1 and not removals(world, "p1")
        assert card_state(world, "p1") is None


class LosesTheCertificate(Cutter):
    """The first certificate is lost on its way to the SP-TSM."""

    def cross(self, what: str) -> None:
        if what.startswith("the answer to IssueCertificate"):
            self.count += 1
            if self.count == 1:
                raise LinkLostError(what)


def test_a_renewal_ends_an_issuance_that_hangs_on_another_phone(images: Images, tmp_path: Path) -> None:
    """E6: the phone that never came back holds a key with a certificate that nobody recorded; the renewal wins."""
    shutil.copytree(images.folder / "issued", tmp_path / "world")
    with images.open(tmp_path / "world", seed="hangs", cutter=LosesTheCertificate()) as world:
        card, stays, hangs = world.my_number_card("hanako"), world.app("p1", Person()), world.app("p2", Person())
        with pytest.raises(LinkLostError, match="answer to IssueCertificate"):
            hangs.issue(card)
        assert hangs.phase() is Phase.INITIAL_SETUP  # E1
        stays.renew(card)
        with pytest.raises(PeerError, match="newer application"):
            hangs.resume()
        assert hangs.collect() == 1
        for slot in BOTH:
            check_slot_in_use(world, "p1", "hanako", slot, PINS[slot])
        check_world(world)


def test_deleting_what_a_phone_no_longer_holds(issued: World) -> None:
    """E5: the phone was sold; an order by the former holder's serial number would hit the new holder's key."""
    old = {slot: serial_of(issued, "hanako", slot) for slot in BOTH}
    issued.uninstall_app("p1")
    person = Person(pins=dict(OTHER_PINS), new=dict(OTHER_PINS))
    app = issued.app("p1", person)
    app.issue(issued.my_number_card("taro"))
    for serial in old.values():
        with pytest.raises(RefusedError, match="not on any phone"):
            issued.sp_tsm.order_removal(serial)
    assert app.collect() == 0
    for slot in BOTH:
        check_slot_in_use(issued, "p1", "taro", slot, OTHER_PINS[slot])


def test_deleting_on_a_phone_that_stays_off(issued: World) -> None:
    """E5: its certificate counts for nothing from the order on, though its key is there until it comes back."""
    serial = serial_of(issued, "hanako", Slot.SIGNING)
    order = issued.sp_tsm.order_removal(serial)
    assert issued.ca.status(serial).state is CertStatus.REVOKED
    assert issued.sp_tsm.order_removal(serial) == order
    app, card = issued.app("p1", Person()), issued.my_number_card("hanako")
    with pytest.raises(PeerError, match="given up or replaced"):
        app.renew(card, (Slot.SIGNING,))
    app.renew(card, (Slot.AUTHENTICATION,))
    assert app.collect() == 1
    check_slot_in_use(issued, "p1", "hanako", Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
    check_world(issued)


def test_a_request_belongs_to_its_installation_of_the_app(issued: World) -> None:
    """E2: a journal that another installation got hold of is worth nothing, and nothing is removed for it."""
    app, card, cutter = issued.app("p1", Person()), issued.my_number_card("hanako"), issued.network.cutter
    cutter.at = frozenset((cutter.count + 60,))
    with pytest.raises(LinkLostError):
        app.issue(card)
    journal = app.pending
    assert journal is not None
    before = issued.provider_records.case(journal.request_id)
    issued.uninstall_app("p1")
    issued.app("p1", Person())
    records = AppRecords.open(issued.folder / "phones" / "p1" / "app.sqlite")
    records.begin(journal)
    records.close()
    with pytest.raises(PeerError, match="for something else"):
        issued.app("p1", Person()).resume()
    assert before == issued.provider_records.case(journal.request_id)
    assert card_state(issued, "p1") is not None


def test_what_came_of_a_request_is_told_to_its_phone_only(issued: World) -> None:
    finished = issued.app("p1", Person()).reset_pin(issued.my_number_card("hanako"), BOTH)
    case = issued.provider_records.case(finished.request_id)
    assert case is not None
    for se_id, app_id, kind in (
        (case.se_id, case.app_id, Finished),
        (case.se_id, "another", Script),
        (issued.cards.simulated(issued.phone_card("p2")).se_id, case.app_id, Script),
    ):
        asked = Begin(case.request_id, Function.RESET_PIN, BOTH, Device(se_id, app_id, "M1", "token", bytes(16)))
        assert isinstance(issued.network.call(Party.PHONE, Party.SP_TSM, asked, Script | Finished), kind)
