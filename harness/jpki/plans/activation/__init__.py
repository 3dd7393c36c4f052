"""The three ways of activating biometrics that were considered (C8), as small models that can be explored."""
