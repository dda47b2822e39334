"""create tables"""

import sqlalchemy as sa
from alembic import op

revision = "learning_0001"
down_revision = None


def upgrade():
    op.create_table(
        "learning_sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("learning_sessions.id"), nullable=False),
        sa.Column("score", sa.Integer),
    )


def downgrade():
    op.drop_table("evaluations")
    op.drop_table("learning_sessions")
