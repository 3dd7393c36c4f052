"""Cards as a laboratory has them."""
