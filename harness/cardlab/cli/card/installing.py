"""How the commands that install put an applet onto a card."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cardlab.cli.card.managing import Target
from cardlab.cli.output import Output
from cardlab.errors import CardError, HarnessError, UsageError

if TYPE_CHECKING:
    from cardlab.globalplatform.host.installer import Installer


@dataclass(frozen=True, slots=True)
class Plan:
    """What is loaded and installed; AIDs as in INSTALL."""

    cap: bytes
    package: bytes
    module: bytes
    instance: bytes
    parameters: bytes

    @classmethod
    def of_file(cls, file: Path, module: bytes | None) -> Plan:
        """A CAP file's applet ``module``, or its only one; raises UsageError when there is none, or a choice."""
        from cardlab.cap.reader import read_cap

        raw = file.read_bytes()
        cap = read_cap(raw)
        modules = [applet.aid for applet in cap.applets]
        listed = ", ".join(aid.hex().upper() for aid in modules) or "none"
        if module is not None and module not in modules:
            raise UsageError(f"{file} has no applet {module.hex().upper()}", hint=f"applets: {listed}")
        if module is None and len(modules) != 1:
            raise UsageError(f"{file} has {len(modules)} applets", hint=f"choose one with --module: {listed}")
        chosen = module or modules[0]
        return cls(raw, cap.header.package.aid, chosen, chosen, b"")

    def choosing(self, module: bytes | None, instance: bytes | None, parameters: bytes | None) -> Plan:
        """The same with what was said on the command line."""
        return replace(
            self,
            module=self.module if module is None else module,
            instance=instance or module or self.instance,
            parameters=self.parameters if parameters is None else parameters,
        )


def install(plan: Plan, target: Target, output: Output) -> None:
    """Load and install; what was loaded is deleted again when it cannot be installed. Says what was done."""
    with target.open(plan.cap) as installer:
        output.progress(f"loading {plan.package.hex().upper()}, by {installer.name} ...")
        _load(installer, plan)
        output.progress(f"installing {plan.instance.hex().upper()} ...")
        _install(installer, plan)
        entry = installer.registry().find(plan.instance)
    state = "" if entry is None else entry.state
    facts = {
        "installer": installer.name,
        "package": plan.package.hex().upper(),
        "module": plan.module.hex().upper(),
        "instance": plan.instance.hex().upper(),
        "state": state,
    }
    output.facts(facts, [f"{plan.instance.hex().upper()} is {state or 'installed'}"])


def _load(installer: Installer, plan: Plan) -> None:
    try:
        installer.load(plan.cap)
    except CardError as error:
        with suppress(HarnessError):
            if installer.registry().find(plan.package) is not None:
                package = plan.package.hex().upper()
                there = f"{package} is on the card already (cardlab card delete {package} --related takes it off)"
                error.hint = f"{there}; {error.hint}" if error.hint else there
        raise


def _install(installer: Installer, plan: Plan) -> None:
    try:
        installer.install(plan.package, plan.module, plan.instance, parameters=plan.parameters)
    except HarnessError as error:
        try:
            installer.delete(plan.package, related=True)
        except HarnessError as second:
            left = f"the package {plan.package.hex().upper()} stays on the card, deleting it failed: {second}"
        else:
            left = "the package was deleted again"
        error.hint = f"{left}; {error.hint}" if error.hint else left
        raise
