"""create tables"""

import sqlalchemy as sa
from alembic import op

revision = "core_0001"
down_revision = None


def upgrade():
    op.create_table(
        "query_logs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("took_ms", sa.Integer),
    )
    op.create_table(
        "reasoning_contexts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("query_log_id", sa.Integer, sa.ForeignKey("query_logs.id"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade():
    op.drop_table("reasoning_contexts")
    op.drop_table("query_logs")
