"""What a test says about the applet it is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cardlab.errors import UsageError
from cardlab.iso7816 import aid as aids

_PARAMETERS_MAX = 0xFF  # one length byte in the bArray of install() (JCRE 3.0.4, 3.1)


@dataclass(frozen=True, slots=True)
class Applet:
    """An applet to compile and install.

    ``sources`` are folders or ``.java`` files; ``aid`` names the applet's module and its instance; ``package_aid``
    begins with the same five bytes; ``parameters`` is what ``install()`` finds as application data (the value of C9);
    ``secrets`` are rules which commands carry secrets (``cardlab.transport.secrets``; also by name, ``INS_PUT_SEED``).
    Raises UsageError when a value cannot be right.
    """

    sources: tuple[Path, ...]
    class_name: str
    aid: bytes
    package_aid: bytes
    parameters: bytes = b""
    secrets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_aid("aid", self.aid)
        _check_aid("package_aid", self.package_aid)
        if self.package_aid == self.aid:
            raise UsageError(
                f"package_aid and aid are both {aids.text(self.aid)}", hint="leave one byte off for the package"
            )
        if not aids.same_provider(self.package_aid, self.aid):
            raise UsageError(
                f"aid {aids.text(self.aid)} and package_aid {aids.text(self.package_aid)} differ in their first"
                " five bytes",
                hint="an applet and its package belong to one provider (RID); give them the same five",
            )
        if len(self.parameters) > _PARAMETERS_MAX:
            raise UsageError(
                f"parameters has {len(self.parameters)} bytes", hint=f"install() takes at most {_PARAMETERS_MAX}"
            )

    @classmethod
    def create(
        cls,
        *,
        sources: str | Path | Iterable[str | Path],
        class_name: str,
        aid: str | bytes,
        package_aid: str | bytes = b"",
        parameters: str | bytes = b"",
        secrets: str | Iterable[str] = (),
        base: Path | None = None,
    ) -> Self:
        """From what people write: hexadecimal or bytes, and paths relative to ``base`` (the current folder).

        Without ``package_aid`` it is ``aid`` less its last byte (and a five-byte ``aid`` followed by 00).
        """
        folders = [sources] if isinstance(sources, str | Path) else list(sources)
        instance = _bytes("aid", aid)
        package = _bytes("package_aid", package_aid) or _default_package_aid(instance)
        paths = tuple((base or Path()).absolute() / folder for folder in folders)
        rules = (secrets,) if isinstance(secrets, str) else tuple(secrets)
        return cls(paths, class_name, instance, package, _bytes("parameters", parameters), rules)

    def __str__(self) -> str:
        return f"{self.class_name} ({aids.text(self.aid)})"


def _default_package_aid(aid: bytes) -> bytes:
    return aid[:-1] if len(aid) > aids.MIN_LENGTH else aid + b"\0"


def _bytes(name: str, value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise UsageError(f"{name} {value!r} is not hexadecimal", hint="write it like F00000000101") from error


def _check_aid(name: str, aid: bytes) -> None:
    fault = aids.length_fault(aid)
    if fault:
        raise UsageError(
            f"{name} {aids.text(aid)} {fault}",
            hint="for an applet of your own take F0 and four more bytes, then at least one that tells applets apart",
        )
