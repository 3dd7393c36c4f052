"""The card manager of the simulated GP-SE (GPCS 2.3.1): registry, security domains, content management."""
