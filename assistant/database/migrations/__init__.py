"""Alembic's scripts: one file a change of the tables, a branch for each part, run when that is opened."""
