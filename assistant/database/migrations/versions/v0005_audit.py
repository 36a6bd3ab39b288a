"""The audit log; files of before these migrations have it already."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = None
branch_labels = ("audit",)


def upgrade() -> None:
    """Make the table."""
    if sa.inspect(op.get_bind()).has_table("shown"):
        return
    op.create_table(
        "shown",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("at", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("user", "name", "door", "documents")),
    )
    op.create_index("shown_at", "shown", ["at"])
