"""How the commands that install put an applet onto a card; the options that they share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cardlab.cli.card.managing import AID, HEX, Target
from cardlab.cli.output import Output
from cardlab.errors import CardError, HarnessError, UsageError
from cardlab.iso7816.status import UnexpectedStatusError

if TYPE_CHECKING:
    from cardlab.globalplatform.host.installer import Installer
    from cardlab.globalplatform.installation import Installation


@dataclass(frozen=True, slots=True)
class InstallChoice:
    """The values of the options; None for what was not said."""

    module: bytes | None
    instance: bytes | None
    parameters: bytes | None

    def of_file(self, file: Path) -> CapApplet:
        """The applet that ``--module`` names, or the only one; a library has none, and is only loaded.

        Raises UsageError when there is no such applet, or a choice.
        """
        from cardlab.cap.reader import read_cap
        from cardlab.globalplatform.installation import Installation
        from cardlab.toolchain.cap_package import read_file

        raw = read_file(file)
        cap = read_cap(raw)
        modules = [applet.aid for applet in cap.applets]
        listed = ", ".join(aid.hex().upper() for aid in modules) or "none"
        if self.module is not None and self.module not in modules:
            raise UsageError(f"{file} has no applet {self.module.hex().upper()}", hint=f"applets: {listed}")
        if not modules:
            return self._library(file, raw, cap.header.package.aid)
        if self.module is None and len(modules) != 1:
            raise UsageError(f"{file} has {len(modules)} applets", hint=f"choose one with --module: {listed}")
        module = self.module or modules[0]
        package = cap.header.package.aid
        return CapApplet(raw, package, self.applied_to(Installation(package, module, module)))

    def _library(self, file: Path, raw: bytes, package: bytes) -> CapApplet:
        if self.instance is not None or self.parameters is not None:
            raise UsageError(
                f"{file} is a library, it has no applet to install", hint="leave --instance and --parameters out"
            )
        return CapApplet(raw, package, None)

    def applied_to(self, usual: Installation) -> Installation:
        """What is usually installed, with what was said instead."""
        return replace(
            usual,
            module=usual.module if self.module is None else self.module,
            instance=self.instance or self.module or usual.instance,
            parameters=usual.parameters if self.parameters is None else self.parameters,
        )


def install_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options ``--module``, ``--instance`` and ``--parameters``; the command gets them as ``choice``."""

    @click.option("--module", type=AID, metavar="AID", help="Which applet of the CAP file; needed when it has several.")
    @click.option("--instance", type=AID, metavar="AID", help="AID of the instance.  [default: the module's]")
    @click.option("--parameters", type=HEX, metavar="HEX", help="What the applet's install() gets (the value of C9).")
    @wraps(function)
    def wrapped(module: bytes | None, instance: bytes | None, parameters: bytes | None, **others: object) -> object:
        return function(choice=InstallChoice(module, instance, parameters), **others)

    return wrapped


@dataclass(frozen=True, slots=True)
class CapApplet:
    """A CAP file (the whole file's bytes), its package, and how its applet is installed; None for a library.

    ``refusal`` says what a status word of INSTALL means for this applet, in words, or nothing.
    """

    cap: bytes
    package: bytes
    installation: Installation | None
    refusal: Callable[[int], str] = lambda _: ""

    def install(self, target: Target, output: Output) -> None:
        """Load and install; what was loaded is deleted again when it cannot be installed. Says what was done."""
        package = self.package.hex().upper()
        with target.open(self.cap) as installer:
            where = "" if target.is_kept else " onto a new simulated card (--card sim:FILE --new keeps it)"
            output.progress(f"loading {package}{where}, by {installer.name} ...")
            self._load(installer)
            facts: dict[str, object] = {"installer": installer.name, "package": package}
            if self.installation is None:
                output.facts(facts, [f"{package} is loaded"])
                return
            facts |= self._installed(installer, self.installation, output)
        output.facts(facts, [f"{facts['instance']} is {facts['state'] or 'installed'}"])

    def _installed(self, installer: Installer, wanted: Installation, output: Output) -> dict[str, object]:
        instance = wanted.instance.hex().upper()
        output.progress(f"installing {instance} ...")
        self._install(installer, wanted)
        entry = installer.registry().find(wanted.instance)
        state = "" if entry is None else entry.state
        return {"module": wanted.module.hex().upper(), "instance": instance, "state": state}

    def _load(self, installer: Installer) -> None:
        try:
            installer.load(self.cap)
        except CardError as error:
            with suppress(HarnessError):
                if installer.registry().find(self.package) is not None:
                    package = self.package.hex().upper()
                    _hint_first(
                        error,
                        f"{package} is on the card already (cardlab card delete {package} --related takes it off)",
                    )
            raise

    def _install(self, installer: Installer, wanted: Installation) -> None:
        try:
            installer.install(wanted)
        except HarnessError as error:
            _hint_first(error, self._deleted_again(installer))
            if isinstance(error, UnexpectedStatusError) and (meaning := self.refusal(error.sw)):
                _hint_first(error, meaning)
            raise

    def _deleted_again(self, installer: Installer) -> str:
        try:
            installer.delete(self.package, related=True)
        except HarnessError as error:
            package = self.package.hex().upper()
            return f"the package {package} stays on the card, deleting it failed: {error}"
        return "the package was deleted again"


def _hint_first(error: HarnessError, words: str) -> None:
    error.hint = f"{words}; {error.hint}" if error.hint else words
