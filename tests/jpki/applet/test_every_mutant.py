"""Mutants that operators make of the applet (docs/generated/mutation.md).

A run of the suite does a share of those on record that changes from run to run, and says how the same is done again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cardlab.campaign.mutate.campaign import Order, run
from cardlab.campaign.mutate.choices import Choices
from cardlab.campaign.mutate.explained import Explanations, read_explanations, stale
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.record import MutationRecord
from cardlab.campaign.mutate.report import Figures
from cardlab.campaign.mutate.settings import Settings
from jpki.evidence.mutation_page import EXPLAINED, RECORD, markdown

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "generated" / "mutation.md"
SEED = int.from_bytes(os.urandom(2), "big")
SHARE = 5
LEAST = 98.0  # per cent that tests notice
SAMPLE = 600  # mutants, of some 6,000


@pytest.fixture(scope="module")
def record() -> MutationRecord:
    return MutationRecord.read(ROOT / RECORD)


@pytest.fixture(scope="module")
def explanations() -> Explanations:
    return read_explanations(ROOT / EXPLAINED)


@pytest.mark.slow
def test_a_share_is_noticed_by_the_tests_on_record(record: MutationRecord) -> None:
    """A mutant on record as killed is killed, by the test that killed it."""
    sys.stdout.write(f"once more: .venv/bin/cardlab mutate --share --sample {SHARE} --seed {SEED}\n")
    settings = Settings.read(ROOT)
    order = Order(settings.ground(), Choices(sample=SHARE, seed=SEED), ROOT / RECORD, workers=1, share=True)
    found = run(order)
    killed = [one for one in found.mutations if (fate := record.fates.get(one.identity)) and fate.by]
    assert found.hunted == min(SHARE, len(killed)) > 0
    assert not found.contradictions


def test_every_survivor_is_explained(record: MutationRecord, explanations: Explanations) -> None:
    survivors = {one for one, fate in record.fates.items() if fate.outcome is Outcome.SURVIVED}
    assert [str(one) for one in survivors if one not in explanations] == []
    assert stale(explanations, record, record.fates) == []


def test_tests_notice_nearly_all(record: MutationRecord, explanations: Explanations) -> None:
    """Of the mutants hunted so far, those that can be noticed at all: what cannot is explained one by one.

    The page says what that tells of the others.
    """
    figures = Figures.of(record.fates.items(), explanations)
    assert figures.hunted >= SAMPLE
    assert figures.score >= LEAST


def test_the_page_says_what_is_on_record(record: MutationRecord) -> None:
    text = markdown(record, ROOT / EXPLAINED)
    assert PAGE.read_text(encoding="utf-8") == text, "jpki pages"
