"""Ways that were considered, as small models to explore: of setting a PIN (B8), of activating biometrics (C8)."""
