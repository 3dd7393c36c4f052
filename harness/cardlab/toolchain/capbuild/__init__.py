"""Java sources to finished CAP files: one package, or several with what they need of each other in the right order.

`plan` says what is wanted, `settings` reads it from pyproject.toml, `dependencies` finds the order, `applets` the
applets, `archive` adds class files and source map, `build` does it all.
"""
