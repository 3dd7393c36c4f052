"""Single faults in every instruction of every command (docs/generated/faults.md).

A run of the suite does a share that changes from run to run, and says how the same is done again.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.campaign.faults.record import FaultRecord
from cardlab.campaign.faults.runner import run_scene
from cardlab.campaign.faults.scene import FaultCampaign
from cardlab.cli import run
from jpki.evidence.faults_page import RECORD
from jpki.evidence.tears import cap_digest
from tests.jpki.applet.faulting.campaign import campaign

ROOT = Path(__file__).resolve().parents[3]
SEED = int.from_bytes(os.urandom(2), "big")
SCENES = 4  # of a share
CASES = 400  # of each scene, about


@pytest.fixture(scope="module")
def record() -> FaultRecord:
    return FaultRecord.read(ROOT / RECORD)


@pytest.fixture(scope="module")
def opened() -> Iterator[FaultCampaign]:
    with campaign() as made:
        yield made


def test_the_record_is_of_this_applet(record: FaultRecord, opened: FaultCampaign) -> None:
    """All scenes, with today's CAP file."""
    assert not record.why_stale(cap_digest(), opened.names), "make the record anew (docs/generated/faults.md)"


@pytest.mark.slow
def test_a_share_breaks_what_is_on_record(record: FaultRecord, opened: FaultCampaign) -> None:
    """And nothing else: each case that breaks something is known."""
    known = {one.name: {case for broken in one.broken for case in broken.cases} for one in record.scenes}
    cases = {one.name: one.cases * one.one_in for one in record.scenes}
    exhaustive = [one for one in opened.scenes if one.one_in == 1]
    for scene in random.Random(SEED).sample(exhaustive, SCENES):
        one_in = max(1, cases[scene.name] // CASES)
        sys.stdout.write(f'seed {SEED}: cardlab faults tests.jpki.applet.faulting.campaign "{scene.name}"\n')
        found = run_scene(replace(scene, one_in=one_in), seed=SEED)
        assert found.cases
        assert {case for one in found.broken for case in one.cases} <= known[scene.name], scene.name


def test_a_decision_that_hangs_on_one_branch_is_found(opened: FaultCampaign) -> None:
    """SIGN asks once for the PIN: what an inverted branch there does is told, with its line."""
    from cardlab.runtime.vm.faults import FaultModel

    scene = next(one for one in opened.scenes if one.name == "SIGN, signing: not verified")
    found = run_scene(scene, [FaultModel.INVERT])
    assert {(one.where.rpartition("(")[0], one.invariants) for one in found.broken} == {
        ("jpki.applet.Pin.isVerified", ("a key is used",)),
        ("jpki.applet.Pin.requireVerified", ("a key is used",)),
    }


def test_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One scene with one model: record, page, and a case that it names again."""
    module, scene = "tests.jpki.applet.faulting.campaign", "SIGN, signing: not verified"
    record, html = tmp_path / "faults.json", tmp_path / "faults.html"
    wanted = ["faults", module, scene, "--model", "invert", "--record", str(record), "--html", str(html), "--json"]
    assert run(wanted) == 1
    found = json.loads(capsys.readouterr().out)
    case = found["scenes"][0]["broken"][0]["cases"][0]
    assert [one.name for one in FaultRecord.read(record).scenes] == [scene]
    assert "Pin.java" in html.read_text(encoding="utf-8")
    assert run(["faults", module, scene, "--case", case]) == 1
    said = capsys.readouterr().out
    assert "broken" in said
    assert "a key is used" in said
    assert run(["faults", module, scene, "--case", "invert@100000"]) == 2
    assert run(["faults", module, "no such scene"]) == 2
    assert run(["faults", "no.such.module"]) == 2
