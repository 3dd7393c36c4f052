"""Functions to interrupt: where each starts, what is done, and what is true at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jpki.client.constants import DeviceMethod, PinState, Profile, Slot
from jpki.parties.ca.status import CertStatus
from jpki.parties.consent import Subject
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.records import Stage
from jpki.parties.word import CertificatesIssued
from jpki.parties.world import World
from tests.jpki.flows.truth import card_state, check_slot_in_use
from tests.jpki.flows.worlds import OTHER_PINS, PINS, Person


@dataclass(frozen=True, slots=True)
class Journey:
    """One function of the app on phone p1. ``act`` starts it, and goes on with it when it was interrupted."""

    image: str
    act: Callable[[World, PhoneApp], object]
    check: Callable[[World], None]
    prepare: Callable[[World], object] | None = None
    person: Callable[[], Person] = Person
    pending: Stage | None = None  # what has not ended when it is done

    def run(self, world: World) -> None:
        """Start or resume."""
        self.act(world, world.app("p1", self.person()))


def _other() -> Person:
    return Person(pins=dict(OTHER_PINS), new=dict(OTHER_PINS))


def _in_use(pins: Mapping[Slot, bytes], user: str = "hanako") -> Callable[[World], None]:
    def check(world: World) -> None:
        for slot, pin in pins.items():
            check_slot_in_use(world, "p1", user, slot, pin)
        others = set(BOTH) - set(pins)
        found = card_state(world, "p1")
        assert found is not None and all(found[0].slots[slot].pin_state is PinState.INITIAL for slot in others)

    return check


def _applied(world: World) -> None:
    """Keys and PINs are there, the certificates are issued and not stored, and one message waits that says so (E11)."""
    found = card_state(world, "p1")
    assert found is not None and set(found[1]) == set(BOTH)
    for slot in BOTH:
        status = found[0].slots[slot]
        assert (status.pin_state, status.certificate_length) == (PinState.ACTIVE, 0)
        issued = world.ca.certificate_of_key(found[1][slot])
        assert issued is not None and world.ca.status(issued.serial).good
    (word,) = world.app("p1", Person()).arrived()
    assert isinstance(word, CertificatesIssued)


def _apply(world: World) -> None:
    world.app("p1", Person()).apply(world.my_number_card("hanako"))


def _registered(world: World) -> None:
    """Everything is stored, and nothing is left to tell."""
    _in_use(PINS)(world)
    assert world.app("p1", Person()).arrived() == ()


def _nothing_left(world: World) -> None:
    found = card_state(world, "p1")
    assert found is None or not found[1]
    assert all(status.pin_state is PinState.INITIAL for status in (found[0].slots.values() if found else ()))
    p1 = world.cards.simulated(world.phone_card("p1")).se_id
    assert not world.provider_records.certificates_on(p1)
    assert not world.provider_records.removals(p1)


def _revoked(world: World) -> None:
    _nothing_left(world)
    for one in world.ca.certificates_of("hanako"):
        expected = CertStatus.GOOD if one.medium is Profile.CARD else CertStatus.REVOKED
        assert world.ca.status(one.serial).state is expected


def _suspend(world: World) -> None:
    world.ca.suspend(_authentication_serial(world))


def _released(world: World) -> None:
    assert world.ca.status(_authentication_serial(world)).state is CertStatus.GOOD


def _authentication_serial(world: World) -> int:
    certificates = world.provider_records.certificates_of("hanako")
    return next(one.serial for one in certificates if one.slot is Slot.AUTHENTICATION)


def _move(world: World) -> None:
    """Hanako has another phone now; p1 has not heard of it."""
    world.app("p2", Person()).issue(world.my_number_card("hanako"))


def _biometrics_work(world: World) -> None:
    world.app("p1", Person(pins={})).authenticate(b"challenge")


def _lock_screen_works(world: World) -> None:
    world.app("p1", Person(pins={})).authenticate(b"challenge", DeviceMethod.LOCK_SCREEN)


def _moved_back(world: World) -> None:
    """Everything is on p1 again; what p2 holds counts for nothing, and its user agreed to that once (E9)."""
    _in_use(PINS)(world)
    p2 = world.cards.simulated(world.phone_card("p2")).se_id
    for one in world.provider_records.certificates_on(p2):
        assert world.ca.status(one.serial).state is CertStatus.REVOKED
    last = world.provider_records.cases()[-1]
    assert [one.subject for one in world.provider_records.consents(last.request_id)] == list(Subject)


def _change(world: World, app: PhoneApp) -> None:
    app.change_pin(Slot.AUTHENTICATION)


JOURNEYS: Mapping[str, Journey] = {
    "issue": Journey("empty", lambda world, app: app.issue(world.my_number_card("hanako")), _in_use(PINS)),
    "apply": Journey(
        "empty", lambda world, app: app.apply(world.my_number_card("hanako")), _applied, pending=Stage.APPLIED
    ),
    "register": Journey("empty", lambda _, app: app.register() if app.pending else None, _registered, prepare=_apply),
    "issue one": Journey(
        "empty",
        lambda world, app: app.issue(world.my_number_card("hanako"), (Slot.AUTHENTICATION,)),
        _in_use({Slot.AUTHENTICATION: b"1234"}),
    ),
    "issue again": Journey(
        "issued",
        lambda world, app: app.issue(world.my_number_card("hanako")),
        _in_use(OTHER_PINS),
        person=_other,
    ),
    "issue to another": Journey(
        "issued",
        lambda world, app: app.issue(world.my_number_card("taro")),
        _in_use(OTHER_PINS, "taro"),
        prepare=lambda world: world.uninstall_app("p1"),
        person=_other,
    ),
    "renew": Journey("issued", lambda world, app: app.renew(world.my_number_card("hanako")), _in_use(PINS)),
    "revoke": Journey("issued", lambda world, app: app.revoke(world.my_number_card("hanako")), _revoked),
    "revoke without card": Journey("issued", lambda _, app: app.revoke(), _revoked),
    "release": Journey(
        "issued", lambda world, app: app.release(world.my_number_card("hanako")), _released, prepare=_suspend
    ),
    "reset PIN": Journey(
        "issued",
        lambda world, app: app.reset_pin(world.my_number_card("hanako"), BOTH),
        _in_use(OTHER_PINS),
        person=_other,
    ),
    "change PIN": Journey(
        "issued",
        _change,
        lambda world: check_slot_in_use(world, "p1", "hanako", Slot.AUTHENTICATION, b"4321"),
        person=lambda: Person(new=dict(OTHER_PINS)),
    ),
    "register biometrics": Journey(
        "issued", lambda _, app: app.register_device_auth(DeviceMethod.BIOMETRIC), _biometrics_work
    ),
    "register screen lock": Journey(
        "issued", lambda _, app: app.register_device_auth(DeviceMethod.LOCK_SCREEN), _lock_screen_works
    ),
    "change device": Journey(
        "issued", lambda world, app: app.issue(world.my_number_card("hanako")), _moved_back, prepare=_move
    ),
    "remote deletion": Journey("issued", lambda _, app: app.collect(), _nothing_left, prepare=_move),
}
