"""An applet that is not JPKI, tested as any Java Card developer would: docs/guide/applet-developer.md."""
