"""index bot"""

import sqlalchemy as sa
from alembic import op

revision = "chat_0004"
down_revision = "chat_0003"


def upgrade():
    op.create_index("conversations_bot_config_id", "conversations", ["bot_config_id"])


def downgrade():
    op.drop_index("conversations_bot_config_id")
