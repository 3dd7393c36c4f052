"""The host side of the JPKI applet: commands, files, certificates, the indicator and its CMS."""
