"""An applet that has nothing to do with JPKI, tested as any Java Card developer would: docs/testing.md."""
