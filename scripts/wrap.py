"""Wraps every page that people write (docs/guide, docs/reference, the files beside README.md) to the one width.

    .venv/bin/python scripts/wrap.py [--check]

Japanese pages are left alone: they have no spaces to wrap at. With --check nothing is written, and the exit code is 1
when a page would be.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from jpki.pages.wrap import wrapped

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Rewrite the pages that are not wrapped yet, or only name them."""
    parser = argparse.ArgumentParser(description="wrap the pages that people write to one width")
    parser.add_argument("--check", action="store_true", help="name the pages that are not wrapped, write nothing")
    check = parser.parse_args().check
    folders = (ROOT / "docs" / "guide", ROOT / "docs" / "reference", ROOT, ROOT / "applet")
    pages = [page for folder in folders for page in sorted(folder.glob("*.md")) if not page.name.endswith(".ja.md")]
    unwrapped = [page for page in pages if wrapped(text := page.read_text(encoding="utf-8")) != text]
    for page in unwrapped:
        print(page.relative_to(ROOT))
        if not check:
            page.write_text(wrapped(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    return 1 if check and unwrapped else 0


if __name__ == "__main__":
    sys.exit(main())
