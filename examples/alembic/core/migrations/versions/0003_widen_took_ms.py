"""widen took ms"""

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"


def upgrade():
    op.alter_column("query_logs", "took_ms", type_=sa.BigInteger)


def downgrade():
    op.alter_column("query_logs", "took_ms", type_=sa.Integer)
