"""CAP files without a vendor's kit: converter, reader, disassembler, comparison, verifier (docs/reference/cap.md).

`convert` makes a CAP file and an export file of class files; `read_cap` and `write_cap` read and write any CAP file;
`verify` checks one; `differences` compares two; `builtin` gives the token tables of the API packages.
"""
