"""What is peculiar to jCardSim: what it lacks by itself (``raw.RawCard``), class files, its images, its power cuts."""
