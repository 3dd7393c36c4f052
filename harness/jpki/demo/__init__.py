"""The applet's life, from source to deletion, told in steps (``jpki demo``)."""
