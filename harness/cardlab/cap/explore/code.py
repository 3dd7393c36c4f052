"""The code of a method: its instructions beside the source lines that they are of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from cardlab.cap.disasm import Decoded
from cardlab.cap.explore.names import Names, method_anchor, pool_anchor
from cardlab.cap.explore.sources import Sources
from cardlab.cap.explore.text import link, text
from cardlab.cap.explore.uses import Body, pool_index
from cardlab.cap.listing import operands
from cardlab.classfile.flow import Flow


def code(body: Body, names: Names, sources: Sources) -> str:
    """Header, lines with their instructions, and handlers, as HTML."""
    if body.fault:
        return f'<p class="fault">{text(body.fault)}</p>'
    head = f"stack {body.header.max_stack}, arguments {body.header.arguments}, locals {body.header.max_locals}"
    lines = "".join(_lines(body, names, sources))
    return f'<p class="dim">{head}</p><div class="code">{lines}</div>{_handlers(body, names)}'


def _lines(body: Body, names: Names, sources: Sources) -> Iterator[str]:
    debug = names.debug_method(body.method.offset)
    start = body.method.offset + body.header.size

    def line_of(i: Decoded) -> int:
        return debug[1].line(start + i.address) if debug else 0

    for number, group in groupby(body.code, line_of):
        words = sources.line(debug[0], number) if debug and number else ""
        where = f"<b>{number}</b>" if number else ""
        source = f'<div class="src">{where}<code>{text(words.expandtabs(4))}</code></div>'
        rows = "".join(_instruction(i, body, names) for i in group)
        yield f'<div class="line">{source}<div class="ins">{rows}</div></div>'


def _instruction(i: Decoded, body: Body, names: Names) -> str:
    offset = body.method.offset
    parts = [f"<b>{text(i.name)}</b>", *_targets(i, offset), *map(text, operands(i))]
    index = pool_index(i)
    if 0 <= index < len(names.cap.pool):
        parts += [link(pool_anchor(index), f"#{index}"), f"<span>{_named(index, names)}</span>"]
    return f'<div id="{method_anchor(offset, i.address)}"><i>{i.address}</i> {" ".join(parts)}</div>'


def _named(index: int, names: Names) -> str:
    """What an entry names, with a link to it when it is on the page."""
    item = names.cap.pool[index]
    anchor = names.anchor(item)
    return link(anchor, names.pool(item)) if anchor else text(names.pool(item))


def _targets(i: Decoded, offset: int) -> list[str]:
    links = [link(method_anchor(offset, target), f"→{target}") for target in i.targets]
    if i.opcode.flow is not Flow.SWITCH:
        return links
    return [f"default{links[0]}", *(f"{key}{one}" for key, one in zip(i.keys, links[1:], strict=True))]


def _handlers(body: Body, names: Names) -> str:
    start = body.method.offset + body.header.size
    rows = []
    for one in body.handlers:
        first, target = one.start - start, one.target - start
        known = 0 < one.catch_type < len(names.cap.pool)
        caught = _named(one.catch_type, names) if known else "anything"
        where = link(method_anchor(body.method.offset, target), f"→{target}")
        rows.append(f"<li>{first} to {first + one.length}: {caught} {where}</li>")
    return f'<p class="dim">Handlers</p><ul>{"".join(rows)}</ul>' if rows else ""
