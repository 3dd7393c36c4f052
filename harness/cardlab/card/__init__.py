"""The simulated GP-SE: a GlobalPlatform card manager in Python around a Java Card runtime."""
