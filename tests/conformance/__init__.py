"""What is true of every runtime, with small applets in ``applets/``; each test runs on every runtime that can do it.

A module says with ``NEEDS`` which capabilities its tests take. What is peculiar to one runtime is tested beside it, in
``tests/cardlab/runtime/``.
"""
