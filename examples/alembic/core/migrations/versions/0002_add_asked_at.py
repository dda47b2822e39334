"""add asked at"""

import sqlalchemy as sa
from alembic import op

revision = "core_0002"
down_revision = "core_0001"


def upgrade():
    op.add_column("query_logs", sa.Column("asked_at", sa.DateTime(timezone=True)))


def downgrade():
    op.drop_column("query_logs", "asked_at")
