"""Evidence for laboratories and evaluators: quality of keys and random numbers, coverage."""
