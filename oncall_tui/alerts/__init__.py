"""How a notice reaches a person: one file a channel, each sends and says what became of it."""
