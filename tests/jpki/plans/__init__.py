"""The six PIN-setting plans, and the applet as one of them."""
