"""Widgets draw domain objects. They never see the store: attributes down, messages up."""
