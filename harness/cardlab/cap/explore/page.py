"""The page."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from cardlab.cap.debug import DebugInfo
from cardlab.cap.explore.classes import classes
from cardlab.cap.explore.names import Names
from cardlab.cap.explore.overview import components, facts
from cardlab.cap.explore.pool import imports, pool
from cardlab.cap.explore.sources import Sources
from cardlab.cap.explore.text import text
from cardlab.cap.explore.uses import bodies, uses
from cardlab.cap.exports import Exports
from cardlab.cap.reader import CapFile

_SECTIONS = ("overview", "components", "imports", "classes", "pool")


def explore(cap: CapFile, raw: bytes, exports: Exports, debug: DebugInfo, sources: Sources) -> str:
    """The page in HTML; ``raw`` is the file. The same every time for the same input.

    Its policy (CSP) lets it load nothing and run nothing but its own script, so that it needs no network and names in
    the file cannot become code.
    """
    names, found = Names(cap, exports, debug), bodies(cap)
    contents = {
        "overview": facts(names, raw),
        "components": components(names),
        "imports": imports(names),
        "classes": classes(names, found, sources),
        "pool": pool(names, found, uses(found)),
    }
    folder = cap.folder.removesuffix("/javacard").replace("/", ".")
    title = text(folder or cap.header.package.aid.hex().upper())
    style, script = _resource("page.css"), _resource("page.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'"
    sections = "".join(_section(name, contents[name]) for name in _SECTIONS)
    links = " ".join(f'<a href="#{name}">{_title(name)}</a>' for name in _SECTIONS)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{title}</title><style>{style}</style></head><body>'
        f"<header><h1>{title}</h1><nav>{links}</nav>"
        f'<input id="query" type="search" placeholder="Search classes, members, references" aria-label="Search">'
        f'<ol id="hits" hidden></ol></header><main>{sections}</main><script>{script}</script></body></html>\n'
    )


def _section(name: str, content: str) -> str:
    return f'<section id="{name}"><h2>{_title(name)}</h2>{content}</section>\n'


def _title(name: str) -> str:
    return "Constant pool" if name == "pool" else name.capitalize()


def _resource(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")


def _hash(content: str) -> str:
    """As a Content Security Policy names an inline style or script (CSP level 2, 4.2.5)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
