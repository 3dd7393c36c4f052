"""What the file is, and how large its components are."""

from __future__ import annotations

import hashlib

from cardlab.cap.constants import PackageFlag
from cardlab.cap.container import FILE_NAMES, Component
from cardlab.cap.explore.names import Names, method_anchor
from cardlab.cap.explore.text import link, row, table, text
from cardlab.iso7816 import aid

_NOT_LOADED = (Component.DESCRIPTOR, Component.DEBUG)
_WIDTH = 1000  # of the picture, in its own units
_HEIGHT = 44


def facts(names: Names, raw: bytes) -> str:
    """AIDs, versions, flags, applets, hashes."""
    cap = names.cap
    package = cap.header.package
    flags = [one.name.lower() for one in PackageFlag if one.name and one in cap.header.flags]
    rows = [
        row("package", f"<code>{aid.text(package.aid)}</code> {package.version[0]}.{package.version[1]}"),
        row("CAP format", f"{cap.header.format[0]}.{cap.header.format[1]} {text(', '.join(flags))}"),
    ]
    for one in cap.applets:
        install = link(method_anchor(one.install), _install(one.install, names))
        rows.append(row("applet", f"<code>{aid.text(one.aid)}</code> {install}"))
    block, file = cap.load_file_hash().hex().upper(), hashlib.sha256(raw).hexdigest().upper()
    rows.append(row("load file data block", f'{cap.load_size:,} bytes, SHA-256 <code class="hash">{block}</code>'))
    rows.append(row("file", f'{len(raw):,} bytes, SHA-256 <code class="hash">{file}</code>'))
    return table(("", ""), rows)


def _install(offset: int, names: Names) -> str:
    found = names.debug_method(offset)
    return f"{found[0].name}.{found[1].name}" if found else f"method@{offset}"


def components(names: Names) -> str:
    """A picture of those that are loaded, and all with their sizes."""
    raw = names.cap.raw
    loaded = {tag: len(raw[tag]) for tag in sorted(raw) if tag not in _NOT_LOADED}
    whole = sum(loaded.values())
    rows = []
    for tag in sorted(raw):
        share = f"{100 * loaded[tag] / whole:.1f} %" if tag in loaded else "not loaded"
        swatch = f'<svg class="swatch" viewBox="0 0 1 1"><rect class="k{int(tag)}" width="1" height="1"/></svg>'
        rows.append(row(swatch, _name(tag), f"{len(raw[tag]):,}", share))
    return _picture(loaded, whole) + table(("", "component", "bytes", "share"), rows)


def _picture(loaded: dict[Component, int], whole: int) -> str:
    parts, at = [], 0.0
    for tag, size in loaded.items():
        width = _WIDTH * size / whole
        title = f"<title>{_name(tag)}: {size:,} bytes</title>"
        parts.append(f'<rect class="k{int(tag)}" x="{at:.2f}" width="{width:.2f}" height="{_HEIGHT}">{title}</rect>')
        at += width
    label = f"Components of the load file, {whole:,} bytes"
    return (
        f'<svg class="bar" role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' preserveAspectRatio="none">{"".join(parts)}</svg>'
    )


def _name(tag: Component) -> str:
    return FILE_NAMES[tag].partition(".")[0]
