"""What must hold whatever the host does, judged from commands and answers alone: nothing here asks the model.

Each class is one property with the requirement it belongs to. ``saw`` is called after every command, ``finish`` when a
run is over; a breach is an AssertionError that begins with the requirement's number.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256

from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from jpki.model.device import proves
from jpki.model.expectation import opened, verifies
from jpki.model.state import INSTANCE_AID, RULES, ModelState, Profile, Slot, Suite, whole_template

SIGN, SIGN_WITH_INDICATOR, GET_ATTRIBUTES = 0x2A, 0x2E, 0xCA
APPLICATION = 0x10  # P1 of SIGN WITH INDICATOR
VERIFY, CHANGE, CHALLENGE, REGISTER, REMOVE_OR_DELETE = 0x20, 0x24, 0x84, 0xDA, 0xE4
KEY_PAIR, TSM_PIN, STORE, STATUS, READ = 0x46, 0x2C, 0xE2, 0xF2, 0xB0
CHALLENGE_LENGTH = 32
SIGNED_ATTRIBUTES = 0xA0  # P2 of GET DATA
_TSM_ONLY = (KEY_PAIR, TSM_PIN, STORE, STATUS)
_CONTENT_TYPES = {
    bytes.fromhex("06092A864886F70D010701"): False,
    bytes.fromhex("06156983AF92A092FFFCA28ADFB4E6BCCFF0FDE7E31D01"): True,
}
_INDICATOR_OID_START = bytes.fromhex("0614")  # its object identifier is the only one of 20 bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """A command as it reads without protection, its answer, and the state (for references and media) before it.

    ``genuine``: it came through an open channel, whole and in its turn; ``level`` is that of the host's channel.
    """

    command: CommandApdu
    response: ResponseApdu
    before: ModelState
    genuine: bool = False
    level: int = 0

    @property
    def reached_applet(self) -> bool:
        """Whether the applet was selected and its classes were used."""
        return self.before.session.application == INSTANCE_AID and self.command.cla in (0x00, 0x80)

    def is_done(self, cla: int, ins: int) -> bool:
        """Whether this is a plain command of that class and instruction, and it was carried out."""
        named = (self.command.cla, self.command.ins) == (cla, ins)
        return self.reached_applet and named and not self.genuine and self.response.ok

    def is_tsm_done(self, ins: int) -> bool:
        """Whether this is a TSM command, and it was carried out (class 80 is what unwrapping leaves)."""
        return self.reached_applet and self.genuine and self.command.ins == ins and self.response.ok

    def pin_slot(self) -> Slot | None:
        """The slot whose PIN P2 means."""
        return self._slot({r.pin_reference: n for n, r in RULES.items()}, {r.pin_file: n for n, r in RULES.items()})

    def key_slot(self) -> Slot | None:
        """The slot whose key P2 means."""
        return self._slot({r.key_reference: n for n, r in RULES.items()}, {r.key_file: n for n, r in RULES.items()})

    def template_slot(self) -> Slot | None:
        """The slot that B600 or A400 means."""
        return {rules.template: name for name, rules in RULES.items()}.get(self.command.data)

    def _slot(self, references: dict[int, Slot], files: dict[int, Slot]) -> Slot | None:
        if self.command.p2 == 0x80:
            return files.get(self.before.session.file or 0)
        return references.get(self.command.p2)

    def erased_slot(self) -> Slot | None:
        """The slot whose key this command replaced or deleted."""
        deleted = self.is_tsm_done(REMOVE_OR_DELETE)
        generated = self.is_tsm_done(KEY_PAIR) and self.command.p1 == 0x80
        return self.template_slot() if deleted or generated else None

    def signing_slot(self) -> Slot | None:
        """The slot whose private key this command used."""
        used = self.is_done(0x80, SIGN) or self.is_done(0x80, SIGN_WITH_INDICATOR)
        return self.key_slot() if used else None

    @property
    def with_proof(self) -> bool:
        """Whether the key use was asked for with a proof of device authentication."""
        return self.command.ins == SIGN_WITH_INDICATOR and self.command.p1 not in (0x00, APPLICATION)


class Property:
    """Watches the conversation; does nothing by itself."""

    def saw(self, seen: Seen) -> None:
        """Look at a command and its answer."""

    def session_ended(self) -> None:
        """The card was reset, or another application was selected."""

    def finish(self) -> None:
        """Look back on the whole conversation."""


class NoKeyUseWithoutOwnAuthentication(Property):
    """B5, C1: a key signs only after that slot's own PIN was verified in this session, or with a proof."""

    def __init__(self) -> None:
        self._verified: set[Slot] = set()

    def saw(self, seen: Seen) -> None:
        slot = seen.signing_slot()
        if slot and not (seen.with_proof and slot is Slot.AUTHENTICATION):
            assert slot in self._verified, f"B5, C1: the {slot.value} key was used without its own authentication"
        pin = seen.pin_slot()
        if seen.reached_applet and seen.command.ins == VERIFY and seen.command.data and pin and not seen.genuine:
            if seen.response.ok:
                self._verified.add(pin)
            elif seen.response.sw & 0xFFF0 == 0x63C0:
                self._verified.discard(pin)
        if seen.is_tsm_done(TSM_PIN) and pin:
            self._verified.discard(pin)
        if erased := seen.erased_slot():
            self._verified.discard(erased)

    def session_ended(self) -> None:
        self._verified.clear()


class TemporaryPinNeverSigns(Property):
    """B5: from the temporary PIN until the user's own PIN was set and verified, the slot's key does nothing."""

    def __init__(self) -> None:
        self._temporary: set[Slot] = set()

    def saw(self, seen: Seen) -> None:
        if slot := seen.signing_slot():
            assert slot not in self._temporary, f"B5: the {slot.value} key was used under a temporary PIN"
        pin = seen.pin_slot()
        if pin is None:
            return
        if seen.is_tsm_done(TSM_PIN) and seen.command.p1 == 2 and seen.before.profile.name == "PHONE":
            self._temporary.add(pin)
        elif seen.is_done(0x00, CHANGE):
            self._temporary.discard(pin)


class CountersNeverRise(Property):
    """B7: tries left become more only by a right PIN, or by the TSM."""

    def __init__(self) -> None:
        self._tries: dict[Slot, int] = {}

    def saw(self, seen: Seen) -> None:
        slot = seen.erased_slot()
        if slot is None and (seen.is_tsm_done(TSM_PIN) or seen.is_done(0x00, CHANGE)):
            slot = seen.pin_slot()
        if slot:
            self._tries.pop(slot, None)
        pin = seen.pin_slot()
        if not pin or not seen.reached_applet or (seen.command.cla, seen.command.ins) != (0x00, VERIFY):
            return
        if seen.response.ok:
            self._tries.pop(pin, None)
        elif seen.response.sw & 0xFFF0 == 0x63C0:
            left = seen.response.sw & 0x0F
            known = self._tries.get(pin, left)
            assert left <= known, f"B7: the tries of {pin.value} rose from {known} to {left}"
            assert not seen.command.data or left < self._tries.get(pin, left + 1), (
                f"B7: a wrong {pin.value} PIN was free"
            )
            self._tries[pin] = left


class BlockedStaysBlocked(Property):
    """B7: after the last try no PIN is right any more, and no key is used, until the TSM resets."""

    def __init__(self) -> None:
        self._blocked: set[Slot] = set()

    def saw(self, seen: Seen) -> None:
        if slot := seen.signing_slot():
            assert slot not in self._blocked, f"B7: the {slot.value} key was used although its PIN is blocked"
        pin = seen.pin_slot()
        if seen.is_tsm_done(TSM_PIN) and pin:
            self._blocked.discard(pin)
        if erased := seen.erased_slot():
            self._blocked.discard(erased)
        if pin and seen.reached_applet and (seen.command.cla, seen.command.ins) == (0x00, VERIFY) and seen.command.data:
            assert not (seen.response.ok and pin in self._blocked), (
                f"B7: VERIFY of {pin.value} succeeded although blocked"
            )
            if seen.response.sw == 0x63C0:
                self._blocked.add(pin)


class PinsAreSetAsTheyMustBe(Property):
    """B1, B4, B6: a new PIN has its format and comes after VERIFY in this session; the TSM replaces none."""

    def __init__(self) -> None:
        self._verified: set[Slot] = set()
        self._set: set[Slot] = set()

    def saw(self, seen: Seen) -> None:
        pin = seen.pin_slot()
        if erased := seen.erased_slot():
            self._verified.discard(erased)
            self._set.discard(erased)
        if pin is None:
            return
        if seen.is_done(0x00, VERIFY) and seen.command.data:
            self._verified.add(pin)
        if seen.is_tsm_done(TSM_PIN) and seen.command.p1 == 3:
            self._verified.discard(pin)
            self._set.discard(pin)
        set_by_tsm = seen.is_tsm_done(TSM_PIN) and seen.command.p1 == 2
        if set_by_tsm:
            assert pin not in self._set, f"B4: the TSM replaced a {pin.value} PIN that was set"
        if seen.is_done(0x00, CHANGE):
            assert pin in self._verified, f"B6: the {pin.value} PIN was changed without the current one"
            self._set.add(pin)
        if set_by_tsm or seen.is_done(0x00, CHANGE):
            rules, value = RULES[pin], seen.command.data
            right = len(value) in rules.pin_lengths and set(value) <= set(rules.alphabet)
            assert right, f"B1: {value!r} was accepted as {pin.value} PIN"

    def session_ended(self) -> None:
        self._verified.clear()


class CertificatesNeedThePin(Property):
    """A3: what a certificate file holds is read only after its slot's PIN was verified in this session."""

    def __init__(self) -> None:
        self._verified: set[Slot] = set()

    def saw(self, seen: Seen) -> None:
        pin = seen.pin_slot()
        if pin and seen.is_done(0x00, VERIFY) and seen.command.data:
            self._verified.add(pin)
        if seen.is_done(0x00, READ):
            by_name = seen.command.p1 & 0x80
            file = seen.command.p1 & 0x1F if by_name else seen.before.session.file
            for name, rules in RULES.items():
                free = name is Slot.AUTHENTICATION and seen.before.profile is Profile.CARD
                closed = file == rules.certificate_file and not free
                assert not closed or name in self._verified, f"A3: EF {file:04X} was read without the PIN"

    def session_ended(self) -> None:
        self._verified.clear()


class TsmOnlyThroughTheChannel(Property):
    """B3, D1, D5: TSM commands are carried out inside SCP03 alone, and never over contactless."""

    def saw(self, seen: Seen) -> None:
        if not seen.reached_applet and seen.command.cla != 0x84:
            return
        tsm = seen.command.ins in _TSM_ONLY or (seen.command.ins == REMOVE_OR_DELETE and seen.command.cla == 0x84)
        if seen.response.ok and tsm and seen.before.session.application == INSTANCE_AID:
            assert seen.genuine, f"B3, D1: TSM instruction {seen.command.ins:02X} was carried out outside SCP03"
            needed = 0x13 if seen.command.ins in (KEY_PAIR, STATUS) else 0x03
            enough = seen.level & needed == needed
            assert enough, f"D1: TSM instruction {seen.command.ins:02X} was carried out at level {seen.level:02X}"
        if seen.response.ok and seen.before.contactless and seen.reached_applet:
            forbidden = seen.genuine or seen.command.ins in (0x50, REGISTER, REMOVE_OR_DELETE)
            forbidden |= seen.is_done(0x00, CHANGE) and seen.before.profile is Profile.PHONE
            assert not forbidden, f"D5: instruction {seen.command.ins:02X} was carried out over contactless"


class ProofsAreBoundAndSingleUse(Property):
    """C3: a proof counts once, for the challenge given last, this slot, this hash and this method."""

    def __init__(self) -> None:
        self._challenge: bytes | None = None
        self._keys: dict[int, bytes] = {}
        self._accepted: set[bytes] = set()

    def saw(self, seen: Seen) -> None:
        if seen.is_done(0x00, CHALLENGE) and len(seen.response.data) == CHALLENGE_LENGTH:
            self._challenge = seen.response.data
        if seen.is_done(0x80, REGISTER):
            self._keys[seen.command.p2] = seen.command.data
        if seen.is_done(0x80, REMOVE_OR_DELETE):
            self._keys.pop(seen.command.p2, None)
        gone = seen.erased_slot() or (seen.pin_slot() if seen.is_tsm_done(TSM_PIN) and seen.command.p1 == 3 else None)
        if gone is Slot.AUTHENTICATION:
            self._keys.clear()
        if seen.is_done(0x80, SIGN_WITH_INDICATOR) and seen.with_proof:
            self._check(seen.command, seen.before.suite.hash_length)

    def _check(self, command: CommandApdu, size: int) -> None:
        digest, proof = command.data[:size], command.data[size:]
        assert self._challenge is not None, "C3: a proof was accepted without a fresh challenge"
        assert proof not in self._accepted, "C3: a proof was accepted twice"
        key = self._keys.get(command.p1)
        assert key is not None, "C2: a proof was accepted for a method that is not registered"
        bound = proves(key, proof, self._challenge + bytes((command.p2, command.p1)) + digest)
        assert bound, "C3: a proof was accepted that is not for this challenge, slot, hash and method"
        self._accepted.add(proof)
        self._challenge = None

    def session_ended(self) -> None:
        self._challenge = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that the card made. ``attributes`` are those read afterwards; ``method`` is what was truly used.

    ``application`` is whether one was asked for.
    """

    suite: Suite
    slot: Slot
    key: int
    value: bytes
    with_indicator: bool
    method: int
    digest: bytes
    application: bool
    attributes: bytes | None = None


class IndicatorTellsTheTruth(Property):
    """C4-C6: no signature of the card verifies as one with an indicator of another method or type, or of none."""

    def __init__(self) -> None:
        self._epochs: dict[Slot, int] = {}
        self._halves: dict[tuple[Slot, int, int], bytes] = {}
        self._signatures: list[Signature] = []
        self._readable = False

    def saw(self, seen: Seen) -> None:
        if erased := seen.erased_slot():
            self._epochs[erased] = self._epochs.get(erased, 0) + 1
            self._readable = False
        template = seen.template_slot()
        if seen.is_tsm_done(KEY_PAIR) and template:
            half = seen.command.p2 if seen.command.p1 == 0x81 else 0
            self._halves[template, self._epochs.get(template, 0), half] = seen.response.data
        if slot := seen.signing_slot():
            self._add(seen, slot)
            self._readable = self._readable or self._signatures[-1].with_indicator
        if seen.is_done(0x80, GET_ATTRIBUTES) and seen.command.p2 == SIGNED_ATTRIBUTES:
            assert self._readable, "A4: signedAttrs of before can be read"
            self._attach(seen.response.data)

    def know(self, slot: Slot, halves: tuple[bytes | None, bytes | None]) -> None:
        """A public key that was read before this conversation began."""
        for half, value in enumerate(halves):
            if value is not None:
                self._halves[slot, self._epochs.get(slot, 0), half] = value

    def _add(self, seen: Seen, slot: Slot) -> None:
        with_indicator = seen.command.ins == SIGN_WITH_INDICATOR
        own = RULES[slot].method.value
        method = seen.command.p1 if seen.with_proof else own
        application = with_indicator and seen.command.p1 == APPLICATION
        assert not application or slot is Slot.SIGNING, "C5: an application under the authentication key"
        size = seen.before.suite.hash_length
        digest = seen.command.data[:size] if with_indicator else sha256(seen.command.data).digest()
        signature = Signature(
            seen.before.suite,
            slot,
            self._epochs.get(slot, 0),
            seen.response.data,
            with_indicator,
            method,
            digest,
            application,
        )
        self._signatures.append(signature)

    def _attach(self, attributes: bytes) -> None:
        """What is read belongs to the signature with indicator made last; the counter counted every use in between."""
        for place in range(len(self._signatures) - 1, -1, -1):
            if self._signatures[place].with_indicator:
                self._signatures[place] = replace(self._signatures[place], attributes=attributes)
                return

    def session_ended(self) -> None:
        self._readable = False

    def _check_counters(self) -> None:
        """Between two signatures of a key the counter rose by as many as the key was used."""
        uses: dict[tuple[Slot, int], int] = {}
        last: dict[tuple[Slot, int], tuple[int, int]] = {}
        for signature in self._signatures:
            key = (signature.slot, signature.key)
            uses[key] = uses.get(key, 0) + 1
            if signature.attributes is None:
                continue
            counter = counter_of(signature.attributes)
            before_counter, before_uses = last.get(key, (counter, uses[key]))
            rose, used = counter - before_counter, uses[key] - before_uses
            assert rose == used, f"C5: the counter rose by {rose} while the key was used {used} times"
            last[key] = counter, uses[key]

    def finish(self) -> None:
        """Every signature against every set of attributes seen."""
        self._check_counters()
        seen = {signature.attributes for signature in self._signatures if signature.attributes is not None}
        for signature in self._signatures:
            template = self._template(signature)
            if signature.attributes is not None:
                self._check_claims(signature)
            if template is None:
                continue
            for attributes in sorted(seen):
                fits = verifies(template, signature.value, attributes)
                own = attributes == signature.attributes
                assert signature.with_indicator or not fits, "C6: a plain signature verifies over signedAttrs"
                assert not own or fits, "C5: a signature does not verify over its own signedAttrs"
                told = (method_of(attributes), is_application(attributes))
                truthful = own or not fits or told == (signature.method, signature.application)
                assert truthful, "C4: a signature verifies over attributes of another method or content type"
            if signature.with_indicator and signature.suite is Suite.RSA_2048:
                block = opened(template, signature.value)
                assert block[:2] != b"\0\1", "C6: a signature with indicator is padded PKCS #1 v1.5"

    def _template(self, signature: Signature) -> bytes | None:
        first = self._halves.get((signature.slot, signature.key, 0))
        second = self._halves.get((signature.slot, signature.key, 1))
        return whole_template(first, second)

    def _check_claims(self, signature: Signature) -> None:
        assert signature.attributes is not None
        claimed = method_of(signature.attributes)
        assert claimed == signature.method, f"C4: the indicator says method {claimed}, it was {signature.method}"
        assert signature.digest in signature.attributes, "C5: the attributes hold another message digest"
        application = is_application(signature.attributes)
        assert application == signature.application, "C5: a document passes for an application, or the reverse"


def _indicator(attributes: bytes) -> list[tlv.Tlv]:
    for attribute in tlv.parse(tlv.parse(attributes)[0].value):
        if attribute.value.startswith(_INDICATOR_OID_START):
            return tlv.parse(attribute.value)[1].children()[0].children()
    raise AssertionError("C5: the attributes hold no indicator")


def method_of(attributes: bytes) -> int:
    """The method that an indicator claims."""
    return int.from_bytes(_indicator(attributes)[1].value, "big")


def is_application(attributes: bytes) -> bool:
    """Whether the content type is that of an application; else it is id-data."""
    return _CONTENT_TYPES[tlv.parse(tlv.parse(attributes)[0].children()[0].value)[1].value]


def counter_of(attributes: bytes) -> int:
    """The signature counter that an indicator holds."""
    return int.from_bytes(_indicator(attributes)[3].value, "big")


class NothingOfTheOldHolder(Property):
    """A4, A5: after a slot was given to a new holder, its old certificates, PIN, keys and device keys are of no use."""

    def __init__(self) -> None:
        self._old_contents: dict[Slot, set[bytes]] = {name: set() for name in Slot}
        self._pins: dict[Slot, bytes | None] = dict.fromkeys(Slot)
        self._dead_pins: dict[Slot, bytes | None] = dict.fromkeys(Slot)
        self._first_halves: set[bytes] = set()

    def saw(self, seen: Seen) -> None:
        if (slot := seen.erased_slot()) and self._is_new_holder(seen, slot):
            before = seen.before.slot(slot)
            self._old_contents[slot] |= {text for text in (before.certificate, before.ca_certificate) if text}
            self._dead_pins[slot] = self._pins[slot]
            self._pins[slot] = None
        pin = seen.pin_slot()
        if pin and (seen.is_tsm_done(TSM_PIN) or seen.is_done(0x00, CHANGE)):
            self._pins[pin], self._dead_pins[pin] = seen.command.data or None, None
        if pin and seen.is_done(0x00, VERIFY) and seen.command.data:
            assert seen.command.data != self._dead_pins[pin], f"A4: the old holder's {pin.value} PIN still works"
        if seen.is_tsm_done(KEY_PAIR) and seen.command.p1 == 0x80:
            assert seen.response.data not in self._first_halves, "A4: a new key pair is an old one"
            self._first_halves.add(seen.response.data)
        if seen.is_done(0x00, READ) and len(seen.response.data) > 16:
            self._check_content(seen.response.data, seen.before)

    @staticmethod
    def _is_new_holder(seen: Seen, slot: Slot) -> bool:
        renewal = seen.command.ins == KEY_PAIR and seen.command.p2 == 1
        return not renewal and (seen.command.ins != KEY_PAIR or seen.before.slot(slot).key is not None)

    def _check_content(self, data: bytes, state: ModelState) -> None:
        stored = {state.slot(name).certificate for name in Slot} | {state.slot(name).ca_certificate for name in Slot}
        for old in set().union(*self._old_contents.values()) - stored:
            fresh = any(data in text for text in stored)
            assert fresh or data not in old, "A4: an old holder's certificate can still be read"


class NeverUnknown(Property):
    """Nothing is answered with 6F00, and T=0's 61xx and 6Cxx never occur (docs/reference/applet.md, trap 3)."""

    def saw(self, seen: Seen) -> None:
        sw = seen.response.sw
        assert sw != 0x6F00, f"6F00 in answer to {seen.command}"
        applet = seen.before.session.application == INSTANCE_AID
        assert not applet or sw >> 8 not in (0x61, 0x6C), f"{sw:04X} in answer to {seen.command}"


PROPERTIES: tuple[type[Property], ...] = (
    NoKeyUseWithoutOwnAuthentication,
    TemporaryPinNeverSigns,
    CountersNeverRise,
    BlockedStaysBlocked,
    PinsAreSetAsTheyMustBe,
    CertificatesNeedThePin,
    TsmOnlyThroughTheChannel,
    ProofsAreBoundAndSingleUse,
    NothingOfTheOldHolder,
    NeverUnknown,
)


@dataclass(slots=True)
class Properties:
    """All properties of one conversation."""

    indicator: IndicatorTellsTheTruth = field(default_factory=IndicatorTellsTheTruth)
    others: tuple[Property, ...] = field(default_factory=lambda: tuple(make() for make in PROPERTIES))
    application: bytes = b""

    def saw(self, seen: Seen) -> None:
        """Show a command and its answer to every property."""
        for one in (self.indicator, *self.others):
            one.saw(seen)

    def selected(self, aid: bytes, *, accepted: bool) -> None:
        """An application was selected by name; another one than before ends the session."""
        if accepted and aid != self.application:
            self.application = aid
            self.session_ended(keep=True)

    def session_ended(self, *, keep: bool = False) -> None:
        """The card was reset, or (``keep``: the selection is known) another application was selected."""
        if not keep:
            self.application = b""
        for one in (self.indicator, *self.others):
            one.session_ended()

    def finish(self) -> None:
        """Look back."""
        for one in (self.indicator, *self.others):
            one.finish()
