"""The phone does not recognise its user: they go on with the PIN, or the other method, or not at all (E10, C1)."""

from __future__ import annotations

import pytest

from cardlab.errors import RefusedError
from jpki.certificates.indicator import Method
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.errors import WrongPinError
from jpki.parties.keystore import NotRecognisedError
from jpki.parties.phone.user import DeclinedError, Means
from jpki.parties.world import World
from tests.jpki.flows.truth import check_signature, method_of
from tests.jpki.flows.worlds import OTHER_PINS, Person

NOBODY: frozenset[DeviceMethod] = frozenset()


def test_with_the_pin_instead(issued: World) -> None:
    """E10: the login that the trial tried, biometrics, then the PIN; the indicator says what it was in the end."""
    person = Person(recognised=NOBODY, fallback=Means.PIN)
    cms = issued.app("p1", person).authenticate(b"text")
    assert method_of(issued, cms) is Method.PIN
    check_signature(issued, cms, "hanako", Slot.AUTHENTICATION)
    assert person.offered == [(Means.BIOMETRIC, Means.PIN)]


def test_with_the_lock_screen_instead(issued: World) -> None:
    """What is offered is what is registered; recognised by the pattern, the user needs no PIN."""
    issued.app("p1", Person()).register_device_auth(DeviceMethod.LOCK_SCREEN)
    person = Person(pins={}, recognised=frozenset({DeviceMethod.LOCK_SCREEN}), fallback=Means.LOCK_SCREEN)
    assert method_of(issued, issued.app("p1", person).authenticate(b"text")) is Method.LOCK_SCREEN
    assert person.offered == [(Means.BIOMETRIC, Means.LOCK_SCREEN, Means.PIN)]


@pytest.mark.parametrize("method", DeviceMethod)
def test_giving_up(issued: World, method: DeviceMethod) -> None:
    """Nothing was signed, and the next attempt is as good as any."""
    issued.app("p1", Person()).register_device_auth(method)
    app = issued.app("p1", Person(recognised=NOBODY))
    with pytest.raises(NotRecognisedError, match="not recognised"):
        app.authenticate(b"text", method)
    assert method_of(issued, issued.app("p1", Person()).authenticate(b"text", method)).name == method.name


def test_a_wrong_pin_after_it(issued: World) -> None:
    """It counts as anywhere; biometrics are asked for anew the next time."""
    person = Person(pins=dict(OTHER_PINS), recognised=NOBODY, fallback=Means.PIN)
    with pytest.raises(WrongPinError) as wrong:
        issued.app("p1", person).authenticate(b"text")
    assert wrong.value.tries_left == 2
    assert method_of(issued, issued.app("p1", Person()).authenticate(b"text")) is Method.BIOMETRIC


def test_what_was_not_offered(issued: World) -> None:
    """A screen that sends something else is refused."""
    person = Person(recognised=NOBODY, fallback=Means.LOCK_SCREEN)
    with pytest.raises(DeclinedError, match="cannot be used"):
        issued.app("p1", person).authenticate(b"text")


def test_a_method_that_was_never_registered(issued: World) -> None:
    with pytest.raises(RefusedError, match="lock screen is not registered"):
        issued.app("p1", Person()).authenticate(b"text", DeviceMethod.LOCK_SCREEN)
