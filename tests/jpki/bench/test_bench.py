"""The bench: its statistics, and that each measurement is of commands that succeed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cardlab.runtime import choose, known
from cardlab.runtime.feature import Feature
from jpki.bench.apdus import secured_apdus, short_apdus
from jpki.bench.conversion import conversion_times
from jpki.bench.examples import examples_per_second
from jpki.bench.keys import key_times
from jpki.bench.responder import responder_rate
from jpki.bench.startup import STAGES, startup
from tests.waiting import PATIENCE


def test_short_apdus_take_three_ways() -> None:
    found = short_apdus(rounds=2, turn=0.005, warm_up=0.0)
    assert min(found.raw.lowest, found.card.lowest, found.client.lowest) > 0
    assert found.card_to_raw > 0


def test_secured_apdus() -> None:
    found = secured_apdus(rounds=2, turn=0.005, warm_up=0.0)
    assert min(found.applet.lowest, found.domain.lowest, found.domain_mac_only.lowest) > 0


def test_conversion() -> None:
    found = conversion_times(runs=1)
    assert found.classes > 10
    assert found.bytecodes > found.classes
    assert found.bytecodes_per_second == pytest.approx(found.bytecodes / found.conversion.mean)
    assert min(found.conversion.min, found.verification.min, found.load.min, found.large.min) > 0
    assert found.large_size > 70_000


def test_keys_and_signatures() -> None:
    said: list[str] = []
    found = key_times(keys=1, signatures=2, progress=said.append)
    assert (found.generation.n, found.signature.n, found.signature_with_indicator.n) == (1, 2, 2)
    assert said


def test_the_responder() -> None:
    found = responder_rate(rounds=3, requests=5)
    assert 0 < found.rate.lowest <= found.rate.per_second <= found.rate.highest
    assert 0 < found.signature_share < 1


@pytest.mark.parametrize("name", sorted(known()))
def test_examples(name: str) -> None:
    found = examples_per_second(choose(name), examples=5)
    assert found.examples == 5
    assert found.per_second > 0
    assert found.copied == (Feature.FORK in choose(name).capabilities) == (found.fork_ms is not None)
    assert found.fork_ms is None or 0 < found.fork_ms < found.new_card_ms


def test_startup_is_split_into_its_stages() -> None:
    found = startup(runs=1)
    assert tuple(found.stages) == STAGES
    assert found.total.mean == pytest.approx(sum(stage.mean for stage in found.stages.values()))
    assert min(stage.min for stage in found.stages.values()) > 0


@pytest.mark.slow
def test_command_prints_the_facts_and_says_what_it_does() -> None:
    """In a process of its own, as a process can be led to one PC/SC service only."""
    bench = [sys.executable, "-m", "jpki.cli", "bench", "--quick", "--json"]
    result = subprocess.run(bench, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert set(facts) == {
        "machine",
        "apdus",
        "secured",
        "startup",
        "conversion",
        "keys",
        "examples",
        "responder",
        "reader",
        "aims",
        "runtimes",
    }
    assert facts["reader"] is None or facts["reader"]["through_reader"]["per_second"] > 0
    assert facts["machine"]["cores"] > 0
    assert set(facts["runtimes"]) == set(known())
    assert facts["runtimes"]["jcardsim"]["apdus"]["read"]["per_second"] > 0
    assert facts["keys"]["generation"]["n"] == 2
    assert set(facts["examples"]) == set(known())
    assert facts["runtimes"]["vm"]["whole_cards"]["fork"] > 0
    assert "process starts" in result.stderr
