"""A card's state file that another process has: a served card, or a world with a phone in use."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cardlab.card import kept
from cardlab.card.card import SimulatedCard
from cardlab.card.statefile import times_saved
from cardlab.transport import Transport
from jpki.cli import run
from tests.cardlab.concurrency.holders import KEPT, ROOT, holding, kill
from tests.waiting import PATIENCE

CHANGING = (
    ("card", "apdu", "--card", "sim:FILE", "00A4040000"),
    ("card", "delete", "--card", "sim:FILE", "--keys", "test", "F000000001"),
    ("sign", "TEXT", "--card", "sim:FILE", "--pin-file", "TEXT", "--plain"),
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card without applets in its file; nobody waits for long."""
    monkeypatch.setattr(kept, "_WAIT", 0.2)
    with SimulatedCard(seed=1) as card:
        card.save(tmp_path / "card.json")
    (tmp_path / "text").write_text("PASSWORD1")
    return tmp_path / "card.json"


@pytest.fixture
def user(file: Path) -> Iterator[int]:
    """The process that has it."""
    with holding(KEPT, file) as other:
        yield other.pid


@pytest.mark.parametrize("words", CHANGING, ids=lambda words: " ".join(words[:2]))
def test_what_would_change_it_is_refused(
    words: tuple[str, ...], file: Path, user: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {one: one.read_bytes() for one in file.parent.iterdir()}
    text = str(file.with_name("text"))
    assert run([one.replace("FILE", str(file)).replace("TEXT", text) for one in words]) == 11
    assert f"{file} is in use by process {user}; nothing was done to it\n      wait until" in capsys.readouterr().err
    assert {one: one.read_bytes() for one in file.parent.iterdir()} == before


def test_what_only_reads_it_goes_on(file: Path, user: int, capsys: pytest.CaptureFixture[str]) -> None:
    """And says how old what it shows may be; the keys are used on a copy."""
    before = file.read_bytes()
    assert run(["card", "info", "--card", f"sim:{file}", "--keys", "test", "--json"]) == 0
    out, err = capsys.readouterr()
    assert f"{file} is in use by process {user}: this is the card as it was saved last" in err
    assert json.loads(out)["registry"][0]["kind"] == "issuer"
    assert file.read_bytes() == before


def test_a_killed_process_leaves_the_card_to_the_next(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with holding(KEPT, file) as other:
        kill(other)
    assert run(["card", "apdu", "--card", f"sim:{file}", "00A4040000=9000"]) == 0
    assert run(["card", "info", "--card", f"sim:{file}"]) == 0
    assert "in use" not in capsys.readouterr().err


def state(raw: bytes) -> dict[str, object]:
    """What a file says of its card, without how often it was written."""
    return {name: value for name, value in json.loads(raw).items() if name not in ("saved", "sha256")}


@pytest.mark.slow
def test_two_served_cards_on_one_file(file: Path) -> None:
    """Nobody listens at this port: both would wait for a reader."""
    command = [sys.executable, "-m", "jpki.cli", "card", "serve", "--state", str(file), "--port", "9"]
    before = file.read_bytes()
    saved = times_saved(file)

    @contextmanager
    def serving() -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                assert "waiting for a virtual reader" in process.stdout.readline()
                yield process
            finally:
                process.kill()

    with serving() as first:
        refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert refused.returncode == 11
        assert f"{file} is in use by process {first.pid}; nothing was done to it" in refused.stderr
        kill(first)
    assert file.read_bytes() == before
    with serving() as third:
        third.send_signal(signal.SIGINT)
        assert third.wait(PATIENCE) == 0
    assert state(file.read_bytes()) == state(before)
    assert times_saved(file) == saved + 1
    assert sorted(one.name for one in file.parent.iterdir()) == ["card.json", "text"]


def test_a_card_that_does_not_open_is_not_held(file: Path) -> None:
    file.write_text("{}")
    for _ in range(2):
        assert run(["card", "apdu", "--card", f"sim:{file}", "00A4040000"]) == 4
    file.unlink()
    assert run(["card", "apdu", "--card", f"sim:{file}", "00A4040000"]) == 2
    assert [one.name for one in file.parent.iterdir()] == ["text"]


def test_a_card_that_was_closed_is_free(file: Path) -> None:
    first: Transport = kept.KeptCard.open(file)
    first.close()
    kept.KeptCard.open(file).close()
