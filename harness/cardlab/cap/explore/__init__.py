"""A CAP file as one page for a browser: self-contained, the same bytes every time, everything in it escaped.

`text` escapes, `names` gives things their names and places on the page, `types` reads type descriptors, `sources` finds
source lines, `uses` says what refers to which constant pool entry; `overview`, `classes`, `code` and `pool` are the
page's parts, `page` puts them together.
"""

from cardlab.cap.explore.page import explore

__all__ = ["explore"]
