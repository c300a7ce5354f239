"""The checkers that are compared, one file each."""
