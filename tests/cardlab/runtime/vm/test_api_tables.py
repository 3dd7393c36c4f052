"""The token tables, walked: each method is on the card, or a file that calls it is refused at LOAD with its name.

Bound is a method when a native stands behind it; what is missing is listed here, with its reason.
"""

from __future__ import annotations

import jpype
import pytest

from cardlab.cap.platform import tables
from cardlab.runtime import jvm
from cardlab.runtime.vm.classes import NATIVES, table_lines

MISSING = {
    "javacard/framework/SensitiveArrays": "integrity-sensitive arrays",
    "javacard/framework/service/": "dispatching to services, and remote method invocation",
    "javacardx/security/SensitiveResult": "results that are checked twice",
    "org/globalplatform/GPSystem.getCardInfo": "card information of version 1.7",
}


@pytest.fixture(scope="module")
def missing() -> set[str]:
    """What the machine says that it does not have, of the newest tables."""
    jvm.start()
    names = jpype.JArray(jpype.JString)(list(NATIVES))
    api = jvm.java_class("cardlab.vm.Machine").api(table_lines("3.0.5", "1.7"), names)
    return {str(one) for one in api.missing()}


def test_what_is_missing_is_listed(missing: set[str]) -> None:
    assert {one for one in missing if not one.startswith(tuple(MISSING))} == set()


@pytest.mark.parametrize("start", MISSING)
def test_what_is_listed_is_missing(missing: set[str], start: str) -> None:
    assert any(one.startswith(start) for one in missing)


def test_most_of_the_api_is_there(missing: set[str]) -> None:
    declared = {
        f"{one.name}.{method.name}{method.descriptor}"
        for table in tables("3.0.5", "1.7")
        for one in table.classes
        if not one.is_interface
        for method in one.methods
    }
    assert missing <= declared
    assert len(missing) < 0.12 * len(declared)
