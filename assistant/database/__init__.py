"""Everything that is kept in tables beside the index: one schema, one way to open it, SQLite files or PostgreSQL.

    tables.py      the tables, and which of them belong together in a part
    migrations/    Alembic's scripts: a branch for each part
    opening.py     `Database`: a part, opened and brought up to date
    alone.py       a job that one process does at a time
    copying.py     a part copied into a file and put back

Knows nothing of what the rows mean.
"""
