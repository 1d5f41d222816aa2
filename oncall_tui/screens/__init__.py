"""One file a screen. Screens compose widgets and turn a key into a desk call; they hold no rule."""
