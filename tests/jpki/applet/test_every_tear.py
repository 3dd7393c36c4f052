"""Every persistent write of every command torn, and every write of the recovery (docs/generated/tears.md).

A run of the suite does a share that changes from run to run, and says how the same is done again.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardlab.campaign.mutants import build_mutant
from cardlab.campaign.tears.record import TearRecord
from cardlab.campaign.tears.runner import Share, run_scene
from cardlab.campaign.tears.scene import TearCampaign
from cardlab.runtime.vm.tears import Chosen
from jpki import sources
from jpki.evidence.mutants import Mutants
from jpki.evidence.tears import RECORD, cap_digest
from jpki.evidence.tears_page import markdown
from tests.jpki.applet.tearing.campaign import campaign, scenes

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "generated" / "tears.md"
BROKEN = {  # mutants that tears must show, and the scene that shows them
    "a PIN is changed without a transaction": "CHANGE PIN, signing: verified",
    "a PIN is changed in two steps": "CHANGE PIN, authentication: the first, after the temporary one",
    "RESET PIN in two transactions": "RESET PIN, authentication: active",
    "the counter is torn": "SIGN, signing: use FFFF before",
    "a device key is replaced without a transaction": "REGISTER DEVICE KEY, in the place of another",
    "a certificate is exchanged without a transaction": "STORE CERTIFICATE, signing certificate: one block, replaces",
    "a slot is erased in two transactions": "DELETE SLOT, signing: in use",
    "a slot is erased without a transaction": "DELETE SLOT, signing: in use",
    "erasing is not finished after a tear": "DELETE SLOT, authentication: in use",
    "an interrupted deletion is not remembered": "DELETE SLOT, authentication: in use",
    "erasing counts as finished before it is": "DELETE SLOT, authentication: in use",
    "a key that is not complete is called present": "GENERATE KEY PAIR, for a new holder, empty slot",
    "a new key is there before what was is forgotten": "GENERATE KEY PAIR, renewal",
    "an interrupted generation is not remembered": "GENERATE KEY PAIR, renewal",
}
QUICK = 1  # of them in each run; all with --profile thorough
SEED = int.from_bytes(os.urandom(2), "big")
SCENES = 4  # of a share
STATES = 400  # about so many states are recovered from in each scene
FIRST = 30  # first cuts of each scene at least, about: with one in as many as of the states there might be none
CONFIRMED = 5
MODULE = "tests.jpki.applet.tearing.campaign"
ANEW = f"make the record anew: cardlab tear {MODULE} --record {RECORD.as_posix()}"


@pytest.fixture(scope="module")
def record() -> TearRecord:
    return TearRecord.read(ROOT / RECORD)


@pytest.fixture(scope="module")
def opened() -> Iterator[TearCampaign]:
    with campaign() as made:
        yield made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few mutants in every run, other ones each time."""
    if "mutant" in metafunc.fixturenames:
        names = sorted(BROKEN)
        first = SEED % len(names)
        thorough = metafunc.config.getoption("--profile") == "thorough"
        chosen = names if thorough else [names[(first + step) % len(names)] for step in range(QUICK)]
        metafunc.parametrize("mutant", chosen, ids=range(len(chosen)))


@pytest.mark.slow
@pytest.mark.by_chance
def test_a_share_of_all_cuts(opened: TearCampaign, record: TearRecord) -> None:
    """Old or new, and nothing in between; and as many writes as are on record."""
    known = {one.name: one for one in record.scenes}
    writing = [one.name for one in opened.scenes if known[one.name].states]
    for name in random.Random(SEED).sample(writing, SCENES):
        one_in = max(1, known[name].states // STATES)
        sys.stdout.write(f'once more: cardlab tear {MODULE} "{name}" --one-in {one_in} --seed {SEED}\n')
        first_in = max(1, min(one_in, 3 * known[name].writes // FIRST))
        found = run_scene(opened.named(name), Share(Chosen(SEED, first_in=first_in, one_in=one_in), CONFIRMED))
        assert not found.violations, name
        assert found.writes == known[name].writes, f"{name}: {ANEW}"
        assert found.looked
        assert found.confirmed


@pytest.mark.slow
def test_what_breaks_atomicity_is_seen(mutant: str, record: TearRecord, tmp_path: Path) -> None:
    """The campaign can fail: the applet with a transaction less, or a write moved out of one."""
    mutants = Mutants(ROOT)
    classes = build_mutant(mutants.named(mutant), sources.applet_sources(), tmp_path)
    states = {one.name: one.states for one in record.scenes}
    chosen = Chosen(SEED, one_in=max(1, states[BROKEN[mutant]] // STATES))
    with campaign(classes) as opened:
        found = run_scene(opened.named(BROKEN[mutant]), Share(chosen, confirmed=0))
    assert found.violations, f"nothing was seen of {mutant!r} (seed {SEED})"


def test_the_record_is_of_this_applet(record: TearRecord) -> None:
    """Every scene was run, on the CAP file of today, and nothing was violated."""
    assert not record.why_stale(cap_digest(), [one.name for one in scenes()]), ANEW
    assert record.one_in == 1
    assert not [one.name for one in record.scenes if one.violations]


def test_the_page_says_what_is_on_record(record: TearRecord) -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(record), "jpki pages"


def test_scenes_have_names_of_their_own() -> None:
    names = [one.name for one in scenes()]
    assert len(set(names)) == len(names)
