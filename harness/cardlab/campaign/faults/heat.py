"""The heat map: source lines in colours, as often as faults in them break something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from pathlib import Path

from cardlab.campaign.faults.record import Counts, FaultRecord
from cardlab.campaign.faults.report import Weak, weak_lines
from cardlab.campaign.faults.runner import line_of
from cardlab.campaign.faults.scene import Outcome

_STYLE = """\
:root { color-scheme: light dark; --text: #222; --soft: #666; --line: #ddd; --sound: #eef7ee; --red: 85%; --base: 90;
--step: 45 }
@media (prefers-color-scheme: dark) { :root { --text: #e8e8e8; --soft: #b0b0b0; --line: #3c3c3c; --sound: #1b2a1e;
--red: 60%; --base: 22; --step: -20 } body { background: #161618 } a { color: #8ab4f8 } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: var(--text) }
h1, h2, p { overflow-wrap: anywhere }
table { border-collapse: collapse; margin: 1em 0; display: block; overflow-x: auto }
td, th { padding: .15em .8em; text-align: left; vertical-align: top }
td.n, th.n { text-align: right } tr.weak td { border-top: 1px solid var(--line) }
pre { margin: 0 } .line { display: flex } .line > span { width: 15em; flex: none; color: var(--soft);
text-align: right; padding-right: 1em; font: 12px/1.7 system-ui }
.line > code { white-space: pre; flex: auto; min-width: 0; overflow-x: auto }
#weak td { overflow-wrap: anywhere; min-width: 5em }
.broken code { background: hsl(0 var(--red) calc((var(--base) - var(--step) * var(--share)) * 1%)) }
.sound code { background: var(--sound) }
@media (max-width: 40em) { body { margin: 1em auto } td, th { padding: .15em .4em } .line > span { width: 9em } }
"""
_VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'


def page(record: FaultRecord, sources: Path | None) -> str:
    """One HTML page that needs nothing beside it. Files that are not among the sources are left out; None: all."""
    title = f"Faults in {record.title}"
    return "\n".join((
        "<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">', _VIEWPORT, f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style></head><body>", f"<h1>{escape(title)}</h1>", *_summary(record),
        *_weak(weak_lines(record)), *_files(record, sources), "</body></html>", "",
    ))  # fmt: skip


def _summary(record: FaultRecord) -> Iterator[str]:
    yield f"<p>{escape(record.date)}, CAP file {escape(record.cap)}, models {escape(', '.join(record.models))}.</p>"
    yield '<table id="scenes"><tr><th>Scene<th class="n">Instructions<th class="n">Cases'
    yield "".join(f'<th class="n">{one.value}' for one in Outcome)
    for scene in record.scenes:
        counts = (scene.instructions, scene.cases, *(scene.total(one.value) for one in Outcome))
        yield f"<tr><td>{escape(scene.name)}" + "".join(f'<td class="n">{one:,}' for one in counts)
    yield "</table>"


def _weak(found: list[Weak]) -> Iterator[str]:
    yield '<h2>Broken by one fault</h2><table id="weak"><tr><th>Line<th class="n">Cases<th>Models<th>What<th>Example'
    for one in found:
        models = ", ".join(f"{name} {count}" for name, count in sorted(one.models.items()))
        what, line = "; ".join(sorted(one.invariants)), line_of(one.where)
        yield f'<tr class="weak"><td><a href="#{escape(line)}">{escape(line)}</a><td class="n">{one.cases}'
        yield f"<td>{escape(models)}<td>{escape(what)}<td><code>{escape(one.example)}</code>"
    yield "</table>"


def _counts(record: FaultRecord) -> dict[str, Counts]:
    found: dict[str, Counts] = defaultdict(lambda: defaultdict(int))
    for scene in record.scenes:
        for line, counts in scene.lines.items():
            for name, count in counts.items():
                found[line][name] += count
    return found


def _files(record: FaultRecord, sources: Path | None) -> Iterator[str]:
    counts = _counts(record)
    known = {line.partition(":")[0] for line in counts}
    for path in sorted(sources.rglob("*.java")) if sources else ():
        if path.name in known:
            yield f"<h2>{escape(path.name)}</h2><pre>"
            for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                name = f"{path.name}:{number}"
                yield _line(name, text, number, counts.get(name, {}))
            yield "</pre>"


def _line(name: str, text: str, number: int, counts: Counts) -> str:
    total, broken = sum(counts.values()), counts.get(Outcome.BROKEN.value, 0)
    if not total:
        said, kind = "", ""
    else:
        said, kind = f"{broken:,} of {total:,}", "broken" if broken else "sound"
    light = f' style="--share: {broken / total:.2f}"' if broken else ""
    return (
        f'<div class="line {kind}" id="{escape(name)}"{light}><span>{said} &nbsp; {number}</span>'
        f"<code>{escape(text)}</code></div>"
    )
