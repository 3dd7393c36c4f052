"""How many bytes a message holds at each level (Amendment D 6.2.4 to 6.2.7), in numbers."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.scp03 import SecurityLevel, max_data, max_response


@pytest.mark.parametrize(
    ("level", "command", "response"),
    [
        (SecurityLevel.NONE, 255, 256),
        (SecurityLevel.C_MAC, 247, 256),
        (SecurityLevel.C_ENC, 239, 256),
        (SecurityLevel.C_MAC | SecurityLevel.R_MAC, 247, 248),
        (SecurityLevel.C_ENC_R_MAC, 239, 248),
        (SecurityLevel.FULL, 239, 239),
    ],
)
def test_room(level: SecurityLevel, command: int, response: int) -> None:
    """A MAC takes 8 bytes, padding at least one, and what is encrypted is whole blocks of 16."""
    assert level.is_allowed
    assert (max_data(level), max_response(level)) == (command, response)
