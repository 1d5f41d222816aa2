"""What is printed for customers."""
