"""add notes"""

import sqlalchemy as sa
from alembic import op

revision = "learning_0002"
down_revision = "learning_0001"


def upgrade():
    op.add_column("evaluations", sa.Column("notes", sa.Text))


def downgrade():
    op.drop_column("evaluations", "notes")
