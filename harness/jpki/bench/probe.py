"""The process whose start ``startup`` measures: prints the moments at which the stages were over, as JSON."""

from __future__ import annotations

import json
import sys
from time import monotonic


def main() -> None:
    """Bring up a card with the applet and ask it something."""
    from cardlab.runtime import jvm
    from jpki.bench.subject import blank_card, install
    from jpki.client.constants import EF
    from jpki.client.user import JpkiClient
    from jpki.package import jpki_executable

    moments = [monotonic()]
    jvm.start()
    moments.append(monotonic())
    applet = jpki_executable()
    card = blank_card(applet)
    moments.append(monotonic())
    install(card, applet)
    moments.append(monotonic())
    content = JpkiClient(card).read_file(EF.TOKEN_INFORMATION)
    moments.append(monotonic())
    if not content.startswith(b"JPKIAPICCTOKEN2"):
        sys.exit("the applet's first answer is wrong")
    sys.stdout.write(json.dumps(moments))


if __name__ == "__main__":
    main()
