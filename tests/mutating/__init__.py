"""Mutants of the Python side: `python3 build.py mutate` (docs/reference/tests.md).

mutmut's operators and some of our own say what is changed (operators.py, places.py). Which test executes which line is
measured once (covering.py); a forked process imports the changed text and runs those tests (nest.py); what becomes of a
mutant is put on record (hunt.py) in the format of the applet's mutants.
"""
