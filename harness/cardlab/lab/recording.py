"""``--record FILE``: what passes between tests and their cards, as transcripts that ``--card replay:FILE`` plays."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from cardlab.card.card import SimulatedCard
from cardlab.errors import UsageError
from cardlab.lab.kind import CardOrder
from cardlab.lab.rig import Rig
from cardlab.runtime.torn import TornCell
from cardlab.transport.transcript import Recorder

if TYPE_CHECKING:
    from cardlab.runtime.interface import Media
    from cardlab.transport.secrets import Secrets

_PLAIN = "/:[]()<>{}=+*,;.'\"!?@&$^|~ -"  # in names of tests; a transcript's header cannot hold the others


def header_name(test: str) -> str:
    """A test's name as the header of a transcript has it."""
    return quote(test, safe=_PLAIN)


class Recording:
    """A file that grows by one transcript whenever a card is closed."""

    def __init__(self, path: Path, kind: str, *, show_secrets: bool) -> None:
        self._path = path
        self._kind = kind
        self._show_secrets = show_secrets
        try:
            path.write_text("", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--record {path}: {error.strerror}", hint="name a file that can be written") from error

    def card(self, rig: Rig, order: CardOrder) -> Rig:
        """The same card, with everything that passes written down."""
        header = {
            "harness": version("cardlab"),
            "kind": self._kind,
            "test": header_name(order.test),
            "card": str(order.number),
        }
        return RecordedRig(rig, header, self._append, secrets=order.secrets, show_secrets=self._show_secrets)

    def _append(self, text: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)


class RecordedRig(Recorder):
    """A card whose transcript is handed over when it is closed."""

    def __init__(
        self, rig: Rig, header: dict[str, str], done: Callable[[str], None], *, secrets: Secrets, show_secrets: bool
    ) -> None:
        self._text = StringIO()
        super().__init__(rig, self._text, header=header, secrets=secrets, show_secrets=show_secrets)
        self._rig = rig
        self._done: Callable[[str], None] | None = done

    @property
    def simulated(self) -> object:
        """The simulated card, if there is one."""
        return self._rig if isinstance(self._rig, SimulatedCard) else getattr(self._rig, "simulated", None)

    def reset(self, media: Media | None = None) -> bytes:
        return self._was_reset(self._rig.reset() if media is None else self._rig.reset(media))

    def cut_power_at(self, opportunity: int, torn: TornCell = TornCell.OLD) -> None:
        """Not written down: what matters is whether the next command is answered."""
        self._rig.cut_power_at(opportunity, torn)

    def explain(self) -> str:
        """As the card says."""
        return self._rig.explain()

    def close(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(self._text.getvalue())
        super().close()
