"""Every block of every page is run as the page shows it, or says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.follow import Reader
from tests.docs.pages import DOCS, ROOT, Code, Command, Left, Script, Shown, agrees, commands, steps

WRITTEN = sorted(
    path
    for path in (*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "applet").rglob("*.md"))
    if path.parent != DOCS / "generated"
)
# Nothing of the checkout is before the reader of this page.
OUTSIDE = [DOCS / "guide/applet-developer.md"]
# Pages whose examples go on where those of the page before ended.
WORLD = [DOCS / "guide/service-provider.md", DOCS / "reference/parties.md", DOCS / "reference/verify.md"]
STORIES = [OUTSIDE, WORLD, *([page] for page in WRITTEN if page not in (*OUTSIDE, *WORLD))]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of all pages keep what they compiled."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story[0].name)
def test_the_page_can_be_followed(story: list[Path], tmp_path: Path, cache: Path) -> None:
    reader = Reader(tmp_path, cache)
    if story is not OUTSIDE:
        reader.stand_in_the_checkout()
    for page in story:
        reader.follow(steps(page))


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_block_is_run_shown_or_says_why_not(page: Path) -> None:
    list(steps(page))  # raises ValueError for one that is nothing of this


def test_most_blocks_are_run() -> None:
    every = [step for page in WRITTEN for step in steps(page)]
    run = [one for one in every if isinstance(one, Command | Script | Code)]
    assert len(run) > 30
    assert len([one for one in every if isinstance(one, Left)]) < len(run)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Do:\n\n```yaml\na: b\n```\n", "nothing says what this block is for"),
        ("Do:\n\n```text\n$ jpki demo\n```\n", "nothing says what this block is for"),
        ("Do:\n\n```text\njpki demo\n```\n", "nothing says what this block is for"),
        ("*Not run by the tests: it is hard.*\n\n```sh\njpki demo\n```\n", "is no reason"),
    ],
)
def test_blocks_that_nobody_would_run_are_found(text: str, reason: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        list(steps(page))


@pytest.mark.parametrize(
    "text",
    [
        "```sh\nfalse\ntrue\n```\n",
        "```console\n$ echo one\ntwo\n```\n",
        "```python\nassert False\n```\n",
        "```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n",
    ],
)
def test_what_is_not_as_the_page_says_is_found(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError):
        Reader(tmp_path, tmp_path).follow(steps(page))


def test_a_page_is_read_as_its_reader_does(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "A file, `a.txt`:\n\n```text\nhello\n```\n\n```console\n$ cat a.txt\nhello\n$ echo two | cat\ntwo\n```\n"
    page.write_text(f"{text}\n```python\nfrom pathlib import Path\nPath('b').touch()\n```\n", encoding="utf-8")
    reader = Reader(tmp_path, tmp_path)
    reader.follow(steps(page))
    assert reader.done == 4
    assert (tmp_path / "b").exists()


def test_other_output_does_not_agree() -> None:
    assert agrees("F\n", "\njavacard: compiling a.B ...\nF\n")
    assert agrees("one\n...\nthree in 1.20s\n", "one\n2\n2\nthree in 0.10s\n")
    assert not agrees("one\n", "one\ntwo\n")
    assert not agrees("one\n...\nthree\n", "one\ntwo\n")
    assert [one.line for one in commands("$ a\nx\n$ b\n")] == ["a", "b"]


def test_shown_blocks_are_few_kinds() -> None:
    languages = {one.language for page in WRITTEN for one in steps(page) if isinstance(one, Shown)}
    assert languages <= {"text", "mermaid", "asn1"}
