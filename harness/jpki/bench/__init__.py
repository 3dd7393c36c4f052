"""How fast it is: ``jpki bench``. One file for each thing measured; what is compared is measured in turns."""
