"""What an answer about revocation proves, to the second: from when, until when, and since when something is amiss."""

from __future__ import annotations

import datetime
import itertools

import pytest
from cryptography.x509 import ReasonFlags

from jpki.parties.ca.status import CertStatus
from jpki.parties.verifier.evidence import Evidence, Snapshot, strongest

NOON = datetime.datetime(2026, 4, 1, 12, tzinfo=datetime.UTC)
SECOND, MINUTE = datetime.timedelta(seconds=1), datetime.timedelta(minutes=1)
APART = 5 * MINUTE
"""How far the clocks of verifier and CA may be apart."""
GOOD, REVOKED, SUSPENDED, UNKNOWN = CertStatus.GOOD, CertStatus.REVOKED, CertStatus.SUSPENDED, CertStatus.UNKNOWN


def snapshot(
    this_update: datetime.datetime = NOON,
    *,
    since: datetime.datetime | None = None,
    reason: ReasonFlags | None = None,
    next_update: datetime.datetime | None = NOON + 60 * MINUTE,
) -> Snapshot:
    return Snapshot("CRL", since, reason, this_update, next_update)


def now(one: Snapshot, moment: datetime.datetime) -> Evidence:
    return one.at(None, moment)


def then(one: Snapshot, moment: datetime.datetime) -> Evidence:
    """Asked about a time long after it."""
    return one.at(moment, NOON + 1000 * MINUTE)


def test_clocks_may_be_five_minutes_apart_when_it_is_about_the_present() -> None:
    made = snapshot()
    assert [now(made, NOON + off).state for off in (-APART - SECOND, -APART, -SECOND)] == [UNKNOWN, GOOD, GOOD]
    ended = snapshot(since=NOON, this_update=NOON - 60 * MINUTE)
    assert [now(ended, NOON + off).state for off in (-APART - SECOND, -APART, -SECOND)] == [GOOD, REVOKED, REVOKED]


def test_about_the_past_they_are_not() -> None:
    made = snapshot()
    assert [then(made, NOON + off).state for off in (-SECOND, 0 * SECOND)] == [UNKNOWN, GOOD]
    ended = snapshot(since=NOON, this_update=NOON - 60 * MINUTE)
    assert [then(ended, NOON + off).state for off in (-SECOND, 0 * SECOND)] == [GOOD, REVOKED]


@pytest.mark.parametrize("ask", [now, then])
def test_until_the_next_answer_and_no_longer(ask: object) -> None:
    """Nobody gives a second more at the end, whatever clocks say."""
    assert callable(ask)
    last = NOON + 60 * MINUTE
    assert [ask(snapshot(), last + off).state for off in (0 * SECOND, SECOND)] == [GOOD, UNKNOWN]
    assert (
        ask(snapshot(), last + SECOND).note
        == "made at 2026-04-01 12:00:00 UTC, it counts until 2026-04-01 13:00:00 UTC"
    )
    endless = ask(snapshot(next_update=None), NOON)
    assert (endless.state, endless.note.endswith("it counts until no time that it names")) == (UNKNOWN, True)


def test_what_is_told_of_it() -> None:
    early = then(snapshot(), NOON - SECOND)
    assert early.note == "made at 2026-04-01 12:00:00 UTC, it does not know every state before"
    assert now(snapshot(), NOON) == Evidence("CRL", GOOD, note="as of 2026-04-01 12:00:00 UTC")
    held = now(snapshot(since=NOON - MINUTE, reason=ReasonFlags.certificate_hold), NOON)
    assert held == Evidence("CRL", SUSPENDED, NOON - MINUTE, ReasonFlags.certificate_hold)
    for reason in (None, *(one for one in ReasonFlags if one is not ReasonFlags.certificate_hold)):
        gone = now(snapshot(since=NOON - MINUTE, reason=reason), NOON)
        assert gone == Evidence("CRL", REVOKED, NOON - MINUTE, reason)


def test_an_old_answer_still_proves_what_was_over_before() -> None:
    """It counts no longer; but what was revoked stays so."""
    old = snapshot(since=NOON - MINUTE, next_update=NOON + MINUTE)
    assert now(old, NOON + 1000 * MINUTE).state is REVOKED


def test_the_worst_answer_counts_and_a_good_one_before_none() -> None:
    ranked = [Evidence("source", state) for state in (REVOKED, SUSPENDED, GOOD, UNKNOWN)]
    for several in itertools.permutations(ranked, 3):
        assert strongest(several) is min(several, key=ranked.index)
    assert strongest([]) is None
