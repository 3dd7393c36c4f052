"""The openssl command as an independent verifier."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.waiting import PATIENCE


def verify_cms(folder: Path, cms: bytes, authority: x509.Certificate, content: bytes, *, detached: bool) -> str:
    """Run ``openssl cms -verify``; returns nothing when it accepts and gives the content back, else its complaint.

    Skips the test where there is no openssl, but not on a build server.
    """
    program = shutil.which("openssl")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("openssl is not on the PATH; the build server must have it")
        pytest.skip("openssl is not on the PATH")
    files = {"cms.der": cms, "ca.pem": authority.public_bytes(Encoding.PEM), "content": content}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = [program, "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms.der", "-CAfile", "ca.pem"]
    # Certificates for signing and authentication are none for mail, which cms takes for granted.
    command += ["-purpose", "any", "-no_check_time", "-out", "out"]
    if detached:
        command += ["-content", "content"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if result.returncode != 0:
        return result.stderr or "openssl refused without a word"
    return "" if (folder / "out").read_bytes() == content else "openssl gave another content back"
