"""Who is around the card, what they know, and what they may do next: honestly, carelessly or as a thief."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, unique

from jpki.plans.card import CommandKind, CommandOutcome, Secret, SymbolicCard, SymbolicCommand


@unique
class Actor(Enum):
    """Who makes a move."""

    USER = "user"
    APP = "app"
    PROGRAM = "faulty app"
    TSM = "TSM"
    THIEF = "thief"
    NATURE = "-"


@unique
class Manner(Enum):
    """Whether the plan foresees a move."""

    PLANNED = "planned"
    CARELESS = "careless"
    HOSTILE = "hostile"
    ACCIDENT = "accident"


@unique
class Effect(Enum):
    """What a move changes about who knows what."""

    NONE = "nothing"
    TYPED = "the app gets the user's PIN"
    HANDED = "the app gets the temporary PIN"
    TOLD = "the user is sent a secret"
    READ_MAIL = "the thief learns what the user was sent"
    READ_STORAGE = "the thief learns what the app stores"
    SET = "the user's PIN is set, and the app forgets everything"
    RENEWED = "everything is drawn and chosen anew"
    ENDED = "the session is lost"


@unique
class Ability(Enum):
    """What a party must be able to do, beyond a PIN that is verified and changed."""

    SET = "set a PIN over SCP03"
    HAND_OVER = "hand the temporary PIN to the app"
    NOTIFY_PIN = "tell the user the temporary PIN"
    NOTIFY_PUK = "tell the user the PUK, again when it is lost"
    UNBLOCK = "unblock while the user waits"
    OPEN = "open PIN setting while the user waits"
    APPLET_UNBLOCK = "a PIN delivered blocked, unblocked by the TSM"
    APPLET_STATES = "states in which a PIN can be set but opens nothing"
    APPLET_PUK = "a PUK with tries of its own"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one move takes: APDUs, TSM round trips, what is typed, what the TSM tells whom outside SCP03."""

    apdus: int = 0
    round_trips: int = 0
    typed: tuple[Secret, ...] = ()
    told: tuple[tuple[Secret, str], ...] = ()
    functions: tuple[Ability, ...] = ()


SESSION = Cost(apdus=3, round_trips=2)  # INITIALIZE UPDATE; then EXTERNAL AUTHENTICATE and the command in one batch
FREE = Cost()


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that somebody does; ``command`` is what reaches the card, if anything does."""

    actor: Actor
    text: str
    manner: Manner = Manner.PLANNED
    command: SymbolicCommand | None = None
    cost: Cost = FREE
    effect: Effect = Effect.NONE


Secrets = frozenset[Secret]
NOTHING: Secrets = frozenset()
UNSET = SymbolicCard()


@dataclass(frozen=True, slots=True)
class Situation:
    """The card and what everybody knows. ``memory`` is lost with the app's process, ``storage`` is not.

    ``told`` is what was sent to the user outside the phone; ``stolen`` says that the thief holds the phone.
    """

    card: SymbolicCard = UNSET
    memory: Secrets = NOTHING
    storage: Secrets = NOTHING
    told: Secrets = NOTHING
    thief: Secrets = NOTHING
    stolen: bool = False

    def app_has(self, secret: Secret) -> bool:
        """Whether the app can use it now."""
        return secret in self.memory or secret in self.storage

    def ended(self, *, stolen: bool = False) -> Situation:
        """The session is lost, and with it what only the running app knew."""
        return replace(self, memory=NOTHING, stolen=stolen)


Step = tuple[Move, Situation, CommandOutcome]


def user_typed(*secrets: Secret, apdus: int = 0) -> Cost:
    """The cost of typing."""
    return Cost(apdus=apdus, typed=secrets)


def uses(situation: Situation) -> Iterator[Move]:
    """The owner uses the key with the PIN set: the aim of every plan; and mistypes it now and then."""
    card = situation.card
    if card.value is Secret.USER and not card.verified:
        yield Move(Actor.USER, "types the PIN", command=SymbolicCommand(CommandKind.VERIFY, Secret.USER))
        yield Move(Actor.USER, "mistypes the PIN", Manner.CARELESS, SymbolicCommand(CommandKind.VERIFY, Secret.WRONG))
    if card.value is Secret.USER and card.verified:
        yield Move(Actor.USER, "uses the key", command=SymbolicCommand(CommandKind.USE))
        yield Move(
            Actor.USER,
            "changes the PIN to another",
            Manner.CARELESS,
            SymbolicCommand(CommandKind.CHANGE, new=Secret.USER),
        )


def accidents(situation: Situation) -> Iterator[Move]:
    """The link is lost, the app ends, the phone is stolen or comes back: each ends the session."""
    power = SymbolicCommand(CommandKind.POWER)
    if not situation.stolen:
        yield Move(Actor.NATURE, "the session is lost", Manner.ACCIDENT, power, effect=Effect.ENDED)
        yield Move(Actor.THIEF, "takes the phone", Manner.HOSTILE, power, effect=Effect.ENDED)
    else:
        yield Move(Actor.NATURE, "the phone comes back", Manner.ACCIDENT, power, effect=Effect.ENDED)


def thefts(situation: Situation) -> Iterator[Move]:
    """What somebody else does who reads what was sent to the user, and reads the storage of a phone in hand."""
    if situation.told - situation.thief:
        yield Move(Actor.THIEF, "reads what the user was sent", Manner.HOSTILE, effect=Effect.READ_MAIL)
    if not situation.stolen:
        return
    if situation.storage - situation.thief:
        yield Move(Actor.THIEF, "reads the app's storage", Manner.HOSTILE, effect=Effect.READ_STORAGE)
    for secret in (*sorted(situation.thief, key=lambda one: one.name), Secret.THIEF, Secret.WRONG):
        yield Move(
            Actor.THIEF, f"tries the {secret.value}", Manner.HOSTILE, SymbolicCommand(CommandKind.VERIFY, secret)
        )
    yield Move(Actor.THIEF, "sets another PIN", Manner.HOSTILE, SymbolicCommand(CommandKind.CHANGE, new=Secret.THIEF))
    if situation.card.puk_tries:
        puk = Secret.PUK if Secret.PUK in situation.thief else Secret.WRONG
        command = SymbolicCommand(CommandKind.RESET_BY_PUK, puk, Secret.THIEF)
        yield Move(Actor.THIEF, f"sets a PIN with the {puk.value}", Manner.HOSTILE, command)
    yield Move(Actor.THIEF, "uses the key", Manner.HOSTILE, SymbolicCommand(CommandKind.USE))


def personalisation(situation: Situation) -> Iterator[Move]:
    """What the TSM does in every plan: make the key, at any time, and reset a PIN when the user asks (B6)."""
    if not situation.card.key:
        yield Move(Actor.TSM, "generates the key", command=SymbolicCommand(CommandKind.GENERATE))
    reset = SymbolicCommand(CommandKind.RESET)
    yield Move(Actor.TSM, "resets the PIN, as the user asked", Manner.CARELESS, reset, effect=Effect.RENEWED)
