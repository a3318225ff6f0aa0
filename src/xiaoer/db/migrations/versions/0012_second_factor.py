"""A second factor for staff, and what the browsers that are signed in call themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("staff", sa.Column("totp_sealed", sa.Text))
    op.add_column("staff", sa.Column("totp_step", sa.BigInteger))
    op.add_column("staff", sa.Column("recovery", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.add_column("staff_sessions", sa.Column("browser", sa.Text, nullable=False, server_default=""))
