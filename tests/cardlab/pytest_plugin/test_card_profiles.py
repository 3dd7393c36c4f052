"""Which card a simulated one is like: options, settings and markers of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cardlab.pytest_plugin.project import SETTINGS, Project

TESTS = """
import pytest

def config(card):
    return card.lower.simulated.config

def test_plain(card):
    assert (config(card).profile, config(card).platform.commit_capacity) == ("PROFILE", CAPACITY)

@pytest.mark.javacard_profile("smartcafe-7", commit_capacity=700, medium="type-a")
def test_marked(card):
    assert (config(card).profile, config(card).platform.commit_capacity) == ("smartcafe-7", 700)
    assert card.lower.simulated.media.name == "CONTACTLESS_TYPE_A"

@pytest.mark.javacard_profile("smartcafe-7")
def test_what_the_run_says_stays(card):
    expected = {"commit_capacity": 755, **dict(one.split("=") for one in SAID)}
    assert config(card).platform.commit_capacity == int(expected["commit_capacity"])
    assert config(card).java_card == "3.0.4"

@pytest.mark.javacard_profile(persistent_memory=100_000)
def test_one_value(card):
    assert (config(card).profile, config(card).persistent_memory) == ("PROFILE", 100_000)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("pyproject.toml", SETTINGS + 'javacard_runtime = "vm"\n')
    made.copy_purse()
    return made


def expecting(profile: str, capacity: int, said: tuple[str, ...] = ()) -> str:
    return TESTS.replace("PROFILE", profile).replace("CAPACITY", str(capacity)).replace("SAID", repr(said))


@pytest.mark.parametrize(
    ("settings", "arguments", "profile", "capacity", "said"),
    [
        ("", (), "default", 16384, ()),
        (
            'javacard_profile = "feitian-a22cr"',
            ("--card-set", "commit_capacity=300"),
            "feitian-a22cr",
            300,
            ("commit_capacity=300",),
        ),
        (
            'javacard_card = ["commit_capacity=200"]',
            ("--card-profile", "jcop4-j3r180"),
            "jcop4-j3r180",
            200,
            ("commit_capacity=200",),
        ),
    ],
)
def test_options_settings_and_markers(
    project: Project, settings: str, arguments: tuple[str, ...], profile: str, capacity: int, said: tuple[str, ...]
) -> None:
    project.write("pyproject.toml", SETTINGS + f'javacard_runtime = "vm"\n{settings}\n')
    project.write("test_cards.py", expecting(profile, capacity, said))
    result = project.run("-q", *arguments)
    assert (result.code, "4 passed" in result.output) == (0, True), result.output


def test_mistakes_are_told_before_any_test_runs(project: Project) -> None:
    project.write("test_cards.py", expecting("default", 1))
    for arguments, message in (
        (("--card-profile", "nowhere"), "there is no card profile nowhere"),
        (("--card-set", "commit=1"), "sets nothing of a card"),
        (("--card-set", "medium=air"), "there is no medium air"),
        (("--card", "pcsc:x", "--card-profile", "smartcafe-7"), "takes no --card-profile"),
    ):
        result = project.run("-q", *arguments)
        assert result.code == 4, result.output
        assert message in result.output
        assert "Traceback" not in result.output


def test_a_runtime_that_cannot_be_that_card_says_so(project: Project) -> None:
    project.write("test_cards.py", "def test_it(card): pass")
    result = project.run("-q", "--card-profile", "smartcafe-7", "--card-runtime", "jcardsim")
    assert result.code == 1
    assert "the runtime jcardsim cannot do missing_algorithms=" in result.output


NESTED = """
import pytest

@pytest.mark.javacard_profile("smartcafe-7", transient_reset=4000)
class TestNested:
    def test_outer(self, card):
        platform = card.lower.simulated.config.platform
        assert (platform.commit_capacity, platform.transient_reset) == (300, 4000)

    @pytest.mark.javacard_profile("feitian-a22cr")
    def test_another_profile_forgets_what_stood_beside_the_one_before(self, card):
        platform = card.lower.simulated.config.platform
        assert (platform.commit_capacity, platform.transient_reset) == (300, 1373)
"""


def test_a_profile_over_another_one(project: Project) -> None:
    project.write("test_cards.py", NESTED)
    result = project.run("-q", "--card-set", "commit_capacity=300")
    assert (result.code, "2 passed" in result.output) == (0, True), result.output
