"""How long the flows take, by section and by party (F1, F3), and how long they would take on a phone."""
