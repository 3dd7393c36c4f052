"""``cardlab`` is for any applet: it neither names the JPKI applet nor imports its package."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import cardlab

PACKAGE = Path(cardlab.__file__).parent
TEXT = (".py", ".java", ".json", ".toml", ".md", ".txt", ".template", ".typed", ".css", ".js")
# The names of the system and of its cards, the beginning of the applet's AID, what the certificates are for.
WORDS = re.compile(r"jpki|myna|my number|D392F000|公的個人認証|個人番号|マイナ|署名用|利用者証明|j-lis", re.IGNORECASE)


def _files() -> list[Path]:
    return sorted(file for file in PACKAGE.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def test_every_file_is_text_that_can_be_looked_through() -> None:
    """Another kind of file must be thought of here."""
    assert [file.name for file in _files() if file.suffix not in TEXT] == []
    assert len(_files()) > 200


def test_no_file_has_a_word_of_it() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for file in _files()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if WORDS.search(line)
    ]
    assert found == []


def test_the_words_are_found_where_they_are() -> None:
    """The same search finds the applet's own package full of them."""
    other = PACKAGE.parent / "jpki"
    texts = [file.read_text(encoding="utf-8") for file in other.rglob("*.py")]
    assert sum(bool(WORDS.search(text)) for text in texts) > len(texts) / 2
    for word in ("JPKI", "jpki.cards", "My Number Card", "D392F00026010000", "署名用電子証明書", "利用者証明用"):
        assert WORDS.search(word)


def test_no_module_imports_its_package() -> None:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.split(".")[0] in ("jpki", "tests")], file
