"""Every power cut of commands of an applet, and what comes of them."""
