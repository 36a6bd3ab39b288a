"""The waiting line of several web processes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = None
branch_labels = ("line",)

_ordered = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "waiting",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("conversation", _ordered, unique=True),
        sa.Column("turn", sa.Integer, nullable=False, server_default="0"),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "user", "name", "labels")),
        sa.Column("process", sa.BigInteger),
        sa.Column("watched", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("stopped", sa.Boolean, nullable=False, server_default=sa.false()),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in ("ahead", "changes")),
    )
    op.create_table(
        "waiting_order",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("queue", sa.Text, nullable=False),
    )
