"""Alembic's scripts: one file a change of the tables, shipped with the package and run when accounts are opened."""
