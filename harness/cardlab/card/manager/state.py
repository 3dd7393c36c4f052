"""What a card knows: the persistent part, which is saved, and the volatile part, which a reset clears."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace

from cardlab.card.config import CardConfig
from cardlab.card.entropy import Entropy
from cardlab.card.manager.progress import Progress, Storing
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, CardRegistry, LoadFileEntry, SecurityDomain
from cardlab.card.manager.session import SecureChannel
from cardlab.globalplatform.constants import CardState, DomainState, Privilege
from cardlab.iso7816.status import SW
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

    ``selected`` is None when no application is selected. ``direct`` says that an applet is selected and its commands
    may go to the runtime without a look at the card's state. ``progress`` is for the next command, which finds it in
    ``previous``. ``personalised`` is the application that STORE DATA is being passed on to at this moment. ``reason``
    says in words why the last command was refused. ``unsettled`` is what the runtime is bringing onto the card or taking
    away: when the power is cut, the runtime's memory decides whether it is there.
    """

    persistent: Persistent
    runtime: AppletRuntime
    channel: SecureChannel
    selected: Application | None = None
    direct: bool = False
    progress: Progress | None = None
    previous: Progress | None = None
    storing: Storing | None = None
    personalised: Application | None = None
    reason: str = ""
    unsettled: Application | LoadFileEntry | None = None

    def fork(self, runtime: AppletRuntime) -> ManagedCard:
        """A copy that goes its own way, with a copy of the runtime. No command may be in progress."""
        persistent = self.persistent.fork()
        copied = ManagedCard(persistent, runtime, self.channel.fork(persistent.entropy))
        if self.selected is not None:
            copied.selected = persistent.registry.applications[self.selected.aid]
        copied.direct = self.direct
        copied.progress, copied.storing = deepcopy(self.progress), deepcopy(self.storing)
        copied.reason, copied.unsettled = self.reason, self.unsettled
        return copied

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
