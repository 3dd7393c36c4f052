"""The pytest plugin as other projects meet it: in a folder, with settings and an interpreter of its own."""
