"""What is declared to be installed, against what is imported."""
