"""A worker: a process of its own, whose Java virtual machine and tests are loaded once."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from cardlab.campaign.mutate.messages import Failed, Ground

_OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:xdist")


def work(hunt: Connection, ground: Ground) -> None:
    """Serve a hunt until it says Stop, or goes away."""
    try:
        with tempfile.TemporaryDirectory(prefix="mutate-") as folder, _quiet(Path(folder)) as output:
            if problem := _serve(hunt, ground, Path(folder) / "classes"):
                hunt.send(Failed(f"{problem}\n{output.read_text(encoding='utf-8', errors='replace')[-3000:]}"))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # nobody waits for what is left


def _serve(hunt: Connection, ground: Ground, folder: Path) -> str:
    """Returns what went wrong."""
    import pytest

    from cardlab.campaign.mutate.bench import Bench, source_files
    from cardlab.campaign.mutate.session import Session
    from cardlab.campaign.mutate.workshop import Workshop

    os.chdir(ground.folder)
    sys.path.insert(0, str(ground.folder))
    bench = Bench(source_files(ground.sources), folder, Workshop())
    options = [*_OPTIONS, "-o", f"javacard_budget={ground.budget}", *ground.arguments, *ground.tests]
    code = pytest.main(options, plugins=[Session(hunt, bench)])
    return "" if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else f"pytest ended with {code!r}"


@contextmanager
def _quiet(folder: Path) -> Iterator[Path]:
    """What tests print goes into a file, which is read when a worker fails."""
    path = folder / "output"
    with path.open("w", encoding="utf-8") as stream:
        kept = os.dup(1), os.dup(2)
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
        try:
            yield path
        finally:
            sys.stdout.flush()
            for number, one in enumerate(kept, 1):
                os.dup2(one, number)
                os.close(one)
