"""One PIN and one key on a card, under the rules of each plan: pure functions over symbolic secrets.

Four kinds of card are enough for six plans: plans 1, 2 and 5 differ around the card, not on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, unique


@unique
class Secret(Enum):
    """What somebody can know. WRONG stands for every value that is none of the others; lucky guesses are left out."""

    TEMPORARY = "temporary PIN"
    USER = "user's PIN"
    PUK = "PUK"
    THIEF = "thief's PIN"
    WRONG = "wrong value"


@unique
class PinPhase(Enum):
    """What a PIN is good for."""

    INITIAL = "initial"
    SETTABLE = "settable"
    ACTIVE = "active"
    BLOCKED = "blocked"


@unique
class CommandKind(Enum):
    """Commands; those of the TSM come through SCP03 (B3). POWER is a reset: the session is lost."""

    SET = "SET PIN"
    UNBLOCK = "UNBLOCK"
    RESET = "RESET PIN"
    GENERATE = "GENERATE KEY PAIR"
    VERIFY = "VERIFY"
    CHANGE = "CHANGE"
    RESET_BY_PUK = "RESET BY PUK"
    USE = "use the key"
    POWER = "reset"


@unique
class CommandOutcome(Enum):
    """How a command ends."""

    DONE = "done"
    WRONG = "wrong PIN, counted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SymbolicCommand:
    """A command with the secret it carries, and the new one where there are two."""

    kind: CommandKind
    secret: Secret | None = None
    new: Secret | None = None


@dataclass(frozen=True, slots=True)
class SymbolicCard:
    """What a card remembers. ``verified`` and ``permitted`` (to set a PIN) end with the session.

    ``puk_tries`` is 0 where there is no PUK, or none any more.
    """

    phase: PinPhase = PinPhase.INITIAL
    value: Secret | None = None
    tries: int = 0
    key: bool = False
    verified: bool = False
    permitted: bool = False
    puk_tries: int = 0

    @property
    def opens_with_temporary(self) -> bool:
        """Whether the temporary PIN would give the use of a key now."""
        return self.phase is PinPhase.ACTIVE and self.value is Secret.TEMPORARY


Answer = tuple[SymbolicCard, CommandOutcome]


@dataclass(frozen=True, slots=True)
class OrdinaryPin:
    """A PIN as every card has it: what the TSM sets can be verified and changed, and opens the key (plans 1, 2, 5)."""

    tries: int = 3

    def answer(self, card: SymbolicCard, command: SymbolicCommand) -> Answer:
        """The card after a command, and how the command ended; a refused one changes nothing."""
        match command.kind:
            case CommandKind.SET:
                return self.set(card, command.secret)
            case CommandKind.UNBLOCK:
                return self.unblock(card)
            case CommandKind.RESET:
                return SymbolicCard(key=card.key), CommandOutcome.DONE
            case CommandKind.GENERATE:  # A4: a key that is there belongs to an earlier holder and goes, with its PIN
                return (
                    SymbolicCard(key=True) if card.key else replace(card, key=True, verified=False)
                ), CommandOutcome.DONE
            case CommandKind.VERIFY:
                return self.verify(card, command.secret)
            case CommandKind.CHANGE:
                return self.change(card, command.new)
            case CommandKind.RESET_BY_PUK:
                return self.reset_by_puk(card, command.secret, command.new)
            case CommandKind.USE:
                return card, CommandOutcome.DONE if card.verified and card.key else CommandOutcome.REFUSED
            case CommandKind.POWER:
                return replace(card, verified=False, permitted=False), CommandOutcome.DONE

    def set(self, card: SymbolicCard, secret: Secret | None) -> Answer:
        """The TSM sets a PIN."""
        return SymbolicCard(PinPhase.ACTIVE, secret, self.tries, card.key), CommandOutcome.DONE

    def unblock(self, card: SymbolicCard) -> Answer:
        """The TSM makes a blocked PIN work again."""
        return card, CommandOutcome.REFUSED

    def reset_by_puk(self, card: SymbolicCard, secret: Secret | None, new: Secret | None) -> Answer:
        """Whoever knows the PUK sets a PIN."""
        return card, CommandOutcome.REFUSED

    def verify(self, card: SymbolicCard, secret: Secret | None) -> Answer:
        """The counter goes down before the comparison (B7)."""
        if card.phase not in (PinPhase.ACTIVE, PinPhase.SETTABLE):
            return card, CommandOutcome.REFUSED
        if card.value is secret:
            return self.verified(card), CommandOutcome.DONE
        left = card.tries - 1
        phase = card.phase if left else PinPhase.BLOCKED
        return replace(card, phase=phase, tries=left, verified=False), CommandOutcome.WRONG

    def verified(self, card: SymbolicCard) -> SymbolicCard:
        """The card after a right PIN."""
        return replace(card, tries=self.tries, verified=True)

    def change(self, card: SymbolicCard, new: Secret | None) -> Answer:
        """Changing needs the current PIN, verified in this session (B6)."""
        return (replace(card, value=new), CommandOutcome.DONE) if card.verified else (card, CommandOutcome.REFUSED)


@dataclass(frozen=True, slots=True)
class BlockedPin(OrdinaryPin):
    """The temporary PIN comes blocked, and the TSM unblocks it just before it is changed (plan 3)."""

    def set(self, card: SymbolicCard, secret: Secret | None) -> Answer:
        return SymbolicCard(PinPhase.BLOCKED, secret, 0, card.key), CommandOutcome.DONE

    def unblock(self, card: SymbolicCard) -> Answer:
        if card.phase is not PinPhase.BLOCKED:
            return card, CommandOutcome.REFUSED
        return replace(card, phase=PinPhase.ACTIVE, tries=self.tries), CommandOutcome.DONE


@dataclass(frozen=True, slots=True)
class SpecialStates(OrdinaryPin):
    """A temporary PIN opens PIN setting and nothing else, once (plan 4, B4, B5): the rules of the JPKI applet."""

    def set(self, card: SymbolicCard, secret: Secret | None) -> Answer:
        if card.phase is not PinPhase.INITIAL:
            return card, CommandOutcome.REFUSED
        return SymbolicCard(PinPhase.SETTABLE, secret, self.tries, card.key), CommandOutcome.DONE

    def verified(self, card: SymbolicCard) -> SymbolicCard:
        if card.phase is PinPhase.SETTABLE:  # used up
            return SymbolicCard(key=card.key, permitted=True)
        return OrdinaryPin.verified(self, card)

    def change(self, card: SymbolicCard, new: Secret | None) -> Answer:
        if card.permitted:
            return SymbolicCard(PinPhase.ACTIVE, new, self.tries, card.key), CommandOutcome.DONE
        return OrdinaryPin.change(self, card, new)


@dataclass(frozen=True, slots=True)
class PukPin(OrdinaryPin):
    """The PIN comes blocked, with a PUK that sets a new one whenever it is given (plan 6)."""

    puk_tries: int = 3

    def set(self, card: SymbolicCard, secret: Secret | None) -> Answer:
        return SymbolicCard(
            PinPhase.BLOCKED, Secret.TEMPORARY, 0, card.key, puk_tries=self.puk_tries
        ), CommandOutcome.DONE

    def reset_by_puk(self, card: SymbolicCard, secret: Secret | None, new: Secret | None) -> Answer:
        if not card.puk_tries:
            return card, CommandOutcome.REFUSED
        if secret is not Secret.PUK:
            return replace(card, puk_tries=card.puk_tries - 1), CommandOutcome.WRONG
        return SymbolicCard(PinPhase.ACTIVE, new, self.tries, card.key, puk_tries=self.puk_tries), CommandOutcome.DONE
