"""META-INF/MANIFEST.MF and APPLET-INF/applet.xml of a CAP file (Java Card 3 classic applets)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from cardlab.cap.exportfile import ExportFile
from cardlab.iso7816 import aid as aids

_WIDTH = 70


def _colons(aid: bytes) -> str:
    return ":".join(f"0x{b:02x}" for b in aid)


def _uri(aid: bytes) -> str:
    """The aid URI: RID, and PIX after a slash."""
    return f"//aid/{aids.text(aids.rid(aid))}/{aids.text(aids.pix(aid))}"


def _line(key: str, value: str) -> bytes:
    """A manifest line, folded at 72 bytes with its end as the JAR specification wants, whatever the alphabet."""
    text = f"{key}: {value}".encode()
    rest = range(_WIDTH, len(text), _WIDTH - 1)
    return b"\r\n".join((text[:_WIDTH], *(b" " + text[at : at + _WIDTH - 1] for at in rest), b""))


def manifest(
    package: str,
    aid: bytes,
    version: tuple[int, int],
    applets: Sequence[tuple[bytes, str]],
    imports: Sequence[ExportFile],
    cap_format: tuple[int, int],
    ints: bool,
) -> bytes:
    """The manifest; `package` and class names with dots. It names no time, so that equal input gives equal output."""
    head = [
        ("Manifest-Version", "1.0"),
        ("Created-By", "harness.capfile"),
        ("Runtime-Descriptor-Version", "3.0"),
        ("Application-Type", "classic-applet"),
        ("Classic-Package-AID", _uri(aid)),
        ("Sealed", "true"),
    ]
    body = [
        ("Name", package.replace(".", "/")),
        ("Java-Card-Converter-Provider", "harness.capfile"),
        ("Java-Card-CAP-File-Version", f"{cap_format[0]}.{cap_format[1]}"),
        ("Java-Card-Package-Version", f"{version[0]}.{version[1]}"),
        ("Java-Card-Package-Name", package),
        ("Java-Card-Package-AID", _colons(aid)),
    ]
    for n, (applet_aid, name) in enumerate(applets, 1):
        body.append((f"Java-Card-Applet-{n}-Name", name.rpartition(".")[2]))
        body.append((f"Java-Card-Applet-{n}-AID", _colons(applet_aid)))
    for n, p in enumerate(imports, 1):
        body.append((f"Java-Card-Imported-Package-{n}-AID", _colons(p.aid)))
        body.append((f"Java-Card-Imported-Package-{n}-Version", f"{p.version[0]}.{p.version[1]}"))
    body.append(("Java-Card-Integer-Support-Required", "TRUE" if ints else "FALSE"))
    sections = (b"".join(_line(k, v) for k, v in section) for section in (head, body))
    return b"\r\n".join((*sections, b""))


def applet_xml(applets: Sequence[tuple[bytes, str]]) -> bytes:
    """The deployment descriptor of a classic applet application."""
    rows = []
    for aid, name in applets:
        full = escape(name, quote=False)
        simple = full.rpartition(".")[2]
        rows.append(
            f"  <applet>\n    <description>{simple}</description>\n    <display-name>{simple}</display-name>\n"
            f"    <applet-class>{full}</applet-class>\n    <applet-AID>{_uri(aid)}</applet-AID>\n  </applet>\n"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<applet-app xmlns="http://java.sun.com/xml/ns/javacard" version="3.0">\n' + "".join(rows) + "</applet-app>\n"
    ).encode()
