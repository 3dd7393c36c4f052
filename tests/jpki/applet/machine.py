"""The state machine: everything a host can do to a card with the applet, in any order, compared with the model.

``machine_driver`` compares every answer, ``machine_properties`` judges without the model. Rules that take several
commands exist because chance alone would seldom get a PIN from INITIAL to ACTIVE.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.tlv import encode
from cardlab.runtime.interface import Media
from jpki.model.events import SentCommand
from jpki.model.state import INSTANCE_AID, RULES, Method, PinState, Profile, Slot, Suite
from tests.jpki.applet.machine_cards import AUTHENTICATION_PIN, FULL_LEVEL, OTHER_AID, SIGNING_PIN, Cards, Start
from tests.jpki.applet.machine_driver import Driver

# Two keys for each method, as a phone that was set up again has them.
DEVICE_KEYS = tuple(ec.derive_private_key(0x1234567 + number, ec.SECP256R1()) for number in range(3))
POINTS = tuple(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) for key in DEVICE_KEYS)
PINS = {
    Slot.SIGNING: (SIGNING_PIN, b"ABC123", b"ZZZZZZZZZZZZZZ99"),
    Slot.AUTHENTICATION: (AUTHENTICATION_PIN, b"0000", b"9876"),
}
BAD_PINS = (
    b"",
    b"123",
    b"12345",
    b"12a4",
    b"ABC12",
    b"abc123",
    b"ABC 123",
    b"A" * 17,
    b"\xff" * 6,
    b"\0" * 4,
    b"12/4",
    b"12:4",
    b"PASS@RD1",
)
FILES = (0x0001, 0x0002, 0x000A, 0x000B, 0x0006, 0x0008, 0x0017, 0x0018, 0x001A, 0x001B)
INSTRUCTIONS = (
    0xA4,
    0xB0,
    0x20,
    0x24,
    0x84,
    0x2A,
    0x2E,
    0xCA,
    0xDA,
    0xE4,
    0x50,
    0x82,
    0x46,
    0xE2,
    0x2C,
    0xF2,
    0xCB,
    0x70,
    0xC0,
)
MEANT = (Media.CONTACTLESS_TYPE_A, Media.CONTACTLESS_TYPE_B, Media.USB, Media.HCI_OR_TYPE_F)
LEVELS = (0x33, 0x13, 0x03, 0x11, 0x01, 0x00)
INS_KEY_PAIR, INS_STORE, INS_TSM_PIN, INS_DELETE, INS_STATUS = 0x46, 0xE2, 0x2C, 0xE4, 0xF2

slots = st.sampled_from(Slot)
fills = st.sampled_from([0, 1, 255])
plain_classes = st.sampled_from([0x00, 0x80])
rarely = st.integers(0, 9).map(lambda number: number == 9)
sometimes = st.sampled_from([False, False, True])
# Those that have a meaning more often than the reserved ones.
media = st.one_of(st.sampled_from(MEANT), st.sampled_from(MEANT), st.sampled_from(Media))
exits = st.sampled_from(["stay", "again", "other", "issuer", "reset"])
p2_forms = st.booleans()  # by reference, or 80 after selecting the EF


def opens_channel(cla: int, ins: int, p1: int) -> bool:
    """Whether a command may open a further logical channel: the model knows the basic one."""
    return (cla < 0x80) and ((ins, p1) == (0x70, 0x00) or ((ins, p1) == (0xA4, 0x04) and cla != 0x00))


def tsm_commands() -> st.SearchStrategy[tuple[int, int, int, bytes]]:
    """Instruction, P1, P2 and data of TSM commands that change nothing for long: no key generation."""
    templates = st.sampled_from([b"\xb6\x00", b"\xa4\x00"])
    references = st.sampled_from([0x98, 0x9B])
    pins = st.sampled_from([pin for pool in PINS.values() for pin in pool] + list(BAD_PINS))
    return st.one_of(
        st.tuples(st.just(INS_STATUS), st.just(0), st.just(0), st.just(b"")),
        st.tuples(st.just(INS_KEY_PAIR), st.just(0x81), st.sampled_from([0, 1, 2]), templates),
        st.tuples(st.just(INS_TSM_PIN), st.just(2), references, pins),
        st.tuples(st.just(INS_TSM_PIN), st.just(3), references, st.just(b"")),
        st.tuples(st.just(INS_DELETE), st.just(0), st.just(0), templates),
        st.tuples(st.just(INS_STORE), st.sampled_from([0, 0x80]), st.integers(0, 3), st.binary(max_size=40)),
        st.tuples(
            st.sampled_from([INS_STATUS, INS_KEY_PAIR, INS_TSM_PIN, INS_DELETE, INS_STORE, 0x2A, 0x20]),
            st.integers(0, 255),
            st.integers(0, 255),
            st.binary(max_size=20),
        ).filter(lambda it: it[:2] != (INS_KEY_PAIR, 0x80)),
    )


class JpkiMachine(RuleBasedStateMachine):
    """One card and one host. Subclasses say where cards come from."""

    cards: ClassVar[Cards]
    suite: ClassVar[Suite] = Suite.RSA_2048

    driver: Driver
    generations_left: int

    # -- beginnings and ends

    @initialize(
        profile=st.sampled_from([Profile.PHONE, Profile.PHONE, Profile.PHONE, Profile.CARD]),
        filled=st.sampled_from([True, True, True, False]),
        seed=st.integers(0, 1),
        contact_medium=st.sampled_from([None, None, 0xA0, 0xB0]),
        selected=st.integers(0, 9),
    )
    def start(self, profile: Profile, filled: bool, seed: int, contact_medium: int | None, selected: int) -> None:
        self.driver = self.cards.driver(Start(profile, filled, seed, contact_medium, self.suite))
        self.generations_left = 1
        self.proofs: list[tuple[int, bytes]] = []
        if selected:
            self.driver.select()

    def teardown(self) -> None:
        """Read everything back: what was refused has left nothing behind."""
        if not hasattr(self, "driver"):
            return
        try:
            self._audit()
            self.driver.properties.finish()
        finally:
            self.driver.card.close()

    def _audit(self) -> None:
        """GET STATUS, both public keys, every file that can be read; then the secrets, by signing."""
        self.driver.reset()
        self.driver.select()
        self.driver.open_channel(FULL_LEVEL)
        self.driver.tsm(INS_STATUS, 0, 0)
        for name, rules in RULES.items():
            for part in (0, 1):
                self.driver.tsm(INS_KEY_PAIR, 0x81, part, rules.template)
            slot = self.driver.state.slot(name)
            if slot.pin_state is PinState.ACTIVE:
                self.driver.plain(0x00, 0x20, 0, rules.pin_reference, slot.pin)
                self.driver.plain(0x80, 0x2E, 0, rules.key_reference, self._digest(0))
                self.driver.plain(0x80, 0xCA, 0x01, 0xA0)
        for file in FILES:
            self.driver.send(SentCommand(CommandApdu(0x00, 0xB0, 0x80 | file, 0, le=65536, extended=True)))

    def _digest(self, fill: int) -> bytes:
        """A hash, as long as the suite's."""
        return bytes([fill]) * self.driver.model.suite.hash_length

    # -- selection and power

    @rule(p2=st.sampled_from([0x00, 0x0C]))
    def select_again(self, p2: int) -> None:
        self.driver.select(p2=p2)

    @rule(issuer=st.booleans(), back=st.booleans())
    def select_another(self, issuer: bool, back: bool) -> None:
        others = self.driver.model.platform.others
        self.driver.select(others[0] if issuer else OTHER_AID)
        if back:
            self.driver.select()

    @rule(slot=slots, how=exits)
    def leave_and_come_back(self, slot: Slot, how: str) -> None:
        """Verify, leave, come back, and try all that needs the PIN."""
        self._make_verified(slot)
        self._leave_and_come_back(how)
        self.try_everything(slot)

    @rule(slot=slots)
    def try_everything(self, slot: Slot) -> None:
        """All that needs a verified PIN."""
        rules = RULES[slot]
        self.driver.plain(0x00, 0xB0, 0x80 | rules.certificate_file, 0)
        self.driver.plain(0x80, 0x2A, 1, rules.key_reference, b"text")
        self.driver.plain(0x80, 0x2E, 0, rules.key_reference, self._digest(0))
        self.driver.plain(0x80, 0xDA, 0, 3, POINTS[2], None)
        self.driver.plain(0x00, 0x24, 1, rules.pin_reference, PINS[slot][2], None)

    @rule(aid=st.sampled_from([INSTANCE_AID + b"\1", bytes.fromhex("A000000308000010000100"), b"\xff" * 5]))
    def select_unknown(self, aid: bytes) -> None:
        self.driver.select(aid)

    @rule(media=st.one_of(st.just(Media.CONTACT), st.just(Media.CONTACT), media), select=st.integers(0, 9))
    def reset(self, media: Media, select: int) -> None:
        self.driver.reset(media)
        if select:
            self.driver.select()

    @rule(media=media, command=tsm_commands(), method=st.sampled_from([3, 4]), remain=sometimes)
    def over_other_media(self, media: Media, command: tuple[int, int, int, bytes], method: int, remain: bool) -> None:
        """D5: contactless no TSM, no management of device keys; the user's own commands work."""
        self._make_verified(Slot.AUTHENTICATION)
        self.driver.reset(media)
        self.driver.select()
        pin = self._known_pin(Slot.AUTHENTICATION)
        self.driver.plain(0x00, 0x20, 0, 0x98, pin, None)
        self.driver.plain(0x80, 0xDA, 0, method, POINTS[0], None)
        self.driver.plain(0x80, 0xE4, 0, method, le=None)
        self.driver.open_channel(FULL_LEVEL)
        self.driver.tsm(*command)
        self.driver.plain(0x80, 0x2E, 0, 0x97, self._digest(0))
        self.driver.plain(0x80, 0xCA, 0x01, 0xA0)
        if not remain:
            self.driver.reset()
            self.driver.select()

    # -- files

    @rule(file=st.sampled_from(FILES), p2=st.sampled_from([0x0C, 0x0C, 0x0C, 0x00]))
    def select_file(self, file: int, p2: int) -> None:
        self.driver.plain(0x00, 0xA4, 0x02, p2, file.to_bytes(2, "big"), None)

    @rule(
        offset=st.one_of(st.integers(0, 2200), st.integers(0, 0x7FFF)),
        le=st.sampled_from([1, 20, 32, 160, 256, 1000, 65536, None]),
    )
    def read(self, offset: int, le: int | None) -> None:
        self.driver.plain(0x00, 0xB0, offset >> 8, offset & 0xFF, le=le)

    @rule(
        file=st.sampled_from([*FILES, 0x03, 0x1F, 0x00, 0x26]),
        offset=st.sampled_from([0, 0, 1, 2, 3, 100, 159, 160, 255]),
        le=st.sampled_from([1, 256, 1000, 65536, None]),
    )
    def read_by_short_identifier(self, file: int, offset: int, le: int | None) -> None:
        self.driver.plain(0x00, 0xB0, 0x80 | file, offset, le=le)

    # -- PINs

    def _pin_p2(self, slot: Slot, by_file: bool) -> int:
        if by_file:
            self.driver.plain(0x00, 0xA4, 0x02, 0x0C, RULES[slot].pin_file.to_bytes(2, "big"), None)
        return 0x80 if by_file else RULES[slot].pin_reference

    def _known_pin(self, slot: Slot) -> bytes:
        return self.driver.state.slot(slot).pin or PINS[slot][0]

    @rule(slot=slots, by_file=p2_forms)
    def verify_right(self, slot: Slot, by_file: bool) -> None:
        self.driver.plain(0x00, 0x20, 0, self._pin_p2(slot, by_file), self._known_pin(slot), None)

    @rule(slot=slots, by_file=p2_forms, pin=st.one_of(st.sampled_from(BAD_PINS), st.binary(min_size=1, max_size=17)))
    def verify_wrong(self, slot: Slot, by_file: bool, pin: bytes) -> None:
        self.driver.plain(0x00, 0x20, 0, self._pin_p2(slot, by_file), pin, None)

    @rule(slot=slots, choice=st.integers(0, 2), other=rarely)
    def verify_from_pool(self, slot: Slot, choice: int, other: bool) -> None:
        pool = PINS[slot if not other else next(name for name in Slot if name is not slot)]
        self.driver.plain(0x00, 0x20, 0, RULES[slot].pin_reference, pool[choice], None)

    @rule(slot=slots, by_file=p2_forms, le=st.sampled_from([None, 256]))
    def retry_query(self, slot: Slot, by_file: bool, le: int | None) -> None:
        self.driver.plain(0x00, 0x20, 0, self._pin_p2(slot, by_file), le=le)

    @rule(slot=slots, by_file=p2_forms, choice=st.integers(0, 2))
    def change_pin(self, slot: Slot, by_file: bool, choice: int) -> None:
        self.driver.plain(0x00, 0x24, 1, self._pin_p2(slot, by_file), PINS[slot][choice], None)

    @rule(slot=slots, verified=st.booleans())
    def change_to_bad_pins(self, slot: Slot, verified: bool) -> None:
        """B1."""
        if verified:
            self.driver.plain(0x00, 0x20, 0, RULES[slot].pin_reference, self._known_pin(slot), None)
        for pin in BAD_PINS:
            self.driver.plain(0x00, 0x24, 1, RULES[slot].pin_reference, pin, None)

    @rule(slot=slots, temporary=sometimes, stop=st.sampled_from([1, 1, 1, 2, 2, 5]), then=sometimes)
    def spend_tries(self, slot: Slot, temporary: bool, stop: int, then: bool) -> None:
        """B7: wrong PINs in a row, up to the last try; then what a blocked PIN must not open."""
        if temporary:
            self._tsm(INS_TSM_PIN, 2, RULES[slot].pin_reference, PINS[slot][1])
        for _ in range(min(stop, RULES[slot].tries)):
            self.driver.plain(0x00, 0x20, 0, RULES[slot].pin_reference, b"WRONG")
        if then:
            self.driver.plain(0x00, 0x20, 0, RULES[slot].pin_reference, self._known_pin(slot))
            self.try_everything(slot)
            self.prove(3, 0, 0, "")

    @rule(
        slot=slots,
        choice=st.integers(0, 2),
        until=st.sampled_from([1, 2, 3, 4, 6, 6, 6, 6]),
        leave_after=st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5]),
        how=exits,
    )
    def from_temporary_pin_to_own(self, slot: Slot, choice: int, until: int, leave_after: int, how: str) -> None:
        """B5, from the beginning, with a key use after each step; it stops anywhere, and is interrupted anywhere."""
        reference, pool = RULES[slot].pin_reference, PINS[slot]
        self._tsm(INS_TSM_PIN, 3, reference)
        self._tsm(INS_TSM_PIN, 2, reference, pool[choice])
        steps: tuple[Callable[[], object], ...] = (
            lambda: self.driver.plain(0x00, 0x20, 0, reference, pool[choice], None),
            lambda: self.driver.plain(0x80, 0x2A, 1, RULES[slot].key_reference, b"temporary"),
            lambda: self.driver.plain(0x00, 0x24, 1, reference, pool[0], None),
            lambda: self.driver.plain(0x80, 0x2A, 1, RULES[slot].key_reference, b"changed"),
            lambda: self.driver.plain(0x00, 0x20, 0, reference, pool[0], None),
            lambda: self.driver.plain(0x80, 0x2A, 1, RULES[slot].key_reference, b"own"),
        )
        for number, step in enumerate(steps[:until], 1):
            step()
            if number == leave_after:
                self._leave_and_come_back(how)

    def _leave_and_come_back(self, how: str) -> None:
        if how == "reset":
            self.driver.reset()
        elif how in ("other", "issuer"):
            self.driver.select(OTHER_AID if how == "other" else self.driver.model.platform.others[0])
        if how != "stay":
            self.driver.select()

    # -- signatures

    @rule(
        slot=slots,
        by_file=p2_forms,
        p1=st.sampled_from([0, 0, 1, 2, 3, 4]),
        data=st.one_of(
            fills.map(lambda fill: bytes([fill]) * 32),
            st.sampled_from(
                [
                    b"1",
                    b"0" * 48,
                    b"",
                    b"a",
                    b"b" * 245,
                    b"b" * 244 + b"\xbc",
                    b"b" * 238 + b"\xbc",
                    b"c" * 246,
                    b"d" * 255,
                ]
            ),
        ),
    )
    def sign(self, slot: Slot, by_file: bool, p1: int, data: bytes) -> None:
        p2 = RULES[slot].key_reference
        if by_file:
            self.driver.plain(0x00, 0xA4, 0x02, 0x0C, RULES[slot].key_file.to_bytes(2, "big"), None)
            p2 = 0x80
        self.driver.plain(0x80, 0x2A, p1, p2, data)

    @rule(
        slot=slots,
        p1=st.sampled_from([0x00, 0x00, 0x10, 0x10, 0x01, 0x13]),
        fill=fills,
        more=st.sampled_from([0, 0, 0, -1, 1, -100, 16]),
        verify=st.booleans(),
    )
    def sign_with_indicator(self, slot: Slot, p1: int, fill: int, more: int, verify: bool) -> None:
        if verify:
            self._make_verified(slot)
        digest = (self._digest(fill) + b"x" * 16)[: max(0, self.driver.model.suite.hash_length + more)]
        self.driver.plain(0x80, 0x2E, p1, RULES[slot].key_reference, digest)
        self.driver.plain(0x80, 0xCA, 0x01, 0xA0)

    @rule(slot=slots, p1=st.sampled_from([0, 1, 3]), fill=fills)
    def disguise_attributes_as_data(self, slot: Slot, p1: int, fill: int) -> None:
        """C6: have the plain command sign what the indicator command has signed."""
        self._make_verified(slot)
        self.driver.plain(0x80, 0x2E, 0, RULES[slot].key_reference, self._digest(fill))
        response = self.driver.plain(0x80, 0xCA, 0x01, 0xA0)
        self.driver.plain(0x80, 0x2A, p1, RULES[slot].key_reference, response.data or b"nothing")

    @rule()
    def get_attributes(self) -> None:
        self.driver.plain(0x80, 0xCA, 0x01, 0xA0)

    # -- device authentication

    @rule(le=st.sampled_from([32, 256, 256, 255, 31, 8, 7, 1, None, 33]))
    def challenge(self, le: int | None) -> None:
        self.driver.plain(0x00, 0x84, 0, 0, le=le)

    @rule()
    def identify(self) -> None:
        """What it is, whatever state it is in."""
        self.driver.plain(0x80, 0xCA, 0x01, 0xA1)

    @rule(method=st.sampled_from([3, 4]), key=st.integers(0, 2), verify=st.booleans())
    def register(self, method: int, key: int, verify: bool) -> None:
        if verify:
            self.driver.plain(0x00, 0x20, 0, 0x98, self._known_pin(Slot.AUTHENTICATION), None)
        self.driver.plain(0x80, 0xDA, 0, method, POINTS[key], None)

    @rule(
        method=st.sampled_from([2, 3, 4, 5]),
        point=st.sampled_from([POINTS[0][:-1], POINTS[0] + b"\0", b"\2" + POINTS[0][1:], b"", b"\4" + bytes(64)]),
    )
    def register_wrongly(self, method: int, point: bytes) -> None:
        self.driver.plain(0x80, 0xDA, 0, method, point, None)

    @rule(method=st.sampled_from([2, 3, 4]), data=st.sampled_from([b"", b"", b"\0"]))
    def remove_device_key(self, method: int, data: bytes) -> None:
        self.driver.plain(0x80, 0xE4, 0, method, data, None)

    @rule(
        method=st.sampled_from([3, 4]),
        key=st.integers(0, 2),
        fill=fills,
        flaw=st.sampled_from(
            [
                "",
                "",
                "",
                "slot",
                "digest",
                "challenge",
                "none",
                "short",
                "long",
                "twice",
                "retry",
                "method",
                "bound method",
                "signing",
            ]
        ),
    )
    def prove(self, method: int, key: int, fill: int, flaw: str) -> None:
        """C3: a proof, right or wrong in one respect."""
        digest = self._digest(fill)
        registered = self.driver.state.authentication.device_key(Method(method))
        if flaw == "method":
            registered = self.driver.state.authentication.device_key(Method(7 - method))
        if registered in POINTS and key < 2:
            key = POINTS.index(registered)
        challenge = b"" if flaw == "none" else self.driver.plain(0x00, 0x84, 0, 0).data
        if flaw == "challenge":
            challenge = bytes(32)
        reference = bytes((0x9A if flaw == "slot" else 0x97, 7 - method if flaw == "bound method" else method))
        signed = challenge + reference + (b"other" if flaw == "digest" else digest)
        proof = DEVICE_KEYS[key].sign(signed, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        if flaw in ("short", "long"):
            proof = proof[:7] if flaw == "short" else proof.ljust(73, b"\0")
        p2 = 0x9A if flaw == "signing" else 0x97
        if flaw == "retry":  # a wrong proof has used the challenge up
            self.driver.plain(0x80, 0x2E, method, p2, self._digest(0x77) + proof)
        for _ in range(2 if flaw == "twice" else 1):
            self.driver.plain(0x80, 0x2E, method, p2, digest + proof)
            self.driver.plain(0x80, 0xCA, 0x01, 0xA0)
        self.proofs.append((method, digest + proof))

    @precondition(lambda self: self.proofs)
    @rule(data=st.data(), fresh=st.booleans(), swap=rarely)
    def replay_proof(self, data: st.DataObject, fresh: bool, swap: bool) -> None:
        """C3: an old proof, after another challenge or after none, or under the other method."""
        method, body = data.draw(st.sampled_from(self.proofs[-3:]))
        if fresh:
            self.driver.plain(0x00, 0x84, 0, 0)
        self.driver.plain(0x80, 0x2E, 7 - method if swap else method, 0x97, body)

    @rule(
        method=st.sampled_from([3, 4]),
        key=st.integers(0, 1),
        fill=fills,
        flaw=st.sampled_from(["", "twice", "retry", "method", "challenge"]),
        how=exits,
        lose=st.sampled_from([False, False, False, True]),
    )
    def register_and_prove(self, method: int, key: int, fill: int, flaw: str, how: str, lose: bool) -> None:
        """Both methods, each with a key of its own, then a proof with one of them, which opens nothing else (C6)."""
        self._make_verified(Slot.AUTHENTICATION)
        self.register(method, key, verify=False)
        self.register(7 - method, 1 - key, verify=False)
        self._leave_and_come_back(how)
        if lose:  # C2: a PIN reset takes the device keys along
            self._tsm(INS_TSM_PIN, 3, 0x98)
            self._make_verified(Slot.AUTHENTICATION)
        self.prove(method, key, fill, flaw)
        self.try_everything(Slot.AUTHENTICATION)

    # -- the TSM

    def _tsm(self, ins: int, p1: int, p2: int, data: bytes = b"") -> None:
        """A TSM command through a channel; one is opened where there is none of the full level."""
        channel = self.driver.state.session.channel
        if not self.driver.has_channel or channel is None or channel.level != FULL_LEVEL:
            if self.driver.state.session.application != INSTANCE_AID or self.driver.state.contactless:
                self.driver.reset()
                self.driver.select()
            self.driver.open_channel(FULL_LEVEL)
        self.driver.tsm(ins, p1, p2, data)

    def _make_verified(self, slot: Slot) -> None:
        """Have a slot's PIN ACTIVE and verified, whatever it was."""
        reference, pin = RULES[slot].pin_reference, self._known_pin(slot)
        if self.driver.state.slot(slot).pin_state is not PinState.ACTIVE:
            pin = PINS[slot][0]
            self._tsm(INS_TSM_PIN, 3, reference)
            self._tsm(INS_TSM_PIN, 2, reference, pin)
            if self.driver.model.profile is Profile.PHONE:
                self.driver.plain(0x00, 0x20, 0, reference, pin, None)
                self.driver.plain(0x00, 0x24, 1, reference, pin, None)
        if self.driver.state.session.application != INSTANCE_AID:
            self.driver.select()
        self.driver.plain(0x00, 0x20, 0, reference, pin, None)

    @rule(level=st.sampled_from(LEVELS), command=tsm_commands())
    def tsm_command_at_level(self, level: int, command: tuple[int, int, int, bytes]) -> None:
        """B3, D1: which level a command needs."""
        self.driver.open_channel(level)
        self.driver.tsm(*command)
        self.driver.tsm(INS_STATUS, 0, 0)

    @rule(level=st.sampled_from(LEVELS), version=st.sampled_from([0, 0, 0x30, 0x31]))
    def open_channel(self, level: int, version: int) -> None:
        self.driver.open_channel(level, key_version=version)

    @rule(level=st.sampled_from(LEVELS), flaw=st.integers(1, 255))
    def open_channel_falsely(self, level: int, flaw: int) -> None:
        self.driver.open_channel(level, genuine=False, flaw=flaw)

    @rule(command=tsm_commands())
    def tsm_command(self, command: tuple[int, int, int, bytes]) -> None:
        self._tsm(*command)

    @rule(command=tsm_commands())
    def tsm_command_in_whatever_channel(self, command: tuple[int, int, int, bytes]) -> None:
        self.driver.tsm(*command)

    @rule(command=tsm_commands(), cla=st.sampled_from([0x80, 0x84, 0x00]))
    def tsm_command_without_protection(self, command: tuple[int, int, int, bytes], cla: int) -> None:
        self.driver.plain(cla, *command)

    @rule(command=tsm_commands(), bit=st.integers(0, 600), retry=st.booleans())
    def tsm_command_with_flipped_bit(self, command: tuple[int, int, int, bytes], bit: int, retry: bool) -> None:
        """D1: and after the failure the right command changes nothing either."""
        wrapped = self.driver.wrap(*command)
        self.driver.altered(wrapped, bit)
        if retry:
            self.driver.send(wrapped)

    @precondition(lambda self: self.driver.wrapped)
    @rule(data=st.data())
    def tsm_command_replayed(self, data: st.DataObject) -> None:
        self.driver.send(data.draw(st.sampled_from(self.driver.wrapped[-5:])))

    @rule(first=tsm_commands(), second=tsm_commands())
    def tsm_commands_reordered(self, first: tuple[int, int, int, bytes], second: tuple[int, int, int, bytes]) -> None:
        commands = (self.driver.wrap(*first), self.driver.wrap(*second))
        for command in reversed(commands):
            self.driver.send(command)

    @rule(slot=slots, verified=st.booleans(), how=st.sampled_from(["delete", "issue", "renew", "renew"]), go=sometimes)
    def erase(self, slot: Slot, verified: bool, how: str, go: bool) -> None:
        """A1, A4, A5: delete or generate after a signature, then look for what is left.

        Key generation takes long, so there is one at most.
        """
        if verified:
            self._make_verified(slot)
            self.driver.plain(0x80, 0x2E, 0, RULES[slot].key_reference, self._digest(0))
        if how == "delete":
            self._tsm(INS_DELETE, 0, 0, RULES[slot].template)
        elif go and self.generations_left:
            self.generations_left -= 1
            self._tsm(INS_KEY_PAIR, 0x80, how == "renew", RULES[slot].template)
            self._tsm(INS_KEY_PAIR, 0x81, 1, RULES[slot].template)
        self.driver.plain(0x80, 0xCA, 0x01, 0xA0)
        self.try_everything(slot)

    @rule(
        file=st.sampled_from([0x0001, 0x0002, 0x000A, 0x000B, 0x0006, 0x0003]),
        size=st.sampled_from([0, 10, 130, 300, 1700, 2044]),
        block=st.sampled_from([7, 100, 239, 239]),
        flaw=st.sampled_from(
            ["", "", "", "number", "more", "less", "tag", "length", "interrupt", "reset", "early", "empty", "again"]
        ),
        at=st.integers(0, 9),
    )
    def store_certificate(self, file: int, size: int, block: int, flaw: str, at: int) -> None:
        """A3: a chain, right or wrong in one respect."""
        content = encode(0x31 if flaw == "tag" else 0x30, bytes((file ^ at,)) * size)
        announced = len(content) + {"more": -1, "less": 1, "length": 3000}.get(flaw, 0)
        whole = file.to_bytes(2, "big") + announced.to_bytes(2, "big") + content
        step = max(block, len(whole) // 9 + 1)
        blocks = [whole[place : place + step] for place in range(0, len(whole), step)]
        for number, part in enumerate(blocks):
            disturb = number == min(at, len(blocks) - 1)
            last = number == len(blocks) - 1 or (flaw == "early" and disturb)
            if disturb:
                self._disturb(flaw)
            shown = number + 1 if flaw == "number" and disturb else number
            self._tsm(INS_STORE, 0x80 if last else 0, shown, b"" if flaw == "empty" and disturb else part)
            if disturb and flaw == "again":
                self._tsm(INS_STORE, 0x80 if last else 0, shown, part)

    def _disturb(self, flaw: str) -> None:
        if flaw == "interrupt":
            self.driver.plain(0x00, 0x20, 0, 0x98)
        if flaw == "reset":
            self.driver.reset()
            self.driver.select()

    # -- wrong input

    @rule(
        cla=st.sampled_from([0x00, 0x80, 0x84, 0x01, 0x04, 0x0C, 0x10, 0x20, 0x40, 0x81, 0x8C, 0x90, 0xA0, 0xC0, 0xFF]),
        ins=st.sampled_from(INSTRUCTIONS),
        p1=st.one_of(st.integers(0, 4), st.integers(0, 255)),
        p2=st.one_of(st.sampled_from([0, 0x0C, 0x80, 0x97, 0x98, 0x9A, 0x9B, 0xA0, 0xA1]), st.integers(0, 255)),
        data=st.one_of(st.just(b""), st.binary(max_size=40), st.sampled_from([bytes(32), bytes(65), bytes(255)])),
    )
    def known_instruction_with_anything(self, cla: int, ins: int, p1: int, p2: int, data: bytes) -> None:
        if (cla, ins, p1) == (0x00, 0xA4, 0x04) or (ins == 0x82 and cla == 0x84) or opens_channel(cla, ins, p1):
            return
        self.driver.plain(cla, ins, p1, p2, data)

    @rule(cla=st.sampled_from([0x00, 0x80, 0x84]), ins=st.integers(0, 255), data=st.binary(max_size=10))
    def any_instruction(self, cla: int, ins: int, data: bytes) -> None:
        if (cla, ins) == (0x84, 0x82) or opens_channel(cla, ins, 0):
            return
        self.driver.plain(cla, ins, 0, 0, data)

    @rule(raw=st.binary(max_size=300))
    def random_bytes(self, raw: bytes) -> None:
        if raw[1:3] in (b"\xa4\x04", b"\x70\x00") or raw[:2] == b"\x84\x82":
            return
        self.driver.garbage(raw)

    @rule(
        probe=st.sampled_from(
            ["00CADF30", "00CB3FFF00", "00A4000002 3F00", "00A40400 09 A00000030800001000", "80CA9F7F00"]
        )
    )
    def clients_that_look_for_other_cards(self, probe: str) -> None:
        """docs/reference/applet.md, trap 5: 6A82 or 6D00."""
        self.driver.garbage(bytes.fromhex(probe.replace(" ", "")))

    @invariant()
    def states_are_states(self) -> None:
        """B4, B7: the model itself stays inside the diagram (a wrong model would agree with a wrong card)."""
        if not hasattr(self, "driver"):
            return
        for name, rules in RULES.items():
            slot, session = self.driver.state.slot(name), self.driver.state.session
            counted = slot.pin_state in (PinState.ACTIVE, PinState.SETTABLE)
            assert 0 < slot.tries <= rules.tries if counted else slot.tries == 0
            assert name not in session.verified or slot.pin_state is PinState.ACTIVE
            assert name not in session.permitted or slot.pin_state is PinState.INITIAL
            assert not slot.certificate or slot.key is not None
