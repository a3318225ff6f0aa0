"""A conversation knows on which product's page its customer is."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("product_page", sa.Text()))
