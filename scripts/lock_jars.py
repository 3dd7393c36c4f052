"""Sets a jar in harness/cardlab/toolchain/jars.lock.json: downloads it and writes down its SHA-256.

    .venv/bin/python scripts/lock_jars.py ecj=org.eclipse.jdt:ecj:3.38.0
    .venv/bin/python scripts/lock_jars.py jacoco-agent=org.jacoco:org.jacoco.agent:0.8.15:runtime

Run by hand when a version changes. What it writes is trusted from then on: compare the hash with another source first.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from cardlab.toolchain.jars import LOCK, LockedJar, download, read_lock, sha256


def main(arguments: list[str]) -> int:
    """Locks each ``name=coordinate``; returns the exit code."""
    if not arguments or not all("=" in one and one.count(":") in (2, 3) for one in arguments):
        print("usage: lock_jars.py NAME=GROUP:ARTIFACT:VERSION[:CLASSIFIER] ...", file=sys.stderr)
        return 2
    jars = read_lock()
    for argument in arguments:
        name, coordinate = argument.split("=", 1)
        with tempfile.TemporaryDirectory() as folder:
            jars[name] = LockedJar(coordinate, sha256(download(coordinate, Path(folder))))
        print(f"{name}: {coordinate} {jars[name].sha256}")
    content = {name: asdict(jars[name]) for name in sorted(jars)}
    LOCK.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
