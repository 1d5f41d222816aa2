"""The terminal dashboard that on-call support engineers keep open all night."""

__version__ = "0.1.0"
