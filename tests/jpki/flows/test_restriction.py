"""Features that are switched off for a model, with an app that asks every 12 hours and an attacker on the line (E7)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cardlab.errors import RefusedError
from jpki.certificates.indicator import Method
from jpki.client.constants import DeviceMethod
from jpki.parties import jws
from jpki.parties.codec import encode
from jpki.parties.keystore import Keystore, KeystoreRecords
from jpki.parties.messages import AskPolicy, Feature, Policy
from jpki.parties.network import LinkLostError, Network
from jpki.parties.phone.inside import Inside
from jpki.parties.phone.records import AppRecords
from jpki.parties.phone.restrictions import Restrictions
from jpki.parties.policy import LIFE, Statement
from jpki.parties.recorder import Party
from jpki.parties.sp_tsm.records import ProviderRecords
from jpki.parties.sp_tsm.service import SpTsm
from jpki.parties.world import World
from tests.jpki.flows.truth import method_of
from tests.jpki.flows.worlds import HandSet, Person

FEATURES = {DeviceMethod.BIOMETRIC: Feature.BIOMETRIC, DeviceMethod.LOCK_SCREEN: Feature.LOCK_SCREEN}


@pytest.mark.parametrize("method", DeviceMethod)
def test_a_restriction_reaches_the_app_within_twelve_hours(dated: World, later: HandSet, method: DeviceMethod) -> None:
    """C1, E7: either method falls back to the PIN, and comes back; the other is not concerned."""
    app, (other,) = dated.app("p1", Person()), set(DeviceMethod) - {method}
    for one in DeviceMethod:
        app.register_device_auth(one)
    dated.sp_tsm.set_feature("M1", FEATURES[method], enabled=False)
    assert method_of(dated, app.authenticate(b"text", method)).name == method.name, "it asks every 12 hours"
    later.advance(LIFE)
    assert method_of(dated, app.authenticate(b"text", method)) is Method.PIN
    assert method_of(dated, app.authenticate(b"text", other)).name == other.name
    with pytest.raises(RefusedError, match="switched off"):
        app.register_device_auth(method)
    dated.sp_tsm.set_feature("M1", FEATURES[method], enabled=True)
    later.advance(LIFE)
    assert method_of(dated, app.authenticate(b"text", method)).name == method.name


def test_without_an_answer_the_pin_counts(dated: World, later: HandSet) -> None:
    """Whoever cuts the line after 12 hours brings about no more than that."""

    def silent(_sender: Party, _receiver: Party, _answer: bytes) -> bytes:
        raise LinkLostError("nothing comes through")

    app = dated.app("p1", Person())
    dated.network.line = silent
    assert method_of(dated, app.authenticate(b"text")) is Method.BIOMETRIC
    later.advance(LIFE)
    assert method_of(dated, app.authenticate(b"text")) is Method.PIN


class Line(RuleBasedStateMachine):
    """One app, its model switched off and on, time that passes, and somebody on the line who does what they like.

    The card takes no part: what is asked is whether the app would let biometrics stand for the PIN.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.phone_clock = HandSet(), HandSet()
        self.phone_clock.now = self.clock.now
        network = Network()
        network.line = self.on_the_line
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        self.folder = Path(tempfile.mkdtemp())
        provider = ProviderRecords.open(self.folder / "provider")
        records, keys = AppRecords.open(self.folder / "app"), KeystoreRecords.open(self.folder / "keys")
        self.stores = provider, records, keys
        self.tsm = SpTsm(provider, network, attestation_key=key, clock=self.clock, random=bytes)
        network.join(Party.SP_TSM, self.tsm)
        keystore = Keystore(keys, lambda _method: True)
        inside = Inside(
            *(records, network, _NoCard(), keystore, Person(), "M1", self.tsm.policy_key, self.phone_clock, bytes)
        )
        self.restrictions = Restrictions(inside)
        self.heard: list[bytes] = []
        self.attack: Callable[[bytes], bytes] = lambda answer: answer
        self.off_since: float | None = None

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        shutil.rmtree(self.folder)

    def on_the_line(self, _sender: Party, _receiver: Party, answer: bytes) -> bytes:
        self.heard.append(answer)
        return self.attack(answer)

    @rule(hours=st.sampled_from((0.5, 5, 11.9, 12, 13, 40)))
    def time_passes(self, hours: float) -> None:
        for clock in (self.clock, self.phone_clock):
            clock.advance(hours * 3600)

    @rule(enabled=st.booleans())
    def switch(self, enabled: bool) -> None:
        self.tsm.set_feature("M1", Feature.BIOMETRIC, enabled=enabled)
        now = self.clock.now.timestamp()
        self.off_since = None if enabled else now if self.off_since is None else self.off_since

    @rule()
    def overhear(self) -> None:
        """What the SP-TSM says to phones of another model."""
        self.heard.append(encode(self.tsm.handle(Party.PHONE, AskPolicy("M2"))))

    @rule()
    def leave_the_line_alone(self) -> None:
        self.attack = lambda answer: answer

    @rule()
    def drop(self) -> None:
        def dropped(_answer: bytes) -> bytes:
            raise LinkLostError("dropped")

        self.attack = dropped

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """An answer that was heard before, to this phone or another."""
        if self.heard:
            old = data.draw(st.sampled_from(self.heard))
            self.attack = lambda _answer: old

    @rule(place=st.integers(0, 400), bit=st.integers(0, 7))
    def alter(self, place: int, bit: int) -> None:
        def altered(answer: bytes) -> bytes:
            at = place % len(answer)
            return answer[:at] + bytes((answer[at] ^ 1 << bit,)) + answer[at + 1 :]

        self.attack = altered

    @rule()
    def forge(self) -> None:
        """A statement under a key of one's own."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = int(self.clock.now.timestamp())
        self.attack = lambda _answer: encode(Policy(Statement("M1", (), now).signed(key)))

    @rule(hours=st.sampled_from((1, 12, 100)))
    def set_back_the_phone(self, hours: float) -> None:
        """Somebody with the phone in hand."""
        self.phone_clock.advance(-hours * 3600)

    @rule()
    def set_the_phone_right(self) -> None:
        self.phone_clock.now = self.clock.now

    @invariant()
    def what_is_off_is_not_used_for_long(self) -> None:
        allowed = self.restrictions.allows(DeviceMethod.BIOMETRIC)
        overdue = self.off_since is not None and self.clock.now.timestamp() - self.off_since >= LIFE
        if overdue and self.phone_clock.now >= self.clock.now:
            assert not allowed


class _NoCard:
    """Nobody asks it anything."""

    atr = b""

    def reset(self, *_: object) -> bytes:
        raise AssertionError("the card takes no part")

    def transmit(self, _command: bytes) -> bytes:
        raise AssertionError("the card takes no part")

    def close(self) -> None:
        """Nothing to close."""


def test_whatever_somebody_on_the_line_does(pytestconfig: pytest.Config) -> None:
    """E7: 12 hours after it was switched off nothing makes the app use what is off."""
    runs = {"quick": 5, "default": 12, "thorough": 1000}[pytestconfig.getoption("--profile")]
    run_state_machine_as_test(Line, settings=settings(max_examples=runs, stateful_step_count=12, deadline=None))


@given(other=st.sampled_from(("M2", "", "m1")), age=st.integers(-LIFE, 2 * LIFE))
def test_what_a_statement_is_good_for(other: str, age: int) -> None:
    """One model, 12 hours, and clocks that differ by five minutes at most."""
    statement = Statement("M1", (Feature.BIOMETRIC,), 1_800_000_000)
    assert statement.holds("M1", statement.issued + age) is (-300 <= age < LIFE - 300)
    assert not statement.holds(other, statement.issued)


@pytest.mark.parametrize("facts", [{}, {"model": "M1", "disabled": "BIOMETRIC", "issued": 1}, {"model": 1}])
def test_a_statement_that_says_something_else(facts: dict[str, object]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(RefusedError, match="cannot be read"):
        Statement.verified(jws.signed(facts, key), key.public_key())
