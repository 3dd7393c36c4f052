"""The pytest plugin that entry point `javacard` names."""
