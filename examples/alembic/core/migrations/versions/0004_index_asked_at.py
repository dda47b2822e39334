"""index asked at"""

import sqlalchemy as sa
from alembic import op

revision = "core_0004"
down_revision = "core_0003"


def upgrade():
    op.create_index("query_logs_asked_at", "query_logs", ["asked_at"])


def downgrade():
    op.drop_index("query_logs_asked_at")
