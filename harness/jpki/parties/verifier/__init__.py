"""The service provider: verifies signatures, and says how the user authenticated."""
