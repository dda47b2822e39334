"""create tables"""

import sqlalchemy as sa
from alembic import op

revision = "chat_0001"
down_revision = None


def upgrade():
    op.create_table(
        "bot_configs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("bot_config_id", sa.Integer, sa.ForeignKey("bot_configs.id"), nullable=False),
        sa.Column("title", sa.Text),
    )


def downgrade():
    op.drop_table("conversations")
    op.drop_table("bot_configs")
