"""A program that goes on until it is told to end: by a signal, in whatever moment that comes."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from cardlab.cli.ending import ToldToEndError, ending_as_interrupted
from tests.cardlab.concurrency.holders import ROOT
from tests.waiting import PATIENCE

# A signal at every instruction of `wait` and of what it calls, one after the other; the last one comes when it waits.
EVERY_MOMENT = """
import signal, sys, threading
from cardlab.cli.ending import until_told

def interrupted(moment):
    left = moment
    def at_each_instruction(frame, event, argument):
        nonlocal left
        frame.f_trace_opcodes = True
        left -= event == "opcode"
        if left == 0:
            left = -1
            signal.raise_signal(signal.SIGINT)
        return at_each_instruction
    with until_told() as told:
        late = threading.Timer(0.2, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
        late.start()
        sys.settrace(at_each_instruction)
        told.wait()
        sys.settrace(None)
        late.cancel()
        late.join()
    return left < 0

moment = 1
while interrupted(moment):
    moment += 1
print(moment)
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signal can be sent to a thread here")
def test_a_signal_in_whatever_moment_of_waiting() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_MOMENT], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5  # there were several such moments


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no such signals here")
@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_told_to_end_it_cleans_up_undisturbed(number: str, code: int) -> None:
    """As at Ctrl-C; a second signal comes while it cleans up. Afterwards the signal ends the process again."""
    told_by = signal.Signals[number]
    seen: list[str] = []
    before = signal.signal(told_by, signal.SIG_DFL)  # nohup's is ignored
    with pytest.raises(ToldToEndError, match=number) as told, ending_as_interrupted(), ExitStack() as cleaning:
        cleaning.callback(seen.append, "cleaned up")
        cleaning.callback(signal.raise_signal, told_by)
        signal.raise_signal(told_by)
    assert (told.value.code, seen) == (code, ["cleaned up"])
    assert signal.signal(told_by, before) is signal.SIG_DFL


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no such signals here")
def test_what_ignores_a_closed_terminal_goes_on_to() -> None:
    """nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_as_interrupted():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
