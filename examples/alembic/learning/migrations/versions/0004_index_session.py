"""index session"""

import sqlalchemy as sa
from alembic import op

revision = "learning_0004"
down_revision = "learning_0003"


def upgrade():
    op.create_index("evaluations_session_id", "evaluations", ["session_id"])


def downgrade():
    op.drop_index("evaluations_session_id")
