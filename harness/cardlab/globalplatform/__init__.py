"""GlobalPlatform: what the host says to a card's security domains, and the vocabulary the simulated card shares."""
