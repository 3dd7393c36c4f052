"""Two schedules of one issuance (F5): everything after the other, and keys and certificates while the user types.

The conversation is the same, and so is what each step takes. In the first the user waits through sections 4 to 7, as
the trial counts it. In the second the user's typing and the machines' work are two lanes that meet where a PIN is
needed; the user waits for what is left when the last PIN is typed, setting the PINs included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from jpki.parties.recorder import FlowEventKind, Section
from jpki.timing.model import USER_SECONDS, PhoneModel, ca_seconds
from jpki.timing.reference import REFERENCE, WAITING, reference_total
from jpki.timing.trace import Moment, Share, Trace, is_key_generation

_WAITS = "waits for the "
_TESTS = (Section.TEST_SIGNING, Section.TEST_AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class Work:
    """Something that machines do, in seconds. ``key`` of it is what the chip takes for a key pair, which varies."""

    section: Section
    seconds: float
    key: float = 0.0


@dataclass(frozen=True, slots=True)
class Begins:
    """The user begins to type something, and needs so many seconds."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Needs:
    """Nothing goes on before that is typed."""

    name: str


Item = Work | Begins | Needs
Items = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """What an issuance takes in all, and what of it the user feels as waiting; seconds."""

    total: float
    felt: float


def one_after_the_other(items: Sequence[Item]) -> Schedule:
    """The sum of everything; what is felt are sections 4 to 7."""
    total = sum(0.0 if isinstance(item, Needs) else item.seconds for item in items)
    felt = sum(item.seconds for item in items if isinstance(item, Work) and item.section in WAITING)
    return Schedule(total, felt)


def while_the_user_types(items: Sequence[Item]) -> Schedule:
    """Two lanes; what is felt is what the machines do after the last PIN is typed."""
    machines = user = 0.0
    typed: dict[str, float] = {}
    for item in items:
        match item:
            case Work():
                machines += item.seconds
            case Begins():
                user = max(user, machines) + item.seconds
                typed[item.name] = user
            case Needs():
                machines = max(machines, typed[item.name])
    return Schedule(max(machines, user), max(0.0, machines - user))


def with_keys(items: Sequence[Item], draw: Callable[[], float]) -> Items:
    """The same issuance with other times for its key pairs."""
    return tuple(
        Work(item.section, item.seconds - item.key + (drawn := draw()), drawn)
        if isinstance(item, Work) and item.key
        else item
        for item in items
    )


def compact(items: Sequence[Item]) -> Items:
    """The same issuance in fewer items: work without a key pair is added up where nothing comes between."""
    merged: list[Item] = []
    for item in items:
        last = merged[-1] if merged else None
        if _plain(item) and _plain(last) and (item.section in WAITING) is (last.section in WAITING):
            merged[-1] = Work(last.section, last.seconds + item.seconds)
        else:
            merged.append(item)
    return tuple(merged)


def _plain(item: Item | None) -> TypeGuard[Work]:
    return isinstance(item, Work) and not item.key


def of_the_trial() -> Items:
    """The trial's table in the order of the second schedule: its figures, without the tests of sections 8 and 9."""
    pins = {name: Section[f"SET_{name}"] for name in ("SIGNING_PASSWORD", "AUTHENTICATION_PIN")}
    begun = [Begins(name, REFERENCE[section][Share.USER]) for name, section in pins.items()]
    work = [Work(section, reference_total(section), _key(section)) for section in WAITING]
    setting: list[Item] = []
    for name, section in pins.items():
        setting += [Needs(name), Work(section, reference_total(section) - REFERENCE[section][Share.USER])]
    return (*begun, *work, *setting)


def _key(section: Section) -> float:
    """What the card takes for a key pair in the trial's table: all that TSM and applet do in that section."""
    of_keys = (Section.SIGNING_KEY, Section.AUTHENTICATION_KEY)
    return REFERENCE[section][Share.REMOTE] if section in of_keys else 0.0


def of_a_run(trace: Trace, model: PhoneModel) -> Items:
    """A recorded issuance as it would be on a phone, up to the end of its conversation with the TSM."""
    return tuple(item for moment in trace.moments() if moment.section not in _TESTS for item in _items(moment, model))


def _items(moment: Moment, model: PhoneModel) -> Iterator[Item]:
    event = moment.event
    if event is None:
        yield Work(moment.section, moment.seconds)
    elif event.kind is FlowEventKind.WAIT:
        yield Needs(event.name.removeprefix(_WAITS))
    elif event.kind is FlowEventKind.ACTION:
        yield Begins(event.name, USER_SECONDS.get(event.name, 0.0))
        if not event.aside:
            yield Needs(event.name)
    else:
        key = max(moment.seconds, model.chip.key_generation) if is_key_generation(event) else 0.0
        assumed = ca_seconds(moment.section) if event.name == "IssueCertificate" else 0.0
        yield Work(moment.section, model.predict(moment) + assumed, key)
