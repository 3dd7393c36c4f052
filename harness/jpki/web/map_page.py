"""``jpki world map``: who holds what in a world, drawn and in words, as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from jpki.web.map_picture import STYLE, picture, shown
from jpki.web.map_things import HOLDERS, Group

_STYLE = f"""
:root {{ color-scheme: light dark; --text: #1c1c1c; --soft: #595959; --line: #d8d8d8; --back: #fff; --box: #f5f6f8;
  --good: #0072b2; --off: #b34700 }}
@media (prefers-color-scheme: dark) {{ :root {{ --text: #e8e8e8; --soft: #b0b0b0; --line: #3c3c3c; --back: #161618;
  --box: #202024; --good: #56b4e9; --off: #ff9e5e }} }}
* {{ box-sizing: border-box }}
body {{ font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0 auto;
  max-width: 1080px; padding: 16px 14px 48px; overflow-wrap: anywhere }}
h1 {{ font-size: 24px; margin: 0 0 4px }} h2 {{ font-size: 18px; margin: 28px 0 8px }} p {{ margin: 6px 0;
  max-width: 75ch }}
.grid {{ display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)) }}
figure {{ margin: 0; max-width: 480px }} figcaption {{ font-weight: 600 }} svg {{ width: 100%; height: auto;
  display: block }}
section {{ background: var(--box); border-radius: 8px; padding: 8px 14px }}
section h3 {{ font-size: 15px; margin: 4px 0 }}
ul {{ margin: 4px 0; padding-left: 18px }} li {{ margin: 4px 0 }} code {{ font-size: 13px }} i {{ color: var(--off);
  font-style: normal }}
{STYLE}
"""


def html(name: str, groups: Sequence[Group]) -> str:
    """The page of a world with this name; it refers to nothing outside itself."""
    title = escape(f"Who holds what in {shown(name)}")
    body = "\n".join(_body(title, groups))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(title: str, groups: Sequence[Group]) -> Iterator[str]:
    yield f"<h1>{title}</h1>"
    yield (
        "<p>A dot: the party has the thing, or knows of it; a line: they share it, and it is what they know each other"
        " by. Hollow: no longer good, or to be deleted. The app and the secure element of each phone with"
        " an app were asked; what is on a My Number Card is J-LIS's word.</p>"
    )
    if not groups:
        yield "<p>There are no phones and no certificates yet.</p>"
        return
    yield '<div class="grid">'
    for group in groups:
        caption = escape(shown(group.title))
        yield f"<figure><figcaption>{caption}</figcaption>{picture(group)}</figure>"
    yield "</div><h2>In words, by party</h2>"
    yield from _words(groups)


def _words(groups: Sequence[Group]) -> Iterator[str]:
    yield '<div class="grid">'
    for party in HOLDERS:
        items = [
            f"<li>{escape(thing.kind)} <code>{escape(shown(thing.name))}</code> ({escape(shown(group.title))}):"
            f" {escape(shown(thing.held[party]))}{_state(thing.state if not thing.good else '')}</li>"
            for group in groups
            for thing in group.things
            if party in thing.held
        ]
        yield f"<section><h3>{escape(party.value)}</h3><ul>{''.join(items) or '<li>nothing</li>'}</ul></section>"
    yield "</div>"


def _state(state: str) -> str:
    return f" <i>{escape(shown(state))}</i>" if state else ""
