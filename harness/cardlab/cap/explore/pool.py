"""The constant pool, with links to what entries name and to what uses them; the imports with the entries of each."""

from __future__ import annotations

from cardlab.cap.explore.names import Names, pool_anchor
from cardlab.cap.explore.text import link, row, table, text
from cardlab.cap.explore.uses import Body
from cardlab.iso7816 import aid

Uses = dict[int, list[tuple[int, str]]]


def pool(names: Names, bodies: dict[int, Body], uses: Uses) -> str:
    """The section."""
    rows = [_entry(index, names, bodies, uses) for index in range(len(names.cap.pool))]
    return table(("#", "kind", "names", "used by"), rows, stacked=True)


def _entry(index: int, names: Names, bodies: dict[int, Body], uses: Uses) -> str:
    item = names.cap.pool[index]
    anchor, name = names.anchor(item), names.pool(item)
    named = link(anchor, name) if anchor else text(name)
    found = f'<span data-find="{text(name)}">{named}</span>'
    users = " ".join(link(place, _user(offset, names, bodies)) for offset, place in uses.get(index, ()))
    return row(str(index), text(item.tag.name.lower().replace("_", " ")), found, users, anchor=pool_anchor(index))


def _user(offset: int, names: Names, bodies: dict[int, Body]) -> str:
    found = names.debug_method(offset)
    return f"{found[0].name.rpartition('.')[2]}.{found[1].name}" if found else f"method@{bodies[offset].method.offset}"


def imports(names: Names) -> str:
    """The section."""
    rows = []
    for number, one in enumerate(names.cap.imports):
        known = names.package(number)
        name = known.name.replace("/", ".") if known else "?"
        version = f"{one.version[0]}.{one.version[1]}"
        items = enumerate(names.cap.pool)
        ours = [index for index, item in items if item.is_external and item.class_ref.package == number]
        links = " ".join(link(pool_anchor(index), f"#{index}") for index in ours)
        found = f'<span data-find="{text(name)}">{text(name)}</span>'
        rows.append(row(str(number), found, version, f"<code>{aid.text(one.aid)}</code>", links, anchor=f"i{number}"))
    return table(("#", "package", "version", "AID", "entries"), rows, stacked=True)
