"""Tests that take a virtual reader."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

from cardlab.reader.daemon import find_pcscd, find_vpcd

_FOUND = {"pcscd": find_pcscd(), "vsmartcard-vpcd": find_vpcd(), "pyscard": find_spec("smartcard")}
_MISSING = ", ".join(name for name, found in _FOUND.items() if not found)

# Where CI is set everything has to be there, and without it these tests fail.
needs_readers = pytest.mark.skipif(bool(_MISSING) and not os.environ.get("CI"), reason=f"needs {_MISSING}")
