"""Where everything is kept: the only package that sees SQLAlchemy; it returns frozen domain objects."""
