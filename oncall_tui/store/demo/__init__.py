"""The sample world of `oncall-tui demo`: invented customers and requests, and a desk that is at work."""

from oncall_tui.store.demo.populate import populate
from oncall_tui.store.demo.world import MAILBOX, Asked, Colleague, World, load_world

__all__ = ["MAILBOX", "Asked", "Colleague", "World", "load_world", "populate"]
