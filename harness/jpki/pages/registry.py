"""Every page that a program writes: its file, what makes it, and whether a second making gives the same bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = "docs/generated"


@dataclass(frozen=True, slots=True)
class Page:
    """A generated file, with pictures in a folder of their own. ``make`` takes the checkout; it gives the text, or the
    texts of all files by their names.

    ``measured``: it holds measured times, so two makings differ in their figures.
    """

    name: str
    make: Callable[[Path], str | Mapping[str, str]]
    measured: bool = False

    def files(self, root: Path) -> dict[Path, str]:
        """Made now: what should stand in which file."""
        made = self.make(root)
        texts = {self.name: made} if isinstance(made, str) else made
        return {root / FOLDER / name: text for name, text in texts.items()}

    def path(self, root: Path) -> Path:
        """Where it is in the checkout."""
        return root / FOLDER / self.name


def pages() -> tuple[Page, ...]:
    """All of them, quick ones first."""
    return (
        Page("architecture.svg", _architecture),
        Page("commands.md", _commands),
        Page("pytest.md", _pytest),
        Page("runtimes.md", _runtimes),
        Page("profiles.md", _profiles),
        Page("api.md", _api),
        Page("coverage-exceptions.md", _coverage_exceptions),
        Page("thorough.md", _thorough),
        Page("traceability.md", _traceability),
        Page("mutants.md", _mutants),
        Page("mutation.md", _mutation),
        Page("python-mutation.md", _python_mutation),
        Page("tears.md", _tears),
        Page("faults.md", _faults),
        Page("costs.md", _costs),
        Page("pin-plans.md", _plans),
        Page("activation.md", _activation),
        Page("flows.md", _flows),
        Page("timing.svg", _timing, measured=True),
    )


def _architecture(_root: Path) -> str:
    from jpki.pages.picture import architecture

    return architecture()


def _commands(_root: Path) -> str:
    from jpki.pages.commands import markdown

    return markdown()


def _pytest(_root: Path) -> str:
    from jpki.pages.pytest_reference import markdown

    return markdown()


def _runtimes(_root: Path) -> str:
    from jpki.pages.runtimes import markdown

    return markdown()


def _api(_root: Path) -> str:
    from jpki.pages.api import markdown

    return markdown()


def _profiles(_root: Path) -> str:
    """The applet is loaded and used on a card of each."""
    from jpki.pages.profiles import markdown

    return markdown()


def _coverage_exceptions(root: Path) -> str:
    from jpki.pages.coverage_exceptions import markdown

    return markdown(root)


def _thorough(root: Path) -> str:
    """From the record of the runs; `build.py test --thorough` runs, and writes the page itself."""
    from jpki.evidence.thorough.command import Thorough

    return Thorough(root).page()


def _traceability(root: Path) -> str:
    from jpki.evidence.traceability import trace, vector_files
    from jpki.evidence.traceability_page import markdown

    return markdown(trace(root), vector_files(root))


def _mutants(root: Path) -> str:
    """From the record of the hunts; `scripts/mutants.py` hunts."""
    from jpki.evidence.mutants import Mutants
    from jpki.evidence.mutants_page import markdown

    return markdown(Mutants(root))


def _mutation(root: Path) -> str:
    """From the record of the hunts; `cardlab mutate` hunts."""
    from cardlab.campaign.mutate.record import MutationRecord
    from jpki.evidence.mutation_page import EXPLAINED, RECORD, markdown

    return markdown(MutationRecord.read(root / RECORD), root / EXPLAINED)


def _python_mutation(root: Path) -> str:
    """From the records of the hunts; `build.py mutate` hunts."""
    from jpki.evidence.python_mutation_page import markdown

    return markdown(root)


def _tears(root: Path) -> str:
    from cardlab.campaign.tears.record import TearRecord
    from jpki.evidence.tears import RECORD
    from jpki.evidence.tears_page import markdown

    return markdown(TearRecord.read(root / RECORD))


def _faults(root: Path) -> str:
    from cardlab.campaign.faults.record import FaultRecord
    from jpki.evidence.faults_page import EXPLANATIONS, RECORD, markdown, read_explanations

    return markdown(FaultRecord.read(root / RECORD), read_explanations(root / EXPLANATIONS))


def _costs(_root: Path) -> str:
    from jpki.evidence.costs import measure
    from jpki.evidence.costs_page import markdown

    return markdown(measure())


def _plans(_root: Path) -> str:
    from jpki.plans.findings import examine_all
    from jpki.plans.page import markdown

    return markdown(examine_all())


def _activation(_root: Path) -> str:
    from jpki.plans.activation.page import findings, markdown

    return markdown(findings())


def _flows(_root: Path) -> Mapping[str, str]:
    from jpki.timing.flows import FLOWS, rounds
    from jpki.timing.flows_page import files

    with tempfile.TemporaryDirectory() as folder:
        (recorded,) = rounds(Path(folder), 1, FLOWS)
    return files(recorded)


def _timing(_root: Path) -> str:
    """The chart of issuing, from ten runs on new phones."""
    import datetime

    from cardlab.bench.machine import this_machine
    from jpki.timing.flows import FLOWS, rounds
    from jpki.timing.model import PhoneModel
    from jpki.timing.page import issuance_chart
    from jpki.timing.report import evaluate
    from jpki.timing.text import ISSUE, Measured

    flows = FLOWS[: [flow.name for flow in FLOWS].index(ISSUE) + 1]
    with tempfile.TemporaryDirectory() as folder:
        recorded = list(rounds(Path(folder), 10, flows))
    evaluated = evaluate(ISSUE, [one[ISSUE] for one in recorded], PhoneModel())
    heading = (f"{datetime.date.today()}, simulated GP-SE", str(this_machine()))
    return issuance_chart(Measured(heading, PhoneModel(), (evaluated,)))
