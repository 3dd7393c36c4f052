"""``jpki flows --html``: the recorded flows drawn, on one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from jpki.parties.recorder import FlowEvent
from jpki.timing.flows import Flow
from jpki.timing.sequence import COLOURS, STYLE, sequence

Recorded = tuple[Flow, Sequence[FlowEvent]]
_STYLE = f"""
{COLOURS}
body {{ font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0 auto;
  max-width: 520px; padding: 16px 14px 48px }}
h1 {{ font-size: 24px; margin: 0 0 4px }} h2 {{ font-size: 18px; margin: 36px 0 4px }} p {{ margin: 6px 0 }}
a {{ color: var(--mark) }} svg {{ width: 100%; height: auto; display: block }}
{STYLE}
"""


def html(flows: Sequence[Recorded]) -> str:
    """The page; it refers to nothing outside itself."""
    body = "\n".join(_body(flows))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>JPKI flows</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(flows: Sequence[Recorded]) -> Iterator[str]:
    yield "<h1>Flows</h1>"
    yield (
        "<p>As they were recorded on simulated cards. A dashed arrow is an answer, a cross an answer that was lost, an"
        " open arrow what the user begins and does beside what follows; … means several of a kind.</p>"
    )
    links = (f'<a href="#{one.name}">{one.name}</a>' for one, _ in flows)
    yield f"<p>{' · '.join(links)}</p>"
    for flow, events in flows:
        yield f'<h2 id="{flow.name}">{flow.name}</h2><p>{escape(flow.summary)}</p>'
        yield sequence(flow.name, flow.summary, events)
