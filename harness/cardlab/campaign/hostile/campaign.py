"""Runs mutated load files on copies of cards that hold secrets, and counts (Java: cardlab.vm.hostile)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cardlab.campaign.hostile.targets import SAFE, SAFE_PACKAGE, Target, safe
from cardlab.runtime import jvm
from cardlab.runtime.vm.classes import NATIVES, table_lines

BUDGET = 20_000
"""Bytecode instructions of one command: the originals need fewer, a mutant that loops ends there."""
_SEED = bytes(range(32))
_SECRETS = (bytes.fromhex("C05EC2E7A1B2C3D4E5F60718293A4B5C"), bytes.fromhex("3FA13D00004D3C2B1A09F8E700C5B4A3"))
_SIZE = 96 * 1024  # bytes of persistent memory
_WAYS = ("vm.translate=false", "vm.translate=1", "vm.checks=false")  # Java: Campaign.Way
_T1 = 1


@dataclass
class Result:
    """Counts by name (parts of names are separated by slashes), and what should never happen."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def add(self, tally: Any) -> None:
        """Java: cardlab.vm.hostile.Tally."""
        for line in tally.counts():
            name, _, count = str(line).rpartition("=")
            self.counts[name] += int(count)
        self.violations += [str(one) for one in tally.violations()]

    def sum(self, prefix: str, suffix: str = "") -> int:
        """The sum of the counts whose names begin and end so."""
        return sum(n for name, n in self.counts.items() if name.startswith(prefix) and name.endswith(suffix))


class Campaign:
    """Mutants of load files, each decided by a seed and its number; any of them can be run again."""

    def __init__(self, targets: Sequence[Target], seed: int) -> None:
        import jpype

        jvm.start()
        api = jvm.java_class("cardlab.vm.Machine").api(
            table_lines("3.0.5", "1.6"), jpype.JArray(jpype.JString)(NATIVES)
        )
        machine = jvm.java_class("cardlab.vm.Machine")
        pairs = jpype.JArray(jpype.JArray(machine))
        cards = [[_card(machine, api, way, secret) for secret in _SECRETS] for way in _WAYS]
        made = {one: one.in_java() for one in dict.fromkeys(targets)}
        listed = jpype.JArray(jvm.java_class("cardlab.vm.hostile.Target"))([made[one] for one in targets])
        make = jvm.java_class("cardlab.vm.hostile.Campaign")
        self._campaign = make(pairs(cards), SAFE, listed, BUDGET, seed)

    def originals(self) -> Result:
        """The load files as they are."""
        result = Result()
        result.add(self._campaign.originals())
        return result

    def run(self, first: int, count: int, result: Result) -> None:
        """Run mutants ``first`` to ``first + count``."""
        result.add(self._campaign.run(first, count))

    def tell(self, number: int) -> list[str]:
        """What one mutant is and does, line by line."""
        return [str(line) for line in self._campaign.tell(number)]


def heap_in_use() -> int:
    """Bytes that Java objects take after a garbage collection."""
    runtime = jvm.java_class("java.lang.Runtime").getRuntime()
    jvm.java_class("java.lang.System").gc()
    return int(runtime.totalMemory() - runtime.freeMemory())


def _card(machine: Any, api: Any, way: str, secret: bytes) -> Any:
    """A card with the applet and its secrets, selected on the basic channel."""
    lines = "\n".join((f"memory.persistent={_SIZE}", "memory.commit=2048", "memory.reset=2048", way))
    card = machine(lines, api, _SEED, jvm.java_class("cardlab.vm.hostile.OpenChannel")())
    card.reset(_T1)
    card.load(safe().data_block)
    card.install(SAFE_PACKAGE, SAFE, SAFE, b"".join(bytes((len(part),)) + part for part in (SAFE, b"\x00", b"")))
    card.select(SAFE, b"\x00\xa4\x04\x00" + bytes((len(SAFE),)) + SAFE, 0)
    answer = bytes(card.process(b"\x00\x02\x00\x00\x10" + secret, 0))
    if answer != b"\x90\x00":
        raise AssertionError(f"the applet with secrets answers {answer.hex()}: {card.unknownCause()}")
    return card
