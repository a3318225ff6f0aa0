"""`contact` of a store's settings was read by nothing: what may be told are its facts."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("UPDATE stores SET settings = settings - 'contact' WHERE settings ? 'contact'")
