"""score as numeric"""

import sqlalchemy as sa
from alembic import op

revision = "learning_0003"
down_revision = "learning_0002"


def upgrade():
    op.alter_column("evaluations", "score", type_=sa.Numeric(5, 2))


def downgrade():
    op.alter_column("evaluations", "score", type_=sa.Integer)
