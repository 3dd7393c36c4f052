"""From each requirement to the code that carries it out and the tests that show it (F4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import MissingDependencyError
from cardlab.toolchain import places
from jpki.evidence.citations import Citation, CitingTest, collect_code, collect_tests, requirements

# What the tests of a requirement do not show. A reader should not have to find out alone.
LIMITS: Mapping[str, str] = {
    "A1": "that no private key leaves the card is shown of the applet's code; what a chip gives away is for a lab.",
    "D1": "both ends share `cardlab/globalplatform/scp03.py`; published vectors and yubikit as a host are the "
    "independent part.",
    "D2": "the suite runs on simulated cards, some of them in a PC/SC reader; on real cards it is run by a lab "
    "([lab engineers](../guide/lab-engineer.md), [other cards](../guide/applet-cards.md)).",
    "D4": "programs take turns: the simulated card opens the basic logical channel only, so no two applets are "
    "selected at the same time.",
    "D6": "a prediction from counted commands and bytes, assumed links and an assumed chip "
    "([timing.md](../reference/timing.md)); nothing contactless was timed.",
    "E6": "by default each function is cut at one crossing, issuing at two, and another run of it again and again; "
    "`--profile thorough` cuts at every crossing.",
    "E8": "the verdicts are those of this project's own service; no platform's attestation was asked.",
    "F1": "the tests measure one to three rounds; ten is what `jpki timing` does when not told otherwise.",
    "F2": "FIPS 140-2 tests of a generator in software: they find a broken one, not a weak one. AIS 20/31 is for the "
    "evaluation of a chip, and private keys are examined in the simulated card only.",
    "F3": "the times are a simulated card's; a chip's are measured with `jpki timing --card pcsc:READER`.",
    "F4": "a citation is its author's word that the test shows the requirement; which mutants the tests notice is "
    "in [mutants.md](mutants.md).",
}


@dataclass(frozen=True, slots=True)
class TracedRequirement:
    """One requirement: who cites it."""

    number: str
    text: str
    code: tuple[Citation, ...]
    named: tuple[CitingTest, ...]
    others: tuple[CitingTest, ...]

    @property
    def limit(self) -> str:
        """What its tests do not show; empty when there is nothing to say."""
        return LIMITS.get(self.number, "")


@dataclass(frozen=True, slots=True)
class VectorFile:
    """A file of published vectors; ``command`` runs the tests that use it."""

    file: str
    vectors: int
    source: str
    revision: str
    url: str
    command: str


def checkout() -> Path:
    """The repository; raises MissingDependencyError where only the package was installed, which has no tests."""
    root = places.checkout()
    if root is None:
        raise MissingDependencyError("the tests are not here", hint="use a checkout: the package is installed without")
    return root


def known(root: Path) -> dict[str, str]:
    """The requirements by number."""
    return requirements((root / "docs" / "reference" / "requirements.md").read_text(encoding="utf-8"))


def trace(root: Path) -> list[TracedRequirement]:
    """Every requirement in its order; raises HarnessError where something cites what does not exist."""
    numbers = known(root)
    code = collect_code(root, "applet/src", numbers) + collect_code(root, "harness", numbers)
    tests = collect_tests(root, numbers)
    return [
        TracedRequirement(
            number,
            text,
            tuple(one for one in code if number in one.numbers),
            tuple(one for one in tests if one.named and number in one.numbers),
            tuple(one for one in tests if not one.named and number in one.numbers),
        )
        for number, text in numbers.items()
    ]


def vector_files(root: Path) -> list[VectorFile]:
    """The files of tests/**/vectors, each of which names its source."""
    found = []
    for path in sorted((root / "tests").glob("**/vectors/*.json")):
        if path.name != "schema.json":
            content, folder = json.loads(path.read_text(encoding="utf-8")), path.parent.parent
            source, file = content["source"], path.relative_to(root).as_posix()
            command = f"python3 build.py test {folder.relative_to(root).as_posix()} -k {path.stem}"
            url = source.get("url", "")
            found.append(VectorFile(file, len(content["vectors"]), source["name"], source["revision"], url, command))
    return found


def facts(traces: Iterable[TracedRequirement]) -> list[dict[str, object]]:
    """For ``--json``."""
    return [
        {
            "requirement": one.number,
            "text": one.text,
            "code": [{"file": place.file, "line": place.line, "symbol": place.symbol} for place in one.code],
            "tests": [f"{test.file}::{test.name.replace('.', '::')}" for test in one.named],
            "tests_by_file": [f"{test.file}::{test.name.replace('.', '::')}" for test in one.others],
            "limit": one.limit,
        }
        for one in traces
    ]
