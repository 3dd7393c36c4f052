"""docs/generated/traceability.md: from requirement to code and tests, and where vectors come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from jpki.evidence.citations import CitingTest
from jpki.evidence.traceability import TracedRequirement, VectorFile
from jpki.pages.wrap import wrapped

_INTRODUCTION = """\
# From requirement to tests

Who cites which of the [requirements](../reference/requirements.md), gathered from comments and docstrings of applet,
harness and tests. `jpki trace --page` writes this page, and a test fails when it is stale, when something cites a
number that does not exist, and when a requirement is named by no test.

`python3 build.py test --requirement C6` runs the tests of one requirement (of several with `C4-C6`, or when the option
is given again); `jpki trace C6` lists places and tests.

**What counts.** A citation stands in a comment or docstring: at its very beginning, before one of `:;,.` or the end
(`B4: initial and unusable`), or in brackets, alone between commas, colons and semicolons (`(C4-C6; RFC 5652, 5.3)`). It
is a number, a range of one letter (`C4-C6`, `E1 to E5`), or several with commas or *and*. Nothing else is one: not *the
tag C9*, not hex, not what strings hold or backticks quote. What has the form of a citation must exist.

**Which tests.** A test that says in its own docstring or comments what it shows is listed by name. Any other has the
citations of its class, else of its file; such files are *also about it*. `--requirement` runs both.

**Limits** are what the tests do not show.
"""

_VECTORS = """\
## Vectors

Each file names the source of its vectors and its revision; none of them was made here. Those of SCP03 are checked
against `schema.json` by `tests/cardlab/scp03/vector_files.py` whenever they are read.
"""

_OTHER_DATA = """\
Recorded from other programs, so that the tests do without them:

- [gppro/recordings](../../tests/cardlab/gppro/recordings): what GlobalPlatformPro was given and printed, beside what
  the card told. Used by `test_recordings.py` and `test_replayed.py` beside it; made anew by
  `python -m tests.cardlab.gppro.record` with `GP_JAR` set ([gppro.md](../reference/gppro.md)).
- [cap/corpus](../../tests/cardlab/cap/corpus): digests of the components that Oracle's kits made of the corpus, for
  Java Card 3.0.5 and 3.1. Used by `python3 build.py test tests/cardlab/cap/test_corpus.py` and its neighbours; made
  anew by `python -m tests.cardlab.cap.kit` with `JC_HOME` set ([cap.md](../reference/cap.md)).
- [verdicts.txt](../../tests/cardlab/cap/verdicts.txt): what the verifiers of two kits said of mutants of the corpus.
  Used by `test_verdicts.py`; made anew by `python -m tests.cardlab.cap.kit_verdicts` with `JC_HOMES` set
  ([verifier.md](../reference/verifier.md)).
- [negatives.txt](../../tests/cardlab/cap/negatives.txt): a file for each rule of the verifier that breaks it alone.
  Used by `test_rules.py`; made anew by `python -m tests.cardlab.cap.negatives`.

Found by hunts of this project:

- [mutants/record.json](../../tests/jpki/applet/mutants/record.json): what noticed each mutant of the applet when it was
  hunted last. Used by `test_mutants.py`; made anew by `scripts/mutants.py`
  ([mutants.md](mutants.md)).
- [mutating/record.json](../../tests/jpki/applet/mutating/record.json): what became of each mutant that operators make
  of the applet. Used by `test_every_mutant.py`; made anew by `cardlab mutate` ([mutation.md](mutation.md)).
- [mutating/survivors.toml](../../tests/jpki/applet/mutating/survivors.toml): why some of these survive.
- [mutating/records](../../tests/mutating/records): what became of mutants of the harness, a file for each package. Used
  by `test_python_mutants.py`; gone on with by `build.py mutate` ([python-mutation.md](python-mutation.md)).
- [mutating/survivors.toml](../../tests/mutating/survivors.toml): why some of these survive.
- [mutating/packages.toml](../../tests/mutating/packages.toml): which packages, and which tests hunt their mutants.
- [tearing/record.json](../../tests/jpki/applet/tearing/record.json): what every torn write of every command led to.
  Used by `test_every_tear.py`; made anew by `cardlab tear` ([tears.md](tears.md)).
- [faulting/record.json](../../tests/jpki/applet/faulting/record.json): what faults in commands led to. Used by
  `test_every_fault.py`; made anew by `cardlab faults` ([faults.md](faults.md)).
- [faulting/explained.toml](../../tests/jpki/applet/faulting/explained.toml): why some of these break something still.
- [thorough/record.json](../../tests/thorough/record.json): when which part of the thorough tests passed. Used by
  `test_thorough.py`; kept by `python3 build.py test --thorough` ([thorough.md](thorough.md)).
- [harness_coverage.json](../../tests/harness_coverage.json): how many of the harness's lines the tests reach, by
  package. Used by `test_floors.py`; made anew by `python3 build.py test --cov`
  ([coverage-exceptions.md](coverage-exceptions.md)).
- [campaign/hostile_record.json](../../tests/cardlab/campaign/hostile_record.json): what mutated load files did. Used
  by `test_mutant_record.py` beside it; made anew by `scripts/hostile.py`
  ([machine.md](../reference/machine.md)).
"""


def markdown(traces: Sequence[TracedRequirement], vectors: Sequence[VectorFile]) -> str:
    """The page."""
    lines = [_INTRODUCTION]
    for one in traces:
        lines += _requirement(one)
    lines += [_VECTORS, "| file | vectors | source | used by |", "|---|---|---|---|"]
    for file in vectors:
        source = f"[{file.source}]({file.url})" if file.url else file.source
        count, link = file.vectors, _link(file.file)
        lines.append(f"| {link} | {count} | {source}; {file.revision} | `{file.command}` |")
    return wrapped("\n".join((*lines, "", _OTHER_DATA)))


def _requirement(one: TracedRequirement) -> Iterator[str]:
    yield f"## {one.number}"
    yield ""
    yield one.text
    yield ""
    for name, folder in (("Applet", "applet/"), ("Harness", "harness/")):
        files = _files(place.file for place in one.code if place.file.startswith(folder))
        if files:
            yield f"- {name}: {', '.join(map(_link, files))}"
    for file in _files(test.file for test in one.named):
        yield f"- {_link(file)}: {', '.join(_functions(one.named, file))}"
    others = _files(test.file for test in one.others)
    if others:
        yield f"- also about it: {', '.join(map(_link, others))}"
    if one.limit:
        yield f"- **Limits:** {one.limit}"
    yield ""


def _files(all_files: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(all_files))


def _functions(tests: Iterable[CitingTest], file: str) -> list[str]:
    return [f"`{test.name}`" for test in tests if test.file == file]


def _link(file: str) -> str:
    """The applet's classes by name, all else by path, without what is the same everywhere."""
    path = PurePosixPath(file)
    name = path.stem if path.suffix == ".java" else file.removeprefix("harness/")
    return f"[{name}](../../{file})"
