"""docs/generated/api.md: what of the Java Card and GlobalPlatform APIs runtimes have, and how the rest is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from cardlab.cap.exports import platforms
from cardlab.cap.platform import cap_format
from cardlab.java_card import JAVA_CARD_VERSIONS, JAVA_LEVELS
from cardlab.runtime import known
from cardlab.runtime.support import Absence, Member, support
from jpki.pages.wrap import wrapped

_NEWEST_GLOBALPLATFORM = "1.7"
_INTRODUCTION = """\
# The API, and what of it is there

Each class and method of the token tables, for each runtime, as the runtime tells it: `jpki pages` writes this page, a
test walks the tables. The same for one version, each member: `cardlab cap support --api 3.1 --json`.

On the machine (`vm`) there are three cases and no fourth. A method does what the API says; or a CAP file that uses it
is refused at LOAD, with its name and the Java Card version that has it; or `getInstance()` throws `NO_SUCH_ALGORITHM`.
On `jcardsim` a method may be there and hold no code: it returns null, zero or nothing.
"""


def markdown() -> str:
    """The page."""
    runtimes = known()
    newest = {name: one.java_card[-1] for name, one in runtimes.items()}
    found = {name: support(one, newest[name], _NEWEST_GLOBALPLATFORM) for name, one in runtimes.items()}
    parts = (_versions(), _packages(found), _refused(found["vm"]), _algorithms(found["vm"]), _folded(found["jcardsim"]))
    return wrapped("\n".join((_INTRODUCTION, *(line for part in parts for line in part))))


def _versions() -> Iterator[str]:
    yield "## Versions"
    yield ""
    yield "| Java Card | Java, at most | CAP format | runtimes | `vm`: there | refused at LOAD | no such algorithm |"
    yield "|---|---|---|---|---|---|---|"
    for version in JAVA_CARD_VERSIONS:
        members = support(known()["vm"], version, _NEWEST_GLOBALPLATFORM)
        names = ", ".join(f"`{name}`" for name, one in known().items() if version in one.java_card)
        form = ".".join(map(str, cap_format(version)))
        counts = (sum(one.absence is how for one in members) for how in (None, Absence.LOAD, Absence.ALGORITHM))
        yield f"| {version} | {JAVA_LEVELS[version]} | {form} | {names} | {' | '.join(map(str, counts))} |"
    yield ""
    yield f"With GlobalPlatform {_NEWEST_GLOBALPLATFORM}. Choices: `--api`, `javacard_api`, and `java_card` of a card."
    yield ""


def _packages(found: Mapping[str, Sequence[Member]]) -> Iterator[str]:
    yield "## Packages"
    yield ""
    yield f"| package | since | {' | '.join(f'`{name}`' for name in found)} |"
    yield "|---|---|" + "---|" * len(found)
    for package in sorted({one.package for members in found.values() for one in members}):
        cells = (_share([one for one in members if one.package == package]) for members in found.values())
        yield f"| `{package}` | {_since(package)} | {' | '.join(cells)} |"
    yield ""


def _since(package: str) -> str:
    name = next(name for name, packages in platforms().items() if package in packages)
    return name.replace("globalplatform-", "GP ")


def _share(members: Sequence[Member]) -> str:
    methods = [one for one in members if not one.is_constant]
    if not methods:
        return "–"
    lacking = [one for one in methods if one.absence is not None]
    if not lacking:
        return f"all {len(methods)}"
    return "none" if len(lacking) == len(methods) else f"{len(methods) - len(lacking)} of {len(methods)}"


def _refused(members: Iterable[Member]) -> Iterator[str]:
    yield "## What the machine refuses at LOAD"
    yield ""
    yield "Interfaces are not counted: a CAP file may name them, what would hand out an object of them is refused."
    yield ""
    yield from _table(members, (Absence.LOAD,), "methods and static fields")


def _algorithms(members: Iterable[Member]) -> Iterator[str]:
    yield "## Constants that name no algorithm of the machine"
    yield ""
    yield "A card profile can lack more: `missing_algorithms`."
    yield ""
    yield from _table(members, (Absence.ALGORITHM,), "`NO_SUCH_ALGORITHM`")


def _folded(members: Iterable[Member]) -> Iterator[str]:
    yield "## What jCardSim lacks"
    yield ""
    yield "<details>"
    yield "<summary>Methods that are there and do nothing, and methods that are not there (6F00)</summary>"
    yield ""
    yield from _table(members, (Absence.EMPTY, Absence.MISSING), "methods")
    yield "</details>"


def _table(members: Iterable[Member], kinds: tuple[Absence, ...], title: str) -> Iterator[str]:
    yield f"| package | class | {title} |"
    yield "|---|---|---|"
    for (package, owner), group in groupby(members, key=lambda one: (one.package, one.owner)):
        every = list(group)
        lacking = [one for one in every if one.absence in kinds]
        if lacking:
            whole = len(lacking) == len(every) and len(every) > 1
            named = ", ".join(f"`{one.name.removeprefix(f'{package}.')}`" for one in lacking)
            yield f"| `{package}` | `{owner}` | {f'all {len(every)}: ' if whole else ''}{named} |"
    yield ""
