"""The page's files: they need nothing from elsewhere, and texts become elements in one place only."""

from __future__ import annotations

import re
from importlib import resources
from typing import get_args

import pytest

from jpki.parties.messages import Request
from jpki.parties.recorder import Party, Section
from jpki.web.application import static_files
from jpki.web.words import MESSAGES, PARTIES, SECTIONS

FILES = {name: (resources.files("jpki.web") / "static" / name).read_text("utf-8") for name in static_files()}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_loaded_from_elsewhere_or_made_of_markup(name: str) -> None:
    text = FILES[name].replace("http://www.w3.org/2000/svg", "")
    assert not re.search(
        r"https?:|//[a-z]+\.|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(", text
    )


def test_every_script_is_there() -> None:
    """What is imported, and what the page asks for."""
    imported = {one for text in FILES.values() for one in re.findall(r'from "\./([a-z.]+)"', text)}
    named = set(re.findall(r'(?:href|src)="([a-z]+\.[a-z]+)"', FILES["index.html"]))
    assert imported | named | {"index.html"} == set(FILES)


def test_all_have_a_name() -> None:
    """Parties, sections and messages, whatever is added to them."""
    assert set(PARTIES) == set(Party)
    assert set(SECTIONS) == set(Section)
    assert {one.__name__ for one in get_args(Request)} <= set(MESSAGES)
