"""The rules of the offer. Standard library only; no clock is read and nothing is stored here."""
