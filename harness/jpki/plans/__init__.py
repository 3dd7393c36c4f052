"""The six ways of setting a PIN that were considered for phones (B8), as small models that can be explored."""
