"""The applet runtime against the Java Card specifications, with small applets in ``applets/``.

A test of something that jCardSim lacks shows first, on jCardSim alone (``raw.RawCard``), that it lacks it.
"""
