"""Java sources to finished CAP files: one package, or several with what they need of each other in the right order.

`plan` says what is wanted, `settings` reads it from pyproject.toml, `dependencies` finds the order, `applets` the
applets, `archive` adds class files and source map, `build` does it all.
"""

from cardlab.toolchain.capbuild.build import Built, build
from cardlab.toolchain.capbuild.plan import PackagePlan, Plan

__all__ = ["Built", "PackagePlan", "Plan", "build"]
