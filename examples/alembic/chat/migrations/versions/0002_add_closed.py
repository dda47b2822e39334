"""add closed"""

import sqlalchemy as sa
from alembic import op

revision = "chat_0002"
down_revision = "chat_0001"


def upgrade():
    op.add_column("conversations", sa.Column("closed", sa.Boolean, server_default=sa.false(), nullable=False))


def downgrade():
    op.drop_column("conversations", "closed")
