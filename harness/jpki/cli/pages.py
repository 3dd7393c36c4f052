"""``jpki pages``: write the pages of docs/generated, or say which are stale."""

from __future__ import annotations

import click

from cardlab.cli.output import Output
from cardlab.errors import UsageError, VerificationError


@click.command()
@click.argument("name", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; say which pages are not what would be written.")
def command(name: tuple[str, ...], check: bool) -> None:
    """Write the generated pages with these names into docs/generated of the checkout; all but measured ones without."""
    from jpki.evidence.traceability import checkout
    from jpki.pages.registry import pages

    known = {page.name: page for page in pages()}
    if unknown := [one for one in name if one not in known]:
        raise UsageError(f"no program writes {unknown[0]}", hint=f"there are {', '.join(known)}")
    root, stale, output = checkout(), [], Output(False)
    for page in (known[one] for one in name or known):
        if page.measured and (check or not name):  # its figures are others each time
            continue
        for path, text in page.files(root).items():
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(path.name)
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
                output.progress(f"{path} written")
    if check and stale:
        raise VerificationError(f"stale: {', '.join(stale)}", hint="write them anew: jpki pages")
