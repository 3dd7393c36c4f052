"""The card in a reader: pcscd with a private socket, vsmartcard's virtual reader, and the programs that use them."""
