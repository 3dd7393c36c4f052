"""The vendor's way from class files to a CAP file: a Java Card kit, driven by ant-javacard, and its verifier."""
