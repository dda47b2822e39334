"""name as text"""

import sqlalchemy as sa
from alembic import op

revision = "chat_0003"
down_revision = "chat_0002"


def upgrade():
    op.alter_column("bot_configs", "name", type_=sa.Text)


def downgrade():
    op.alter_column("bot_configs", "name", type_=sa.String(40))
