"""Two residents and two phones in any order of functions, cut at any place: what must hold of all of them together.

- a resident has at most one valid certificate of each kind on phones, and no key has two;
- a signature counts as good exactly while its certificate is neither revoked nor suspended;
- a resident's key never signs under another's certificate;
- remote deletion takes what is obsolete, and nothing that is in use.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cardlab.errors import TransportError
from jpki.client.constants import Profile, Slot
from jpki.parties.ca.status import CertStatus
from jpki.parties.messages import Finished, PeerError
from jpki.parties.network import Cutter
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import BOTH
from jpki.parties.verifier.evidence import RecordsSource
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.verifier import Verifier
from tests.blocks import in_blocks
from tests.jpki.flows.truth import card_state, check_slot_in_use, check_world
from tests.jpki.flows.worlds import PINS, Images, Person

RUNS = {"quick": (2, 6), "default": (2, 8), "thorough": (10, 25)}  # runs of a block, functions in each
BLOCKS = 30  # of a thorough run, each of which can be run alone
PHONE_NAMES = ("p1", "p2")
USERS, PHONES = st.sampled_from(("hanako", "taro")), st.sampled_from(PHONE_NAMES)
SLOTS = st.sampled_from((BOTH, (Slot.SIGNING,), (Slot.AUTHENTICATION,)))
CUT = st.none() | st.integers(1, 250)
OUTCOMES = {
    CertStatus.GOOD: Outcome.GOOD,
    CertStatus.SUSPENDED: Outcome.SUSPENDED,
    CertStatus.REVOKED: Outcome.REVOKED,
}


class Town(RuleBasedStateMachine):
    """``owner`` is the model: whose certificate a phone holds in a slot. Of ``unknown`` places it says nothing."""

    images: Images

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.images.folder / "empty", self.folder / "world")
        self.cutter = Cutter()
        self.world = self.images.open(self.folder / "world", seed="town", cutter=self.cutter)
        self.owner: dict[tuple[str, Slot], str] = {}
        self.unknown: set[tuple[str, Slot]] = set()
        self.signed: list[tuple[bytes, str, Slot]] = []

    def teardown(self) -> None:
        self.world.close()
        shutil.rmtree(self.folder)

    def app(self, phone: str) -> PhoneApp:
        """The app, with nothing pending."""
        app = self.world.app(phone, Person())
        app.abandon()
        return app

    def attempt(self, cut: int | None, run: Callable[[], Finished], app: PhoneApp) -> None:
        """Run with the link cut once; then go on to the end."""
        self.cutter.at = frozenset(() if cut is None else (self.cutter.count + cut,))
        try:
            run()
        except TransportError:
            self.cutter.at = frozenset()
            if app.pending is None:
                run()
            else:
                app.resume()
        finally:
            self.cutter.at = frozenset()

    def serial(self, phone: str, slot: Slot) -> int:
        se_id = self.world.cards.simulated(self.world.phone_card(phone)).se_id
        return next(one.serial for one in self.world.provider_records.certificates_on(se_id) if one.slot is slot)

    @rule(user=USERS, phone=PHONES, slots=SLOTS, cut=CUT)
    def issue(self, user: str, phone: str, slots: tuple[Slot, ...], cut: int | None) -> None:
        app, card = self.app(phone), self.world.my_number_card(user)
        self.attempt(cut, lambda: app.issue(card, slots), app)
        for slot in slots:
            for other in PHONE_NAMES:
                if self.owner.get((other, slot)) == user:
                    del self.owner[other, slot]
            self.owner[phone, slot] = user
            self.unknown.discard((phone, slot))

    @rule(user=USERS, phone=PHONES, slots=SLOTS, cut=CUT, renew=st.booleans())
    def renew_or_revoke(self, user: str, phone: str, slots: tuple[Slot, ...], cut: int | None, renew: bool) -> None:
        app, card = self.app(phone), self.world.my_number_card(user)

        def run() -> Finished:
            return app.renew(card, slots) if renew else app.revoke(card, slots)

        if self.unknown & {(phone, slot) for slot in slots}:
            return
        if any(self.owner.get((phone, slot)) != user for slot in slots):
            with pytest.raises(PeerError):
                run()
            return
        self.attempt(cut, run, app)
        for slot in () if renew else slots:
            del self.owner[phone, slot]

    @rule(phone=PHONES, cut=st.integers(1, 250), user=USERS)
    def give_up(self, phone: str, cut: int, user: str) -> None:
        """An issuance that is never resumed; what it did to this phone and to the user's other one is left open."""
        app, card = self.app(phone), self.world.my_number_card(user)
        self.cutter.at = frozenset((self.cutter.count + cut,))
        try:
            app.issue(card)
        except TransportError:
            app.abandon()
        finally:
            self.cutter.at = frozenset()
        for place in [(name, slot) for name in PHONE_NAMES for slot in BOTH]:
            if place[0] == phone or self.owner.get(place) == user:
                self.owner.pop(place, None)
                self.unknown.add(place)

    @rule(phone=PHONES, user=USERS)
    def start_over(self, phone: str, user: str) -> None:
        """The app is installed anew (E2)."""
        self.world.uninstall_app(phone)
        for slot in BOTH:
            self.owner.pop((phone, slot), None)
        self.issue(user=user, phone=phone, slots=BOTH, cut=None)

    @rule(phone=PHONES)
    def collect(self, phone: str) -> None:
        """Remote deletion (E5): afterwards the phone holds what is in use, and nothing that was ordered away."""
        self.app(phone).collect()
        se_id = self.world.cards.simulated(self.world.phone_card(phone)).se_id
        assert not self.world.provider_records.removals(se_id)

    @rule(phone=PHONES, suspended=st.booleans())
    def suspend_or_release(self, phone: str, suspended: bool) -> None:
        if (phone, Slot.AUTHENTICATION) in self.owner:
            serial = self.serial(phone, Slot.AUTHENTICATION)
            (self.world.ca.suspend if suspended else self.world.ca.release)(serial)

    @rule(phone=PHONES, slot=st.sampled_from(BOTH))
    def sign(self, phone: str, slot: Slot) -> None:
        if (phone, slot) in self.owner:
            app = self.world.app(phone, Person())
            cms = app.sign(b"text") if slot is Slot.SIGNING else app.authenticate(b"text")
            self.signed.append((cms, self.owner[phone, slot], slot))

    @invariant()
    def all_is_well(self) -> None:
        check_world(self.world)
        for (phone, slot), user in self.owner.items():
            status = self.world.ca.status(self.serial(phone, slot))
            if status.state is CertStatus.GOOD:
                check_slot_in_use(self.world, phone, user, slot, PINS[slot])
            else:
                assert status.state is CertStatus.SUSPENDED
                found = card_state(self.world, phone)
                assert found is not None and found[0].slots[slot].has_key

    @invariant()
    def signatures_count_while_their_certificates_do(self) -> None:
        trusted = [x509.load_der_x509_certificate(self.world.ca.ca_certificate(slot)) for slot in Slot]
        verifier = Verifier(trusted, [RecordsSource(self.world.ca)])
        for cms, user, slot in self.signed:
            report = verifier.verify(cms)
            assert report.signer is not None
            record = self.world.ca.certificate(report.signer.serial_number)
            assert (record.applicant.user, record.slot, record.medium) == (user, slot, Profile.PHONE)
            assert report.outcome is OUTCOMES[self.world.ca.status(record.serial).state]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Thorough runs in blocks."""
    in_blocks(metafunc, BLOCKS)


def test_any_order(images: Images, pytestconfig: pytest.Config, block: int) -> None:
    """Installed anew, moved, ordered away, cut at any place (E2, E5, E6)."""
    runs, steps = RUNS[pytestconfig.getoption("--profile")]
    machine = type("TownOfImages", (Town,), {"images": images})
    run_state_machine_as_test(machine, settings=settings(max_examples=runs, stateful_step_count=steps, deadline=None))
