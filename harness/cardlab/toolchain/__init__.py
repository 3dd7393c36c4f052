"""Java, the jars and the compiler: everything between the sources of an applet and its class files."""
