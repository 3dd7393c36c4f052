"""What a card knows: the persistent part, which is saved, and the volatile part, which a reset clears."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cardlab.card.config import CardConfig
from cardlab.card.entropy import Entropy
from cardlab.card.manager.channels import BASIC, LogicalChannel
from cardlab.card.manager.progress import Progress, Storing
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, CardRegistry, LoadFileEntry, SecurityDomain
from cardlab.card.manager.session import SecureChannel
from cardlab.globalplatform.constants import CardState, DomainState, Privilege
from cardlab.iso7816.status import SW
from cardlab.runtime.choices import SessionInDeselect
from cardlab.runtime.interface import AppletRuntime

DOMAIN_SIZE = 1024  # persistent bytes that a security domain takes, its keys and data included


@dataclass(slots=True)
class Persistent:
    """What survives a reset. ``config`` is complete: nothing in it is left open."""

    config: CardConfig
    entropy: Entropy
    registry: CardRegistry
    card_state: CardState
    atr: bytes

    def fork(self) -> Persistent:
        """A copy that goes its own way."""
        return replace(self, entropy=replace(self.entropy), registry=self.registry.fork())


@dataclass(slots=True)
class ManagedCard:
    """One card, as the handlers of its commands see it.

    ``channels`` are the logical channels that are open, by number, and ``current`` the one that the command came on:
    what handlers ask of the card's selection and session is that channel's. ``direct`` says that an applet is selected
    on the basic channel, no other one is open, and commands may go to the runtime without a look at the card's state.
    ``personalised`` is the application that STORE DATA is being passed on to at this moment. ``reason`` says in words
    why the last command was refused. ``unsettled`` is what the runtime was bringing onto the card or taking away when
    the power was cut: its memory decides at power up whether it is there.
    """

    persistent: Persistent
    runtime: AppletRuntime
    channel_limit: int = 1
    direct: bool = False
    personalised: Application | None = None
    reason: str = ""
    unsettled: Application | LoadFileEntry | None = None
    channels: dict[int, LogicalChannel] = field(init=False)
    current: LogicalChannel = field(init=False)

    def __post_init__(self) -> None:
        self.close_all()

    def close_all(self) -> None:
        """Only the basic channel is open, nothing is selected on it."""
        self.current = self.new_channel(BASIC)
        self.channels = {BASIC: self.current}
        self.end_command()

    def new_channel(self, number: int) -> LogicalChannel:
        """A channel that is not among the open ones yet."""
        persistent = self.persistent
        return LogicalChannel(number, SecureChannel(persistent.entropy, persistent.config.diversification or b""))

    def end_command(self) -> None:
        """After a command: the basic channel is the current one."""
        self.current = self.channels[BASIC]
        self.direct = len(self.channels) == 1 and self.current.has_applet

    def is_selected(self, entry: Application) -> bool:
        """Whether an application is selected on some channel."""
        return any(one.selected is entry for one in self.channels.values())

    def prepare_deselect(self, channel: LogicalChannel) -> None:
        """A channel's applet may be about to be left: on some cards its session ends before deselect()."""
        if self.persistent.config.platform.session_in_deselect is not SessionInDeselect.OPEN:
            channel.secure.end()

    def fork(self, runtime: AppletRuntime) -> ManagedCard:
        """A copy that goes its own way, with a copy of the runtime. No command may be in progress."""
        persistent = self.persistent.fork()
        copied = ManagedCard(persistent, runtime, self.channel_limit)
        forked = (one.fork(persistent.registry, persistent.entropy) for one in self.channels.values())
        copied.channels = {one.number: one for one in forked}
        copied.end_command()
        copied.reason, copied.unsettled = self.reason, self.unsettled
        return copied

    @property
    def channel(self) -> SecureChannel:
        """The secure channel of the current logical channel."""
        return self.current.secure

    @property
    def selected(self) -> Application | None:
        """What is selected on the current channel."""
        return self.current.selected

    @selected.setter
    def selected(self, application: Application | None) -> None:
        self.current.selected = application

    @property
    def progress(self) -> Progress | None:
        """What is for the next command on the current channel."""
        return self.current.progress

    @progress.setter
    def progress(self, progress: Progress | None) -> None:
        self.current.progress = progress

    @property
    def previous(self) -> Progress | None:
        """What the command before left behind."""
        return self.current.previous

    @previous.setter
    def previous(self, progress: Progress | None) -> None:
        self.current.previous = progress

    @property
    def storing(self) -> Storing | None:
        """STORE DATA blocks that are coming in on the current channel."""
        return self.current.storing

    @storing.setter
    def storing(self, storing: Storing | None) -> None:
        self.current.storing = storing

    @property
    def registry(self) -> CardRegistry:
        """The GlobalPlatform registry."""
        return self.persistent.registry

    @property
    def state(self) -> CardState:
        """The card's life cycle state."""
        return self.persistent.card_state

    @property
    def used_memory(self) -> int:
        """Persistent bytes in use now."""
        registry = self.registry
        total = sum(load_file.size for load_file in registry.load_files.values())
        for entry in registry.applications.values():
            if not isinstance(entry, SecurityDomain):
                total += self.runtime.used_memory(entry.aid)
            elif entry is not registry.issuer:
                total += DOMAIN_SIZE
        return total

    @property
    def free_memory(self) -> int:
        """Persistent bytes that are left."""
        return max(0, self.persistent.config.persistent_memory - self.used_memory)

    def require_memory(self, size: int) -> None:
        """Refuse with 6A84 (GPCS Table 11-55) when less than ``size`` bytes are free."""
        if size > self.free_memory:
            raise Refusal(SW.NOT_ENOUGH_MEMORY, f"{size} bytes are needed, {self.free_memory} are free")


def require_management(card: ManagedCard, domain: SecurityDomain) -> None:
    """Refuse when a domain may not manage card content (GPCS 9.1.3.2, 9.3.6)."""
    if not domain.privileges & Privilege.AUTHORIZED_MANAGEMENT:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the security domain has no Authorized Management privilege")
    require_personalised(card, domain)


def require_personalised(card: ManagedCard, domain: SecurityDomain) -> None:
    """Refuse when a supplementary security domain has no keys of its own yet, or is locked (GPCS 5.3.2)."""
    if domain is not card.registry.issuer and domain.state != DomainState.PERSONALIZED:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the security domain is not in the state PERSONALIZED")


def require_hold(card: ManagedCard, domain: SecurityDomain, entry: Application | LoadFileEntry) -> None:
    """Refuse when an entry is not associated with a domain, directly or indirectly.

    GPCS 9.3.6, 9.4.1 and 9.5.1 leave it to the associated domain whose requests it accepts; here: those of its own
    domains above it.
    """
    if not card.registry.is_under(entry, domain):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "not associated with this security domain")
