"""What an engineer can do: one method an act, one transaction an act, one audit entry an act."""

from oncall_tui.desk.desk import Desk, open_desk

__all__ = ["Desk", "open_desk"]
