"""Mutated load files beside an applet with secrets (Java: cardlab.vm.hostile): some of what scripts/hostile.py runs."""

from __future__ import annotations

import json
import os
import secrets
from functools import cache
from pathlib import Path

import pytest

from cardlab.campaign.hostile.campaign import Campaign, Result
from cardlab.campaign.hostile.record import EXECUTED, STAGES, figures
from cardlab.campaign.hostile.targets import SAFE, Target
from tests.cardlab.campaign.hostile_targets import targets
from tests.cardlab.runtime.vm.attack_lab import ATTACK, attacker
from tests.cardlab.runtime.vm.handmade import APPLET
from tests.cardlab.runtime.vm.machines import PACKAGE

RECORD = Path(__file__).with_name("hostile_record.json")
COUNT = 400
FROM_RECORD = 12
"""The seed of CI; elsewhere each run has another one."""


@cache
def seed() -> int:
    return FROM_RECORD if "CI" in os.environ else secrets.randbelow(1 << 40)


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return Campaign(targets(), seed())


def test_the_files_as_they_are_read_no_secrets_and_run(campaign: Campaign) -> None:
    result = campaign.originals()
    assert not result.violations
    assert result.sum("component/0/", "RAN") == result.counts["mutants"] == 3 * len(set(targets()))


def test_mutants_read_and_change_nothing_of_another_s_and_never_the_host_s(campaign: Campaign) -> None:
    result = Result()
    campaign.run(0, COUNT, result)
    replay = f"scripts/hostile.py knows them without the applet under test: Campaign(targets(), {seed()}).tell(NUMBER)"
    assert not result.violations, "\n".join((*result.violations, replay))
    assert result.counts["mutants"] == COUNT
    assert result.sum("component/", "/RAN") > COUNT / 20
    assert result.sum("component/", "/MUTE") > COUNT / 20
    assert result.sum("component/", "/REFUSED_AT_LOAD") > COUNT / 10


def test_a_number_decides_a_mutant(campaign: Campaign) -> None:
    told = [campaign.tell(number) for number in range(20)]
    again = Campaign(targets(), seed())
    assert told == [again.tell(number) for number in range(20)]
    assert len({lines[0] for lines in told}) > 15


def test_what_an_attack_reads_without_checks_is_noticed() -> None:
    """The number of a reference given to the other applet's shared method: it counts the bytes of its own secret."""
    code = """
        aload 5; sconst_5; sspush 7; invokestatic @JCSystem.lookupAID; sconst_0
        invokestatic @JCSystem.getAppletShareableInterfaceObject
        sload 4; sspush 512; sadd; sspush 16; invokeinterface 3 @Door 0
    """
    commands = tuple(bytes((0, 0, ATTACK, number, len(SAFE))) + SAFE for number in range(14))
    target = Target("attack", attacker(code).block(), PACKAGE, APPLET, b"", commands)
    result = Campaign([target], 1).originals()
    assert not result.violations
    assert result.counts["unchecked/read"] == 1
    assert result.counts["exception/mute: ILLEGAL_CODE"] >= 2


def test_the_record_adds_up_and_what_it_found_is_mended() -> None:
    """Made by scripts/hostile.py --json; ``mended`` says of each violation what came of it."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    whole = record["mutants"]
    assert whole + len(record["violations"]) >= 1_000_000
    for table in (record["components"], record["targets"]):
        assert sum(sum(row.values()) for row in table.values()) == whole
        assert sum(row[stage] for row in table.values() for stage in EXECUTED) == record["executed"]
    assert sum(record["ways"].values()) == whole
    assert min(record["ways"].values()) > whole / 50
    assert {"HEADER", "IMPORT", "APPLET", "CLASS", "METHOD", "STATIC_FIELD", "CONSTANT_POOL"} <= set(
        record["components"]
    )
    assert {"jpki", "neighbour", "by hand"} <= set(record["targets"])
    assert record["heap"]["end"] < 2 * record["heap"]["early"], "the host's memory does not grow"
    found = [int(one.split()[0]) for one in record["violations"]]
    assert sorted(found) == sorted(number for one in record.get("mended", ()) for number in one["mutants"])
    for one in record.get("mended", ()):
        file, _, name = one["test"].partition("::")
        assert f"def {name}(" in (Path(__file__).parents[3] / file).read_text(encoding="utf-8")


def test_figures_count_a_changed_tag_with_those_in_several_places() -> None:
    result = Result()
    result.counts.update({"component/7/RAN": 3, "component/87/MUTE": 1, "component/0/RAN": 2, "mutants": 6})
    found = figures(result, 1, 2.0, (1, 1))
    assert found["components"] == {
        "METHOD": {**dict.fromkeys(STAGES, 0), "RAN": 3},
        "several": {**dict.fromkeys(STAGES, 0), "RAN": 2, "MUTE": 1},
    }
    assert found["executed"] == 6
