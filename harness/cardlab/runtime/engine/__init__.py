"""The cryptographic engine of the Java Card machine: Java sources, and how they are compiled."""
